// What a desktop expects of a program: menus, libraries to switch between, a window that stands where it stood, printing, files
// dragged out, and word of long work.

import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Desktop, pause, program, until } from './desktop.mjs';
import { large, sample } from './mail.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

const done = (app) =>
  until('the import ends', async () => (await app.find('job'))?.attribute('data-state').then((state) => state === 'done'), 60);

/** The application with the sample mailbox read. */
async function opened(desktop) {
  const { file, items } = await sample(desktop);
  const app = await desktop.open(file);
  await app.readNumber('total', items, 60);
  await done(app);
  return { app, file, items };
}

/** Clicks what a pointer meets there. The driver takes a button that cuts its text off for one that is hidden. */
const clickShort = (app, testid) =>
  until(`${testid} is clicked`, () =>
    app.session.run((name) => {
      const button = document.querySelector(`[data-testid="${name}"]`);
      const box = button?.getBoundingClientRect();
      if (!box || document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2) !== button) return false;
      button.click();
      return true;
    }, testid),
  );

/** Presses keys as a person does, into the window that has the focus. */
async function keys(desktop, ...names) {
  await desktop.focusWindow();
  await desktop.hand('key', '--clearmodifiers', ...names);
}

test('libraries are made and switched between, and the last one is there at the next start', () =>
  Desktop.with('libraries', async (desktop) => {
    const { app, items } = await opened(desktop);
    await keys(desktop, 'ctrl+l');
    await app.see('libraries');
    await app.shoot('libraries');
    await (await app.see('library-name')).type('Case 12');
    await app.click('create-library');
    await app.see('welcome');
    // The file that the first library holds is offered here too.
    await app.read('recent-file', 'sample.pst');
    await app.read('open-libraries', 'Case 12');
    await app.shoot('libraries-new');
    await app.click('recent-file');
    await app.readNumber('total', items, 60);
    await done(app);
    await desktop.closeWindow('Case 12 – Mailscope');
    await app.close().catch(() => {});

    const again = await desktop.open();
    await again.readNumber('total', items, 60);
    await again.read('open-libraries', 'Case 12');
    await clickShort(again, 'open-libraries');
    await again.read('library', 'Main library');
    await again.session.run(() => [...document.querySelectorAll('[data-testid="library"]')].find((one) => one.textContent.includes('Main library')).querySelector('button').click());
    await until('the first library is open', () => again.session.run(() => document.querySelector('[data-testid="libraries"]') === null && document.querySelector('[data-testid="result-row"]') !== null));
    assert.equal(await again.find('open-libraries'), null, 'the first library needs no name');
    await again.readNumber('total', items);
  }));

test('another library opens where the one of the start is in use', () =>
  Desktop.with('in-use-other', async (desktop) => {
    const { app, items } = await opened(desktop);
    await desktop.otherLogin(async () => {
      const second = await desktop.open();
      await second.see('startup-error');
      await second.click('other-library');
      await (await second.see('library-name')).type('Elsewhere');
      await second.shoot('in-use-other');
      await second.click('create-library');
      await second.see('welcome');
      await second.read('open-libraries', 'Elsewhere');
    });
    await app.readNumber('total', items);
  }));

test('a library whose disk is away is not made anew: the start says so, and offers the others', () =>
  Desktop.with('away', async (desktop) => {
    await mkdir(desktop.path('stick'));
    const { file, items } = await sample(desktop);
    const app = await desktop.open('--library', desktop.path('stick', 'case'), file);
    await app.readNumber('total', items, 60);
    await done(app);
    await app.close();
    await rename(desktop.path('stick'), desktop.path('pulled'));
    const again = await desktop.open();
    assert.equal(await (await again.see('startup-error')).attribute('data-code'), 'not_found');
    await again.click('other-library');
    await again.read('library', 'Not there');
    await again.shoot('away');
    await again.session.run(() => [...document.querySelectorAll('[data-testid="library"]')].find((one) => one.textContent.includes('Main library')).querySelector('button').click());
    await again.see('welcome');
    assert.deepEqual((await readdir(desktop.folder)).includes('stick'), false, 'nothing was made where the disk was');
    await again.close();
    await rename(desktop.path('pulled'), desktop.path('stick'));
    const back = await desktop.open();
    await back.see('welcome');
    await clickShort(back, 'open-libraries');
    await back.read('library', 'case');
    await back.session.run(() => [...document.querySelectorAll('[data-testid="library"]')].find((one) => one.textContent.includes('case')).querySelector('button').click());
    await back.readNumber('total', items, 60);
  }));

