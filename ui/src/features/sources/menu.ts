import type { Source } from '../../ipc/generated/api';
import type { MenuItem } from '../../shared/components/Menu.svelte';
import { count, plural } from '../../shared/lib/format';

/** How a file is watched: for itself, with a folder, or not at all. */
type How = { folder: string | null } | null;

/** What can be done with a source. */
interface Acts {
  onlosses: (source: Source) => void;
  onreport: (source: Source) => void;
  onagain: (source: Source) => void;
  onwatch: (source: Source, watched: boolean) => void;
  onreveal: (source: Source) => void;
  onremove: (source: Source) => void;
}

/** The menu of a source. */
export function itemsOf(source: Source, how: How, reading: boolean, acts: Acts): MenuItem[] {
  return [
    { label: 'Account and losses…', action: () => acts.onlosses(source) },
    { label: 'Save a report…', action: () => acts.onreport(source) },
    {
      label: 'Import again',
      disabled: !source.available || reading,
      action: () => acts.onagain(source),
    },
    {
      label: how?.folder ? 'Watched with its folder' : 'Import again when it changes',
      on: how !== null,
      disabled: Boolean(how?.folder) || (how === null && !source.available),
      action: () => acts.onwatch(source, how === null),
    },
    { label: 'Show in the file manager', disabled: !source.available, action: () => acts.onreveal(source) },
    { label: 'Remove from library…', danger: true, action: () => acts.onremove(source) },
  ];
}

/** What is known of a source, line by line. */
export function factsOf(source: Source, how: How): string {
  const parts = [
    source.path,
    `${source.kind}, ${source.format}`,
    plural(source.counts.expected, 'item') + ' named by the file',
  ];
  if (source.gone > 0) parts.push(`${count(source.gone)} no longer in the file`);
  if (source.anomalies > 0) parts.push(plural(source.anomalies, 'oddity', 'oddities'));
  if (how !== null)
    parts.push(how.folder ? `Watched with ${how.folder}` : 'Imported again whenever it changes');
  if (!source.available) parts.push('The file is not where it was last seen');
  return parts.join('\n');
}
