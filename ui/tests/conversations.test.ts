import { fireEvent, screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { ConversationMessage } from '../src/ipc/generated/api';
import { lines } from '../src/features/thread/lines';
import { asked, closeAfterEach, full, open, press, searched } from './dev/window';
import { hit } from './dev/memory';

closeAfterEach();

describe('the lines of a conversation', () => {
  /** Messages as `[id, parent, gap]`, and the lines that come of them: `depth:id`, gaps as `depth:?`. */
  const check = (given: [number, number | null, number?][], ...expected: string[]) => {
    const messages = given.map(([id, parent, gap]): ConversationMessage => ({
      hit: hit(id - 1),
      parent,
      depth: 0,
      copies: [],
      ...(gap === undefined ? {} : { gap }),
    }));
    const shown = lines({ total: messages.length, messages });
    expect(
      shown.map((line) => `${line.depth}:${line.type === 'gap' ? '?' : line.message.hit.id}`),
      JSON.stringify(given),
    ).toEqual(expected);
    expect(new Set(shown.map(({ key }) => key)).size).toBe(shown.length);
  };

  it('stand under what they answer', () => {
    check([]);
    check([[1, null]], '0:1');
    check([[1, null], [2, 1], [3, 2], [4, 1]], '0:1', '1:2', '2:3', '1:4'); // prettier-ignore
    check([[1, null], [2, null]], '0:1', '0:2'); // prettier-ignore
    check([[2, 1]], '0:2');
  });

  it('leave a place for what is not in the library', () => {
    check([[1, null, 0]], '0:?', '1:1');
    // Two answers to one message share its place, whatever stands between them.
    check([[1, null], [2, 1, 0], [3, 1], [4, 1, 0], [5, 2]], '0:1', '1:?', '2:2', '3:5', '2:4', '1:3'); // prettier-ignore
    check([[1, null, 0], [2, null, 1]], '0:?', '1:1', '0:?', '1:2'); // prettier-ignore
  });
});

describe('the view of conversations', () => {
  const rows = () => screen.findAllByTestId('conversation-row');

  it('groups the same search, and tells people, number and matches', async () => {
    const engine = open(full());
    await screen.findByTestId('result-list');
    await press('g');
    await press('c');
    await waitFor(() => expect(screen.getByTestId('thread-total').textContent).toBe('250'));
    expect(searched(engine).at(-1)).toMatchObject({ query: '', fold: 'conversations' });
    expect(document.activeElement).toBe(screen.getByTestId('conversation-list'));
    const fourth = (await rows())[3]!;
    expect(fourth.querySelector('.who')?.textContent).toBe('Deniz, Frank');
    expect(fourth.querySelector('[data-testid="thread-count"]')?.textContent).toBe('4');
    expect(fourth.textContent).toContain('2 of 4 match');
    expect((await rows())[0]!.querySelector('[data-testid="thread-count"]')).toBeNull();
  });

  it('follows the search', async () => {
    const engine = open(full());
    await fireEvent.click(await screen.findByTestId('view-conversations'));
    await screen.findAllByTestId('conversation-row');
    await fireEvent.input(screen.getByTestId('search-input'), { target: { value: 'capacity' } });
    await waitFor(() =>
      expect(searched(engine).at(-1)).toMatchObject({ query: 'capacity', fold: 'conversations' }),
    );
    await waitFor(() => expect(screen.getByTestId('thread-total').textContent).toBe('17'));
  });

  it('opens one as a tree, with what matches and what is missing, worked by keyboard', async () => {
    const engine = open(full());
    await fireEvent.click(await screen.findByTestId('view-conversations'));
    await fireEvent.input(screen.getByTestId('search-input'), { target: { value: 'capacity' } });
    await waitFor(() => expect(screen.getByTestId('thread-total').textContent).toBe('17'));
    await fireEvent.click((await rows())[0]!);
    await screen.findByTestId('thread-list');
    expect(asked(engine, 'conversation').at(-1)).toEqual({ id: 1, query: 'capacity', as_you_type: true });
    const messages = screen.getAllByTestId('thread-message');
    expect(messages.map(({ dataset }) => [dataset['id'], dataset['matches']])).toEqual([
      ['1', 'true'],
      ['2', 'false'],
      ['3', 'true'],
      ['4', 'false'],
    ]);
    expect(screen.getAllByTestId('thread-gap')).toHaveLength(1);
    expect(screen.getByTestId('thread-facts').textContent).toMatch(/4 messages, 4 people,\s+2 match/);
    await waitFor(() => expect(screen.getByTestId('reader').dataset['id']).toBe('1'));
    // Into the tree, past the message that is not there, into the message, and back out.
    screen.getByTestId('conversation-list').focus();
    await press('Enter');
    await waitFor(() => expect(document.activeElement).toBe(screen.getByTestId('thread-list')));
    await press('ArrowDown');
    await waitFor(() => expect(screen.getByTestId('reader').dataset['id']).toBe('2'));
    await press('j');
    await waitFor(() => expect(screen.getByTestId('reader').dataset['id']).toBe('3'));
    await press('Enter');
    expect(document.activeElement).toBe(screen.getByTestId('reader'));
    screen.getByTestId('thread-list').focus();
    await press('Escape');
    expect(document.activeElement).toBe(screen.getByTestId('conversation-list'));
  });

  it('are chosen, several at once, and stand for what matches of them, or for all of them', async () => {
    const engine = open(full());
    await fireEvent.click(await screen.findByTestId('view-conversations'));
    await fireEvent.input(screen.getByTestId('search-input'), { target: { value: 'capacity' } });
    await waitFor(() => expect(screen.getByTestId('thread-total').textContent).toBe('17'));
    await rows();
    screen.getByTestId('conversation-list').focus();
    await press('x');
    await press('ArrowDown', { shiftKey: true });
    await waitFor(() => expect(screen.getByTestId('chosen').textContent).toBe('2'));
    expect(screen.getByTestId('meant').textContent).toMatch(/^ chosen, \d+ messages$/);
    await press('s');
    await waitFor(() => expect(asked(engine, 'review')).toHaveLength(1));
    const { ids } = asked(engine, 'review')[0] as { ids: number[] };
    const matching = engine.review.flagged;
    expect(matching).toBe(ids.length);
    // Then with those that do not match, and with the copy of one.
    await fireEvent.click(screen.getByTestId('act-more'));
    await fireEvent.click(screen.getByRole('menuitemcheckbox', { name: 'With messages that do not match' }));
    await fireEvent.click(screen.getByTestId('act-reviewed'));
    await waitFor(() => expect(asked(engine, 'review')).toHaveLength(2));
    const whole = asked(engine, 'review')[1] as { ids: number[] };
    expect(whole.ids.length).toBeGreaterThan(ids.length);
    expect(whole.ids).toEqual(expect.arrayContaining(ids));
    // All of them is all that the search finds.
    await press('a', { ctrlKey: true });
    await waitFor(() => expect(screen.getByTestId('chosen').textContent).toBe('17'));
    await press('s');
    await waitFor(() =>
      expect(asked(engine, 'review').at(-1)).toMatchObject({ query: 'capacity', as_you_type: true }),
    );
    await press('Escape');
    expect(screen.queryByTestId('selection')).toBeNull();
  });

  it('says so when a conversation cannot be told, and tries again', async () => {
    const engine = open(full());
    await fireEvent.click(await screen.findByTestId('view-conversations'));
    engine.refuse = 'conversation';
    await fireEvent.click((await rows())[0]!);
    await screen.findByText('The library cannot be read.');
    engine.refuse = null;
    await fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await screen.findByTestId('thread-list');
  });
});

describe('what belongs to a message', () => {
  async function reading(row = 1) {
    const engine = open(full());
    await waitFor(() =>
      expect(screen.getAllByTestId('result-row')[row]?.dataset['id']).toBe(String(row + 1)),
    );
    await fireEvent.click(screen.getAllByTestId('result-row')[row]!);
    await screen.findByTestId('review-bar');
    return engine;
  }

  it('is its conversation, shown beside the list and closed again', async () => {
    await reading();
    expect(screen.getAllByTestId('row-thread')[0]?.textContent).toContain('2');
    expect(screen.queryByTestId('thread')).toBeNull();
    await press('c');
    await screen.findByTestId('thread-list');
    await fireEvent.click(screen.getAllByTestId('thread-message')[1]!);
    await waitFor(() => expect(screen.getByTestId('reader').dataset['id']).toBe('3'));
    await fireEvent.click(screen.getByTestId('thread-close'));
    expect(screen.queryByTestId('thread')).toBeNull();
  });

  it('is what is like it', async () => {
    const engine = await reading();
    await fireEvent.click(screen.getByTestId('show-related'));
    const found = await screen.findAllByTestId('found-item');
    expect(asked(engine, 'related')).toEqual([{ id: 2, limit: 40 }]);
    await fireEvent.click(found[1]!);
    await waitFor(() => expect(screen.getByTestId('reader').dataset['id']).toBe('16'));
    expect(screen.queryByTestId('related-dialog')).toBeNull();
  });

  it('are its copies, told once in the list if that is wished, with their places', async () => {
    const engine = open(full());
    await fireEvent.click(await screen.findByTestId('fold'));
    await waitFor(() => expect(screen.getByTestId('total').textContent).toBe('500'));
    expect(asked(engine, 'search')).toContainEqual(
      expect.objectContaining({ fold: 'duplicates', limit: 100 }),
    );
    const copies = screen.getAllByTestId('row-copies')[0]!;
    expect(copies.textContent).toBe('2 copies');
    await fireEvent.click(copies);
    const places = await screen.findAllByTestId('found-item');
    expect(places.map((place) => place.querySelector('b')?.textContent)).toEqual([
      'archive-2001.pst',
      'alice.pst',
    ]);
    // The next window remembers.
    expect(localStorage.getItem('mailscope.fold')).toBe('once');
    (screen.getByTestId('copies-dialog') as HTMLDialogElement).close();
    // What is said of a row is said of its copies, unless that is switched off.
    await fireEvent.click(
      copies.closest('[data-testid="result-row"]')!.querySelector('[data-testid="row-pick"]')!,
    );
    expect(screen.getByTestId('meant').textContent).toBe(' chosen, with 1 copy');
    await press('s');
    await waitFor(() => expect(asked(engine, 'review')).toHaveLength(1));
    expect((asked(engine, 'review')[0] as { ids: number[] }).ids).toHaveLength(2);
    await press('a', { ctrlKey: true });
    await waitFor(() => expect(screen.getByTestId('meant').textContent).toBe(' chosen, with 500 copies'));
    await fireEvent.click(screen.getByTestId('act-more'));
    await fireEvent.click(screen.getByRole('menuitemcheckbox', { name: 'With their copies' }));
    expect(screen.getByTestId('meant').textContent).toBe(' chosen, without copies');
    await press('s');
    await waitFor(() => expect(asked(engine, 'review').at(-1)).toMatchObject({ query: '', once: true }));
    await press('Escape');
    await fireEvent.click(screen.getByTestId('fold'));
    expect(localStorage.getItem('mailscope.fold')).toBeNull();
  });
});