test('the window stands where it stood, and as large', () =>
  Desktop.with('place', async (desktop) => {
    const app = await desktop.open();
    await app.see('welcome');
    await desktop.moveWindow(140, 60, 1010, 720);
    const inner = () => [innerWidth, innerHeight];
    await until('the window is smaller', () => app.session.run(inner).then(([width]) => width === 1010));
    const before = [...(await app.session.run(inner)), ...(await desktop.placeOfWindow())];
    await desktop.closeWindow();
    await app.close().catch(() => {});
    const again = await desktop.open();
    await again.see('welcome');
    await until('the window is as it was', async () => {
      const now = [...(await again.session.run(inner)), ...(await desktop.placeOfWindow())];
      return JSON.stringify(now) === JSON.stringify(before);
    }, 10);
  }));

test('the page is drawn by whatever the start names, and by what is there where it names nothing', () =>
  Desktop.with('drawn', async (desktop) => {
    const { file, items } = await sample(desktop);
    const drawn = () => document.documentElement.dataset.drawn ?? 'card';
    // The ground of the lists and of the message, as a name of a colour may be resolved.
    const ground = () => {
      const probe = document.body.appendChild(document.createElement('i'));
      probe.style.background = 'var(--panel)';
      const { backgroundColor } = getComputedStyle(probe);
      probe.remove();
      return backgroundColor.match(/\d+/g).slice(0, 3).map(Number);
    };
    /** Searches, reads, and changes the theme; each time the screen must show what the page is. */
    const flow = async (by) => {
      if (by !== null) desktop.env.MAILSCOPE_DRAWN_BY = by;
      const app = await desktop.open(file);
      const what = await app.session.run(drawn);
      if (by !== null) assert.equal(what, by);
      await app.readNumber('total', items, 60);
      await done(app);
      await app.search('hall');
      await until('the search is answered', () => app.session.run(() => document.querySelector('[data-testid="results"]')?.dataset.query === 'hall'));
      await app.click('result-row');
      await app.see('reader-subject');
      const light = await app.shoot(`drawn-by-${by ?? 'default'}-light`);
      assert.deepEqual(light.ground, await app.session.run(ground));
      await app.click('theme-toggle');
      await app.click('theme-toggle');
      await until('the window is dark', async () => (await app.session.run(ground))[0] < 64);
      const dark = await app.shoot(`drawn-by-${by ?? 'default'}-dark`);
      assert.deepEqual(dark.ground, await app.session.run(ground));
      // As it was, for whoever comes next.
      await app.click('theme-toggle');
      await app.close();
      await until('the program has ended', async () => !(await app.isRunning()));
      return what;
    };
    const byDefault = await flow(null);
    // All other tests go by the default; this one goes the other way too.
    await flow(byDefault === 'card' ? 'processor' : 'card');
  }));

test('a page whose process fails comes back', () =>
  Desktop.with('revived', async (desktop) => {
    const { file, items } = await sample(desktop);
    // A driver would end with the page.
    desktop.background(program('mailscope-desktop'), file);
    await until('the window is there', () => desktop.placeOfWindow().then(() => true));
    const drawn = async (name) => (await desktop.shootScreen(name)).colours > 64;
    await until('the page is drawn', () => drawn('revived-1-before'), 60);
    const failing = await until('its process runs', async () => {
      const pages = await desktop.pages();
      return pages.length === 1 && pages[0];
    });
    process.kill(failing, 'SIGKILL');
    await until('another process draws it', async () => {
      const pages = await desktop.pages();
      return pages.length === 1 && pages[0] !== failing;
    });
    await until('the page is drawn again', () => drawn('revived-2-after'), 60);
    await desktop.closeWindow();
    const left = await desktop.cli('--json', 'sources');
    assert.equal(JSON.parse(left.stdout.trim().split('\n').at(-1)).total_items, items, left.stderr);
  }));

