import { emit } from '@tauri-apps/api/event';
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Warning } from '../src/ipc/generated/api';
import { counts, failure, job, sample, source, type MemoryOptions } from './dev/memory';
import { asked, closeAfterEach, full, open, press, searched } from './dev/window';

closeAfterEach();

describe('an empty library', () => {
  it('welcomes, and imports what is chosen', async () => {
    const engine = open();
    await screen.findByTestId('welcome');
    await fireEvent.click(screen.getByTestId('choose-files'));
    await screen.findByTestId('live-panel');
    expect(asked(engine, 'import')).toEqual([{ paths: ['/home/carla/archive-2001.pst'] }]);
    expect(screen.queryByTestId('welcome')).toBeNull();
    expect(screen.getByTestId('job').dataset['state']).toBe('planning');
  });

  it('imports the sample mailbox', async () => {
    const engine = open();
    await fireEvent.click(await screen.findByTestId('try-sample'));
    await screen.findByTestId('live-panel');
    expect(asked(engine, 'import_sample')).toHaveLength(1);
  });

  it('says before the drop what will happen, and after it why not', async () => {
    open();
    await screen.findByTestId('welcome');
    await emit('tauri://drag-enter', { paths: ['/a/notes.txt'], position: { x: 1, y: 1 } });
    expect((await screen.findByTestId('drop-overlay')).textContent).toContain('Check 1 file');
    await emit('tauri://drag-drop', { paths: ['/a/notes.txt'], position: { x: 1, y: 1 } });
    const notice = await screen.findByTestId('notice');
    expect(screen.queryByTestId('drop-overlay')).toBeNull();
    expect(notice.textContent).toContain('notes.txt was not imported');
    expect(notice.textContent).toContain('This is not an Outlook data file.');
    expect(screen.getByTestId('welcome')).toBeTruthy();
  });
});

describe('a library that cannot be opened', () => {
  it('says why, and opens when tried again', async () => {
    const engine = open({
      ...full(),
      startup: failure('library_in_use', 'Another Mailscope has this library open.', 'Close it.'),
    });
    const page = await screen.findByTestId('startup-error');
    expect(page.textContent).toContain('Another Mailscope has this library open.');
    expect(page.textContent).not.toContain('library_in_use');
    engine.startup = undefined;
    await fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await screen.findByTestId('result-list');
  });
});

describe('a library that can only be read', () => {
  it('says so, and is searched', async () => {
    open({ ...full(), readOnly: true });
    await screen.findByTestId('result-list');
    const notice = await screen.findByTestId('notice');
    expect(notice.textContent).toContain('This library can only be read');
    expect(notice.textContent).not.toContain('Searches miss');
  });
});

describe('a file that is taken away', () => {
  it('is marked among the sources as soon as something of it is read', async () => {
    const engine = open(full());
    await screen.findByTestId('result-list');
    const loads = () => asked(engine, 'sources').length;
    const row = (id: number) =>
      waitFor(() => {
        const found = screen.getAllByTestId('result-row').find((one) => one.dataset['id'] === String(id));
        expect(found).toBeTruthy();
        return found!;
      });
    // One whose file is there, then one whose file is not.
    await fireEvent.click(await row(1));
    await screen.findByTestId('reader-subject');
    const before = loads();
    await fireEvent.click(await row(7));
    await screen.findByTestId('source-away');
    await waitFor(() => expect(loads()).toBeGreaterThan(before));
  });

  it('is looked for again when one comes back to the window, and what is read is read anew', async () => {
    const engine = open({ items: 1_000, sources: [source({ counts: counts(1_000), available: false })] });
    await screen.findByTestId('result-list');
    const row = await waitFor(() => {
      const found = screen.getAllByTestId('result-row').find((one) => one.dataset['id'] === '1');
      expect(found).toBeTruthy();
      return found!;
    });
    await fireEvent.click(row);
    await screen.findByTestId('reader-subject');
    const [shows, loads] = [asked(engine, 'show').length, asked(engine, 'sources').length];
    await fireEvent.focus(window);
    // The item said that its file is there, the library now says that it is not.
    await waitFor(() => expect(asked(engine, 'show')).toHaveLength(shows + 1));
    expect(asked(engine, 'sources').length).toBeGreaterThan(loads);
  });
});

