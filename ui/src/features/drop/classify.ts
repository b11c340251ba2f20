import { fileName, plural } from '../../shared/lib/format';

/** What a drop would do, in words. */
export interface Preview {
  title: string;
  /** Names of what will be read, the first few. */
  names: string[];
  /** What there is to know about the others. */
  remarks: string[];
}

const NAMED = 4;

function sort(path: string): 'outlook' | 'folder' | 'other' {
  const name = fileName(path);
  if (/\.(pst|ost)$/i.test(name)) return 'outlook';
  return /^[^.]+$/.test(name) ? 'folder' : 'other';
}

function listed(paths: string[]): string {
  const names = paths.slice(0, NAMED).map(fileName).join(', ');
  return paths.length > NAMED ? `${names} and ${plural(paths.length - NAMED, 'more', 'more')}` : names;
}

/** Says what will happen to these paths. Only names are known here: what a file holds is checked after the drop. */
export function preview(paths: string[]): Preview {
  const outlook = paths.filter((path) => sort(path) === 'outlook');
  const folders = paths.filter((path) => sort(path) === 'folder');
  const others = paths.filter((path) => sort(path) === 'other');

  let title: string;
  if (outlook.length > 0) title = `Import ${plural(outlook.length, 'file')}`;
  else if (folders.length > 0 && others.length === 0)
    title = `Look through ${plural(folders.length, 'folder')}`;
  else title = `Check ${plural(paths.length, 'file')}`;

  const remarks: string[] = [];
  if (folders.length > 0) {
    const them = folders.length === 1 ? 'it' : 'them';
    remarks.push(`${listed(folders)}: if a folder, every Outlook data file in ${them} will be imported.`);
  }
  if (others.length > 0) {
    const name = others.length === 1 ? 'Its name does' : 'Their names do';
    remarks.push(
      `${listed(others)}: ${name} not end in .pst or .ost. Will be checked, and imported only if it holds Outlook data.`,
    );
  }
  return { title, names: outlook.map(fileName), remarks };
}
