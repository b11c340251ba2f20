/**
 * A small engine in memory, for tests and for looking at the window without the application.
 * It answers every command with made-up mail; it is no part of the built page.
 */
import type {
  ApiError,
  Commands,
  Counts,
  Event,
  Export,
  Folder,
  Hit,
  Item,
  Job,
  LibraryList,
  LogState,
  Preferences,
  SearchRequest,
  Source,
  SourceList,
  Texts,
} from '../../src/ipc/generated/api';
import { conversation, MemoryReview } from './review';
import { counts, job, sample, snapshot } from './work';
import { complete, FIELDS, insights, people, replies } from './charts';
import { details, hit, LINES, mark, NAMES, pick } from './mail';

export { counts, hit, job, mark, sample };

function folder(
  id: number,
  parent: number | null,
  name: string,
  items: number,
  more: Partial<Counts> = {},
): Folder {
  const top = 'Top of Outlook data file';
  return {
    id,
    parent,
    name,
    path: parent === null ? name : `${top}/${name}`,
    depth: parent === null ? 0 : 1,
    counts: counts(items, more),
    gone: 0,
  };
}

export function source(more: Partial<Source> = {}): Source {
  return {
    id: 1,
    name: 'archive-2001.pst',
    path: '/home/carla/Mail/archive-2001.pst',
    format: 'Unicode',
    kind: 'PST',
    encryption: 'permute',
    size: 1.4e9,
    imported_at: Date.UTC(2024, 0, 1),
    complete: true,
    available: true,
    same_as: null,
    counts: counts(82_000),
    texts: { waiting: 0, read: 9_120, nothing: 3_004, failed: 1 },
    gone: 0,
    anomalies: 3,
    folders: [
      folder(1, null, 'Top of Outlook data file', 0),
      folder(2, 1, 'Inbox', 37_839),
      folder(3, 2, 'Capacity desk', 9_340),
      folder(4, 2, 'Legal hold', 1_022, { failed: 4 }),
      folder(5, 1, 'Sent Items', 31_777),
      folder(6, 1, 'Recovered items', 0, { recovered: 2_118 }),
    ],
    job: null,
    ...more,
  };
}

const HTML = `<!doctype html><html><head><title>x</title></head><body><p>Carla,</p>
<p>The <mark>capacity</mark> release on the coastal <mark>pipeline</mark> closes Friday, and we still hold 14,000 MMBtu/d on the northern leg.
If Northfield takes the full volume we should post the rest as short-term firm before the open season begins.</p>
<p>I attached the volumes by month, and the <a href="https://example.org/">two letters</a> that Legal asked for.</p><p>Alice</p></body></html>`;

export function item(id: number, path: number[], query: string): Item {
  const row = hit(id - 1, query);
  const deep = path.length > 0;
  const person = (at: number) => ({
    name: pick(NAMES, at),
    address: `${pick(NAMES, at).split(' ')[0]!.toLowerCase()}@example.org`,
  });
  return {
    id,
    kind: row.kind,
    message_class: 'IPM.Note',
    subject: deep ? { text: `Embedded at ${path.join('.')}`, marks: [] } : row.subject,
    from: person(id - 1),
    to: Array.from({ length: 1 + (id % 9) }, (_, at) => person(id + at)),
    cc: id % 2 ? [person(3), person(4)] : [],
    bcc: [],
    date: row.date,
    source: 1,
    source_name: row.source,
    folder: 2,
    folder_path: row.folder,
    size: row.size,
    headers:
      'Received: from mail.example.org by mx.example.org; Wed, 14 Nov 2001 22:20:00 +0000\nMessage-ID: <1@example.org>',
    text: mark(`Carla,\n\n${pick(LINES, id - 1)}\n\nAlice`, query),
    html: id % 2 ? HTML : null,
    remote_blocked: id % 2 ? 3 : 0,
    attachments: row.has_attachments
      ? [
          {
            path: [...path, 0],
            name: 'Capacity by month.xls',
            size: 86_016,
            mime_type: 'application/vnd.ms-excel',
            method: 'file',
            inline: false,
          },
          {
            path: [...path, 1],
            name: 'Letter to Northfield',
            size: 31_744,
            mime_type: 'message/rfc822',
            method: 'message',
            inline: false,
          },
        ]
      : [],
    properties: Array.from({ length: 60 }, (_, at) => ({
      tag: `0x${(0x0037001f + at * 0x10000).toString(16).toUpperCase().padStart(8, '0')}`,
      name: at % 4 ? `PidTagExample${at}` : '',
      kind: 'PtypString',
      value: `Value ${at}`,
    })),
    details: details(row.kind),
    unread: false,
    flag: '',
    importance: '',
    sensitivity: '',
    protection: '',
    recovered: null,
    gone: false,
    duplicates: 0,
    anomalies: id % 4 === 1 ? ['Recipient table has 3 rows, its index names 4.'] : [],
    source_available: id % 8 !== 7,
  };
}

