import type { Job, JobId, JobState } from '../../ipc/generated/api';
import { Pace } from './pace';

const KEY = 'mailscope.dismissed-jobs';

/** Whether a job still runs or waits. */
export function active(state: JobState): boolean {
  return state === 'queued' || state === 'planning' || state === 'reading' || state === 'paused';
}

/** How much of a job is done, between 0 and 1; null while nobody knows. */
export function progress(job: Job): number | null {
  if (job.state === 'done') return 1;
  if (job.planned > 0) return Math.min(1, job.processed / job.planned);
  return job.state === 'reading' && job.size > 0 ? Math.min(1, job.bytes / job.size) : null;
}

/** The jobs after one of them changed. Order is that of their ids; a job that is over never runs again. */
export function reduce(jobs: Job[], changed: Job): Job[] {
  const at = jobs.findIndex((job) => job.id === changed.id);
  if (at < 0) return [...jobs, changed].sort((a, b) => a.id - b.id);
  const before = jobs[at];
  // Events and the answer of `jobs` may overtake each other.
  if (before && !active(before.state) && active(changed.state)) return jobs;
  return jobs.with(at, changed);
}

/** The imports of this run of the service. Those that are over stay until they are dismissed. */
export class Jobs {
  all = $state.raw<Job[]>([]);
  #dismissed = $state.raw<JobId[]>([]);
  readonly #pace = new Pace();

  /** Those to show, newest last. */
  readonly shown = $derived(this.all.filter((job) => active(job.state) || !this.#dismissed.includes(job.id)));
  readonly active = $derived(this.all.filter((job) => active(job.state)));

  constructor() {
    try {
      const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? '[]');
      if (Array.isArray(kept)) this.#dismissed = kept.filter((id): id is number => typeof id === 'number');
    } catch {
      // What another version left there is of no use.
    }
  }

  /** Takes the list that `jobs` gave; what events told since stays. */
  take(list: Job[]): void {
    this.all = list.reduce(reduce, this.all);
  }

  /** Takes what an event tells. Gives the state before, undefined for a new job. */
  hear(job: Job): JobState | undefined {
    const before = this.all.find(({ id }) => id === job.id)?.state;
    const left = this.#pace.left(job, Date.now());
    this.all = reduce(this.all, { ...job, seconds_left: left });
    return before;
  }

  dismiss(...ids: JobId[]): void {
    this.#dismissed = [...this.#dismissed, ...ids];
    sessionStorage.setItem(KEY, JSON.stringify(this.#dismissed));
  }
}