describe('the workspace', () => {
  it('searches as one types, shows the error of a wrong query and the last good answer', async () => {
    open(full());
    const input = await screen.findByTestId<HTMLInputElement>('search-input');
    await waitFor(() => expect(screen.getByTestId('total').textContent).toBe('1,000'));
    await fireEvent.input(input, { target: { value: 'capacity' } });
    await waitFor(() => expect(screen.getByTestId('total').textContent).toBe('67'));
    await fireEvent.input(input, { target: { value: 'capacity (' } });
    expect((await screen.findByTestId('search-error')).textContent).toContain('At character 10.');
    expect(screen.getByTestId('total').textContent).toBe('67');
  });

  it('marks what is searched for in the subject of what is read, whenever it was opened', async () => {
    open(full());
    const input = await screen.findByTestId<HTMLInputElement>('search-input');
    await waitFor(() => expect(screen.getAllByTestId('result-row')[0]?.dataset['id']).toBe('1'));
    await fireEvent.click(screen.getAllByTestId('result-row')[0]!);
    const marks = () =>
      [...screen.getByTestId('reader-subject').querySelectorAll('mark')].map((mark) => mark.textContent);
    await screen.findByTestId('reader-subject');
    expect(marks()).toEqual([]);
    await fireEvent.input(input, { target: { value: 'pipeline' } });
    await waitFor(() => expect(marks()).toEqual(['Pipeline']));
  });

  it('narrows to a folder with a token, and widens again', async () => {
    const engine = open(full());
    await screen.findByTestId('result-list');
    await fireEvent.click(screen.getAllByTestId('folder')[0]!);
    expect((await screen.findByTestId('scope-token')).textContent).toContain('archive-2001.pst / Inbox');
    await waitFor(() => expect(searched(engine).at(-1)).toMatchObject({ source: 1, folder: 2 }));
    await fireEvent.click(screen.getByRole('button', { name: /Search all mail instead/ }));
    expect(screen.queryByTestId('scope-token')).toBeNull();
    await waitFor(() => expect(searched(engine).at(-1)).not.toHaveProperty('folder'));
  });

  it('is worked by keyboard, but never from a text field', async () => {
    open(full());
    const list = await screen.findByTestId('result-list');
    await waitFor(() => expect(screen.getAllByTestId('result-row')[0]?.dataset['id']).toBe('1'));
    await press('/');
    expect(document.activeElement).toBe(screen.getByTestId('search-input'));
    await press('j');
    expect(screen.queryByTestId('reader-subject')).toBeNull();
    await press('ArrowDown');
    expect(document.activeElement).toBe(list);
    expect((await screen.findByTestId('reader-subject')).textContent.trim()).toBe(
      'RE: Pipeline capacity for the winter season',
    );
    await press('j');
    await waitFor(() => expect(screen.getByTestId('reader').dataset['id']).toBe('2'));
    await press('Enter');
    expect(document.activeElement).toBe(screen.getByTestId('reader'));
    await press('Escape');
    expect(screen.queryByTestId('reader-subject')).toBeNull();
    await press('/');
    expect(document.activeElement).toBe(screen.getByTestId('search-input'));
  });

  it('shows HTML in a frame that may do nothing, text as text, and all else', async () => {
    open(full());
    await waitFor(() => expect(screen.getAllByTestId('result-row')[0]?.dataset['id']).toBe('1'));
    await fireEvent.click(screen.getAllByTestId('result-row')[0]!);
    const frame = await screen.findByTestId('reader-frame');
    // New windows are for the shell to refuse; scripts, forms and an origin of its own stay out.
    expect(frame.getAttribute('sandbox')).toBe('allow-popups');
    expect(frame.getAttribute('referrerpolicy')).toBe('no-referrer');
    expect(frame.getAttribute('srcdoc')).toContain('coastal');
    expect(screen.getByTestId('remote-guard').textContent).toContain('3 remote images');
    await fireEvent.click(screen.getByTestId('tab-text'));
    expect(screen.getByTestId('reader-text').textContent).toContain('Alice');
    await fireEvent.click(screen.getByTestId('tab-headers'));
    expect(screen.getByTestId('reader-headers').textContent).toContain('Message-ID');
    await fireEvent.click(screen.getByTestId('tab-properties'));
    await fireEvent.input(await screen.findByTestId('property-filter'), { target: { value: 'example7' } });
    expect(screen.getByTestId('properties').querySelectorAll('tbody tr')).toHaveLength(1);
  });

  it('opens embedded messages and comes back, and saves files', async () => {
    const engine = open(full());
    await waitFor(() => expect(screen.getAllByTestId('result-row')[0]?.dataset['id']).toBe('1'));
    await fireEvent.click(screen.getAllByTestId('result-row')[0]!);
    await screen.findAllByTestId('attachment');
    await fireEvent.click(screen.getAllByTestId('attachment-save')[0]!);
    await waitFor(() =>
      expect(asked(engine, 'save_attachment')).toEqual([{ id: 1, path: [0], to: '/home/carla/out.xls' }]),
    );
    await fireEvent.click(screen.getAllByTestId('attachment-open')[1]!);
    await waitFor(() =>
      expect(screen.getByTestId('reader-subject').textContent.trim()).toBe('Embedded at 1'),
    );
    expect(asked(engine, 'show').at(-1)).toEqual({ id: 1, path: [1] });
    await fireEvent.click(screen.getByTestId('reader-back'));
    await waitFor(() => expect(screen.getByTestId('reader-subject').textContent).toContain('Pipeline'));
  });

  it('forgets a source once that is confirmed', async () => {
    const engine = open(full());
    await fireEvent.click(await screen.findByTestId('source-menu'));
    await fireEvent.click(screen.getByRole('menuitem', { name: 'Remove from library…' }));
    const confirm = await screen.findByTestId('confirm-remove');
    expect(asked(engine, 'remove')).toEqual([]);
    await fireEvent.click(confirm);
    await screen.findByTestId('welcome');
    expect(asked(engine, 'remove')).toEqual([{ source: 1 }]);
  });
});

