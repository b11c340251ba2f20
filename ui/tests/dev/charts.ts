/** What the engine in memory says of many items at once. */
import type { Completion, Completions, Insights, People, ReplyTimes } from '../../src/ipc/generated/api';
import { hit, NAMES } from './mail';

const address = (name: string) => `${name.split(' ')[0]!.toLowerCase()}@example.org`;

/** Charts of so many items. */
export function insights(total: number): Insights {
  const part = (share: number) => Math.round(total * share);
  const senders = NAMES.map((name, at) => ({ name, address: address(name), count: part(0.3 / (at + 1)) }));
  return {
    total,
    undated: part(0.001),
    first: Date.UTC(1995, 0, 3),
    last: Date.UTC(2004, 11, 20),
    by_month: Array.from({ length: 120 }, (_, at) => ({
      month: `${1995 + Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`,
      count: part(
        (0.004 * (1 + Math.sin(at / 9)) + 0.012 * Math.exp(-(((at - 80) / 14) ** 2))) *
          (1 + ((at * 37) % 11) / 20),
      ),
    })),
    by_day: [],
    by_weekday_hour: Array.from({ length: 168 }, (_, at) => ({
      weekday: Math.floor(at / 24),
      hour: at % 24,
      count: part((at < 120 ? 0.011 : 0.001) * Math.exp(-((((at % 24) - 12.5) / 4) ** 2))),
    })),
    by_sender_hour: Array.from({ length: 168 }, (_, at) => ({
      weekday: Math.floor(at / 24),
      hour: at % 24,
      count: part((at < 120 ? 0.008 : 0.002) * Math.exp(-((((at % 24) - 10) / 3) ** 2))),
    })),
    without_sender_zone: part(0.25),
    top_senders: senders,
    top_recipients: senders.toReversed().map((one, at) => ({ ...one, count: part(0.2 / (at + 1)) })),
    top_domains: ['example.org', 'firm.example', 'northfield.example', 'coastal.example'].map(
      (domain, at) => ({
        domain,
        count: part(0.6 / (at * 3 + 1)),
        sent: part(0.3 / (at * 3 + 1)),
      }),
    ),
    people: 1907,
    attachment_types: ['xls', 'doc', 'pdf', 'jpg', 'zip', 'message', ''].map((type, at) => ({
      type,
      count: part(0.15 / (at + 1)),
      bytes: part(9_000 / (at + 1)),
    })),
    attachments: part(0.43),
    attachment_bytes: part(190_000),
    sizes: {
      total: part(14_000),
      min: 400,
      max: 31_000_000,
      mean: 14_000,
      median: 6_200,
      buckets: [0, 10_240, 102_400, 1_048_576, 10_485_760].map((from, at, all) => ({
        from,
        to: all[at + 1] ?? null,
        count: part(0.55 / (at * at * 3 + 1)),
      })),
    },
    largest: Array.from({ length: 8 }, (_, at) => {
      const row = hit(at);
      return { id: row.id, subject: row.subject.text, from: row.from, date: row.date, size: 31e6 / (at + 1) };
    }),
    kinds: (['mail', 'meeting', 'contact', 'task', 'dist_list'] as const).map((kind, at) => ({
      kind,
      count: part(0.9 / (at * 8 + 1)),
    })),
    folders: [
      { folder: 2, path: 'Top of Outlook data file/Inbox', source: 1, count: part(0.4) },
      { folder: 5, path: 'Top of Outlook data file/Sent Items', source: 1, count: part(0.3) },
    ],
    sources: [
      { source: 1, name: 'archive-2001.pst', count: part(0.6) },
      { source: 3, name: 'exchange-2019.ost', count: part(0.4) },
    ],
    languages: [
      { language: 'en', count: part(0.9) },
      { language: 'tr', count: part(0.05) },
    ],
    duplicates: { groups: 0, copies: 0, within_files: 0, across_files: 0 },
    conversations: part(0.13),
    took_ms: 12,
    generation: 1,
  };
}

/** How long answers took. */
export function replies(): ReplyTimes {
  return {
    count: 2134,
    quarter_seconds: 840,
    median_seconds: 8040,
    three_quarters_seconds: 61_200,
    p90_seconds: 259_200,
    people: NAMES.map((name, at) => ({
      name,
      address: address(name),
      count: 300 - at * 40,
      median_seconds: 600 * (at + 1) * (at + 1),
      p90_seconds: 86_400 * (at + 1),
    })),
    looked_at: 4021,
    of: 18_904,
    took_ms: 21,
    generation: 1,
  };
}

/** A handful of people, two groups of them. */
export function people(): People {
  const names = [...NAMES, 'Hana Novak', 'Ivo Petrov', 'Jun Sato', 'Legal desk', 'Outside counsel'];
  return {
    people: names.map((name, at) => ({
      name,
      address: address(name),
      sent: 900 - at * 70,
      received: 700 - at * 41,
      first: Date.UTC(1998, at % 12, 3),
      last: Date.UTC(2003, at % 12, 9),
      community: at % 3,
    })),
    links: names.flatMap((_, from) =>
      [1, 3, 6]
        .map((step) => ({
          from,
          to: (from * step + step) % names.length,
          count: Math.ceil(300 / (from + step)),
          first: null,
          last: null,
        }))
        .filter(({ to }) => to !== from),
    ),
    total: 1907,
    took_ms: 4,
    generation: 1,
  };
}

export const FIELDS = [
  'from',
  'to',
  'participants',
  'subject',
  'filename',
  'has',
  'kind',
  'during',
  'after',
  'before',
];
/** Completes the names of fields and senders. */
export function complete(query: string, caret: number): Completions {
  const start = query.lastIndexOf(' ', caret - 1) + 1;
  const word = query.slice(start, caret).toLowerCase();
  const one = (kind: Completion['kind'], insert: string, label: string, detail = ''): Completion => ({
    kind,
    insert,
    label,
    detail,
    count: kind === 'person' ? 1200 : null,
  });
  const completions = word.startsWith('from:')
    ? NAMES.filter((name) => name.toLowerCase().startsWith(word.slice(5))).map((name) =>
        one('person', `from:${address(name)}`, name, address(name)),
      )
    : FIELDS.filter((name) => word !== '' && name.startsWith(word)).map((name) =>
        one('field', `${name}:`, `${name}:`),
      );
  return { replaces: [start, caret], completions, took_ms: 1 };
}
