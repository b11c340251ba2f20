// What goes wrong is told in words, and the window stays of use.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rename, stat, truncate, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Desktop, pause, until } from './desktop.mjs';
import { large, sample } from './mail.mjs';

test('a file that is not Outlook mail is refused in words', () =>
  Desktop.with('not-outlook', async (desktop) => {
    await writeFile(desktop.path('letter.pst'), 'Dear reader, this is a text.\n'.repeat(200));
    const app = await desktop.open();
    await app.see('welcome');
    await desktop.drop(desktop.path('letter.pst'));
    const notice = await app.read('notice', 'letter.pst');
    assert.match(notice, /not an Outlook/i);
    await app.shoot('not-outlook');
    // Still good for the next file.
    const { file, items } = await sample(desktop);
    await desktop.drop(file);
    await app.readNumber('total', items, 60);
  }));

test('a library in use gives a page that says so, and opens when it is free', () =>
  Desktop.with('in-use', async (desktop) => {
    const { file, items } = await sample(desktop);
    const first = await desktop.open(file);
    await first.readNumber('total', items, 60);
    const second = await desktop.otherLogin(() => desktop.open());
    const page = await second.read('startup-error', /\S/);
    assert.match(page, /in use|open in|already open/i);
    await second.shoot('in-use');
    await first.close();
    await until('the page finds the library free', async () => {
      await second.session.run(() => document.querySelector('[data-testid="startup-error"] button')?.click());
      return (await second.texts('total'))[0]?.includes(String(items));
    });
  }));

/** Does `work` while nothing may be written to a folder; tells whether that could be brought about. */
async function frozen(folder, work) {
  const run = promisify(execFile);
  // Nothing is forbidden to root but by the medium.
  const asRoot = process.getuid() === 0;
  const freeze = asRoot ? [['mount', '--bind', folder, folder], ['mount', '-o', 'remount,bind,ro', folder]] : [['chmod', '-R', 'a-w', folder]];
  const melt = asRoot ? ['umount', '--lazy', folder] : ['chmod', '-R', 'u+w', folder];
  try {
    for (const [command, ...args] of freeze) await run(command, args);
  } catch {
    return false;
  }
  try {
    await work();
  } finally {
    await run(melt[0], melt.slice(1));
  }
  return true;
}

test('a library to which nothing may be written is searched, and says so', () =>
  Desktop.with('read-only', async (desktop) => {
    const { file, items } = await sample(desktop);
    assert.equal((await desktop.cli('--library', desktop.library, 'import', file)).code, 0);
    const other = (await sample(desktop, 'another.pst')).file;
    const could = await frozen(desktop.library, async () => {
      const app = await desktop.open();
      await app.readNumber('total', items, 60);
      await app.read('notice', 'This library can only be read');
      await app.click('result-row');
      await app.see('reader-subject');
      await app.shoot('read-only');
      await app.ask('choir');
      await (await app.see('result-list')).type('s');
      await app.read('notice', 'Nothing may be written');
      await desktop.drop(other);
      await app.read('notice', 'another.pst was not imported');
      await app.close();
    });
    if (!could) console.error('SKIPPED a library to which nothing may be written: nothing can be made read-only here');
  }));

test('a start finds a window that hangs, and opens its own', () =>
  Desktop.with('hangs', async (desktop) => {
    const { file, items } = await sample(desktop);
    const first = await desktop.open();
    await first.see('welcome');
    assert.ok(first.signal('SIGSTOP'));
    try {
      const second = await desktop.open(file);
      assert.match(await second.read('startup-error', /\S/), /open in another/i);
      await second.shoot('hangs');
      // One that is killed where it stands gives up all that it held, and the file that was named is not forgotten.
      first.signal('SIGKILL');
      await until('the page finds the library free', async () => {
        await second.session.run(() => document.querySelector('[data-testid="startup-error"] button')?.click());
        return (await second.texts('total'))[0]?.includes(String(items));
      });
    } finally {
      first.signal('SIGKILL');
    }
  }));

test('a start right after a window was killed is the first again', () =>
  Desktop.with('killed', async (desktop) => {
    const { file, items } = await sample(desktop);
    const first = await desktop.open();
    await first.see('welcome');
    assert.ok(first.signal('SIGKILL'));
    const second = await desktop.open();
    await second.see('welcome');
    const third = await desktop.startAgain(file);
    assert.equal(third.code, 0, third.stderr);
    await second.readNumber('total', items, 60);
  }));

const state = async (app) => (await app.find('job'))?.attribute('data-state');
const found = async (app) => Number((await app.texts('total'))[0]?.replace(/\D/g, ''));

test('a file that is cut off says so, for as long as it is, and what is left of it is read', () =>
  Desktop.with('cut-off', async (desktop) => {
    const { file, items } = await sample(desktop, 'half a mailbox.pst');
    await truncate(file, Math.floor((await stat(file)).size * 0.7));
    const app = await desktop.open();
    await app.see('welcome');
    await desktop.drop(file);
    await app.read('notice', 'half a mailbox.pst is cut off', 60);
    await app.see('cut-off');
    const left = await until('some of it is there', () => found(app));
    assert.ok(left < items, `${left} of ${items} items are left`);
    await app.shoot('cut-off');
    await app.click('result-row');
    await app.see('reader-subject');
    await app.close();
    const again = await desktop.open();
    await again.see('cut-off');
  }));