export function exported(more: Partial<Export> = {}): Export {
  return {
    id: 70,
    format: 'eml',
    to: '/home/carla/out',
    state: 'running',
    planned: 100,
    written: 40,
    skipped: 0,
    failed: 0,
    bytes: 1_000_000,
    seconds: 3,
    failures: [],
    error: null,
    ...more,
  };
}

/** An error as the engine rejects with. */
export const failure = (
  code: ApiError['code'],
  message: string,
  advice = '',
  detail: string | null = null,
): ApiError => ({
  code,
  message,
  advice,
  detail,
});

export interface MemoryOptions {
  items?: number;
  sources?: Source[];
  jobs?: Job[];
  startup?: ApiError;
  /** Nothing may be written to the library. */
  readOnly?: boolean;
  recent?: string[];
}

/** Answers commands as the engine does. `emit` hands out events. */
export class MemoryEngine {
  total: number;
  sources: Source[];
  jobs: Job[];
  generation = 1;
  startup: ApiError | undefined;
  readonly readOnly: boolean;
  /** A command that fails for now. */
  refuse: keyof Commands | null = null;
  watched: string[] = [];
  /** Folders of the libraries that are known; the first is the one that is open. */
  libraries = ['/library', '/cases/north'];
  recent: string[] = [];
  log: LogState = {
    on: false,
    path: '/home/carla/.local/state/mailscope/mailscope.log',
    named: false,
    bytes: 0,
    most: 8 * 1024 * 1024,
  };
  preferences: Preferences = { memory_mb: null, threads: null, notify: true };
  readonly review = new MemoryReview();
  asked: { name: string; request: unknown }[] = [];
  emit: (event: Event) => void = () => undefined;

  constructor(options: MemoryOptions = {}) {
    this.total = options.items ?? 0;
    this.sources = options.sources ?? [];
    this.jobs = options.jobs ?? [];
    this.startup = options.startup;
    this.readOnly = options.readOnly ?? false;
    this.recent = options.recent ?? [];
  }

