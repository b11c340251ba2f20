import { describe, expect, it } from 'vitest';
import { fromMemory } from '../src/features/live/answers';
import { pace } from '../src/features/live/stages';
import { sample } from './dev/memory';

const check = (threads: Record<string, number>, expected: string) =>
  expect(pace(Object.entries(threads).map(([name, threads]) => ({ name, threads })))).toBe(expected);

describe('what sets the pace of an import', () => {
  it('is the slowest stage', () => {
    check({}, '');
    check({ read: 0.01, queue_full: 0 }, '');
    check({ read: 1.9, prepare: 0.1, queue_full: 0.05, queue_empty: 0.9 }, 'paced by reading');
    check({ read: 0.5, queue_full: 1.4, store: 0.3, index: 0.6, commit_index: 0.1 }, 'paced by the index');
    check({ read: 0.5, queue_full: 1.4, store: 0.8, index: 0.1, commit_index: 0.1 }, 'paced by the database');
    check({ read: 0.5, queue_full: 1.4, store: 0.1, index: 0.1, commit_store: 0.7 }, 'paced by the disk');
    check({ read: 0.5, queue_full: 1.4, commit_index: 0.7 }, 'paced by the index');
  });
});

describe('answers from memory', () => {
  const check = (counts: [number, number][], expected: { percent: number; asked: number } | null) =>
    expect(
      fromMemory(counts.map(([cache_hits, cache_misses], at) => sample(at, { cache_hits, cache_misses }))),
    ).toEqual(expected);
  it('are those of the last minutes, or of all time', () => {
    check([], null);
    check([[0, 0]], null);
    check([[3, 1]], { percent: 75, asked: 4 });
    check(
      [
        [90, 10],
        [91, 11],
        [93, 11],
      ],
      { percent: 75, asked: 4 },
    );
    check(
      [
        [90, 10],
        [90, 10],
      ],
      { percent: 90, asked: 100 },
    );
  });
});
