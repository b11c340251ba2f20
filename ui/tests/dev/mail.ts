/** Made-up mail. */
import type { DetailLine, Hit, ItemKind, Marked } from '../../src/ipc/generated/api';

export const NAMES = [
  'Alice Moreau',
  'Bruno Keller',
  'Carla Ng',
  'Deniz Aydin',
  'Elif Sahin',
  'Frank Osei',
  'Grace Lindqvist',
];
const SUBJECTS = [
  'RE: Pipeline capacity for the winter season',
  'Weekly report, 3 files',
  'FW: Open season, pipeline expansion',
  'Negotiated rate, contract 27291',
  'Daily capacity sheet',
  '',
  'Lunch on Thursday?',
];
export const LINES = [
  'The capacity release on the coastal pipeline closes Friday, and we still hold 14,000 MMBtu/d on the northern leg.',
  'Attached is the weekly capacity report. Subscriptions are up 4% on last month.',
  'Could you look at the capacity numbers before they are posted?',
  'Here is the daily sheet for the eastern leg.',
  'Yes, we have room until the end of the month.',
];
const KINDS = ['mail', 'mail', 'mail', 'mail', 'meeting', 'mail', 'contact', 'mail', 'task'] as const;

export const pick = <T>(list: readonly T[], at: number): T => list[at % list.length]!;

/** Marks the words of a query in a text. */
export function mark(text: string, query: string): Marked {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word.length > 1 && !word.includes(':'));
  const marks: [number, number][] = [];
  for (const match of text.matchAll(/[\p{L}\p{N}]+/gu)) {
    if (words.some((word) => match[0].toLowerCase().startsWith(word)))
      marks.push([match.index, match.index + match[0].length]);
  }
  return { text, marks };
}

/** The item of that number, counted from the newest. */
export function hit(at: number, query = '', newest = Date.UTC(2001, 10, 14, 22, 20)): Hit {
  return {
    id: at + 1,
    kind: pick(KINDS, at),
    date: newest - at * 3_600_000 * 9,
    from: pick(NAMES, at),
    to: pick(NAMES, at + 1),
    subject: mark(pick(SUBJECTS, at), query),
    folder: 'Top of Outlook data file/Inbox',
    source: 'archive-2001.pst',
    has_attachments: at % 3 === 0,
    size: 4_000 + ((at * 7919) % 900_000),
    snippet: mark(pick(LINES, at), query),
    recovered: at % 11 === 5,
    gone: at % 17 === 9,
  };
}

const text = (key: string, value: string): DetailLine => ({ key, value: { kind: 'text', value } });
const at = (key: string, value: number): DetailLine => ({ key, value: { kind: 'time', value } });
const day = (key: string, value: number): DetailLine => ({ key, value: { kind: 'day', value } });
const someone = (key: string, name: string, note = ''): DetailLine => ({
  key,
  value: {
    kind: 'person',
    value: { name, address: `${name.split(' ')[0]!.toLowerCase()}@example.org`, note },
  },
});

/** What items of a kind say beyond a message. */
export function details(kind: ItemKind): DetailLine[] {
  switch (kind) {
    case 'meeting':
    case 'appointment':
      return [
        at('starts', Date.UTC(2001, 10, 16, 14)),
        at('ends', Date.UTC(2001, 10, 16, 15, 30)),
        text('location', 'Conference room 4, north building'),
        text('recurrence', 'every 2 weeks on Friday'),
        day('recurrence.from', Date.UTC(2001, 10, 16)),
        { key: 'recurrence.count', value: { kind: 'number', value: 12 } },
        day('recurrence.without', Date.UTC(2001, 11, 28)),
        text('recurrence.change', '2002-01-11 14:00 → 2002-01-14 09:00'),
        someone('organizer', 'Alice Moreau'),
        someone('attendee', 'Bruno Keller', 'accepted'),
        someone('attendee', 'Carla Ng', 'declined'),
        someone('attendee', 'Deniz Aydin', 'no answer'),
        someone('attendee.optional', 'Elif Sahin', 'tentative'),
        text('answer', 'accepted'),
        text('busy', 'out of office'),
        { key: 'reminder_minutes', value: { kind: 'number', value: 15 } },
      ];
    case 'contact':
      return [
        text('name', 'Grace Lindqvist'),
        text('title', 'Head of scheduling'),
        text('company', 'Northfield Pipelines'),
        someone('email', 'Grace Lindqvist'),
        text('phone.business', '+47 22 00 00 00'),
        text('phone.mobile', '+47 900 00 000'),
        text('address.business', 'Harbour Street 4\n0150 Oslo\nNorway'),
        text('web', 'https://northfield.example/'),
        day('birthday', Date.UTC(1965, 4, 17)),
      ];
    case 'task':
      return [
        text('status', 'in progress'),
        { key: 'percent', value: { kind: 'number', value: 40 } },
        day('starts', Date.UTC(2001, 10, 1)),
        day('due', Date.UTC(2001, 10, 30)),
        text('owner', 'Bruno Keller'),
      ];
    case 'note':
      return [text('color', 'yellow')];
    default:
      return [];
  }
}
