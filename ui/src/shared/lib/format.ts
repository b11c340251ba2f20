/** Numbers, sizes, spans and dates as people read them. Dates are in the zone that was chosen. */
import { dateFormat, offsetMinutes } from './zone.svelte';

const integer = new Intl.NumberFormat('en');
const listTime = dateFormat({ hour: '2-digit', minute: '2-digit' });
const listDay = dateFormat({ day: 'numeric', month: 'short' });
const listDate = dateFormat({ day: 'numeric', month: 'short', year: 'numeric' });
const fullDate = dateFormat({
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

/** `1204332` → `1,204,332`. */
export function count(value: number): string {
  return integer.format(Math.round(value));
}

/** A number with its noun: `1 file`, `3 files`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** The number of a size and its unit apart, in steps of 1,024: `["214", "MB"]`. */
export function byteParts(bytes: number): [string, string] {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  // A digit behind the point only where it says something.
  const digits = unit >= 2 && value < 9.95 ? 1 : 0;
  return [value.toFixed(digits), units[unit] ?? 'B'];
}

/** `224395264` → `214 MB`. */
export function bytes(value: number): string {
  return byteParts(value).join(' ');
}

/** A span of seconds: `51 s`, `1 m 12 s`, `2 h 5 m`. */
export function span(seconds: number): string {
  if (seconds > 0 && seconds < 1) return 'under 1 s';
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 === 0 ? `${minutes} m` : `${minutes} m ${whole % 60} s`;
  return minutes % 60 === 0
    ? `${Math.floor(minutes / 60)} h`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
}

/** Milliseconds: `0.4 ms`, `4 ms`, `1.2 s`. */
export function millis(value: number): string {
  if (value >= 1000) return `${(value / 1000).toFixed(1)} s`;
  if (value > 0 && value < 0.05) return '<0.1 ms';
  return `${value > 0 && value < 0.95 ? value.toFixed(1) : Math.round(value)} ms`;
}

/** A date in a row: the hour today, day and month this year, else the whole date. */
export function shortDate(at: number | null, now: number = Date.now()): string {
  if (at === null || Number.isNaN(new Date(at).getTime())) return '';
  // Both moved by their offset, so that the parts in UTC are those of the zone.
  const [date, today] = [at, now].map((moment) => new Date(moment + offsetMinutes(moment) * 60_000));
  if (date?.getUTCFullYear() !== today?.getUTCFullYear()) return listDate(at);
  if (date?.getUTCMonth() === today?.getUTCMonth() && date?.getUTCDate() === today?.getUTCDate())
    return listTime(at);
  return listDay(at);
}

/** The offset from UTC that the chosen zone has at that moment: `UTC−06:00`. */
export function zone(at: number, offset: number = offsetMinutes(at)): string {
  if (offset === 0) return 'UTC';
  const size = Math.abs(offset);
  const hours = String(Math.floor(size / 60)).padStart(2, '0');
  const minutes = String(size % 60).padStart(2, '0');
  return `UTC${offset < 0 ? '−' : '+'}${hours}:${minutes}`;
}

/** A date in full, with its zone: `14 November 2001, 16:20 (UTC−06:00)`. */
export function longDate(at: number | null): string {
  if (at === null) return 'No date';
  if (Number.isNaN(new Date(at).getTime())) return 'No date';
  return `${fullDate(at).replace(' at ', ', ')} (${zone(at)})`;
}

/** The last part of a path of any platform. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).pop() ?? path;
}

/** A name that a message suggests for a file, as one that every platform takes; it ends in `ending`. */
export function saveName(suggested: string, ending = ''): string {
  const name = fileName(suggested)
    // eslint-disable-next-line no-control-regex -- they are what is taken out
    .replace(/[\x00-\x1f\x7f<>:"|?*\u202a-\u202e\u2066-\u2069]/g, '_')
    .replace(/^\.+|[. ]+$/g, '')
    .slice(0, 160);
  const whole = name === '' ? 'attachment' : name;
  return whole.toLowerCase().endsWith(ending) ? whole : whole + ending;
}
