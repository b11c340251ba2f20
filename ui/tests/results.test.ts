import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Results } from '../src/features/search/results.svelte';
import type { ApiError, Hit, SearchPage, SearchRequest } from '../src/ipc/generated/api';
import { failure, hit } from './dev/memory';

/** An engine whose answers come when the test says so. */
class Slow {
  open: {
    request: SearchRequest;
    answer: (total: number) => Promise<void>;
    fail: (error: ApiError) => Promise<void>;
  }[] = [];

  ask = (request: SearchRequest): Promise<SearchPage> =>
    new Promise((resolve, reject) => {
      const settle = async (act: () => void) => {
        act();
        await vi.advanceTimersByTimeAsync(0);
      };
      this.open.push({
        request,
        answer: (total) => settle(() => resolve(page(request, total))),
        fail: (error) => settle(() => reject(error as unknown as Error)),
      });
    });

  get queries() {
    return this.open.map(({ request }) => request.query);
  }
}

function page({ offset, limit }: SearchRequest, total: number, generation = 1): SearchPage {
  const length = Math.max(0, Math.min(limit, total - offset));
  return { total, took_ms: 3, generation, hits: Array.from({ length }, (_, at) => hit(offset + at)) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function typed(results: Results, text: string) {
  results.type(text);
  await vi.advanceTimersByTimeAsync(40);
}

describe('search as you type', () => {
  it('asks at once after a rest, and once for a burst', async () => {
    const engine = new Slow();
    const results = new Results(engine.ask);
    for (const text of ['c', 'ca', 'cap']) results.type(text);
    expect(engine.queries).toEqual(['c']);
    await engine.open[0]!.answer(10);
    await vi.advanceTimersByTimeAsync(40);
    expect(engine.queries).toEqual(['c', 'cap']);
    expect(engine.open[1]?.request).toMatchObject({ offset: 0, as_you_type: true, sort: 'newest' });
  });

  it('never queues requests up: only the newest waits', async () => {
    const engine = new Slow();
    const results = new Results(engine.ask);
    for (const text of ['a', 'ab', 'abc', 'abcd']) await typed(results, text);
    expect(engine.queries).toEqual(['a']);
    await engine.open[0]!.answer(10);
    expect(engine.queries).toEqual(['a', 'abcd']);
  });

  it('drops stale answers', async () => {
    const engine = new Slow();
    const results = new Results(engine.ask);
    await typed(results, 'old');
    await typed(results, 'new');
    await engine.open[0]!.answer(111);
    expect(results.shown).toBeNull();
    await engine.open[1]!.answer(222);
    expect(results.shown?.total).toBe(222);
    expect(results.shown?.question.query).toBe('new');
  });

  it('does not wait for ever for an answer that never comes', async () => {
    const engine = new Slow();
    const results = new Results(engine.ask);
    await typed(results, 'stuck');
    await typed(results, 'next');
    await vi.advanceTimersByTimeAsync(600);
    await engine.open[1]!.answer(5);
    expect(results.shown?.total).toBe(5);
    await engine.open[0]!.answer(9);
    expect(results.shown?.total).toBe(5);
  });

  it('keeps the last good answer while a new one is on its way and when it fails', async () => {
    const engine = new Slow();
    const results = new Results(engine.ask);
    await typed(results, 'good');
    await engine.open[0]!.answer(7);
    await typed(results, 'good (');
    expect(results.shown?.total).toBe(7);
    await engine.open[1]!.fail(failure('bad_query', 'The bracket at position 6 is never closed.'));
    expect(results.error?.message).toContain('position 6');
    expect(results.shown?.total).toBe(7);
    expect(results.at(3)?.id).toBe(4);
    await typed(results, 'good');
    await engine.open[2]!.answer(8);
    expect(results.error).toBeNull();
    expect(results.shown?.total).toBe(8);
  });

  it('gives a list up for an empty one only when typing rests', async () => {
    const engine = new Slow();
    const results = new Results(engine.ask);
    await typed(results, 'from');
    await engine.open[0]!.answer(7);
    await typed(results, 'from:m');
    await engine.open[1]!.answer(0);
    expect(results.shown?.total).toBe(7);
    await typed(results, 'from:ma');
    await engine.open[2]!.answer(5);
    expect(results.shown?.total).toBe(5);
    await vi.advanceTimersByTimeAsync(600);
    expect(results.shown?.total).toBe(5);
    await typed(results, 'from:max');
    await engine.open[3]!.answer(0);
    await vi.advanceTimersByTimeAsync(600);
    expect(results.shown?.total).toBe(0);
    await typed(results, 'from:ma');
    await engine.open[4]!.answer(5);
    void results.commit('from:max');
    await engine.open[5]!.answer(0);
    expect(results.shown?.total).toBe(0);
  });

  it('takes the last word as whole on Enter, and searches the scope', async () => {
    const engine = new Slow();
    const results = new Results(engine.ask);
    results.narrow({ source: 4, folder: 9, label: 'Inbox' });
    await vi.advanceTimersByTimeAsync(0);
    await engine.open[0]!.answer(1);
    void results.commit('cap');
    expect(engine.open[1]?.request).toMatchObject({ query: 'cap', source: 4, folder: 9, as_you_type: false });
  });
});

describe('rows', () => {
  async function answered(total: number) {
    const engine = new Slow();
    const results = new Results(engine.ask);
    await typed(results, 'x');
    await engine.open[0]!.answer(total);
    return { engine, results };
  }

  it('are fetched page by page as they are wanted, each page once', async () => {
    const { engine, results } = await answered(1_000_000);
    results.want(0, 20);
    expect(engine.open.length).toBe(1);
    results.want(500_050, 500_120);
    results.want(500_050, 500_120);
    expect(engine.open.slice(1).map(({ request }) => request.offset)).toEqual([500_000, 500_100]);
    await engine.open[1]!.answer(1_000_000);
    expect(results.at(500_051)?.id).toBe(500_052);
    expect(results.at(700_000)).toBeUndefined();
  });

  it('that ran out of sight while waiting are not fetched', async () => {
    const { engine, results } = await answered(1_000_000);
    results.want(1_000, 1_200);
    for (let at = 2_000; at < 900_000; at += 10_000) results.want(at, at + 200);
    expect(engine.open.length).toBe(3);
    await engine.open[1]!.answer(1_000_000);
    expect(engine.open[3]?.request.offset).toBe(892_000);
  });

  it('of an older question do not land among those of a newer', async () => {
    const { engine, results } = await answered(1_000);
    results.want(300, 320);
    await typed(results, 'y');
    await engine.open[2]!.answer(1_000);
    await engine.open[1]!.answer(1_000);
    expect(results.at(300)).toBeUndefined();
  });
});

describe('refresh after a commit', () => {
  /** A library by date to which mail comes above. */
  function growing(total: number, undated = 0) {
    const state = { total, added: 0, asked: 0, generation: 1 };
    const row = (at: number): Hit => {
      const base = hit(Math.max(0, at));
      // Ids name the mail, whatever its place: new mail has ids above a million.
      const id = at < state.added ? 1_000_000 + at : at - state.added + 1;
      return {
        ...base,
        id,
        date: at >= state.added + total - undated ? null : 5_000_000 - (at - state.added),
      };
    };
    const ask = ({ offset, limit }: SearchRequest): Promise<SearchPage> => {
      state.asked += 1;
      const all = state.total + state.added;
      const length = Math.max(0, Math.min(limit, all - offset));
      return Promise.resolve({
        total: all,
        took_ms: 1,
        generation: state.generation,
        hits: Array.from({ length }, (_, at) => row(offset + at)),
      });
    };
    return { state, ask };
  }

  async function check(added: number, index: number, most: number) {
    const { state, ask } = growing(50_000);
    const results = new Results(ask);
    await results.commit('');
    results.want(index, index + 10);
    await vi.advanceTimersByTimeAsync(0);
    const held = results.at(index)!;
    state.added = added;
    state.asked = 0;
    const by = await results.refresh(() => ({ index, atTop: false }));
    expect(by).toBe(added);
    expect(results.at(index + added)?.id).toBe(held.id);
    expect(results.shown?.total).toBe(50_000 + added);
    expect(state.asked).toBeLessThanOrEqual(most);
  }

  it('holds on to the row that is being read', async () => {
    await check(0, 250, 1);
    await check(30, 250, 1);
    await check(4_321, 250, 20);
    await check(120_000, 49_000, 22);
  });

  it('shows what is new when the list is at its top', async () => {
    const { state, ask } = growing(1_000);
    const results = new Results(ask);
    await results.commit('');
    state.added = 5;
    expect(await results.refresh(() => ({ index: 0, atTop: true }))).toBe(0);
    expect(results.at(0)?.id).toBe(1_000_000);
    expect(results.shown?.total).toBe(1_005);
    expect(results.indexOf(1)).toBe(5);
  });

  it('does not begin the list anew', async () => {
    const { ask } = growing(1_000);
    const results = new Results(ask);
    await results.commit('');
    const serial = results.shown?.serial;
    await results.refresh(() => ({ index: 0, atTop: true }));
    expect(results.shown?.serial).toBe(serial);
  });
});
