import type { Job, JobId } from '../../ipc/generated/api';

/** A moment of a job: when, and how much was done. */
interface Mark {
  at: number;
  done: number;
}

/** The rate is that of the last so many milliseconds: what came before says little of a long file. */
const WINDOW_MS = 30_000;
/** Nothing is said before so much was seen. */
const LEAST_MS = 3_000;
/** A new estimate is believed over so many milliseconds: until then the last one, less the time that passed, counts too. */
const TRUST_MS = 12_000;

/**
 * How long running jobs still take. The mean since the start, which the engine gives, climbs for minutes when a file becomes
 * slower on its way; this follows the rate of the last half minute, and never leaps.
 */
export class Pace {
  #jobs = new Map<JobId, { marks: Mark[]; left: number | null; at: number }>();

  /** Takes the state of a job at a moment (milliseconds); gives the seconds that it still takes, null while unknown. */
  left(job: Job, now: number): number | null {
    if (job.state !== 'reading' || job.planned === 0) {
      this.#jobs.delete(job.id);
      return null;
    }
    const known = this.#jobs.get(job.id) ?? { marks: [], left: null, at: now };
    this.#jobs.set(job.id, known);
    known.marks.push({ at: now, done: job.processed });
    while ((known.marks[1]?.at ?? Infinity) < now - WINDOW_MS) known.marks.shift();
    const first = known.marks[0];
    if (first === undefined || now - first.at < LEAST_MS) return known.left;
    const rate = (job.processed - first.done) / (now - first.at);
    const fresh = rate > 0 ? (job.planned - job.processed) / rate / 1000 : null;
    if (fresh === null) return known.left;
    const passed = now - known.at;
    if (known.left === null) known.left = fresh;
    else {
      const expected = Math.max(0, known.left - passed / 1000);
      known.left = expected + (fresh - expected) * Math.min(1, passed / TRUST_MS);
    }
    known.at = now;
    return known.left;
  }
}

/** A span that is a guess, no finer than one can guess: `about 3 m`, `about 40 s`. */
export function aboutLeft(seconds: number): string {
  if (seconds < 5) return 'a few seconds left';
  if (seconds < 55) return `about ${Math.ceil(seconds / 10) * 10} s left`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `about ${minutes} m left`;
  const hours = Math.round(minutes / 30) / 2;
  return `about ${hours} h left`;
}
