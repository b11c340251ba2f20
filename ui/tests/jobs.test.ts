import { fireEvent, render, screen } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import JobList from '../src/features/jobs/JobList.svelte';
import { Jobs, progress, reduce } from '../src/features/jobs/jobs.svelte';
import { aboutLeft, Pace } from '../src/features/jobs/pace';
import { losses, status } from '../src/features/jobs/words';
import type { Job } from '../src/ipc/generated/api';
import { counts, failure, job } from './dev/memory';

beforeEach(() => sessionStorage.clear());

describe('jobs from events', () => {
  it('come in the order of their ids, each once', () => {
    const jobs = [job({ id: 2 }), job({ id: 1 }), job({ id: 2, processed: 70 })].reduce(reduce, [] as Job[]);
    expect(jobs.map(({ id, processed }) => [id, processed])).toEqual([
      [1, 61],
      [2, 70],
    ]);
  });

  it('stay over once they are over', () => {
    const jobs = [job({ state: 'done' }), job({ state: 'reading' })].reduce(reduce, [] as Job[]);
    expect(jobs[0]?.state).toBe('done');
  });

  it('tell the state before', () => {
    const jobs = new Jobs();
    expect(jobs.hear(job())).toBeUndefined();
    expect(jobs.hear(job({ state: 'failed' }))).toBe('reading');
    expect(jobs.active).toEqual([]);
  });

  it('are found again after a reload, but for those dismissed', () => {
    const before = new Jobs();
    before.take([job({ id: 1, state: 'done' }), job({ id: 2, state: 'done' }), job({ id: 3 })]);
    before.dismiss(1);
    const after = new Jobs();
    after.take([job({ id: 1, state: 'done' }), job({ id: 2, state: 'done' }), job({ id: 3 })]);
    expect(after.shown.map(({ id }) => id)).toEqual([2, 3]);
    expect(after.active.map(({ id }) => id)).toEqual([3]);
  });

  it('survive what another version kept', () => {
    sessionStorage.setItem('mailscope.dismissed-jobs', '{"not": [');
    expect(() => new Jobs()).not.toThrow();
  });
});

describe('progress', () => {
  function check(more: Partial<Job>, expected: number | null) {
    expect(progress(job(more))).toBe(expected);
  }
  it('goes by items, then by bytes, and never beyond the whole', () => {
    check({ planned: 200, processed: 50 }, 0.25);
    check({ planned: 0, bytes: 30, size: 60 }, 0.5);
    check({ planned: 10, processed: 12 }, 1);
    check({ planned: 0, state: 'planning' }, null);
    check({ planned: 0, state: 'done' }, 1);
  });
});

describe('words', () => {
  function check(more: Partial<Job>, expected: string) {
    expect(status(job(more))).toBe(expected);
  }
  it('say where a job stands', () => {
    check({}, '61% · about 1 m left');
    check({ seconds_left: null }, '61%');
    check({ state: 'queued' }, 'waiting');
    check({ state: 'done', new: 402_310, processed: 402_310, seconds: 51 }, 'done, 402,310 in 51 s');
    check(
      { state: 'done', new: 3, updated: 2, removed: 1, processed: 5, seconds: 1 },
      'done, 3 new, 2 changed, 1 gone in 1 s',
    );
    check({ state: 'done', new: 0, unchanged: 900, seconds: 0.4 }, 'done, nothing new in under 1 s');
    check({ state: 'cancelled', processed: 61 }, 'stopped after 61');
  });

  it('write losses out', () => {
    expect(losses(job())).toBe('');
    expect(losses(job({ counts: counts(9, { recovered: 2_118, failed: 4 }) }))).toBe(
      '2,118 recovered, 4 unreadable',
    );
    expect(losses(job({ counts: counts(9, { failed: 1 }) }))).toBe('1 unreadable');
  });
});

describe('the list of jobs', () => {
  const acts = () => ({ onpause: vi.fn(), oncancel: vi.fn(), ondismiss: vi.fn(), onlosses: vi.fn() });

  it('stops what runs and dismisses what is over', async () => {
    const act = acts();
    render(JobList, { jobs: [job({ id: 1, state: 'done' }), job({ id: 2 })], ...act });
    expect(screen.getAllByTestId('job').map((line) => line.dataset['id'])).toEqual(['2', '1']);
    await fireEvent.click(screen.getByTestId('cancel-job'));
    expect(act.oncancel.mock.lastCall?.[0].id).toBe(2);
    await fireEvent.click(screen.getByTestId('dismiss-job'));
    expect(act.ondismiss.mock.lastCall?.[0][0].id).toBe(1);
  });

  it('shows no progress of what waits', () => {
    const bar = (state: Job['state']) => {
      render(JobList, { jobs: [job({ state, planned: 0, processed: 0, bytes: 0 })], ...acts() });
      return screen.getAllByRole('progressbar').at(-1)?.getAttribute('aria-valuenow') ?? null;
    };
    expect(bar('queued')).toBe('0');
    // Here something is done, and nobody knows how much of it.
    expect(bar('planning')).toBeNull();
  });

  it('says why a job failed', () => {
    const error = failure('truncated', 'The file ends before its header says.', 'Copy it again.');
    render(JobList, { jobs: [job({ state: 'failed', error })], ...acts() });
    expect(screen.getByTestId('job').textContent).toContain(
      'The file ends before its header says. Copy it again.',
    );
  });
});

describe('the time that is left', () => {
  /** What is told while a job goes on: `[second, items done]` each. */
  function told(...steps: [number, number][]): (number | null)[] {
    const pace = new Pace();
    return steps.map(([second, processed]) => {
      const left = pace.left(job({ planned: 10_000, processed }), second * 1000);
      return left === null ? null : Math.round(left);
    });
  }

  it('is not told before there is something to go by', () => {
    expect(told([0, 0], [1, 900], [2, 1000])).toEqual([null, null, null]);
    expect(told([0, 0], [10, 0], [20, 0])).toEqual([null, null, null]);
  });

  it('goes down with a steady pace', () => {
    expect(told([0, 0], [10, 1000], [20, 2000], [30, 3000], [40, 4000])).toEqual([null, 90, 80, 70, 60]);
  });

  it('follows a pace that changes, without a leap', () => {
    const steps: [number, number][] = [[0, 0]];
    for (let second = 2; second <= 20; second += 2) steps.push([second, second * 200]);
    for (let second = 22; second <= 60; second += 2) steps.push([second, 4000 + (second - 20) * 50]);
    const left = told(...steps).filter((value) => value !== null);
    const leaps = left.slice(1).map((value, at) => value - (left[at] ?? value));
    expect(Math.max(...leaps)).toBeLessThan(20);
    // 4,000 items at 50 a second.
    expect(left.at(-1)).toBeGreaterThan(60);
    expect(left.at(-1)).toBeLessThan(95);
  });

  it('is told no finer than it is known', () => {
    expect([2, 12, 54, 58, 100, 3000, 3600, 9000].map(aboutLeft)).toEqual([
      'a few seconds left',
      'about 20 s left',
      'about 60 s left',
      'about 1 m left',
      'about 2 m left',
      'about 50 m left',
      'about 1 h left',
      'about 2.5 h left',
    ]);
  });
});