test('a file is watched by a switch in its menu, and a watched folder is taken in as it fills', () =>
  Desktop.with('watch', async (desktop) => {
    const { app, file, items } = await opened(desktop);
    const api = (name, request) =>
      app.session.run((what, asked) => window.__TAURI_INTERNALS__.invoke('call', { name: what, request: JSON.stringify(asked) }).then(JSON.parse), name, request);
    await app.click('source-menu');
    await until('the menu is there', () => app.session.run(() => document.querySelector('[role="menuitemcheckbox"]') !== null));
    await app.shoot('watch-menu');
    await app.session.run(() => document.querySelector('[role="menuitemcheckbox"]').click());
    await app.see('watched');
    assert.deepEqual((await api('watched', {})).paths, [file]);

    // The dialog for folders is the system's own; the rest of the way is the same.
    const folder = desktop.path('comes in');
    await mkdir(folder);
    await api('watch', { path: folder, watched: true });
    await copyFile(file, path.join(folder, 'second.pst'));
    await app.read('source', 'second.pst', 30);
    await app.readNumber('total', items * 2, 60);
    await app.close();
    // Unchanged files that are watched are no news at the next start.
    const again = await desktop.open();
    await again.readNumber('total', items * 2, 60);
    await pause(1500);
    assert.equal(await again.find('notice'), null);
  }));

test('native menus and their shortcuts do what they say', () =>
  Desktop.with('menus', async (desktop) => {
    const { app } = await opened(desktop);
    await keys(desktop, 'F1');
    await app.see('shortcuts');
    await app.session.run(() => document.querySelector('dialog[open]').close());
    await keys(desktop, 'ctrl+2');
    await app.see('conversation-row');
    await keys(desktop, 'ctrl+4');
    await app.see('senders');
    await keys(desktop, 'ctrl+1');
    await app.see('result-row');
    await keys(desktop, 'ctrl+comma');
    await app.see('settings');
    await app.session.run(() => document.querySelector('dialog[open]').close());
    await keys(desktop, 'alt+f');
    await pause(500);
    await desktop.shootScreen('menus');
    await desktop.hand('key', 'Escape');
    await keys(desktop, 'ctrl+q');
    await until('the program has ended', async () => !(await app.isRunning()));
  }));

test('a message is printed into a PDF file', () =>
  Desktop.with('print', async (desktop) => {
    const { file } = await sample(desktop);
    // A window that a driver holds does not print.
    desktop.background(program('mailscope-desktop'), file);
    await until('the window is there', () => desktop.placeOfWindow().then(() => true));
    // The entry of the menu waits for a message; so do these keys.
    const dialog = await until('the dialog is there', async () => {
      await keys(desktop, 'j', 'ctrl+p');
      await pause(1500);
      return desktop.placeOfWindow('Print').catch(() => null);
    });
    await desktop.shootScreen('print');
    // The first of the printers: a file.
    await desktop.hand('mousemove', String(dialog[0] + 70), String(dialog[1] + 86), 'click', '1');
    await pause(700);
    await desktop.confirmDialog('Print', () => pause(300));
    const pdf = await until('the PDF is written', async () => {
      const found = (await readdir(desktop.folder, { recursive: true })).find((name) => name.endsWith('.pdf'));
      if (!found) return null;
      const bytes = await readFile(desktop.path(found));
      return bytes.subarray(-32).includes('%%EOF') ? bytes : null;
    });
    assert.ok(pdf.subarray(0, 5).equals(Buffer.from('%PDF-')));
    assert.ok(pdf.length > 2000, `${pdf.length} bytes`);
    if (process.env.MAILSCOPE_KEEP) await writeFile(process.env.MAILSCOPE_KEEP, pdf);
    await desktop.closeWindow();
  }));

