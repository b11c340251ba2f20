import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { actionWords, doneWords, undoable } from '../src/features/review/words';
import type { Action } from '../src/ipc/generated/api';
import { asked, closeAfterEach, full, open, press, searched } from './dev/window';

closeAfterEach();

const rows = () => screen.getAllByTestId('result-row');

async function opened() {
  const engine = open(full());
  await waitFor(() => expect(rows()[0]?.dataset['id']).toBe('1'));
  return engine;
}

async function reading() {
  const engine = await opened();
  await fireEvent.click(rows()[0]!);
  await screen.findByTestId('review-bar');
  return engine;
}

describe('words', () => {
  it('say what was done', () => {
    expect(doneWords({ kind: 'tag', value: 'hot' }, 1_234)).toBe('1,234 items were tagged hot');
    expect(doneWords({ kind: 'flag', value: true }, 1)).toBe('1 item was flagged');
    expect(doneWords({ kind: 'reviewed', value: false }, 2)).toBe('2 items count as not looked through');
    expect(doneWords({ kind: 'note', value: '' }, 1)).toBe('1 item lost its note');
  });

  const entry = (id: number, what: string, undoes: number | null = null, items = 3): Action => ({
    id,
    at: 0,
    who: 'marta',
    what,
    value: 'hot',
    query: '',
    items,
    undoes,
  });

  it('say what an entry of the record is', () => {
    expect(actionWords(entry(1, 'tag'))).toBe('tagged 3 items hot');
    expect(actionWords(entry(2, 'undo', 1))).toBe('took back entry 1, on 3 items');
    expect(actionWords(entry(3, 'save', null, 0))).toBe('saved the search hot');
    const coloured = (value: string) => actionWords({ ...entry(4, 'colour', null, 0), value });
    expect(coloured('teal so hot')).toBe('made the tag so hot teal');
    expect(coloured('none hot')).toBe('took the colour from the tag hot');
  });

  it('tell what can be taken back', () => {
    const check = (id: number, expected: boolean, ...all: Action[]) =>
      expect(
        undoable(
          all.find((one) => one.id === id)!,
          all,
        ),
      ).toBe(expected);
    check(1, true, entry(1, 'tag'));
    check(1, false, entry(2, 'undo', 1), entry(1, 'tag'));
    check(2, true, entry(2, 'undo', 1), entry(1, 'tag'));
    check(1, true, entry(3, 'undo', 2), entry(2, 'undo', 1), entry(1, 'tag'));
    check(1, false, entry(1, 'save', null, 0));
  });
});

