import { describe, expect, it } from 'vitest';
import {
  asksUnknown,
  add,
  dates,
  has,
  isFlat,
  quote,
  set,
  setDates,
  terms,
  toggle,
  valueOf,
  without,
} from '../src/shared/lib/query';

describe('a query', () => {
  it('is cut into its terms', () => {
    const check = (query: string, ...expected: string[]) => {
      const found = terms(query);
      expect(found.map(({ text }) => text)).toEqual(expected);
      for (const { text, start, end } of found) expect(query.slice(start, end)).toBe(text);
    };
    check('');
    check('  gas   coal ', 'gas', 'coal');
    check('from:alice "open season" -draft', 'from:alice', '"open season"', '-draft');
    check('from:"Alice Moreau" x', 'from:"Alice Moreau"', 'x');
    check('a (b OR "c d") e', 'a', '(b OR "c d")', 'e');
    check('a "never closed', 'a', '"never closed');
    check('a) b', 'a)', 'b');
    expect(terms('Subject:"open season"')[0]).toMatchObject({ field: 'subject', value: 'open season' });
    expect(terms('from:„al mo“ tea')[0]).toMatchObject({ field: 'from', value: 'al mo' });
    expect(terms('https://example.org')[0]?.field).toBe('https');
  });

  it('knows whether its terms stand alone', () => {
    const check = (query: string, flat: boolean) => expect(isFlat(query), query).toBe(flat);
    check('a b -c', true);
    check('a (b OR c)', true);
    check('a OR b', false);
    check('NOT a', false);
    check('"a OR b"', true);
  });

  it('takes another term once, and holds what is joined by OR together', () => {
    const check = (query: string, term: string, expected: string) => expect(add(query, term)).toBe(expected);
    check('', 'a:b', 'a:b');
    check(' x ', 'a:b', 'x a:b');
    check('x A:B', 'a:b', 'x A:B');
    check('x OR y', 'a:b', '(x OR y) a:b');
  });

  it('has one value for a field that a mark sets, and loses it when the mark is chosen again', () => {
    expect(set('gas sender:bruno', 'from', 'alice@example.org')).toBe('gas from:alice@example.org');
    expect(set('', 'from', 'Alice "A" Moreau')).toBe('from:"Alice  A  Moreau"');
    expect(toggle('gas from:alice', 'from', 'Alice')).toBe('gas');
    expect(toggle('gas', 'kind', 'task')).toBe('gas kind:task');
    expect(has('FROM:"Alice Moreau"', 'from', 'alice moreau')).toBe(true);
    expect(has('a OR from:b', 'from', 'b')).toBe(false);
    expect(valueOf('gas weekday:"sat..sun"', 'hour')).toBe('sat..sun');
    expect(valueOf('gas', 'hour')).toBe('');
    expect(valueOf('a OR hour:9', 'hour')).toBe('');
    expect(without('a OR b', () => true)).toBe('a OR b');
    expect([quote('a b'), quote('a'), quote('a(b'), quote('')]).toEqual(['"a b"', 'a', '"a(b"', '""']);
  });

  it('has one span of dates', () => {
    const check = (first: string, last: string, expected: string) =>
      expect(setDates('gas before:1999 during:2000', first, last)).toBe(`gas ${expected}`);
    check('2001-11', '2001-11', 'during:2001-11');
    check('2001-01', '2001-12', 'during:2001');
    check('2001-11', '2002-12', 'after:2001-11 before:2003-01');
    check('2001-11', '2002-01', 'after:2001-11 before:2002-02');
    check('2001-12-31', '2001-12-31', 'during:2001-12-31');
    check('2000-02-27', '2000-02-29', 'after:2000-02-27 before:2000-03-01');
  });

  it('tells its span of dates', () => {
    const check = (query: string, from: number | null, until: number | null) =>
      expect(dates(query)).toEqual(
        from === null && until === null ? null : { from: from ?? -Infinity, until: until ?? Infinity },
      );
    check('gas', null, null);
    check('during:2001', Date.UTC(2001, 0), Date.UTC(2002, 0));
    check('during:2001/3', Date.UTC(2001, 2), Date.UTC(2001, 3));
    check('after:2001-11 before:2002-02', Date.UTC(2001, 10), Date.UTC(2002, 1));
    check('before:2002', null, Date.UTC(2002, 0));
    check('during:2001 OR x', null, null);
    check('during:soon', null, null);
  });
});

describe('names of fields', () => {
  it('are told from what is none', () => {
    const fields = new Set(['from', 'has']);
    const check = (query: string, expected: boolean) =>
      expect(asksUnknown(query, fields), query).toBe(expected);
    check('zeppelin from:nobody', false);
    check('FROM:nobody -has:attachment', false);
    check('form:alice', true);
    check('gas (foo:bar)', true);
    check('at 12:30', false);
    check('foo: bar', false);
  });
});
