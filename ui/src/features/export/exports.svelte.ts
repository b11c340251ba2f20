import type { Export, ExportFormat, ExportState, JobId } from '../../ipc/generated/api';
import { count, plural } from '../../shared/lib/format';

/** The forms in the order in which they are offered: what each is, and what it is good for. */
export const FORMATS: [ExportFormat, name: string, about: string][] = [
  ['eml', 'Messages (EML)', 'One file an item, in the tree of folders. Every mail program opens them.'],
  ['mbox', 'Mailboxes (mbox)', 'One file a folder, for Thunderbird and the like.'],
  ['pst', 'Outlook data file (PST)', 'One file with the tree of folders, for Outlook.'],
  ['csv', 'Table (CSV)', 'Who, when, subject and so on, one line an item; safe to open in a spreadsheet.'],
  [
    'parquet',
    'Columns (Parquet)',
    'All that is known of each item, as a table with types, for programs that count.',
  ],
  ['jsonl', 'Records (JSON Lines)', 'All that is known of each item, for programs.'],
  ['attachments', 'Attachments alone', 'Their files, in the tree of folders.'],
];

export function formatName(format: ExportFormat): string {
  return FORMATS.find(([id]) => id === format)?.[1] ?? format;
}

export function running(state: ExportState): boolean {
  return state === 'running';
}

/** How much of an export is done, between 0 and 1; null while nobody knows. */
export function part({ state, planned, written, skipped, partial = 0, failed }: Export): number | null {
  if (state === 'done') return 1;
  return planned === 0 ? null : Math.min(1, (written + skipped + partial + failed) / planned);
}

/** What became of an export, or how far it is, in a few words. */
export function words(one: Export): string {
  const { state, planned, written, skipped, partial = 0, failed } = one;
  const done = [`${count(written)} written`];
  if (skipped > 0) done.push(`${count(skipped)} there before`);
  if (partial > 0) done.push(`${count(partial)} not whole`);
  if (failed > 0) done.push(`${count(failed)} not written`);
  switch (state) {
    case 'running':
      return planned === 0
        ? 'looking'
        : `${count(written + skipped + partial + failed)} of ${plural(planned, 'item')}`;
    case 'done':
      return done.join(', ');
    case 'cancelled':
      return `stopped, ${done.join(', ')}`;
    case 'failed':
      return `failed, ${done.join(', ')}`;
  }
}

/** The exports of this run of the service. Those that are over stay until they are dismissed. */
export class Exports {
  all = $state.raw<Export[]>([]);
  #dismissed = $state.raw<JobId[]>([]);
  /** Those to show, the newest first. */
  readonly shown = $derived(this.all.filter(({ id }) => !this.#dismissed.includes(id)).toReversed());

  /** Takes the list that `exports` gave; what events told since stays. */
  take(list: Export[]): void {
    for (const one of list) if (!this.all.some(({ id }) => id === one.id)) this.hear(one);
  }

  /** Takes what an event tells. Gives the state before, undefined for a new export. */
  hear(one: Export): ExportState | undefined {
    const at = this.all.findIndex(({ id }) => id === one.id);
    const before = this.all[at]?.state;
    // Events and answers may overtake each other; what is over never runs again.
    if (before !== undefined && !running(before) && running(one.state)) return before;
    this.all = at < 0 ? [...this.all, one].sort((a, b) => a.id - b.id) : this.all.with(at, one);
    return before;
  }

  dismiss(id: JobId): void {
    this.#dismissed = [...this.#dismissed, id];
  }
}