describe('what is said of a message', () => {
  it('is said by key, seen at once in list and reader, and taken back', async () => {
    const engine = await reading();
    await press('s');
    expect(screen.getByTestId('flag').getAttribute('aria-pressed')).toBe('true');
    expect(within(rows()[0]!).getByLabelText('Flagged')).toBeTruthy();
    expect(asked(engine, 'review')).toEqual([{ change: { kind: 'flag', value: true }, ids: [1] }]);
    await waitFor(() => expect(screen.getByTestId('flagged').textContent).toContain('1'));
    await press('r');
    expect(within(rows()[0]!).getByLabelText('Looked through')).toBeTruthy();
    await press('z', { ctrlKey: true });
    await waitFor(() => expect(screen.getByTestId('reviewed').getAttribute('aria-pressed')).toBe('false'));
    expect(screen.getByTestId('flag').getAttribute('aria-pressed')).toBe('true');
    await press('s');
    expect(screen.getByTestId('flag').getAttribute('aria-pressed')).toBe('false');
  });

  it('is a tag, new or known, that is searched for and taken away', async () => {
    const engine = await reading();
    await press('t');
    const input = await screen.findByTestId('tag-input');
    await fireEvent.input(input, { target: { value: 'hot' } });
    expect(screen.getByTestId('tag-option').textContent).toContain('New tag “hot”');
    await fireEvent.keyDown(input, { key: 'Enter' });
    await waitFor(() => expect(screen.getByTestId('tags').textContent).toContain('hot'));
    expect(asked(engine, 'review').at(-1)).toEqual({ change: { kind: 'tag', value: 'hot' }, ids: [1] });
    await waitFor(() => expect(screen.getByTestId('row-tag').textContent).toBe('hot'));
    // Known now: completed, and ticked.
    await fireEvent.input(input, { target: { value: 'h' } });
    const option = (await screen.findAllByTestId('tag-option')).find((one) =>
      one.textContent.trim().startsWith('hot'),
    )!;
    expect(option.getAttribute('aria-selected')).toBe('true');
    (screen.getByTestId('tag-dialog') as HTMLDialogElement).close();
    // A colour for it shows wherever the tag does.
    await fireEvent.click(await screen.findByTestId('tag-menu'));
    await fireEvent.click(screen.getByRole('menuitemradio', { name: 'Teal' }));
    await waitFor(() => expect(asked(engine, 'colour_tag')).toEqual([{ name: 'hot', colour: 'teal' }]));
    for (const place of ['row-tag', 'tag', 'tags'])
      await waitFor(() =>
        expect(screen.getByTestId(place).querySelector('[data-colour]')?.getAttribute('data-colour')).toBe(
          'teal',
        ),
      );
    await fireEvent.click(await screen.findByTestId('tag'));
    await waitFor(() => expect(searched(engine).at(-1)).toMatchObject({ query: 'tag:hot' }));
    await fireEvent.click(screen.getByTestId('untag'));
    await waitFor(() => expect(screen.queryByTestId('tags')).toBeNull());
  });

  it('is a note', async () => {
    const engine = await reading();
    await press('n');
    const input = await screen.findByTestId<HTMLTextAreaElement>('note-input');
    await waitFor(() => expect(document.activeElement).toBe(input));
    await fireEvent.input(input, { target: { value: ' Ask counsel ' } });
    await fireEvent.keyDown(input, { key: 'Enter', ctrlKey: true });
    await waitFor(() => expect(screen.getByTestId('note').textContent).toContain('Ask counsel'));
    expect(asked(engine, 'review')).toEqual([{ change: { kind: 'note', value: 'Ask counsel' }, ids: [1] }]);
    expect(within(rows()[0]!).getByLabelText('Has a note')).toBeTruthy();
  });

  it('is taken out of sight again when it fails', async () => {
    const engine = await reading();
    engine.refuse = 'review';
    await press('s');
    expect((await screen.findByTestId('notice')).textContent).toContain('Nothing was changed');
    await waitFor(() => expect(screen.getByTestId('flag').getAttribute('aria-pressed')).toBe('false'));
  });
});

describe('several rows', () => {
  const chosen = () => screen.queryByTestId('chosen')?.textContent;

  it('are chosen by key and pointer, flagged at once, and taken back at once', async () => {
    const engine = await opened();
    screen.getByTestId('result-list').focus();
    await press('x');
    expect(chosen()).toBe('1');
    await press('ArrowDown', { shiftKey: true });
    await press('ArrowDown', { shiftKey: true });
    await waitFor(() => expect(chosen()).toBe('3'));
    await fireEvent.click(rows()[6]!, { ctrlKey: true });
    await waitFor(() => expect(chosen()).toBe('4'));
    expect(rows().filter((row) => row.getAttribute('aria-selected') === 'true')).toHaveLength(4);
    await press('s');
    await waitFor(() =>
      expect(asked(engine, 'review')).toEqual([{ change: { kind: 'flag', value: true }, ids: [1, 2, 3, 7] }]),
    );
    const notice = await screen.findByTestId('notice');
    expect(notice.textContent).toContain('4 items were flagged');
    await fireEvent.click(within(notice).getByTestId('notice-act'));
    await waitFor(() => expect(asked(engine, 'undo_review')).toEqual([{ action: 1 }]));
    await press('Escape');
    expect(chosen()).toBeUndefined();
  });

  it('are a range with Shift, and one again with a plain click', async () => {
    await opened();
    await fireEvent.click(rows()[1]!);
    await fireEvent.click(rows()[5]!, { shiftKey: true });
    await waitFor(() => expect(chosen()).toBe('5'));
    await fireEvent.click(rows()[2]!, { shiftKey: true });
    await waitFor(() => expect(chosen()).toBe('2'));
    await fireEvent.click(rows()[4]!);
    expect(chosen()).toBeUndefined();
  });

  it('are all that the search finds, but a few', async () => {
    const engine = await opened();
    await fireEvent.input(screen.getByTestId('search-input'), { target: { value: 'capacity' } });
    await waitFor(() => expect(screen.getByTestId('total').textContent).toBe('67'));
    screen.getByTestId('result-list').focus();
    await press('a', { ctrlKey: true });
    expect(chosen()).toBe('67');
    await press('x');
    expect(chosen()).toBe('66');
    await fireEvent.click(screen.getByTestId('act-tag'));
    const input = await screen.findByTestId('tag-input');
    expect(screen.getByTestId('tag-dialog').textContent).toContain('Tag 66 items');
    await fireEvent.input(input, { target: { value: 'hot' } });
    await fireEvent.keyDown(input, { key: 'Enter' });
    await waitFor(() =>
      expect(asked(engine, 'review')).toEqual([
        { change: { kind: 'tag', value: 'hot' }, query: 'capacity', as_you_type: true, except: [1] },
      ]),
    );
    expect(screen.queryByTestId('tag-dialog')).toBeNull();
    // Another search is another choice.
    await fireEvent.input(screen.getByTestId('search-input'), { target: { value: 'lunch' } });
    await waitFor(() => expect(chosen()).toBeUndefined());
  });

  it('are exported', async () => {
    const engine = await opened();
    screen.getByTestId('result-list').focus();
    await press('x');
    await press('ArrowDown', { shiftKey: true });
    await waitFor(() => expect(chosen()).toBe('2'));
    await fireEvent.click(screen.getByTestId('act-export'));
    expect((await screen.findByTestId<HTMLInputElement>('export-chosen')).checked).toBe(true);
    await fireEvent.click(screen.getByTestId('export-start'));
    await waitFor(() => expect(asked(engine, 'export').at(-1)).toMatchObject({ format: 'eml', ids: [1, 2] }));
  });

  it('are too many one by one, and that is said', async () => {
    open({ ...full(), items: 1_000_000 });
    await waitFor(() => expect(rows()[0]?.dataset['id']).toBe('1'));
    screen.getByTestId('result-list').focus();
    await press('x');
    await press('End', { shiftKey: true });
    expect((await screen.findByTestId('notice')).textContent).toContain('At most 10,000 rows');
  });
});

