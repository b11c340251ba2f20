import { plural, span } from '../../shared/lib/format';
import { add, has, without } from '../../shared/lib/query';

const TYPES: Record<string, string> = {
  message: 'Messages',
  '': 'No extension',
  pdf: 'PDF',
  doc: 'Word (doc)',
  docx: 'Word (docx)',
  xls: 'Excel (xls)',
  xlsx: 'Excel (xlsx)',
  ppt: 'PowerPoint (ppt)',
  pptx: 'PowerPoint (pptx)',
  zip: 'ZIP archives',
  txt: 'Text (txt)',
  csv: 'Tables (csv)',
  htm: 'Web pages (htm)',
  html: 'Web pages (html)',
  jpg: 'Pictures (jpg)',
  jpeg: 'Pictures (jpeg)',
  png: 'Pictures (png)',
  gif: 'Pictures (gif)',
  ics: 'Calendar (ics)',
  vcf: 'Cards (vcf)',
};

/** What to call attachments with that extension. */
export function typeName(extension: string): string {
  return TYPES[extension] ?? extension;
}

/** A size as the query language writes it: `10kb`, `1mb`, `1500`. */
export function sizeTerm(bytes: number): string {
  for (const [unit, power] of [
    ['gb', 30],
    ['mb', 20],
    ['kb', 10],
  ] as const) {
    if (bytes >= 2 ** power && bytes % 2 ** power === 0) return `${bytes / 2 ** power}${unit}`;
  }
  return String(bytes);
}

/** A range of sizes in words: `under 10 KB`, `10–100 KB`, `over 10 MB`. */
export function bucket(from: number, to: number | null): string {
  const one = (bytes: number) =>
    sizeTerm(bytes).replace(/(\d)([kmg]b)$/, (_, digit, unit) => `${digit} ${unit.toUpperCase()}`);
  if (to === null) return `over ${one(from)}`;
  if (from === 0) return `under ${one(to)}`;
  const [a, b] = [one(from), one(to)];
  const unit = b.slice(-3);
  return a.endsWith(unit) ? `${a.slice(0, -3)}–${b}` : `${a}–${b}`;
}

function sizes(from: number, to: number | null): [field: string, value: string][] {
  const terms: [string, string][] = [];
  // "larger" alone leaves out what is just as large.
  if (from > 0) terms.push(['larger', `>=${sizeTerm(from)}`]);
  if (to !== null) terms.push(['smaller', sizeTerm(to)]);
  return terms;
}

/** Whether the query asks for just this range of sizes. */
export function isSized(query: string, from: number, to: number | null): boolean {
  return sizes(from, to).every(([field, value]) => has(query, field, value));
}

/** The query with this range of sizes alone, or without any where it is there already. */
export function toggleSize(query: string, from: number, to: number | null): string {
  const rest = without(query, ({ field }) => field !== null && ['larger', 'smaller', 'size'].includes(field));
  if (isSized(query, from, to)) return rest;
  return sizes(from, to).reduce((text, [field, value]) => add(text, `${field}:${value}`), rest);
}

const languages = new Intl.DisplayNames('en', { type: 'language' });

/** The name of a language by its ISO 639-1 code. */
export function languageName(code: string): string {
  try {
    return languages.of(code) ?? code;
  } catch {
    return code;
  }
}

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** An hour of the week (Monday is 0) as the query language writes it. */
export function hourTerm(day: number, hour: number): string {
  return `${WEEKDAYS[day] ?? ''} ${hour}`;
}

const DAY = 86_400;

/** How long an answer took: `5 m`, `2 h 5 m`, `3 days`. */
export function delay(seconds: number): string {
  return seconds < 2 * DAY ? span(seconds) : plural(Math.round(seconds / DAY), 'day');
}
