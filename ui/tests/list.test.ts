import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { tick } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import type { Hit } from '../src/ipc/generated/api';
import ResultList from '../src/features/list/ResultList.svelte';
import { hit } from './dev/memory';

const MILLION = 1_000_000;

function show(more: Partial<Parameters<typeof render<typeof ResultList>>[1]> & Record<string, unknown> = {}) {
  const want = vi.fn<(first: number, last: number) => void>();
  const onselect = vi.fn<(row: Hit) => void>();
  const onopen = vi.fn<(row: Hit) => void>();
  const onsort = vi.fn();
  const props = {
    rows: {
      at: (index: number): Hit | undefined => (index < MILLION ? hit(index, 'capacity') : undefined),
      indexOf: (id: number) => id - 1,
      want,
      range: (first: number, last: number) =>
        Promise.resolve(Array.from({ length: last - first }, (_, at) => hit(first + at, 'capacity'))),
    },
    total: MILLION as number | null,
    tookMs: 4,
    asked: '',
    serial: 1,
    sort: 'newest' as const,
    selected: null as number | null,
    narrowed: false,
    fielded: false,
    importing: false,
    onsort,
    ondrag: vi.fn(),
    onselect,
    onopen,
    onclear: () => undefined,
    ...more,
  };
  const view = render(ResultList, props);
  return { ...view, want, onselect, onopen, onsort, list: view.component };
}

const rows = () => screen.queryAllByTestId('result-row');
const indexes = () => rows().map((row) => Number(row.dataset['index']));

async function scroll(to: number) {
  const list = screen.getByTestId('result-list');
  list.scrollTop = to;
  await fireEvent.scroll(list);
  await tick();
}

const key = (name: string, more: KeyboardEventInit = {}) =>
  new KeyboardEvent('keydown', { key: name, ...more });

describe('a list of a million rows', () => {
  it('draws only the rows in sight, and a few around them', () => {
    const { want } = show();
    expect(indexes()[0]).toBe(0);
    expect(rows().length).toBeGreaterThanOrEqual(10);
    expect(rows().length).toBeLessThanOrEqual(20);
    expect(want).toHaveBeenLastCalledWith(0, rows().length);
  });

  it('keeps its element below the height that browsers allow', () => {
    show();
    const space = screen.getByTestId('result-list').firstElementChild as HTMLElement;
    expect(parseFloat(space.style.height)).toBe(15_000_000);
  });

  it('shows the last row at the end of the scrollbar', async () => {
    show();
    await scroll(15_000_000 - 760);
    expect(indexes().at(-1)).toBe(MILLION - 1);
    expect(rows().length).toBeLessThanOrEqual(20);
  });

  it('moves by the wheel as far as the wheel says, also where the scrollbar runs faster', async () => {
    show();
    await scroll(7_000_000);
    const before = indexes()[0]!;
    expect(before).toBeGreaterThan(400_000);
    await scroll(7_000_000 + 76 * 5);
    expect(indexes()[0]).toBe(before + 5);
  });

  it('lends the elements of rows that leave to those that come, and keeps their order', async () => {
    show();
    await scroll(76 * 100);
    const before = rows();
    for (const [to, last] of [
      [76 * 103, 121],
      [76 * 101 + 40, 119],
      [76 * 5_000, 5_018],
    ] as const) {
      await scroll(to);
      expect(new Set(rows())).toEqual(new Set(before));
      expect(indexes()).toEqual(before.map((_, at) => last + 1 - before.length + at));
      expect(rows().at(-1)?.dataset['id']).toBe(String(last + 1));
    }
  });

  it('tells screen readers where a row stands', () => {
    show();
    expect(rows()[3]?.getAttribute('aria-posinset')).toBe('4');
    expect(rows()[3]?.getAttribute('aria-setsize')).toBe('1000000');
  });

  it('asks for rows that are not there and says that they load', () => {
    show({ rows: { at: () => undefined, indexOf: () => null, want: () => undefined } });
    expect(rows().length).toBeGreaterThan(9);
    expect(screen.getAllByLabelText('Loading').length).toBe(rows().length);
  });
});

describe('keys', () => {
  it('move and select', async () => {
    const { list, onselect } = show();
    for (const [name, index] of [
      ['j', 0],
      ['j', 1],
      ['ArrowDown', 2],
      ['k', 1],
      ['ArrowUp', 0],
      ['ArrowUp', 0],
      ['PageDown', 10],
      ['PageUp', 0],
      ['End', MILLION - 1],
      ['Home', 0],
    ] as const) {
      expect(list.press(key(name))).toBe(true);
      await waitFor(() => expect(onselect.mock.lastCall?.[0].id, name).toBe(index + 1));
    }
  });

  it('bring the row in sight', async () => {
    const { list } = show();
    list.press(key('End'));
    await waitFor(() => expect(indexes().at(-1)).toBe(MILLION - 1));
  });

  it('open with Enter what is selected', async () => {
    const { list, onopen, onselect } = show();
    expect(list.press(key('Enter'))).toBe(false);
    list.press(key('j'));
    await waitFor(() => expect(onselect).toHaveBeenCalledOnce());
    expect(list.press(key('Enter'))).toBe(true);
    expect(onopen.mock.lastCall?.[0].id).toBe(1);
  });

  it('leave alone what is not theirs', () => {
    const { list, onselect } = show();
    expect(list.press(key('j', { ctrlKey: true }))).toBe(false);
    expect(list.press(key('x'))).toBe(false);
    expect(onselect).not.toHaveBeenCalled();
  });
});

describe('the rest of the list', () => {
  it('marks matches and names the number of results', () => {
    show();
    expect(screen.getByTestId('total').textContent).toBe('1,000,000');
    expect(rows()[0]?.querySelector('mark')?.textContent).toBe('capacity');
  });

  it('carries the ids of its items and shows which is selected', () => {
    show({ selected: 3 });
    expect(rows()[2]?.dataset['id']).toBe('3');
    expect(rows().filter((row) => row.getAttribute('aria-selected') === 'true')).toEqual([rows()[2]]);
  });

  it('stays with the rows that are being read when others come above', async () => {
    const { list } = show();
    await scroll(76 * 100);
    const before = indexes()[0]!;
    list.shift(25);
    await waitFor(() => expect(indexes()[0]).toBe(before + 25));
  });

  it('stays where it is when mail comes below, and begins anew with a new question', async () => {
    for (const total of [5_000, MILLION]) {
      const { rerender, unmount } = show({ total });
      await scroll(76 * 1_000);
      const before = indexes()[0]!;
      expect(before).toBeGreaterThan(900);
      await rerender({ total: total + 500 });
      expect(indexes()[0]).toBe(before);
      await rerender({ serial: 2 });
      expect(indexes()[0]).toBe(0);
      unmount();
    }
  });

  it('says what to do when nothing is found', () => {
    show({ total: 0, narrowed: true });
    expect(screen.getByText('Nothing found')).toBeTruthy();
    expect(rows()).toEqual([]);
  });

  it('offers the orders', async () => {
    const { onsort } = show();
    await fireEvent.click(screen.getByTestId('sort'));
    expect(screen.getAllByRole('menuitemradio').map((item) => item.textContent.trim())).toEqual([
      'Newest',
      'Oldest',
      'Relevance',
      'Size',
      'Sender',
    ]);
    await fireEvent.click(screen.getByRole('menuitemradio', { name: 'Size' }));
    expect(onsort).toHaveBeenCalledWith('size');
    expect(screen.queryByRole('menu')).toBeNull();
  });
});