describe('an import', () => {
  const running = (): MemoryOptions => ({ ...full(), jobs: [job()] });

  it('is found again by a reloaded window, and can be stopped', async () => {
    const engine = open(running());
    expect((await screen.findByTestId('job')).dataset['state']).toBe('reading');
    await fireEvent.click(screen.getByTestId('cancel-job'));
    await waitFor(() => expect(screen.getByTestId('job').dataset['state']).toBe('cancelled'));
    expect(asked(engine, 'cancel')).toEqual([{ job: 1 }]);
  });

  it('waits, and goes on', async () => {
    const engine = open(running());
    await fireEvent.click(await screen.findByTestId('pause-job'));
    await waitFor(() => expect(screen.getByTestId('job-state').textContent).toBe('paused at 61%'));
    await fireEvent.click(screen.getByTestId('pause-job'));
    await waitFor(() => expect(screen.getByTestId('job').dataset['state']).toBe('reading'));
    expect([asked(engine, 'pause'), asked(engine, 'resume')]).toEqual([[{ job: 1 }], [{ job: 1 }]]);
  });

  it('is followed by its events, and fills the list', async () => {
    const engine = open(running());
    await screen.findByTestId('live-panel');
    await waitFor(() => expect(screen.getByTestId('total').textContent).toBe('1,000'));
    engine.total = 1_500;
    engine.emit({ type: 'library', generation: 2, total_items: 1_500 });
    engine.emit({ type: 'sample', sample: sample(Date.now() + 5_000, { memory: 300 * 2 ** 20 }) });
    await waitFor(() => expect(screen.getByTestId('total').textContent).toBe('1,500'), { timeout: 3_000 });
    expect(screen.getByTestId('memory-value').textContent).toBe('300');
    engine.emit({
      type: 'job',
      job: job({ state: 'done', processed: 100, new: 100, counts: counts(100, { failed: 4 }) }),
    });
    await waitFor(() => expect(screen.getByTestId('job-state').textContent).toContain('done, 100'));
    expect(screen.getByTestId('job-losses').textContent.trim()).toBe('4 unreadable');
  });

  it('that fails says so once, in words', async () => {
    const engine = open(running());
    await screen.findByTestId('job');
    const failed = job({
      state: 'failed',
      error: failure('truncated', 'The file ends too early.', 'Copy it again.'),
    });
    engine.emit({ type: 'job', job: failed });
    engine.emit({ type: 'job', job: failed });
    expect(
      (await screen.findAllByTestId('notice')).map((notice) => notice.querySelector('p')?.textContent.trim()),
    ).toEqual(['The file ends too early. Copy it again.']);
  });
});

