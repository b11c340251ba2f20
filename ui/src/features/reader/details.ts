import type { DetailLine, DetailValue, Item, Participant } from '../../ipc/generated/api';
import type { IconName } from '../../shared/components/Icon.svelte';
import { count, plural, span, zone } from '../../shared/lib/format';
import { dateFormat, offsetMinutes } from '../../shared/lib/zone.svelte';

/** What a fact says: words, people, or how much of something is done. */
export type Said =
  | { as: 'text'; lines: string[] }
  | { as: 'people'; people: Participant[] }
  | { as: 'link'; address: string }
  | { as: 'part'; percent: number };

/** A line of an item's layout: what it is about, and what it says. */
export interface Fact {
  key: string;
  icon: IconName | null;
  label: string;
  said: Said;
}

const long = dateFormat({
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});
const day = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});
const clock = dateFormat({ hour: '2-digit', minute: '2-digit' });

/** "Friday 16 November 2001"; engines differ in whether a comma follows the weekday. */
const date = { format: (at: number) => long(at).replace(/^(\p{L}+),/u, '$1') };

/** Labels of what a person reads first, in that order; what else there is follows under its own name. */
const ORDER: [key: string, label: string, icon: IconName | null][] = [
  ['outcome', 'Outcome', 'report'],
  ['status', 'Status', 'task'],
  ['percent', 'Done', null],
  ['when', 'When', 'clock'],
  ['proposed', 'Proposed instead', 'clock'],
  ['recurrence', 'Repeats', 'repeat'],
  ['location', 'Where', 'pin'],
  ['organizer', 'Organizer', 'person'],
  ['attendee', 'Attendees', 'people'],
  ['attendee.optional', 'Optional', null],
  ['attendee.resource', 'Rooms and things', null],
  ['answer', 'Own answer', 'check'],
  ['busy', 'Shown as', null],
  ['starts', 'Begins', 'calendar'],
  ['due', 'Due', 'clock'],
  ['flag.due', 'Follow up by', 'clock'],
  ['completed', 'Completed', 'check'],
  ['owner', 'Owner', 'person'],
  ['assigner', 'Assigned by', 'person'],
  ['title', 'Position', 'person'],
  ['company', 'Company', null],
  ['department', 'Department', null],
  ['office', 'Office', null],
  ['email', 'E-mail', 'mail'],
  ['phone', 'Telephone', 'phone'],
  ['address', 'Address', 'pin'],
  ['web', 'Web', 'link'],
  ['instant_messaging', 'Messenger', null],
  ['birthday', 'Birthday', 'calendar'],
  ['anniversary', 'Anniversary', null],
  ['member', 'Members', 'people'],
  ['entry', 'Entry', 'journal'],
  ['minutes', 'Lasted', 'clock'],
  ['reported', 'Reported', 'clock'],
  ['original.subject', 'About', 'mail'],
  ['original.recipient', 'Recipients', 'people'],
  ['original.sent', 'Sent', null],
  ['original.delivered', 'Delivered', null],
  ['category', 'Categories', 'tag'],
];

/** Said elsewhere: in the subject, the head, the badges, or as part of another line. */
const SILENT = new Set([
  'all_day', 'canceled', 'ends', 'step', 'name', 'file_as', 'color',
  'name.given', 'name.surname', 'name.middle', 'name.prefix', 'name.suffix',
  'recurrence.from', 'recurrence.until', 'recurrence.count', 'recurrence.without', 'recurrence.change',
  'proposed.starts', 'proposed.ends', 'time_zone',
]); // prettier-ignore

const MINUTES = new Set(['minutes', 'reminder_minutes', 'estimated_minutes', 'actual_minutes']);

const DAY = 86_400_000;

/** A day without a time of day. */
export function dayWords(at: number): string {
  return day.format(at);
}

/**
 * By how much a day that was written down elsewhere is to be moved to begin at midnight here: it began at the midnight of another zone, which
 * lies up to half a day away, and is that day everywhere.
 */
