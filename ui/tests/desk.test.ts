import { emit } from '@tauri-apps/api/event';
import { fireEvent, screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { headLines, printDocument } from '../src/features/reader/print';
import { isOwnDrag } from '../src/ipc';
import { longDate, shortDate, zone } from '../src/shared/lib/format';
import { zoneChoice } from '../src/shared/lib/zone.svelte';
import { failure, item } from './dev/memory';
import { asked, closeAfterEach, full, open, press } from './dev/window';

closeAfterEach();

const reading = async () => {
  await waitFor(() => expect(screen.getAllByTestId('result-row')[0]?.dataset['id']).toBe('1'));
  await fireEvent.click(screen.getAllByTestId('result-row')[0]!);
  await screen.findByTestId('reader-subject');
};

describe('libraries', () => {
  it('are listed, made, opened and left out; another one begins anew', async () => {
    const engine = open(full());
    await screen.findByTestId('result-list');
    await emit('mailscope-menu', 'libraries');
    await waitFor(() => expect(screen.getAllByTestId('library')).toHaveLength(2));
    expect(screen.getAllByTestId('open-library').map((one) => one.getAttribute('aria-current'))).toEqual([
      'true',
      null,
    ]);
    await fireEvent.click(screen.getAllByTestId('open-library')[1]!);
    await waitFor(() => expect(asked(engine, 'open_library')).toEqual([{ path: '/cases/north' }]));
    // The window of the other library: its name stands beside that of the program.
    await waitFor(() => expect(screen.queryByTestId('libraries')).toBeNull());
    await screen.findByTestId('result-list');
    await waitFor(() => expect(screen.getByTestId('open-libraries').textContent).toBe('north'));

    await fireEvent.click(screen.getByTestId('open-libraries'));
    await fireEvent.input(await screen.findByTestId('library-name'), { target: { value: 'South' } });
    await fireEvent.click(screen.getByTestId('create-library'));
    await waitFor(() => expect(asked(engine, 'create_library')).toEqual([{ name: 'South' }]));
    await waitFor(() => expect(screen.queryByTestId('libraries')).toBeNull());
    await screen.findByTestId('result-list');
    await waitFor(() => expect(screen.getByTestId('open-libraries').textContent).toBe('South'));
    await fireEvent.click(screen.getByTestId('open-libraries'));
    await fireEvent.click(await screen.findByTestId('forget-library'));
    await waitFor(() => expect(asked(engine, 'forget_library')).toEqual([{ path: '/cases/north' }]));
  });

  it('can be changed where one does not open', async () => {
    const engine = open({ ...full(), startup: failure('library_in_use', 'It is in use.', 'Close it.') });
    await fireEvent.click(await screen.findByTestId('other-library'));
    await fireEvent.click(screen.getAllByTestId('open-library')[1]!);
    await screen.findByTestId('result-list');
    expect(asked(engine, 'open_library')).toEqual([{ path: '/cases/north' }]);
  });
});

describe('the first page', () => {
  it('names recent files, and imports them again', async () => {
    const engine = open({ recent: ['/home/carla/archive-2001.pst'] });
    await fireEvent.click(await screen.findByTestId('recent-file'));
    await screen.findByTestId('live-panel');
    expect(asked(engine, 'import')).toEqual([{ paths: ['/home/carla/archive-2001.pst'] }]);
  });
});

describe('settings', () => {
  it('change memory and workers together, and notifications at once', async () => {
    const engine = open(full());
    await screen.findByTestId('result-list');
    await press(',', { ctrlKey: true });
    await fireEvent.change(await screen.findByTestId('memory'), { target: { value: '1024' } });
    await fireEvent.change(screen.getByTestId('threads'), { target: { value: '2' } });
    await fireEvent.click(screen.getByTestId('notify'));
    await waitFor(() =>
      expect(asked(engine, 'set_preferences')).toEqual([{ memory_mb: null, threads: null, notify: false }]),
    );
    await fireEvent.click(screen.getByTestId('apply'));
    await waitFor(() =>
      expect(asked(engine, 'set_preferences').at(-1)).toEqual({ memory_mb: 1024, threads: 2, notify: false }),
    );
  });

  it('begin and end the log, and say where it is', async () => {
    const engine = open(full());
    await screen.findByTestId('result-list');
    await press(',', { ctrlKey: true });
    const box = await screen.findByTestId<HTMLInputElement>('log');
    expect(box.checked).toBe(false);
    expect(screen.queryByTestId('log-path')).toBeNull();

    engine.refuse = 'switch_log';
    await fireEvent.click(box);
    expect((await screen.findByTestId('log-fault')).textContent).toContain('cannot be read');
    expect(box.checked).toBe(false);

    engine.refuse = null;
    await fireEvent.click(box);
    expect((await screen.findByTestId('log-path')).textContent).toBe(engine.log.path);
    expect(screen.queryByTestId('log-fault')).toBeNull();
    await fireEvent.click(box);
    await waitFor(() => expect(asked(engine, 'switch_log').at(-1)).toEqual({ on: false }));
    // What was written is still there to be looked at.
    expect(screen.getByTestId('log-path')).toBeTruthy();
  });

  it('leave a log alone that the start named', async () => {
    const engine = open(full());
    engine.log = { ...engine.log, on: true, named: true, path: '/tmp/mine.log', bytes: 2048 };
    await screen.findByTestId('result-list');
    await press(',', { ctrlKey: true });
    const box = await screen.findByTestId<HTMLInputElement>('log');
    expect([box.checked, box.disabled]).toEqual([true, true]);
    expect(screen.getByTestId('log-path').textContent).toBe('/tmp/mine.log');
  });

  it('watch no longer what is watched', async () => {
    const engine = open(full());
    engine.watched = ['/home/carla/mail'];
    await screen.findByTestId('result-list');
    await press(',', { ctrlKey: true });
    await fireEvent.click(await screen.findByTestId('unwatch'));
    await waitFor(() =>
      expect(asked(engine, 'watch')).toEqual([{ path: '/home/carla/mail', watched: false }]),
    );
    await waitFor(() => expect(screen.queryByTestId('watched-path')).toBeNull());
  });
});

describe('the zone', () => {
  it('that was chosen is the one in which dates are told', () => {
    const at = Date.UTC(2001, 10, 14, 22, 20);
    const check = (name: string, long: string, short: string) => {
      zoneChoice.choose(name);
      expect(longDate(at), name).toBe(long);
      expect(shortDate(at, Date.UTC(2001, 10, 15, 3)), name).toBe(short);
    };
    check('UTC', '14 November 2001, 22:20 (UTC)', '14 Nov');
    check('America/Chicago', '14 November 2001, 16:20 (UTC−06:00)', '16:20');
    check('Asia/Kolkata', '15 November 2001, 03:50 (UTC+05:30)', '03:50');
    // In summer it is another one.
    zoneChoice.choose('America/Chicago');
    expect(zone(Date.UTC(2001, 6, 1))).toBe('UTC−05:00');
    zoneChoice.choose(null);
    expect(localStorage.getItem('mailscope.zone')).toBeNull();
  });
});

describe('menus', () => {
  it('do what their entries say, and know what is shown', async () => {
    const engine = open(full());
    await reading();
    await waitFor(() =>
      expect(asked(engine, 'showing').at(-1)).toEqual({ working: true, reading: true, theme: 'system' }),
    );
    await emit('mailscope-menu', 'help');
    await screen.findByTestId('shortcuts');
    await emit('mailscope-menu', 'settings');
    await screen.findByTestId('settings');
    await emit('mailscope-menu', 'theme-dark');
    expect(document.documentElement.dataset['theme']).toBe('dark');
    // The menus of the system are told.
    await waitFor(() => expect(asked(engine, 'showing').at(-1)).toMatchObject({ theme: 'dark' }));
    await emit('mailscope-menu', 'view-people');
    await screen.findByTestId('people');
  });

  it('offer nothing of a library that is not open', async () => {
    open({ ...full(), startup: failure('library_in_use', 'It is in use.', 'Close it.') });
    await screen.findByTestId('startup-error');
    await emit('mailscope-menu', 'export');
    await emit('mailscope-menu', 'about');
    await screen.findByTestId('about');
    expect(screen.queryByTestId('export-dialog')).toBeNull();
  });
});

describe('dragging out', () => {
  it('begins when a message or an attachment is pulled, not when it is clicked', async () => {
    const engine = open(full());
    await reading();
    const drag = async (element: HTMLElement, to: number) => {
      await fireEvent(element, mouse('mousedown', 10));
      await fireEvent(window, mouse('mousemove', to));
      await fireEvent(window, mouse('mouseup', to));
    };
    const mouse = (type: string, x: number) =>
      new MouseEvent(type, { bubbles: true, button: 0, buttons: 1, clientX: x, clientY: 10 });
    await drag(screen.getAllByTestId('result-row')[0]!, 14);
    expect(asked(engine, 'drag_out')).toEqual([]);
    await drag(screen.getAllByTestId('result-row')[0]!, 30);
    await waitFor(() =>
      expect(asked(engine, 'drag_out')).toEqual([
        {
          files: [
            { id: 1, path: [], message: true, name: 'RE_ Pipeline capacity for the winter season.eml' },
          ],
        },
      ]),
    );
    await drag((await screen.findAllByTestId('attachment'))[0]!, 40);
    await waitFor(() =>
      expect(asked(engine, 'drag_out').at(-1)).toMatchObject({
        files: [{ id: 1, path: [0], message: false }],
      }),
    );
  });

  it('does not come in again', () => {
    expect(isOwnDrag(['/tmp/mailscope-drag-12/0/0/a.eml'])).toBe(true);
    expect(isOwnDrag(['C:\\Temp\\mailscope-drag-12\\0\\0\\a.eml'])).toBe(true);
    expect(isOwnDrag(['/tmp/mailscope-drag-12/0/0/a.eml', '/home/a.pst'])).toBe(false);
    expect(isOwnDrag([])).toBe(false);
  });
});

describe('the page for paper', () => {
  const mail = {
    ...item(1, [], ''),
    subject: { text: 'A <b> & "c"', marks: [] },
    html: '<!doctype html><html><body>Hello</body></html>',
  };

  it('has a head that cannot be mistaken for markup, and the text as it was written', () => {
    const page = printDocument(mail, 'Inbox');
    expect(page).toContain('<h1>A &lt;b&gt; &amp; &quot;c&quot;</h1>');
    expect(page.indexOf('mailscope-head">')).toBeLessThan(page.indexOf('Hello'));
    expect(page).toContain("default-src 'none'");
    const text = printDocument({ ...mail, html: null, text: { text: '1 < 2', marks: [] } }, 'Inbox');
    expect(text).toContain('1 &lt; 2</pre>');
  });

  it('leaves marks of a search out, and says what is attached', () => {
    const marked = { ...mail, html: '<!doctype html><html><body>a <mark>hit</mark></body></html>' };
    expect(printDocument(marked, '')).toContain('a hit');
    const labels = headLines(mail, 'Inbox').map(([label]) => label);
    expect(labels).toEqual(expect.arrayContaining(['From', 'To', 'Date', 'Folder', 'Attachments']));
  });

  it('is printed in a frame without scripts', async () => {
    open(full());
    await reading();
    await fireEvent.click(screen.getByTestId('print'));
    await waitFor(() => expect(document.getElementById('print-frame')).not.toBeNull());
    const frame = document.getElementById('print-frame');
    expect(frame?.getAttribute('sandbox')).toBe('allow-same-origin allow-modals');
    expect(frame?.getAttribute('srcdoc')).toContain('Pipeline capacity');
    frame?.remove();
  });
});
