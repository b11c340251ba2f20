import { fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fromError, fromRefused, Notices, readOnly, toneOf } from '../src/features/notices/notices.svelte';
import NoticeStack from '../src/features/notices/NoticeStack.svelte';
import { failure } from './dev/memory';

const refused = (path: string, code: Parameters<typeof failure>[0] = 'not_outlook') => ({
  path,
  error: failure(code, 'This is not an Outlook data file.', 'Choose another.', 'magic: found 0x50'),
});

afterEach(() => void vi.useRealTimers());

describe('notices', () => {
  it('name the file, the reason and what to do', () => {
    const [notice] = fromRefused([refused('/a/notes.txt')]);
    expect(notice).toMatchObject({
      tone: 'warn',
      title: 'notes.txt was not imported',
      message: 'This is not an Outlook data file.',
      advice: 'Choose another.',
      detail: ['/a/notes.txt', 'magic: found 0x50'],
    });
  });

  it('gather what was refused for one reason', () => {
    const notices = fromRefused([
      refused('/a/1.txt'),
      refused('/a/2.txt'),
      refused('/a/3.pst', 'already_importing'),
    ]);
    expect(notices.map(({ title, tone }) => [title, tone])).toEqual([
      ['2 files were not imported', 'warn'],
      ['3.pst was not imported', 'info'],
    ]);
    expect(notices[0]?.detail).toHaveLength(2);
    expect(notices[0]?.message).toContain('The other one was refused for the same reason.');
  });

  it('warn where a library that can only be read lacks something', () => {
    expect(readOnly({ path: '/cases/one', index_behind: false })).toMatchObject({ tone: 'info' });
    const warning = readOnly({ path: '/cases/one', index_behind: true });
    expect(warning).toMatchObject({ tone: 'warn', detail: ['/cases/one'] });
    expect(warning.message).toContain('Searches miss what was taken in last');
  });

  it('have the tone of their code', () => {
    expect((['already_importing', 'empty_file', 'no_space', 'internal'] as const).map(toneOf)).toEqual([
      'info',
      'warn',
      'error',
      'error',
    ]);
  });

  it('replace the same notice, and keep bad news until it is dismissed', () => {
    vi.useFakeTimers();
    const notices = new Notices();
    notices.add(fromError('x', failure('io', 'The disk failed.')));
    notices.add(fromError('x', failure('io', 'The disk failed.')));
    notices.add({ tone: 'good', title: 'saved', message: '', advice: '', detail: [] });
    expect(notices.list.map(({ title }) => title)).toEqual(['x', 'saved']);
    vi.advanceTimersByTime(60_000);
    expect(notices.list.map(({ title }) => title)).toEqual(['x']);
    notices.dismiss(notices.list[0]!.id);
    expect(notices.list).toEqual([]);
  });

  it('fold up where they are many, and are closed at once', async () => {
    const notices = new Notices();
    const show = () => ({ notices: notices.list, ondismiss: (id: number) => notices.dismiss(id) });
    const { rerender } = render(NoticeStack, show());
    const titles = () => screen.queryAllByTestId('notice').map((one) => one.querySelector('h2')?.textContent);
    for (const title of ['one', 'two', 'three']) {
      notices.add(fromError(title, failure('io', `The disk of ${title} failed.`)));
      await rerender(show());
      if (title === 'one') expect(screen.queryByTestId('dismiss-notices')).toBeNull();
      if (title === 'two') expect(titles()).toEqual(['one', 'two']);
    }
    expect(titles()).toEqual(['three']);
    const more = screen.getByTestId('unfold-notices');
    expect(more.textContent).toBe('Show 2 more');
    await fireEvent.click(more);
    expect(titles()).toEqual(['one', 'two', 'three']);
    await fireEvent.click(screen.getByTestId('dismiss-notices'));
    await rerender(show());
    expect(titles()).toEqual([]);
    expect(screen.queryByTestId('dismiss-notices')).toBeNull();
  });

  it('become one where many files have the same to tell', () => {
    const notices = new Notices();
    const copy = (name: string) =>
      notices.gather(
        name,
        failure('already_in_library', `${name} is the same mailbox as another.`, 'Fold the list.'),
        (count) => (count === 1 ? `${name} is a copy` : `${count} files are copies`),
        'info',
      );
    copy('a.pst');
    expect(notices.list.map(({ title }) => title)).toEqual(['a.pst is a copy']);
    copy('b.pst');
    copy('c.pst');
    // Told twice it is still one.
    copy('b.pst');
    notices.gather('d.pst', failure('io', 'The disk failed.'), (count) => `${count} could not be read`);
    expect(notices.list.map(({ title, tone }) => [title, tone])).toEqual([
      ['3 files are copies', 'info'],
      ['1 could not be read', 'error'],
    ]);
    expect(notices.list[0]).toMatchObject({
      message: 'a.pst is the same mailbox as another. The others likewise.',
      advice: 'Fold the list.',
      detail: [
        'a.pst is the same mailbox as another.',
        'c.pst is the same mailbox as another.',
        'b.pst is the same mailbox as another.',
      ],
    });
    notices.dismiss(notices.list[0]!.id);
    copy('e.pst');
    expect(notices.list.at(-1)?.title).toBe('e.pst is a copy');
  });

  it('are announced, expandable and dismissible, and never a bare code', async () => {
    const ondismiss = vi.fn();
    const [notice] = fromRefused([refused('/a/notes.txt')]);
    render(NoticeStack, { notices: [{ ...notice!, id: 7 }], ondismiss });
    expect(screen.getByLabelText('Notices').getAttribute('aria-live')).toBe('polite');
    const shown = screen.getByTestId('notice');
    expect(shown.textContent).not.toContain('not_outlook');
    expect(shown.querySelector('details')?.textContent).toContain('magic: found 0x50');
    await fireEvent.click(screen.getByTestId('dismiss-notice'));
    expect(ondismiss).toHaveBeenCalledWith(7);
  });
});