describe('cached answers', () => {
  it('are forgotten by name', async () => {
    open(full());
    await screen.findByTestId('result-list');
    await press('k', { ctrlKey: true });
    await fireEvent.input(await screen.findByTestId('palette-input'), { target: { value: 'forget cached' } });
    await fireEvent.keyDown(screen.getByTestId('palette-input'), { key: 'Enter' });
    await screen.findByText('12 answers, 84 KB. Each question is answered anew.');
  });
});

describe('the live panel', () => {
  it('says what is not as it should be, and how much is answered from memory', async () => {
    const engine = open({ ...full(), jobs: [job()] });
    const panel = await screen.findByTestId('live-panel');
    const warning: Warning = {
      kind: 'memory',
      operation: null,
      message: 'Memory is nearly used up: 480 of 512 MB.',
      advice: 'The import goes on.',
    };
    const at = Date.now() + 1000;
    engine.emit({ type: 'sample', sample: sample(at, { warnings: [warning] }) });
    expect((await within(panel).findByText(warning.message)).parentElement?.textContent).toContain('goes on');
    engine.emit({
      type: 'sample',
      sample: sample(at + 1000, { cache_hits: 83 + 3, cache_misses: 17 + 1 }),
    });
    await waitFor(() => expect(within(panel).queryByText(warning.message)).toBeNull());
    expect(screen.getByTestId('cache-value').textContent).toContain('75% of 4');
  });

  it('opens for an import that ended before the window was there', async () => {
    open({ ...full(), jobs: [job({ state: 'done' })] });
    expect((await screen.findByTestId('job')).dataset['state']).toBe('done');
  });

  it('stays folded once it was folded by hand', async () => {
    const engine = open({ ...full(), jobs: [job()] });
    await screen.findByTestId('live-panel');
    await fireEvent.click(screen.getByTestId('live-close'));
    engine.emit({ type: 'job', job: job({ id: 2, name: 'second.pst' }) });
    engine.emit({ type: 'job', job: job({ id: 2, name: 'second.pst', state: 'done' }) });
    await screen.findByText(/second\.pst: done/);
    expect(screen.queryByTestId('live-panel')).toBeNull();
    await fireEvent.click(screen.getByTestId('live-toggle'));
    expect(await screen.findAllByTestId('job')).toHaveLength(2);
  });
});

describe('the theme', () => {
  it('is kept', async () => {
    open(full());
    const toggle = await screen.findByTestId('theme-toggle');
    await fireEvent.click(toggle);
    await fireEvent.click(toggle);
    expect(document.documentElement.dataset['theme']).toBe('dark');
    expect(localStorage.getItem('mailscope.theme')).toBe('dark');
    await fireEvent.click(toggle);
    expect(localStorage.getItem('mailscope.theme')).toBeNull();
  });
});