test('a file that is pulled away leaves its text, and says what needs it', () =>
  Desktop.with('pulled', async (desktop) => {
    const { file, items } = await sample(desktop, 'on a stick.pst');
    const app = await desktop.open(file);
    await app.readNumber('total', items, 60);
    await until('the import ends', async () => (await state(app)) === 'done');
    await app.search('has:attachment kind:mail');
    await until('the search is answered', () => app.session.run(() => document.querySelector('[data-testid="results"]')?.dataset.query === 'has:attachment kind:mail'));
    /** Reads one of the first two rows, anew. */
    const read = async (row) => {
      const id = await app.session.run((at) => {
        const element = document.querySelectorAll('[data-testid="result-row"]')[at];
        element.click();
        return element.dataset.id;
      }, row);
      await until('it is read', async () => (await (await app.find('reader')).attribute('data-id')) === id);
    };
    const closed = () => document.querySelector('[data-testid="attachment-save"]').disabled;
    await read(0);
    await app.see('attachment');
    assert.equal(await app.session.run(closed), false, 'with the file there its attachments are saved');
    const body = () => app.session.run(() => document.querySelector('[data-testid="tab-text"]').click()).then(() => app.texts('reader-text')).then(([text]) => text);
    const text = await until('its text is shown', body);
    await rename(file, desktop.path('elsewhere.pst'));
    await read(1);
    await read(0);
    assert.equal(await body(), text, 'the text is there without the file');
    await until('its attachments need the file', () => app.session.run(closed));
    const isAway = () => document.getElementById('sources').innerText.includes('The file is away');
    await until('the sidebar says so', () => app.session.run(isAway));
    await app.shoot('pulled');
    await rename(desktop.path('elsewhere.pst'), file);
    await read(1);
    await read(0);
    await until('its attachments are back', async () => !(await app.session.run(closed)));
    await until('the sidebar knows', async () => !(await app.session.run(isAway)));
  }));

test('a window whose page is loaded again finds its import again', () =>
  Desktop.with('reload', async (desktop) => {
    const { file, items } = await large(desktop);
    const app = await desktop.open(file);
    await until('the import has begun', async () => (await found(app)) > 0);
    await app.click('pause-job');
    await until('the import waits', async () => (await state(app)) === 'paused');
    await app.session.run(() => {
      window.before = true;
      location.reload();
    });
    await until('the page is another', () => app.session.run(() => window.before === undefined && document.querySelector('[data-testid="job"]') !== null));
    assert.equal(await state(app), 'paused');
    await app.click('pause-job');
    await app.readNumber('total', items, 120);
    await until('the import ends', async () => (await state(app)) === 'done', 60);
  }));

test('an import waits, also over the end of the window, and goes on', () =>
  Desktop.with('pause', async (desktop) => {
    const { file, items } = await large(desktop);
    const app = await desktop.open(file);
    await until('the import has begun', async () => (await found(app)) > 0);
    await app.click('pause-job');
    await until('the import waits', async () => (await state(app)) === 'paused');
    // What was on its way still arrives; then nothing does.
    const rest = await until('nothing more arrives', async () => {
      const before = await found(app);
      await pause(2000);
      return (await found(app)) === before && before;
    });
    assert.ok(rest > 0 && rest < items, `${rest} of ${items} items are there`);
    await app.shoot('pause');
    await desktop.closeWindow();
    await app.close().catch(() => {});
    const again = await desktop.open();
    await until('it still waits', async () => (await state(again)) === 'paused');
    await again.readNumber('total', rest);
    await again.click('pause-job');
    await again.readNumber('total', items, 120);
    await until('the import ends', async () => (await state(again)) === 'done', 60);
  }));

test('an import is stopped, what was read stays, and the next import goes on', () =>
  Desktop.with('cancel', async (desktop) => {
    const { file, items } = await large(desktop);
    const app = await desktop.open(file);
    await until('the import has begun', async () => Number((await app.texts('total'))[0]?.replace(/\D/g, '')) > 0);
    await app.shoot('cancel-1-importing');
    await app.click('cancel-job');
    await until('the job has stopped', async () => (await (await app.find('job')).attribute('data-state')) === 'cancelled');
    const kept = Number((await app.texts('total'))[0].replace(/\D/g, ''));
    assert.ok(kept > 0 && kept < items, `${kept} of ${items} items are kept`);
    await app.shoot('cancel-2-cancelled');
    await desktop.drop(file);
    await app.readNumber('total', items, 120);
  }));

test('the window is closed in the middle of an import, and the next start goes on', () =>
  Desktop.with('closed', async (desktop) => {
    const { file, items } = await large(desktop);
    const app = await desktop.open(file);
    await until('the import has begun', async () => Number((await app.texts('total'))[0]?.replace(/\D/g, '')) > 0);
    await desktop.closeWindow();
    await app.close().catch(() => {});

    const again = await desktop.open();
    await again.readNumber('total', items, 120);
  }));