  call<K extends keyof Commands>(name: K, request: Commands[K]['request']): Commands[K]['response'] {
    this.asked.push({ name, request });
    if (name === this.refuse) throw failure('io', 'The library cannot be read.', 'Try again.');
    const answers: { [N in keyof Commands]: (request: Commands[N]['request']) => Commands[N]['response'] } = {
      library: () => {
        if (this.startup) throw this.startup;
        return {
          path: '/library',
          version: '0.1.0',
          read_only: this.readOnly,
          index_behind: false,
          total_items: this.total,
          sources: this.sources.length,
          generation: this.generation,
        };
      },
      jobs: () => ({ jobs: this.jobs }),
      sources: () => this.#held(),
      monitor: () => ({
        samples: Array.from({ length: 60 }, (_, at) => sample(Date.now() - (60 - at) * 2000)),
      }),
      search: (asked) => this.#search(asked),
      insights: (asked) => insights(this.#search({ ...asked, sort: 'newest', offset: 0, limit: 1 }).total),
      people: () => people(),
      replies: () => replies(),
      query: ({ query }) => ({ parts: [], canonical: query, fault: null }),
      complete: ({ query, caret }) => complete(query, caret ?? query.length),
      fields: () => ({
        fields: FIELDS.map((name) => ({ name, aliases: [], help: '', example: '', values: [] })),
      }),
      show: ({ id, path, query }) => ({ ...item(id, path ?? [], query ?? ''), ...this.review.of(id) }),
      conversation: ({ id, query }) => conversation(id, query ?? '', this.review),
      copies: ({ id }) => ({
        total: 2,
        hits: [hit(id - 1), { ...hit(id - 1), id: id + 5_000_000, source: 'alice.pst' }],
      }),
      related: ({ id }) => ({ total: 40, hits: [hit(id + 6), hit(id + 13)], took_ms: 3 }),
      review: (asked) => this.review.change(asked, this.total),
      undo_review: ({ action }) => this.review.undo(action),
      tags: () => this.review.tags(),
      colour_tag: ({ name, colour }) => this.review.colour(name, colour),
      actions: (asked) => this.review.list(asked),
      saved: () => this.review.searches(),
      save_search: ({ name, query }) => this.review.save(name, query),
      forget_search: ({ name }) => this.review.forget(name),
      losses: () => ({
        failures: Array.from({ length: 4 }, (_, at) => ({
          folder: 'Top of Outlook data file/Inbox/Legal hold',
          node: `0x20${at}024`,
          item: null,
          reason: `The block of the message's properties fails its checksum (found 0x1F, stored 0x${at}).`,
        })),
        anomalies: [
          {
            folder: 'Top of Outlook data file/Inbox',
            node: '0x200044',
            reason: 'The recipient table has 3 rows, its index names 4.',
            item: {
              id: 3,
              subject: 'FW: Open season, pipeline expansion',
              from: 'Carla Ng',
              date: Date.UTC(2001, 10, 14),
            },
          },
          { folder: '', node: null, item: null, reason: 'The free map of page 12 is out of date.' },
        ],
        attachments: [
          {
            folder: 'Top of Outlook data file/Inbox',
            node: '0x200064',
            reason: 'tariff.pdf: the document is encrypted with a password.',
            item: { id: 7, subject: 'Tariff sheets', from: 'Gene Boyd', date: Date.UTC(2001, 10, 2) },
          },
        ],
      }),
      remove: ({ source: gone }) => {
        this.sources = this.sources.filter(({ id }) => id !== gone);
        if (this.sources.length === 0) this.total = 0;
        return this.#held();
      },
      cancel: ({ job: id }) => this.#set(id, 'cancelled'),
      export: ({ format, to }) => exported({ format, to }),
      exports: () => ({ exports: [] }),
      cancel_export: ({ job: id }) => exported({ id, state: 'cancelled' }),
      pause: ({ job: id }) => this.#set(id, 'paused'),
      resume: ({ job: id }) => this.#set(id, 'reading'),
      watch: ({ path, watched }) => {
        const others = this.watched.filter((one) => one !== path);
        this.watched = watched ? [...others, path] : others;
        return { paths: this.watched };
      },
      watched: () => ({ paths: this.watched }),
      libraries: () => this.#libraries(),
      open_library: ({ path }) => this.#open(path),
      create_library: ({ name }) => this.#open(`/libraries/${name}`),
      forget_library: ({ path }) => {
        this.libraries = this.libraries.filter((known) => known !== path);
        return this.#libraries();
      },
      recent: () => ({
        files: this.recent.map((path) => ({
          path,
          name: path.split('/').pop()!,
          at: Date.UTC(2001, 10, 14),
        })),
      }),
      preferences: () => this.preferences,
      set_preferences: (wishes) => (this.preferences = wishes),
      log: () => this.log,
      switch_log: ({ on }) => (this.log = { ...this.log, on, bytes: on ? 4096 : this.log.bytes }),
      showing: () => ({}),
      drag_out: () => ({}),
      save_pdf: ({ page, to }) => ({ path: to, bytes: page.length }),
      report: ({ to }) => ({ path: to, bytes: 4_000 }),
      save_attachment: ({ to }) => ({ path: to, bytes: 86_016 }),
      snapshot: () => snapshot(),
      forget_answers: () => ({ answers: 12, bytes: 86_016 }),
      import_sample: () => this.#start(['/sample.pst']),
      import: ({ paths }) => this.#start(paths),
    };
    return answers[name](request);
  }

  #held(): SourceList {
    const texts = { waiting: 0, read: 0, nothing: 0, failed: 0 };
    for (const { texts: of } of this.sources)
      for (const key of Object.keys(texts) as (keyof Texts)[]) texts[key] += of[key];
    const reading = { enabled: true, current: null, problem: null, texts };
    return { sources: this.sources, total_items: this.total, reading };
  }