test('a message is saved as PDF, with its head, and not over a source', () =>
  Desktop.with('pdf', async (desktop) => {
    const { app, file } = await opened(desktop);
    await app.search('subject:"harbour hall"');
    await until('the search is answered', () => app.session.run(() => document.querySelector('[data-testid="results"]')?.dataset.query.startsWith('subject:')));
    await app.click('result-row');
    const subject = (await app.read('reader-subject', /\S/)).trim();
    const to = desktop.path('a letter.pdf');
    await app.click('save-pdf');
    await desktop.saveInDialog('Save as PDF', to);
    await app.read('notice', 'a letter.pdf was saved');
    const { stdout } = await desktop.run('pdftotext', '-layout', to, '-');
    for (const part of [subject, 'From', 'Folder']) assert.ok(stdout.includes(part), `${part} in ${stdout.slice(0, 500)}`);
    assert.deepEqual((await readdir(desktop.folder)).filter((name) => name.endsWith('.part')), []);
    const save = (path) =>
      app.session.run(
        (asked) => window.__TAURI_INTERNALS__.invoke('call', { name: 'save_pdf', request: JSON.stringify(asked) }).then(() => null, ({ message }) => message),
        { page: '<p>x', to: path },
      );
    const before = await readFile(file);
    assert.match(await save(file), /\S/);
    assert.ok(before.equals(await readFile(file)), 'the source is as it was');
    assert.match(await save(desktop.path('no such folder', 'x.pdf')), /could not be written/);
  }));

test('attachments and messages are dragged out as files', () =>
  Desktop.with('drag-out', async (desktop) => {
    const { app } = await opened(desktop);
    await app.search('has:attachment');
    await until('the search is answered', () => app.session.run(() => document.querySelector('[data-testid="results"]')?.dataset.query === 'has:attachment'));
    await app.click('result-row');
    await app.see('attachment');
    await mkdir(desktop.path('dropped'));
    const target = desktop.background('/usr/bin/python3', path.join(here, 'target.py'));
    await until('the window to drop on is there', () => target.says('ready'));
    for (const testid of ['attachment', 'result-row']) {
      const at = await desktop.onScreen(app, testid);
      await desktop.pull(at, [1320, 60]);
      await until(`${testid} was dropped as a file`, () => /^file:\/\//m.test(target.text), 15);
      const address = /^file:\/\/.*$/m.exec(target.text)[0];
      const bytes = await readFile(new URL(address));
      assert.ok(bytes.length > 0, address);
      if (testid === 'result-row') assert.match(bytes.toString('latin1', 0, 4000), /^(MIME-Version|Subject|From|Date):/m);
      target.text = '';
    }
    assert.equal(await app.find('notice'), null);
    // The window goes on working: the press has ended for it too.
    await app.search('');
    await app.click('result-row');
    await app.see('reader-subject');
  }));

test('the end of a long import is told outside of the window, and its progress before', () =>
  Desktop.with('notify', async (desktop) => {
    const { file, items } = await large(desktop);
    const listener = desktop.background('/usr/bin/python3', path.join(here, 'listen.py'));
    await until('somebody listens for notifications', () => listener.says('ready'));
    const app = await desktop.open();
    await app.see('welcome');
    // Who looks at the window sees the end there: somebody looks at another one.
    const other = desktop.background('/usr/bin/python3', path.join(here, 'target.py'));
    await until('another window is there', () => other.says('ready'));
    await desktop.focusWindow('Drop here');
    assert.equal((await desktop.startAgain(file)).code, 0);
    await desktop.focusWindow('Drop here');
    await app.readNumber('total', items, 180);
    await until('the dock was told of progress, and of its end', () => /^progress 0?\.\d/m.test(listener.text) && /^progress hidden/m.test(listener.text), 60);
    const seconds = await app.session.run(async () => {
      const answer = await window.__TAURI_INTERNALS__.invoke('call', { name: 'jobs', request: '{}' });
      return JSON.parse(answer).jobs[0].seconds;
    });
    if (seconds >= 10) await until('a notification was sent', () => /^notify large\.pst is read\|100,000 items/m.test(listener.text));
  }));