describe('saved searches', () => {
  it('are saved, run, renamed, deleted, and put back', async () => {
    const engine = await opened();
    expect(screen.getByTestId<HTMLButtonElement>('save-search').disabled).toBe(true);
    await fireEvent.input(screen.getByTestId('search-input'), { target: { value: 'capacity' } });
    await waitFor(() => expect(screen.getByTestId('total').textContent).toBe('67'));
    await fireEvent.click(screen.getByTestId('save-search'));
    const input = await screen.findByTestId<HTMLInputElement>('name-input');
    expect(input.value).toBe('capacity');
    await fireEvent.input(input, { target: { value: 'Room' } });
    await fireEvent.click(screen.getByTestId('name-keep'));
    const saved = await screen.findByTestId('saved');
    await waitFor(() => expect(saved.textContent).toMatch(/Room\s*67/));
    await fireEvent.click(screen.getByTestId('all-mail'));
    await fireEvent.input(screen.getByTestId('search-input'), { target: { value: '' } });
    await waitFor(() => expect(screen.getByTestId('total').textContent).toBe('1,000'));
    await fireEvent.click(screen.getByTestId('saved'));
    await waitFor(() => expect(screen.getByTestId('total').textContent).toBe('67'));

    await fireEvent.click(screen.getByTestId('saved-menu'));
    await fireEvent.click(screen.getByRole('menuitem', { name: 'Rename…' }));
    await fireEvent.input(await screen.findByTestId('name-input'), { target: { value: 'Capacity desk' } });
    await fireEvent.click(screen.getByTestId('name-keep'));
    await waitFor(() => expect(screen.getByTestId('saved').textContent).toContain('Capacity desk'));
    expect(engine.review.saved.map(({ name }) => name)).toEqual(['Capacity desk']);

    await fireEvent.click(screen.getByTestId('saved-menu'));
    await fireEvent.click(screen.getByRole('menuitem', { name: 'Delete' }));
    await waitFor(() => expect(screen.queryByTestId('saved')).toBeNull());
    await fireEvent.click(await screen.findByTestId('notice-act'));
    await screen.findByTestId('saved');
  });
});

describe('the record', () => {
  it('lists who did what, and takes entries back', async () => {
    const engine = await reading();
    await press('s');
    await waitFor(() => expect(engine.review.actions).toHaveLength(1));
    await press('g');
    await press('a');
    const entry = await screen.findByTestId('action');
    expect(entry.textContent).toMatch(/marta\s*flagged 1 item/);
    await fireEvent.click(screen.getByTestId('take-back'));
    await waitFor(() => expect(screen.getAllByTestId('action')).toHaveLength(2));
    expect(screen.getAllByTestId('action')[0]?.textContent).toContain('took back entry 1');
    expect(screen.getByTestId('take-back').textContent).toBe('Redo');
  });

  it('says that nothing was done yet', async () => {
    await opened();
    await fireEvent.click(screen.getByTestId('open-activity'));
    await screen.findByText('Nothing was flagged, tagged or noted yet.');
  });
});
