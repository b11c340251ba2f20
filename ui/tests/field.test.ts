import { fireEvent, screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { matching, type Command } from '../src/features/palette/commands';
import { join, split } from '../src/features/search/tokens';
import { asked, closeAfterEach, full, open, press, searched } from './dev/window';

closeAfterEach();

describe('the tokens of a query', () => {
  const fields = new Set(['from', 'has']);
  function check(query: string, tokens: string[], text: string, open = false) {
    expect(split(query, fields, open)).toEqual({ tokens, text });
  }

  it('are the terms that ask a field', () => {
    check('', [], '');
    check('gas', [], 'gas');
    check('from:alice gas has:attachment', ['from:alice', 'has:attachment'], 'gas');
    check('from:"Alice Moreau"', ['from:"Alice Moreau"'], '');
    check('https://example.org', [], 'https://example.org');
    check('from: gas', [], 'from: gas');
  });

  it('leave alone what is joined in other ways, or not yet whole', () => {
    check('from:alice OR gas', [], 'from:alice OR gas');
    check('from:alice (a', ['from:alice'], '(a');
    check('from:"alice', [], 'from:"alice');
    check('from:alice', [], 'from:alice', true);
    check('from:alice ', ['from:alice'], '', true);
    check('gas ', [], 'gas ', true);
    check('from:alice gas ', ['from:alice'], 'gas ', true);
  });

  it('are the query again when they are put together', () => {
    for (const query of ['gas', 'from:alice gas', 'from:alice has:attachment', 'a OR b'])
      expect(join(split(query, fields))).toBe(query);
  });
});

/** What was asked for last. */
const last = (engine: ReturnType<typeof open>) => (searched(engine) as { query: string }[]).at(-1)?.query;

/** The search field, which knows its fields, with `from:alice` typed as a token. */
async function withToken() {
  const engine = open(full());
  const input = await screen.findByTestId<HTMLInputElement>('search-input');
  await waitFor(() => expect(asked(engine, 'fields')).toHaveLength(1));
  await new Promise((resolve) => setTimeout(resolve, 20));
  input.focus();
  await fireEvent.input(input, { target: { value: 'from:alice ' } });
  return { engine, input };
}

describe('the search field', () => {
  it('makes tokens of what was typed, and text of them again', async () => {
    const { engine, input } = await withToken();
    expect(screen.getByTestId('token').textContent).toContain('from:alice');
    expect(input.value).toBe('');
    await fireEvent.input(input, { target: { value: 'gas' } });
    await waitFor(() => expect(last(engine)).toBe('from:alice gas'));
    input.setSelectionRange(0, 0);
    await press('Backspace');
    expect(input.value).toBe('from:alice gas');
    expect(screen.queryByTestId('token')).toBeNull();
    await press('Enter');
    await fireEvent.click(screen.getByRole('button', { name: 'Take out from:alice' }));
    await waitFor(() => expect(last(engine)).toBe('gas'));
    await press('Escape');
    await waitFor(() => expect(last(engine)).toBe(''));
  });
});

describe('all of the query', () => {
  it('is text for as long as it is selected, and is replaced or left as a whole', async () => {
    const { engine, input } = await withToken();
    await fireEvent.input(input, { target: { value: 'gas' } });
    await press('a', { ctrlKey: true });
    await waitFor(() => expect(input.value).toBe('from:alice gas'));
    await waitFor(() => expect([input.selectionStart, input.selectionEnd]).toEqual([0, 14]));
    expect(screen.queryByTestId('token')).toBeNull();
    // Whoever goes on finds it as it was.
    input.blur();
    await waitFor(() => expect(screen.getByTestId('token').textContent).toContain('from:alice'));
    expect(input.value).toBe('gas');
    input.focus();
    await press('a', { ctrlKey: true });
    await waitFor(() => expect(input.value).toBe('from:alice gas'));
    await fireEvent.input(input, { target: { value: 'rain' } });
    await waitFor(() => expect(last(engine)).toBe('rain'));
    expect(screen.queryByTestId('token')).toBeNull();
  });
});

describe('completions', () => {
  it('are offered while one types, and chosen by keyboard', async () => {
    const engine = open(full());
    const input = await screen.findByTestId<HTMLInputElement>('search-input');
    input.focus();
    await fireEvent.input(input, { target: { value: 'fr' } });
    await screen.findByTestId('completions');
    await press('ArrowDown');
    expect(input.getAttribute('aria-activedescendant')).toBeTruthy();
    await press('Enter');
    expect(input.value).toBe('from:');
    await fireEvent.input(input, { target: { value: 'from:al' } });
    await screen.findByText('Alice Moreau', { selector: '.label' });
    await press('ArrowDown');
    await press('Tab');
    await waitFor(() => expect(screen.getByTestId('token').textContent).toContain('from:alice@example.org'));
    await waitFor(() =>
      expect((searched(engine) as { query: string }[]).at(-1)?.query).toBe('from:alice@example.org'),
    );
    await fireEvent.input(input, { target: { value: 'fr' } });
    await screen.findByTestId('completions');
    await press('Escape');
    expect(screen.queryByTestId('completions')).toBeNull();
    expect(input.value).toBe('fr');
  });
});

describe('a wrong query', () => {
  it('says where and why below the completions too, in a place that a screen reader knows', async () => {
    open(full());
    const input = await screen.findByTestId<HTMLInputElement>('search-input');
    expect(input.getAttribute('aria-describedby')).toBeNull();
    input.focus();
    await fireEvent.input(input, { target: { value: '( fr' } });
    await screen.findByTestId('completions');
    const error = await screen.findByTestId('search-error');
    expect(error.textContent).toContain('This bracket is never closed. At character 1.');
    expect(screen.getByTestId('completions')).toBeTruthy();
    const place = document.getElementById(input.getAttribute('aria-describedby') ?? 'none');
    expect(place?.getAttribute('role')).toBe('status');
    expect(place?.contains(error)).toBe(true);
    // The same place stays when there is nothing to say any more.
    await fireEvent.input(input, { target: { value: '( fr)' } });
    await waitFor(() => expect(screen.queryByTestId('search-error')).toBeNull());
    expect(place?.isConnected).toBe(true);
    expect(input.getAttribute('aria-describedby')).toBeNull();
  });

  it('no longer covers what is read once one has gone on, and is told again in the field', async () => {
    open(full());
    const input = await screen.findByTestId<HTMLInputElement>('search-input');
    const field = screen.getByRole('search');
    input.focus();
    await fireEvent.input(input, { target: { value: '( fr' } });
    const error = await screen.findByTestId('search-error');
    expect(field.classList.contains('gone')).toBe(false);
    input.blur();
    await waitFor(() => expect(field.classList.contains('gone')).toBe(true));
    // Still there for who asks a screen reader.
    expect(error.isConnected).toBe(true);
    input.focus();
    // The same query, put once more on the way to the list, meets the same fault.
    await press('Enter');
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(screen.getByTestId('search-error').textContent).toContain('never closed');
    expect(field.classList.contains('gone')).toBe(true);
    input.focus();
    await fireEvent.input(input, { target: { value: 'fr ( a' } });
    await waitFor(() => expect(field.classList.contains('gone')).toBe(false));
    // One that is told after the field was left gives way to the next key.
    input.blur();
    await waitFor(() => expect(field.classList.contains('gone')).toBe(true));
    expect(screen.getByTestId('search-error').textContent).toContain('At character 4.');
  });
});

describe('the palette', () => {
  const command = (label: string, group = 'Go'): Command => ({
    id: label,
    label,
    group,
    run: () => undefined,
  });

  it('finds commands by the beginnings of their words', () => {
    const all = [command('Open the live panel'), command('Insights'), command('Choose files…', 'Import')];
    const check = (typed: string, ...expected: string[]) =>
      expect(matching(all, typed).map(({ label }) => label)).toEqual(expected);
    check('', 'Open the live panel', 'Insights', 'Choose files…');
    check('ins', 'Insights');
    check('import', 'Choose files…');
    check('live open', 'Open the live panel');
    check('xyz');
  });

  it('opens with Ctrl K, runs what is chosen, and gives the focus back', async () => {
    const engine = open(full());
    const list = await screen.findByTestId('result-list');
    list.focus();
    await press('k', { ctrlKey: true });
    const input = await screen.findByTestId('palette-input');
    await fireEvent.input(input, { target: { value: 'legal hold' } });
    await fireEvent.keyDown(input, { key: 'Enter' });
    await waitFor(() => expect(searched(engine).at(-1)).toMatchObject({ source: 1, folder: 4 }));
    await press('k', { ctrlKey: true });
    await fireEvent.input(await screen.findByTestId('palette-input'), { target: { value: 'settings' } });
    await fireEvent.click(screen.getAllByTestId('command')[0]!);
    await screen.findByTestId('settings');
    await fireEvent.click(screen.getByTestId('density-compact'));
    expect(localStorage.getItem('mailscope.density')).toBe('compact');
    await fireEvent.click(screen.getByTestId('density-comfortable'));
  });
});