function toMidnight(at: number): number {
  const sinceMidnight = (((at + offsetMinutes(at) * 60_000) % DAY) + DAY) % DAY;
  return sinceMidnight <= DAY / 2 ? -sinceMidnight : DAY - sinceMidnight;
}

/** From one moment to another, as short as it can be told without doubt; `allDay` without the time of day. */
export function rangeWords(from: number, until: number | null, allDay: boolean): string {
  if (allDay) {
    const moved = toMidnight(from);
    const last = until === null ? from : Math.max(from, until - 1);
    const [a, b] = [date.format(from + moved), date.format(last + moved)];
    return a === b ? `${a}, all day` : `${a} to ${b}, all day`;
  }
  const start = `${date.format(from)}, ${clock(from)}`;
  if (until === null || until === from) return `${start} (${zone(from)})`;
  const sameDay = date.format(from) === date.format(until);
  const end = sameDay ? clock(until) : `${date.format(until)}, ${clock(until)}`;
  return `${start}${sameDay ? '–' : ' to '}${end} (${zone(from)})`;
}

/** A word of a key as a label: `reminder_minutes` → `Reminder`. */
function labelOf(key: string): string {
  const plain = key.replace(/_minutes$/, '').replace(/[._]/g, ' ');
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

function text(key: string, value: DetailValue): string {
  switch (value.kind) {
    case 'text':
      return value.value;
    case 'time':
      return rangeWords(value.value, null, false);
    case 'day':
      return dayWords(value.value);
    case 'number':
      return MINUTES.has(key) ? span(value.value * 60) : count(value.value);
    case 'flag':
      return value.value ? 'yes' : 'no';
    case 'person':
      return value.value.name || value.value.address;
  }
}

/** The first number of that key: a moment, a day, a count. */
function number(lines: DetailLine[], key: string): number | null {
  const value = lines.find((line) => line.key === key)?.value;
  return value === undefined || typeof value.value !== 'number' ? null : value.value;
}

export function flag(lines: DetailLine[], key: string): boolean {
  return lines.some((line) => line.key === key && line.value.kind === 'flag' && line.value.value);
}

/** The words of that key; empty when there are none. */
export function word(lines: DetailLine[], key: string): string {
  const value = lines.find((line) => line.key === key)?.value;
  return value?.kind === 'text' ? value.value : '';
}

function repeats(lines: DetailLine[]): string[] {
  const rule = word(lines, 'recurrence');
  if (rule === '') return [];
  const from = number(lines, 'recurrence.from');
  const until = number(lines, 'recurrence.until');
  const times = number(lines, 'recurrence.count');
  const parts = [rule];
  if (from !== null) parts.push(`from ${dayWords(from)}`);
  if (until !== null) parts.push(`until ${dayWords(until)}`);
  if (times !== null) parts.push(`${plural(times, 'time')} in all`);
  const out = [parts.join(', ')];
  const without = lines.flatMap(({ key, value }) =>
    key === 'recurrence.without' && value.kind === 'day' ? [dayWords(value.value)] : [],
  );
  if (without.length > 0) out.push(`not on ${without.join(', ')}`);
  for (const { key, value } of lines) if (key === 'recurrence.change') out.push(`moved: ${text(key, value)}`);
  return out;
}

function whenLines(lines: DetailLine[]): string[] {
  const starts = number(lines, 'starts');
  if (starts === null) return [];
  const words = rangeWords(starts, number(lines, 'ends'), flag(lines, 'all_day'));
  const named = word(lines, 'time_zone');
  return named === '' || flag(lines, 'all_day') ? [words] : [words, `made in the zone ${named}`];
}

/** What an item says beyond a message, in the order in which a person wants to read it. */
export function facts({ kind, details }: Pick<Item, 'kind' | 'details'>): Fact[] {
  // Tasks begin on a day; appointments and journal entries at a time, until another.
  const timed = kind !== 'task';
  const grouped = new Map<string, Fact>();
  const fact = (key: string, said: Said, label?: string) => {
    const known = ORDER.find(([name]) => name === key) ?? ORDER.find(([name]) => key.startsWith(`${name}.`));
    grouped.set(key, { key, icon: known?.[2] ?? null, label: label ?? known?.[1] ?? labelOf(key), said });
  };
  const lines = (key: string, list: string[], label?: string) => {
    if (list.length > 0) fact(key, { as: 'text', lines: list }, label);
  };

  if (timed) lines('when', whenLines(details));
  const proposed = number(details, 'proposed.starts');
  if (proposed !== null) {
    lines('proposed', [rangeWords(proposed, number(details, 'proposed.ends'), false)]);
  }
  lines('recurrence', repeats(details));
  for (const { key, value } of details) {
    if (SILENT.has(key) || key === 'recurrence' || (timed && key === 'starts')) continue;
    const label = /^(phone|address)\./.test(key)
      ? `${labelOf(key.slice(key.indexOf('.') + 1))}${key.startsWith('address') ? ' address' : ''}`
      : undefined;
    const before = grouped.get(key)?.said;
    if (value.kind === 'person') {
      if (before?.as === 'people') before.people.push(value.value);
      else fact(key, { as: 'people', people: [value.value] }, label);
    } else if (key === 'percent' && value.kind === 'number') fact(key, { as: 'part', percent: value.value });
    else if (key === 'web' && value.kind === 'text') fact(key, { as: 'link', address: value.value });
    else if (before?.as === 'text') before.lines.push(text(key, value));
    else fact(key, { as: 'text', lines: [text(key, value)] }, label);
  }
  const place = (key: string) => {
    const at = ORDER.findIndex(([name]) => name === key || key.startsWith(`${name}.`));
    const exact = ORDER.findIndex(([name]) => name === key);
    return exact >= 0 ? exact : at >= 0 ? at : ORDER.length;
  };
  return [...grouped.values()].sort((a, b) => place(a.key) - place(b.key));
}

/** What is worth knowing of an item at a glance. */
export function badges(item: Item): { text: string; tone: 'warn' | 'quiet' | 'accent'; title: string }[] {
  const all: { text: string; tone: 'warn' | 'quiet' | 'accent'; title: string }[] = [];
  const add = (text: string, tone: 'warn' | 'quiet' | 'accent', title = '') =>
    all.push({ text, tone, title });
  const step = { accepted: 'accepts', tentative: 'accepts tentatively', declined: 'declines' }[
    word(item.details, 'step')
  ];
  if (flag(item.details, 'canceled') || word(item.details, 'step') === 'canceled') add('canceled', 'warn');
  if (step !== undefined) add(step, 'accent', 'An answer to a meeting request');
  if (item.importance === 'high') add('important', 'warn');
  if (item.importance === 'low') add('unimportant', 'quiet');
  if (item.sensitivity !== '') add(item.sensitivity, 'quiet');
  if (item.protection !== '') add(item.protection, 'quiet', 'S/MIME');
  if (item.flag === 'flagged') add('flagged in Outlook', 'accent');
  if (item.flag === 'complete') add('followed up', 'quiet');
  if (item.unread) add('unread', 'quiet', 'Not yet read when the file was written');
  if (item.recovered !== null) {
    add(
      item.recovered === 'certain' ? 'recovered' : `recovered, ${item.recovered}`,
      'warn',
      RECOVERED[item.recovered] ?? '',
    );
  }
  if (item.gone) add('gone', 'quiet', 'A later state of the file no longer has it');
  return all;
}

const RECOVERED: Record<string, string> = {
  certain: 'Deleted, and found whole',
  partial: 'Deleted, and found in part',
  carved:
    'Told by its own bytes alone: its folder is not known, and its recipients and attachments may be those of another',
  doubtful: 'Found in space that the file had given up; parts may be of something else',
};
