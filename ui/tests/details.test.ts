import { fireEvent, render, screen, within } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import { badges, facts, rangeWords } from '../src/features/reader/details';
import Attachments from '../src/features/reader/Attachments.svelte';
import ItemCard from '../src/features/reader/ItemCard.svelte';
import type { DetailLine, Item, ItemKind } from '../src/ipc/generated/api';
import { details } from './dev/mail';
import { MemoryEngine } from './dev/memory';

const item = (kind: ItemKind, lines: DetailLine[] = details(kind), more: Partial<Item> = {}): Item => ({
  ...new MemoryEngine().call('show', { id: 1 }),
  kind,
  details: lines,
  ...more,
});

/** The facts of an item as lines: label, then what it says. */
const told = (one: Item) =>
  facts(one).map(({ label, said }) => {
    if (said.as === 'text') return `${label}: ${said.lines.join(' | ')}`;
    if (said.as === 'people')
      return `${label}: ${said.people.map(({ name, note }) => `${name} ${note}`.trim()).join(', ')}`;
    return `${label}: ${said.as === 'part' ? `${said.percent}%` : said.address}`;
  });

describe('what an item says beyond a message', () => {
  it('is told in the order in which one wants to read it', () => {
    expect(told(item('appointment'))).toEqual([
      'When: Friday 16 November 2001, 14:00–15:30 (UTC)',
      'Repeats: every 2 weeks on Friday, from 16 November 2001, 12 times in all | not on 28 December 2001 | moved: 2002-01-11 14:00 → 2002-01-14 09:00',
      'Where: Conference room 4, north building',
      'Organizer: Alice Moreau',
      'Attendees: Bruno Keller accepted, Carla Ng declined, Deniz Aydin no answer',
      'Optional: Elif Sahin tentative',
      'Own answer: accepted',
      'Shown as: out of office',
      'Reminder: 15 m',
    ]);
    expect(told(item('contact'))).toEqual([
      'Position: Head of scheduling',
      'Company: Northfield Pipelines',
      'E-mail: Grace Lindqvist',
      'Business: +47 22 00 00 00',
      'Mobile: +47 900 00 000',
      'Business address: Harbour Street 4\n0150 Oslo\nNorway',
      'Web: https://northfield.example/',
      'Birthday: 17 May 1965',
    ]);
    expect(told(item('task'))).toEqual([
      'Status: in progress',
      'Done: 40%',
      'Begins: 1 November 2001',
      'Due: 30 November 2001',
      'Owner: Bruno Keller',
    ]);
    expect(told(item('mail', []))).toEqual([]);
  });

  it('keeps what it has no words for', () => {
    const lines: DetailLine[] = [
      { key: 'shoe_size', value: { kind: 'number', value: 1043 } },
      { key: 'odd.flag', value: { kind: 'flag', value: false } },
    ];
    expect(told(item('contact', lines))).toEqual(['Shoe size: 1,043', 'Odd flag: no']);
  });

  it('tells times without doubt', () => {
    const check = (from: number, until: number | null, allDay: boolean, expected: string) =>
      expect(rangeWords(from, until, allDay)).toBe(expected);
    const at = Date.UTC(2024, 4, 17, 9);
    check(at, null, false, 'Friday 17 May 2024, 09:00 (UTC)');
    check(at, at, false, 'Friday 17 May 2024, 09:00 (UTC)');
    check(at, at + 86_400_000, false, 'Friday 17 May 2024, 09:00 to Saturday 18 May 2024, 09:00 (UTC)');
    check(Date.UTC(2024, 4, 17), Date.UTC(2024, 4, 18), true, 'Friday 17 May 2024, all day');
    check(
      Date.UTC(2024, 4, 17),
      Date.UTC(2024, 4, 19),
      true,
      'Friday 17 May 2024 to Saturday 18 May 2024, all day',
    );
    // Written down in Denver and in Tokyo: the same day.
    for (const hours of [6, -9])
      check(Date.UTC(2024, 4, 17, hours), Date.UTC(2024, 4, 18, hours), true, 'Friday 17 May 2024, all day');
  });

  it('is marked at a glance where it matters', () => {
    const check = (more: Partial<Item>, ...expected: string[]) =>
      expect(badges(item('mail', more.details ?? [], more)).map(({ text }) => text)).toEqual(expected);
    check({});
    check({ importance: 'high', protection: 'signed', unread: true }, 'important', 'signed', 'unread');
    check({ recovered: 'doubtful', gone: true }, 'recovered, doubtful', 'gone');
    check({ recovered: 'certain' }, 'recovered');
    // What people say of it has a line of its own.
    check({
      conversation: 3,
      duplicates: 2,
      marked: true,
      reviewed: true,
      tags: ['hot'],
      note: 'Ask counsel',
    });
    check({ details: [{ key: 'canceled', value: { kind: 'flag', value: true } }] }, 'canceled');
    check({ details: [{ key: 'step', value: { kind: 'text', value: 'declined' } }] }, 'declines');
  });

  it('leads from a person to the mail with them, and asks before it leads out', async () => {
    const onperson = vi.fn();
    const onlink = vi.fn();
    render(ItemCard, { item: item('contact'), onperson, onlink });
    await fireEvent.click(within(screen.getByTestId('item-card')).getByText('https://northfield.example/'));
    expect(onlink).toHaveBeenCalledWith('https://northfield.example/');
    await fireEvent.click(screen.getByText('Grace Lindqvist'));
    expect(onperson).toHaveBeenCalledWith('grace@example.org');
  });
});

describe('what is attached', () => {
  const [file, message] = item('note', []).attachments;

  function show(attachments: Item['attachments']) {
    const nothing = () => undefined;
    const acts = { onopen: nothing, onsave: nothing, ondrag: nothing };
    render(Attachments, { attachments, available: true, ...acts });
    return screen.getAllByTestId('attachment').map((one) => one.textContent.replace(/\s+/g, ' ').trim());
  }

  it('says what the search found inside, and shows that first', () => {
    expect(show([file!, { ...message!, matched: true }])).toEqual([
      'Letter to Northfield 31 KB · message · matched inside',
      'Capacity by month.xls 84 KB',
    ]);
  });

  it('says nothing of a search that found nothing inside', () => {
    expect(show([file!, { ...message!, matched: false }]).join()).not.toContain('matched');
  });
});
