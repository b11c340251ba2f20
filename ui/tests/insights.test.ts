import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import { layout, pairs } from '../src/features/insights/graph';
import { named } from '../src/features/insights/names';
import Timeline from '../src/features/insights/Timeline.svelte';
import { periods, ticks, words } from '../src/features/insights/timeline';
import { bucket, hourTerm, isSized, sizeTerm, toggleSize, typeName } from '../src/features/insights/words';
import type { Insights, People } from '../src/ipc/generated/api';
import { zoneChoice } from '../src/shared/lib/zone.svelte';
import { insights, people } from './dev/charts';
import { asked, closeAfterEach, full, open, press } from './dev/window';

closeAfterEach();

describe('names in the graph', () => {
  const node = (x: number, y: number, count: number, text = 'Marta Lindqvist') => ({
    x,
    y,
    r: 6,
    count,
    text,
  });
  /** Each name by its person and where it stands: below, above, right or left of its dot. */
  const check = (nodes: ReturnType<typeof node>[], expected: string[]) => {
    const way = (at: number, placed: { x: number; y: number; anchor: string }) => {
      const level = placed.y - nodes[at]!.y;
      return level > 6 ? 'below' : level < -6 ? 'above' : placed.anchor === 'start' ? 'right' : 'left';
    };
    const found = [...named(nodes, 400)].map(([at, placed]) => `${at} ${way(at, placed)}`);
    expect(found.sort()).toEqual(expected);
  };

  it('are written where they touch neither each other nor a person, the busiest first', () => {
    check([node(100, 100, 1)], ['0 below']);
    check([node(100, 100, 1), node(300, 100, 1)], ['0 below', '1 below']);
    check([node(100, 100, 1), node(160, 100, 9)], ['0 above', '1 below']);
    check([node(100, 100, 9), node(100, 115, 1)], ['0 above', '1 below']);
    check([node(100, 100, 2, '森 春香'), node(150, 100, 1, 'A')], ['0 below', '1 below']);
    check([], []);
  });

  it('stay within the chart, and away from the dots of others', () => {
    check([node(5, 100, 1)], ['0 right']);
    check([node(395, 100, 1)], ['0 left']);
    check([node(395, 100, 1), node(300, 100, 9, 'A')], ['1 below']);
    // Just below, it would begin beside the dot of another and be taken for theirs.
    check([node(100, 100, 9), node(42, 112, 1, 'A')], ['0 above', '1 below']);
    const crowd = [0, 1, 2, 3, 4].flatMap((row) =>
      [0, 1, 2, 3].map((x) => node(180 + 14 * x, 80 + 14 * row, 1)),
    );
    expect(named(crowd, 400).size).toBeLessThan(crowd.length);
  });
});

describe('the timeline', () => {
  const bars = (by_month: [string, number][], by_day: [string, number][] = []) =>
    periods({
      ...insights(0),
      by_month: by_month.map(([month, count]) => ({ month, count })),
      by_day: by_day.map(([day, count]) => ({ day, count })),
    } as Insights).map(({ name, count }) => `${name} ${count}`);

  it('has a bar for each day, month or year, empty ones too', () => {
    expect(bars([])).toEqual([]);
    expect(bars([['2001-11', 3], ['2002-01', 2]])).toEqual(['2001-11 3', '2001-12 0', '2002-01 2']); // prettier-ignore
    expect(bars([['2001-11', 2]], [['2001-11-30', 1], ['2001-12-02', 1]])).toEqual(['2001-11-30 1', '2001-12-01 0', '2001-12-02 1']); // prettier-ignore
    const years = bars([['1985-03', 1], ['2012-05', 4], ['2012-06', 1]]); // prettier-ignore
    expect([years[0], years.at(-1), years.length]).toEqual(['1985 1', '2012 5', 28]);
  });

  it('leaves out what a wrong clock dates, unless there is nothing else', () => {
    expect(bars([['1601-01', 9], ['2001-11', 3]])).toEqual(['2001-11 3']); // prettier-ignore
    expect(bars([['1601-01', 9]])).toEqual(['1601-01 9']);
  });

  it('says its periods and its axis in words', () => {
    const [bar] = periods({ ...insights(100), by_month: [{ month: '2001-11', count: 1 }] });
    expect(words(bar!)).toBe('November 2001');
    const labels = ticks(periods(insights(1000)), 5).map(({ label }) => label);
    expect(labels).toEqual(['1995', '1997', '1999', '2001', '2003']);
  });

  it('says of days in which year they are, once for each year', () => {
    const by_day = ['2001-12-30', '2002-01-02'].map((day) => ({ day, count: 1 }));
    const days = periods({ ...insights(100), by_day });
    const labels = (most: number) => ticks(days, most).map(({ label }) => label);
    expect(labels(9)).toEqual(['30 Dec 2001', '31 Dec', '1 Jan 2002', '2 Jan']);
    expect(labels(2)).toEqual(['30 Dec 2001', '1 Jan 2002']);
  });

  it('is brushed by keyboard', async () => {
    const onchoose = vi.fn();
    const onclear = vi.fn();
    render(Timeline, { bars: periods(insights(1000)), chosen: { from: 0, until: 1 }, onchoose, onclear });
    const slider = screen.getByTestId('timeline');
    slider.focus();
    await fireEvent.keyDown(slider, { key: 'ArrowRight' });
    await fireEvent.keyDown(slider, { key: 'ArrowRight' });
    expect(slider.getAttribute('aria-valuetext')).toContain('February 1995');
    await fireEvent.keyDown(slider, { key: 'ArrowRight', shiftKey: true });
    await fireEvent.keyDown(slider, { key: 'ArrowRight', shiftKey: true });
    await fireEvent.keyDown(slider, { key: 'Enter' });
    expect(onchoose).toHaveBeenCalledWith('1995-02', '1995-04');
    await fireEvent.keyDown(slider, { key: 'Escape' });
    expect(onclear).toHaveBeenCalledOnce();
  });
});