  #libraries(): LibraryList {
    return {
      libraries: this.libraries.map((path, at) => ({
        name: path === '/library' ? 'Main library' : path.split('/').pop()!,
        path,
        current: at === 0,
        first: path === '/library',
        available: true,
        opened_at: Date.UTC(2001, 10, 14 - at),
      })),
      kept_in: '/libraries',
    };
  }

  #open(path: string): LibraryList {
    this.startup = undefined;
    this.libraries = [path, ...this.libraries.filter((known) => known !== path)];
    return this.#libraries();
  }

  #set(id: number, state: Job['state']): Job {
    const found = { ...this.jobs.find((one) => one.id === id)!, state };
    this.jobs = this.jobs.map((one) => (one.id === id ? found : one));
    return found;
  }

  #start(paths: string[]): Commands['import']['response'] {
    const good = paths.filter((path) => /\.(pst|ost)$/i.test(path));
    const started = good.map((path, at) =>
      job({
        id: this.jobs.length + at + 1,
        path,
        name: path.split('/').pop()!,
        source: 1,
        state: 'planning',
        planned: 0,
        processed: 0,
      }),
    );
    this.jobs = [...this.jobs, ...started];
    return {
      jobs: started.map(({ id }) => id),
      refused: paths
        .filter((path) => !good.includes(path))
        .map((path) => ({
          path,
          error: failure(
            'not_outlook',
            'This is not an Outlook data file.',
            'Choose a file that ends in .pst or .ost.',
            'magic: found 50 4B 03 04, expected 21 42 44 4E',
          ),
        })),
    };
  }

  #row(at: number, { query, fold }: SearchRequest): Hit {
    const row = { ...hit(at, query), ...this.review.row(at + 1), conversation: 1 + (at % 4) };
    if (fold === 'duplicates') row.stands_for = 1 + (at % 3);
    if (fold !== 'conversations' || row.conversation === 1) return row;
    row.stands_for = Math.min(2, row.conversation);
    row.thread = {
      messages: row.conversation,
      people: [row.from, pick(NAMES, at + 2)],
      senders: 2,
      first: (row.date ?? 0) - 86_400_000,
      last: row.date,
    };
    return row;
  }

  #search(request: SearchRequest): Commands['search']['response'] {
    if (request.query.includes('(') && !request.query.includes(')')) {
      throw failure(
        'bad_query',
        'This bracket is never closed.',
        'Change the query.',
        `at character ${request.query.indexOf('(') + 1}`,
      );
    }
    const all = request.query.trim() === '' ? this.total : Math.ceil(this.total / (7 + request.query.length));
    const folded = { nothing: 1, duplicates: 2, conversations: 4 }[request.fold ?? 'nothing'];
    const total = request.query === 'is:marked' ? this.review.flagged : Math.ceil(all / folded);
    const rows = Math.max(0, Math.min(request.limit, total - request.offset));
    return {
      total,
      hits: Array.from({ length: rows }, (_, at) => this.#row(request.offset + at, request)),
      took_ms: 4,
      generation: this.generation,
    };
  }
}
