import type { ApiError, ErrorCode, LibraryInfo, Refused } from '../../ipc/generated/api';
import { fileName, plural } from '../../shared/lib/format';

/** How serious a notice is. */
export type Tone = 'info' | 'warn' | 'error' | 'good';

/** Something to tell the person, until it is dismissed. */
export interface Notice {
  id: number;
  tone: Tone;
  title: string;
  message: string;
  advice: string;
  /** Lines for those who want to know more. */
  detail: string[];
  /** What can be done about it at once. */
  act?: { label: string; run: () => void };
  /** What else of this kind comes joins it. */
  gathered?: { kind: string; files: { name: string; message: string }[] };
}

/** A notice before it has a number. */
export type NewNotice = Omit<Notice, 'id'>;

/** What is no fault of anybody, what needs another file, and what went wrong. */
const tones: Partial<Record<ErrorCode, Tone>> = {
  already_importing: 'info',
  already_in_library: 'info',
  cancelled: 'info',
  empty_file: 'warn',
  not_outlook: 'warn',
  no_outlook_files: 'warn',
  not_found: 'warn',
  permission_denied: 'warn',
  source_away: 'warn',
  bad_query: 'warn',
  unsupported_version: 'warn',
  truncated: 'warn',
};

export function toneOf(code: ErrorCode): Tone {
  return tones[code] ?? 'error';
}

/** A notice about one error. */
export function fromError(title: string, error: ApiError): NewNotice {
  return {
    tone: toneOf(error.code),
    title,
    message: error.message,
    advice: error.advice,
    detail: error.detail === null ? [] : [error.detail],
  };
}

/** Notices about refused paths: one for each reason, so that a drop of many files stays readable. */
export function fromRefused(refused: Refused[]): NewNotice[] {
  const byReason = new Map<ErrorCode, Refused[]>();
  for (const one of refused) byReason.set(one.error.code, [...(byReason.get(one.error.code) ?? []), one]);
  return [...byReason.values()].flatMap((group) => {
    const first = group[0];
    if (first === undefined) return [];
    const { error, path } = first;
    if (group.length === 1) {
      const notice = fromError(`${fileName(path)} was not imported`, error);
      // Most details name the path themselves.
      const named = notice.detail.some((line) => line.includes(path));
      return [{ ...notice, detail: named ? notice.detail : [path, ...notice.detail] }];
    }
    return [
      {
        ...fromError(`${plural(group.length, 'file')} were not imported`, error),
        message: `${error.message} ${group.length === 2 ? 'The other one was' : 'The others were'} refused for the same reason.`,
        detail: group.map(({ path, error: { detail } }) =>
          detail === null ? path : detail.includes(path) ? detail : `${path}: ${detail}`,
        ),
      },
    ];
  });
}

/** A notice about a library to which nothing may be written. */
export function readOnly({ path, index_behind }: Pick<LibraryInfo, 'path' | 'index_behind'>): NewNotice {
  const notice = {
    title: 'This library can only be read',
    advice:
      'To change it, have writing there allowed, or copy the folder to a place of your own and open that.',
    detail: [path],
  };
  const allowed =
    'Nothing may be written to its folder. You can search, read and export; nothing can be imported, flagged or tagged.';
  if (!index_behind) return { ...notice, tone: 'info', message: allowed };
  return {
    ...notice,
    tone: 'warn',
    message: `${allowed} Searches miss what was taken in last: its index was not finished.`,
  };
}

/** The notices in sight, oldest first. */
export class Notices {
  list = $state.raw<Notice[]>([]);
  #next = 1;

  add(notice: NewNotice): void {
    const same = this.list.find((old) => old.title === notice.title && old.message === notice.message);
    if (same !== undefined) this.dismiss(same.id);
    const id = this.#next++;
    this.list = [...this.list, { ...notice, id }];
    // Good news needs no answer; everything else stays until it is read.
    if (notice.tone === 'good') setTimeout(() => this.dismiss(id), notice.act === undefined ? 6000 : 12_000);
  }

  fail(title: string, error: ApiError): void {
    this.add(fromError(title, error));
  }

  /** Says what is worth knowing of something that went well. */
  note(title: string, note: ApiError): void {
    this.add({ ...fromError(title, note), tone: 'info' });
  }

  /**
   * Tells of one file; what is told of several while the first is in sight becomes one notice, so that many files do not cover
   * the window. `title` is asked with the number of files.
   */
  gather(
    name: string,
    error: ApiError,
    title: (count: number) => string,
    tone: Tone = toneOf(error.code),
  ): void {
    // Titles of two tell what belongs together, whatever the names in those of one.
    const kind = `${error.code} ${title(2)}`;
    const old = this.list.find(({ gathered }) => gathered?.kind === kind);
    const before = old?.gathered?.files.filter((file) => file.name !== name) ?? [];
    const files = [...before, { name, message: error.message }];
    if (old !== undefined) this.dismiss(old.id);
    const first = files[0]?.message ?? '';
    this.add({
      ...fromError(title(files.length), error),
      tone,
      gathered: { kind, files },
      ...(files.length === 1
        ? {}
        : {
            message: `${first} ${files.length === 2 ? 'The other one' : 'The others'} likewise.`,
            detail: files.map((file) =>
              file.message.includes(file.name) ? file.message : `${file.name}: ${file.message}`,
            ),
          }),
    });
  }

  dismiss(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }
}