describe('the graph of people', () => {
  const of = (links: [number, number, number][]): People => ({
    ...people(),
    links: links.map(([from, to, count]) => ({ from, to, count, first: null, last: null })),
  });

  it('joins both directions of two, and nobody to himself', () => {
    expect(pairs(of([[0, 1, 5], [1, 0, 2], [2, 2, 9], [0, 99, 1]]), 10)).toEqual([{ a: 0, b: 1, count: 7, there: 5, back: 2 }]); // prettier-ignore
  });

  it('lies within its box, the same each time', () => {
    const graph = layout(people(), 12);
    expect(graph.nodes).toHaveLength(12);
    for (const { x, y, r } of graph.nodes) {
      expect(x >= 0 && x <= 1 && y >= 0 && y <= 1 && r > 0).toBe(true);
    }
    expect(layout(people(), 12)).toEqual(graph);
    expect(layout(of([]), 12)).toEqual({ nodes: [], edges: [] });
    expect(layout(of([[0, 1, 1]]), 12).nodes).toHaveLength(2);
  });
});

describe('words of the charts', () => {
  it('name sizes as the query language does', () => {
    expect([0, 512, 10_240, 1_048_576, 2 ** 30].map(sizeTerm)).toEqual(['0', '512', '10kb', '1mb', '1gb']);
    expect(bucket(0, 10_240)).toBe('under 10 KB');
    expect(bucket(10_240, 102_400)).toBe('10–100 KB');
    expect(bucket(102_400, 1_048_576)).toBe('100 KB–1 MB');
    expect(bucket(10_485_760, null)).toBe('over 10 MB');
    expect([typeName('pdf'), typeName('q7'), typeName('')]).toEqual(['PDF', 'q7', 'No extension']);
  });

  it('name an hour of the week', () => {
    expect(hourTerm(0, 0)).toBe('mon 0');
    expect(hourTerm(6, 23)).toBe('sun 23');
  });

  it('set one range of sizes', () => {
    const once = toggleSize('gas smaller:1kb', 10_240, 102_400);
    expect(once).toBe('gas larger:>=10kb smaller:100kb');
    expect(isSized(once, 10_240, 102_400)).toBe(true);
    expect(toggleSize(once, 10_240, 102_400)).toBe('gas');
    expect(toggleSize(once, 10_485_760, null)).toBe('gas larger:>=10mb');
  });
});

