import { describe, expect, it } from 'vitest';
import { drawnRows, ScrollScale, visibleRows } from '../src/shared/virtual/scale';

describe('visible rows', () => {
  function check(top: number, count: number, first: number, last: number) {
    expect(visibleRows(top, 760, 76, count, 2)).toEqual({ first, last });
  }

  it('covers the viewport and a little more', () => {
    check(0, 1_000, 0, 13);
    check(76 * 100, 1_000, 98, 113);
    check(76 * 100 + 1, 1_000, 98, 113);
  });

  it('draws as many wherever it stands', () => {
    for (const top of [0, 1, 75, 76, 77]) {
      const { first, last } = visibleRows(76 * 100 + top, 760, 76, 1_000, 2);
      expect(last - first).toBe(drawnRows(760, 76, 2));
    }
  });

  it('stays within the list', () => {
    check(0, 0, 0, 0);
    check(0, 3, 0, 3);
    check(76 * 990, 1_000, 988, 1_000);
    check(76 * 5_000, 10, 10, 10);
  });
});

describe('scroll scale', () => {
  const rows = 76_000_000;
  const viewport = 760;

  it('leaves a list below the cap as it is', () => {
    const scale = new ScrollScale(50_000, 15_000_000);
    expect(scale.exact).toBe(true);
    for (const at of [0, 1, 777, 49_240]) expect(scale.toList(at)).toBe(at);
  });

  it('never makes the element taller than the cap', () => {
    expect(new ScrollScale(rows, 15_000_000).height).toBe(15_000_000);
    expect(new ScrollScale(rows * 1000, 15_000_000).height).toBe(15_000_000);
  });

  it('meets both ends', () => {
    const scale = new ScrollScale(rows, 15_000_000);
    expect(scale.toList(0)).toBe(0);
    expect(scale.toList(scale.height - viewport)).toBe(rows - viewport);
    expect(scale.toElement(rows - viewport)).toBe(scale.height - viewport);
  });

  it('rises steadily and is undone by its inverse', () => {
    const scale = new ScrollScale(rows, 15_000_000);
    let before = -1;
    for (let at = 0; at <= scale.height; at += 12_345) {
      const list = scale.toList(at);
      expect(list).toBeGreaterThan(before);
      expect(scale.toElement(list)).toBeCloseTo(at, 3);
      before = list;
    }
  });

  it('moves pixel by pixel near the ends', () => {
    const scale = new ScrollScale(rows, 15_000_000);
    expect(scale.toList(5_000)).toBe(5_000);
    expect(scale.full - scale.toList(scale.height - 5_000)).toBe(5_000);
  });
});
