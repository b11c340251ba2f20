/**
 * The query as the window edits it: charts, names and folders add terms to it and take them out. What the terms mean is the
 * engine's business; here only their borders count.
 */

/** A term of a query: a word, a phrase, `field:value`, or a group in brackets. */
export interface Term {
  text: string;
  /** Where it begins and ends in the query, in UTF-16 code units. */
  start: number;
  end: number;
  /** The field that it asks, in lower case; null for plain words. */
  field: string | null;
  /** What it asks of the field, without quotes. */
  value: string;
}

/** What begins and ends a phrase, as in the engine's `query::lex`. */
export const QUOTES = '"\u201c\u201d\u201e';
const QUOTE = new RegExp(`[${QUOTES}]`, 'g');
const OUTER = new RegExp(`^[${QUOTES}]|[${QUOTES}]$`, 'g');
const DATES = ['before', 'until', 'after', 'since', 'during', 'received', 'sent', 'date'];

/** Other spellings of the fields that the window sets itself. */
const SPELLINGS: Record<string, string[]> = {
  from: ['from', 'sender'],
  filename: ['filename', 'attachment', 'attachments', 'file'],
  kind: ['kind', 'type'],
  hour: ['hour', 'weekday'],
  sent_hour: ['sent_hour', 'sent_weekday', 'senthour'],
  in: ['in', 'folder'],
};

/** Cuts a query into its terms. A group in brackets, with what denies it, is one term. */
export function terms(query: string): Term[] {
  const found: Term[] = [];
  let at = 0;
  while (at < query.length) {
    if (/\s/.test(query[at] ?? '')) {
      at += 1;
      continue;
    }
    const start = at;
    let depth = 0;
    let quoted = false;
    for (; at < query.length; at += 1) {
      const c = query[at] ?? '';
      if (QUOTES.includes(c)) quoted = !quoted;
      else if (quoted) continue;
      else if (c === '(') depth += 1;
      else if (c === ')') depth = Math.max(0, depth - 1);
      else if (/\s/.test(c) && depth === 0) break;
    }
    const text = query.slice(start, at);
    const named = /^([a-z_]+):/i.exec(text);
    const value = named === null ? text : text.slice(named[0].length);
    found.push({
      text,
      start,
      end: at,
      field: named?.[1]?.toLowerCase() ?? null,
      value: value.replace(OUTER, ''),
    });
  }
  return found;
}

/** Whether all terms must hold: then each can be taken out, or changed, by itself. */
export function isFlat(query: string): boolean {
  return !terms(query).some(({ text }) => ['OR', '|', 'NOT', 'AND'].includes(text));
}

/** A value as it stands behind a colon: in quotes where it would end early without. */
export function quote(value: string): string {
  const plain = value.replace(QUOTE, ' ').trim();
  return plain !== '' && /^[^\s()]+$/.test(plain) ? plain : `"${plain}"`;
}

/** The query with one more term that must hold. */
export function add(query: string, term: string): string {
  const whole = query.trim();
  if (whole === '') return term;
  if (!isFlat(whole)) return `(${whole}) ${term}`;
  return terms(whole).some(({ text }) => text.toLowerCase() === term.toLowerCase())
    ? whole
    : `${whole} ${term}`;
}

/** The query without those of its terms that `gone` names. */
export function without(query: string, gone: (term: Term) => boolean): string {
  if (!isFlat(query)) return query.trim();
  return terms(query)
    .filter((term) => !gone(term))
    .map(({ text }) => text)
    .join(' ');
}

/** The query with `field:value` in place of whatever it asked of that field before. */
export function set(query: string, field: string, value: string): string {
  const names = SPELLINGS[field] ?? [field];
  const rest = without(query, (term) => term.field !== null && names.includes(term.field));
  return add(rest, `${field}:${quote(value)}`);
}

/** Sets the field, or takes it out where it is just so already. */
export function toggle(query: string, field: string, value: string): string {
  return has(query, field, value)
    ? without(query, (term) => (SPELLINGS[field] ?? [field]).includes(term.field ?? ''))
    : set(query, field, value);
}

/** Whether the query asks just this of the field. */
export function has(query: string, field: string, value: string): boolean {
  const names = SPELLINGS[field] ?? [field];
  const wanted = value.toLowerCase();
  return (
    isFlat(query) &&
    terms(query).some((term) => names.includes(term.field ?? '') && term.value.toLowerCase() === wanted)
  );
}

/** What the query asks of the field, where it asks something of it that holds by itself; empty where not. */
export function valueOf(query: string, field: string): string {
  const names = SPELLINGS[field] ?? [field];
  if (!isFlat(query)) return '';
  return terms(query).find((term) => names.includes(term.field ?? ''))?.value ?? '';
}

/** The query without its dates. */
export function withoutDates(query: string): string {
  return without(query, ({ field }) => field !== null && DATES.includes(field));
}

/** The day, month or year after this one. */
function next(period: string): string {
  const [year = 0, month, day] = period.split('-').map(Number);
  const pad = (value: number) => String(value).padStart(2, '0');
  if (month === undefined) return String(year + 1);
  if (day === undefined) return month === 12 ? `${year + 1}-01` : `${year}-${pad(month + 1)}`;
  const date = new Date(Date.UTC(year, month - 1, day + 1));
  return `${date.getUTCFullYear()}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`;
}

/** The query with these dates alone: from the first period to the last, both included ("2001", "2001-11", "2001-11-14"). */
export function setDates(query: string, first: string, last: string): string {
  const rest = withoutDates(query);
  const [year, month] = first.split('-');
  const whole = month === '01' && last === `${year}-12`;
  if (first === last || whole) return add(rest, `during:${whole ? year : first}`);
  return add(add(rest, `after:${first}`), `before:${next(last)}`);
}

/** A moment in milliseconds since 1970, UTC, at which a period begins. */
function begin(period: string): number | null {
  const parts = /^(\d{4})(?:[-/.](\d{1,2}))?(?:[-/.](\d{1,2}))?$/.exec(period);
  if (parts === null) return null;
  return Date.UTC(Number(parts[1]), Number(parts[2] ?? 1) - 1, Number(parts[3] ?? 1));
}

/** The moments that the query's dates enclose, the last one excluded; null where it has none. */
export function dates(query: string): { from: number; until: number } | null {
  let from = -Infinity;
  let until = Infinity;
  if (!isFlat(query)) return null;
  for (const { field, value } of terms(query)) {
    const start = begin(value);
    if (field === null || !DATES.includes(field) || start === null) continue;
    if (field !== 'before' && field !== 'until') from = Math.max(from, start);
    if (field === 'before' || field === 'until') until = Math.min(until, start);
    else if (field !== 'after' && field !== 'since')
      until = Math.min(until, begin(next(normal(value))) ?? Infinity);
  }
  return from === -Infinity && until === Infinity ? null : { from, until };
}

function normal(period: string): string {
  return period
    .split(/[-/.]/)
    .map((part, at) => (at === 0 ? part : part.padStart(2, '0')))
    .join('-');
}

/** Whether something before a colon may be meant as the name of a field, and is none of `fields`. */
export function asksUnknown(query: string, fields: ReadonlySet<string>): boolean {
  const names = [...query.matchAll(/(?:^|[\s(-])([a-z_]{2,}):\S/gi)].map(([, name = '']) => name);
  return names.some((name) => !fields.has(name.toLowerCase()));
}
