import type { Insights } from '../../ipc/generated/api';

/** A bar of the timeline: a day, month or year. */
export interface Period {
  /** As the query language names it: "2001", "2001-11", "2001-11-14". */
  name: string;
  count: number;
  /** Its first moment, in milliseconds since 1970, UTC. */
  from: number;
  /** The first moment after it. */
  until: number;
}

/** More bars than this are too thin to be hit. */
const MOST = 240;
/** Nobody's mail is from before; a wrong clock's is. Such months stand apart, not at the end of an empty century. */
const EARLIEST = 1980;

const pad = (value: number) => String(value).padStart(2, '0');

function month(index: number): string {
  return `${Math.floor(index / 12)}-${pad((index % 12) + 1)}`;
}

function monthIndex(name: string): number {
  const [year = 0, at = 1] = name.split('-').map(Number);
  return year * 12 + at - 1;
}

function days({ by_day }: Insights): Period[] {
  const DAY = 86_400_000;
  const counts = new Map(by_day.map(({ day, count }) => [Date.parse(`${day}T00:00:00Z`), count]));
  const first = Math.min(...counts.keys());
  const last = Math.max(...counts.keys());
  const out: Period[] = [];
  for (let at = first; at <= last; at += DAY) {
    out.push({
      name: new Date(at).toISOString().slice(0, 10),
      count: counts.get(at) ?? 0,
      from: at,
      until: at + DAY,
    });
  }
  return out;
}

/** The bars from the first to the last that holds anything, empty ones between them included; as fine as there is room for. */
export function periods(insights: Insights): Period[] {
  if (insights.by_day.length > 0 && insights.by_day.length <= MOST) {
    const fine = days(insights);
    if (fine.length <= MOST) return fine;
  }
  const now = new Date().getUTCFullYear() + 2;
  const sane = insights.by_month.filter((one) => {
    const year = Number(one.month.slice(0, 4));
    return year >= EARLIEST && year <= now;
  });
  const months = sane.length > 0 ? sane : insights.by_month;
  if (months.length === 0) return [];
  const indexes = months.map((one) => monthIndex(one.month));
  const first = Math.min(...indexes);
  const last = Math.max(...indexes);
  const step = last - first < MOST ? 1 : 12;
  const start = Math.floor(first / step);
  const end = Math.floor(last / step);
  // A handful of items can claim to be centuries apart.
  if (end - start > 5000) return [];
  const bars: Period[] = Array.from({ length: end - start + 1 }, (_, at) => {
    const index = (start + at) * step;
    const [from, until] = [index, index + step].map((value) => Date.UTC(Math.floor(value / 12), value % 12));
    return {
      name: step === 1 ? month(index) : String(start + at),
      count: 0,
      from: from ?? 0,
      until: until ?? 0,
    };
  });
  months.forEach((one, at) => {
    const bar = bars[Math.floor((indexes[at] ?? 0) / step) - start];
    if (bar) bar.count += one.count;
  });
  return bars;
}

const dayName = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});
const monthName = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });

/** A period in words: "14 November 2001", "November 2001", "2001". */
export function words({ name, from }: Period): string {
  if (name.length === 4) return name;
  return (name.length === 7 ? monthName : dayName).format(from);
}

/** Labels of the axis: the bar each begins at, at most `most` of them. */
export function ticks(bars: Period[], most: number): { at: number; label: string }[] {
  const fine = (bars[0]?.name.length ?? 0) === 10;
  const short = new Intl.DateTimeFormat('en-GB', {
    month: 'short',
    ...(fine ? { day: 'numeric' } : { year: 'numeric' }),
    timeZone: 'UTC',
  });
  const years = bars.flatMap(({ name }, at) => (name.endsWith('-01') || name.length === 4 ? [at] : []));
  const candidates = !fine && years.length >= 2 ? years : bars.map((_, at) => at);
  const step = Math.max(1, Math.ceil(candidates.length / most));
  return candidates
    .filter((_, index) => index % step === 0)
    .map((at, index) => {
      const bar = bars[at];
      if (!bar) return { at, label: '' };
      if (!fine) return { at, label: years.length >= 2 ? bar.name.slice(0, 4) : short.format(bar.from) };
      // Days say of which year they are, once for each.
      const before = bars[candidates[(index - 1) * step] ?? -1]?.name;
      const same = before?.slice(0, 4) === bar.name.slice(0, 4);
      return {
        at,
        label: same ? short.format(bar.from) : `${short.format(bar.from)} ${bar.name.slice(0, 4)}`,
      };
    });
}