describe('the insights of a window', () => {
  const last = (engine: ReturnType<typeof open>, name: string) =>
    (asked(engine, name) as { query: string; source?: number; folder?: number }[]).at(-1);

  it('follow the search, and each mark changes it', async () => {
    const engine = open(full());
    await fireEvent.click(await screen.findByTestId('view-insights'));
    const senders = await screen.findByTestId('senders');
    expect(last(engine, 'insights')).toMatchObject({ query: '', top: 20 });
    await fireEvent.click(within(senders).getByRole('button', { name: /Alice Moreau/ }));
    await waitFor(() => expect(last(engine, 'insights')?.query).toBe('from:alice@example.org'));
    expect((await screen.findByTestId('token')).textContent).toContain('from:alice@example.org');
    await fireEvent.click(within(screen.getByTestId('senders')).getByRole('button', { pressed: true }));
    await waitFor(() => expect(last(engine, 'search')?.query).toBe(''));
    const map = screen.getByTestId('heat-map');
    await fireEvent.keyDown(map, { key: 'ArrowRight' });
    await fireEvent.keyDown(map, { key: 'ArrowRight' });
    await fireEvent.keyDown(map, { key: 'Enter' });
    await waitFor(() => expect(last(engine, 'search')?.query).toBe('hour:"mon 1"'));
    await waitFor(() => expect(map.querySelectorAll('.asked')).toHaveLength(1));
    await fireEvent.keyDown(map, { key: ' ' });
    await waitFor(() => expect(last(engine, 'search')?.query).toBe(''));
    await fireEvent.click(screen.getAllByTestId('pair')[0]!);
    await waitFor(() => expect(last(engine, 'search')?.query).toMatch(/^participants:\S+ participants:\S+$/));
  });

  it('tell hours by the clock of the reader or the sender', async () => {
    const engine = open(full());
    await fireEvent.click(await screen.findByTestId('view-insights'));
    await fireEvent.click(await screen.findByTestId('clock-sender'));
    screen.getByText('250 tell no zone');
    const map = screen.getByTestId('heat-map');
    await fireEvent.keyDown(map, { key: 'ArrowRight' });
    await fireEvent.keyDown(map, { key: 'Enter' });
    await waitFor(() => expect(last(engine, 'search')?.query).toBe('sent_hour:"mon 0"'));
    await waitFor(() => expect(map.querySelectorAll('.asked')).toHaveLength(1));
    await fireEvent.click(screen.getByTestId('clock-reader'));
    expect(map.querySelectorAll('.asked')).toHaveLength(0);
    await fireEvent.keyDown(map, { key: 'Enter' });
    await waitFor(() => expect(last(engine, 'search')?.query).toBe('sent_hour:"mon 0" hour:"mon 0"'));
  });

  it('are asked from the zone that was chosen, and anew from another', async () => {
    const engine = open(full());
    await fireEvent.click(await screen.findByTestId('view-insights'));
    await screen.findByTestId('insights');
    const zones = (name: string) =>
      engine.asked
        .filter((one) => one.name === name)
        .map(({ request }) => (request as { zone: string }).zone);
    const own = new Intl.DateTimeFormat('en').resolvedOptions().timeZone;
    for (const name of ['search', 'insights', 'people', 'replies']) {
      await waitFor(() => expect(new Set(zones(name))).toEqual(new Set([own])));
    }
    zoneChoice.choose('Pacific/Auckland');
    for (const name of ['search', 'insights', 'people', 'replies']) {
      await waitFor(() => expect(zones(name).at(-1)).toBe('Pacific/Auckland'));
    }
    zoneChoice.choose(null);
    await waitFor(() => expect(zones('search').at(-1)).toBe(own));
  });

  it('are left by keyboard, and come back by keyboard', async () => {
    open(full());
    await screen.findByTestId('result-list');
    await press('g');
    await press('i');
    await screen.findByTestId('insights');
    await press('Escape');
    await waitFor(() => expect(screen.queryByTestId('insights')).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(screen.getByTestId('result-list')));
    await press('g');
    await press('p');
    await screen.findByTestId('people');
  });

  it('name people, and sort them', async () => {
    const engine = open(full());
    await fireEvent.click(await screen.findByTestId('view-people'));
    const names = () =>
      screen.getAllByTestId('correspondent').map((one) => one.querySelector('b')?.textContent);
    await waitFor(() => expect(names()[0]).toBe('Alice Moreau'));
    await fireEvent.click(screen.getByRole('button', { name: 'Received' }));
    await fireEvent.click(screen.getByRole('button', { name: 'Received' }));
    expect(names()[0]).toBe('Outside counsel');
    await fireEvent.click(screen.getAllByTestId('correspondent')[0]!);
    await waitFor(() => expect(last(engine, 'people')?.query).toBe('participants:outside@example.org'));
  });
});
