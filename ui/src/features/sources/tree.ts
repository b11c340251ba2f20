import type { Counts, Folder, FolderId, Source, Texts } from '../../ipc/generated/api';
import { bytes } from '../../shared/lib/format';

/** A folder with those in it, and what it and all below it hold. */
export interface Branch {
  folder: Folder;
  children: Branch[];
  /** Items that a search in this folder reaches. */
  total: number;
  /** Items in it or below that could not be read. */
  failed: number;
}

/** Items that can be found: those the file names, those found beyond, and those that an earlier state of it held. */
export function findable({ counts, gone }: { counts: Counts; gone: number }): number {
  return counts.items + counts.recovered + gone;
}

/** Builds the tree of a source's folders. A folder whose parent is missing becomes a top folder. */
export function grow(folders: Folder[]): Branch[] {
  const branches = new Map<FolderId, Branch>();
  for (const folder of folders) {
    branches.set(folder.id, {
      folder,
      children: [],
      total: findable(folder),
      failed: folder.counts.failed,
    });
  }
  const top: Branch[] = [];
  for (const branch of branches.values()) {
    const parent = branch.folder.parent === null ? undefined : branches.get(branch.folder.parent);
    if (parent === undefined || parent === branch) top.push(branch);
    else parent.children.push(branch);
  }
  // Parents come before their children: walking backwards, every sum below is ready.
  for (const branch of [...branches.values()].reverse()) {
    const parent = branch.folder.parent === null ? undefined : branches.get(branch.folder.parent);
    if (parent === undefined || parent === branch) continue;
    parent.total += branch.total;
    parent.failed += branch.failed;
  }
  return top;
}

/** Whether a folder is there for the sake of those in it. */
function bare({ folder, children }: Branch): boolean {
  return folder.counts.expected + folder.counts.failed + findable(folder) === 0 && children.length > 0;
}

/** What Exchange calls the folder that holds all that Outlook shows; it is never translated. */
const SUBTREE = 'IPM_SUBTREE';

/**
 * Without what says nothing: the file's root, which has no name; beside folders that hold mail, empty ones that Outlook
 * keeps for itself (the root of search folders, its views); and a single top folder that holds nothing but the others.
 */
function trunk(all: Branch[]): Branch[] {
  const root = all.length === 1 ? all[0] : undefined;
  let top = root !== undefined && root.folder.name === '' && bare(root) ? root.children : all;
  for (;;) {
    const holding = top.filter(holds);
    if (holding.length > 0) top = holding;
    const only = top.length === 1 ? top[0] : undefined;
    if (only === undefined || !bare(only)) return top;
    top = only.children;
    // A mailbox's own folders stay, empty ones too; only what stands beside all of them goes.
    if (!top.some(({ folder }) => folder.name === SUBTREE)) return top;
  }
}

/** The paths of folders that the sidebar leaves out, though what it shows lies in them; the longest first. */
function hidden(source: Source): string[] {
  const shown = trunk(grow(source.folders)).map(({ folder }) => folder.path);
  return source.folders
    .map(({ path }) => path)
    .filter((path) => !shown.includes(path) && shown.some((below) => below.startsWith(`${path}/`)))
    .sort((a, b) => b.length - a.length);
}

const known = new WeakMap<Source, string[]>();

/** A folder's path as the sidebar shows it: without the folders that every other one lies in. */
export function shortPath(source: Source | undefined, path: string): string {
  if (source === undefined) return path;
  let prefixes = known.get(source);
  if (prefixes === undefined) known.set(source, (prefixes = hidden(source)));
  const prefix = prefixes.find((one) => path.startsWith(`${one}/`));
  return prefix === undefined ? path : path.slice(prefix.length + 1);
}

/** Whether anything is in it or below. */
function holds(branch: Branch): boolean {
  const { total, failed, folder, children } = branch;
  return total + failed + folder.counts.expected > 0 || children.some(holds);
}

/** What is to be said of a file that is cut off, for as long as it is; empty for one that is whole. */
export function cutOff({ missing = 0 }: Pick<Source, 'missing'>): string {
  return missing === 0
    ? ''
    : `The file is cut off: its last ${bytes(missing)} are missing. Copy it again from where it came from.`;
}

/** A line of the sidebar's tree. */
export type Line =
  | { type: 'source'; key: string; level: 1; source: Source; expandable: boolean; open: boolean }
  | {
      type: 'folder';
      key: string;
      level: number;
      source: Source;
      branch: Branch;
      expandable: boolean;
      open: boolean;
    };

/** The lines that are in sight, given what is open. */
export function lines(sources: Source[], isOpen: (key: string, preset: boolean) => boolean): Line[] {
  const out: Line[] = [];
  const walk = (source: Source, branches: Branch[], level: number) => {
    for (const branch of branches) {
      const key = `folder-${branch.folder.id}`;
      const expandable = branch.children.length > 0;
      // A folder at the top is open from the start where it only holds the others, or few.
      const open = expandable && isOpen(key, level === 2 && (bare(branch) || branch.children.length <= 6));
      out.push({ type: 'folder', key, level, source, branch, expandable, open });
      if (open) walk(source, branch.children, level + 1);
    }
  };
  for (const source of sources) {
    const key = `source-${source.id}`;
    const expandable = source.folders.length > 0;
    const open = expandable && isOpen(key, sources.length <= 3);
    out.push({ type: 'source', key, level: 1, source, expandable, open });
    if (open) walk(source, trunk(grow(source.folders)), 2);
  }
  return out;
}

/** What became of the text of attached files, in a sentence. Empty where there are none. */
export function textWords(texts: Texts, count: (value: number) => string): string {
  const all = texts.waiting + texts.read + texts.nothing + texts.failed;
  if (all === 0) return '';
  const parts = [`${count(texts.read)} can be searched`, `${count(texts.nothing)} hold none`];
  if (texts.failed > 0) parts.push(`${count(texts.failed)} could not be read`);
  if (texts.waiting > 0) parts.push(`${count(texts.waiting)} are still to be read`);
  return `Text of ${count(all)} attached ${all === 1 ? 'file' : 'files'}: ${parts.join(', ')}.`;
}

/** The losses of an account, written out: `["2,118 recovered", "4 unreadable"]`. Empty when all is well. */
export function lossWords(
  counts: Pick<Counts, 'recovered' | 'failed' | 'partial'>,
  count: (value: number) => string,
): string[] {
  const words: string[] = [];
  if (counts.recovered > 0) words.push(`${count(counts.recovered)} recovered`);
  if (counts.failed > 0) words.push(`${count(counts.failed)} unreadable`);
  if (counts.partial > 0) words.push(`${count(counts.partial)} only in part`);
  return words;
}
