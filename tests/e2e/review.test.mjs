// What people say of mail, and how it hangs together: conversations, flags, tags, notes, several rows at once, saved searches, the record.

import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { Desktop, until } from './desktop.mjs';
import { sample } from './mail.mjs';

/** Opens the sample mailbox and waits until it is read, and until it is known what belongs together. */
async function opened(desktop) {
  const { file, items } = await sample(desktop);
  const app = await desktop.open(file);
  await app.readNumber('total', items, 60);
  await until('the import ends', async () => (await app.find('job'))?.attribute('data-state').then((state) => state === 'done'));
  await until('conversations are told', () => app.session.run(() => document.querySelector('[data-testid="row-thread"]') !== null));
  return { app, items };
}

const press = (app, key, more = {}) =>
  app.session.run(
    (name, rest) =>
      (document.activeElement ?? document.body).dispatchEvent(
        new KeyboardEvent('keydown', {
          key: name,
          bubbles: true,
          cancelable: true,
          ...rest,
        }),
      ),
    key,
    more,
  );

const answered = (app, query) =>
  until(`${query} is answered`, () => app.session.run((asked) => document.querySelector('[data-testid="results"]')?.dataset.query === asked, query));

async function read(app, query) {
  await app.search(query);
  await answered(app, query);
  await app.click('result-row');
  await app.see('review-bar');
}

test('a conversation is opened, read through and searched', () =>
  Desktop.with('conversations', async (desktop) => {
    const { app } = await opened(desktop);
    await press(app, 'g');
    await press(app, 'c');
    await app.see('conversation-row');
    const all = Number((await app.texts('thread-total'))[0].replace(/\D/g, ''));
    await app.search('subject:"an idea for midsummer"');
    // Less of the query may find one conversation too.
    const whole = () => document.querySelector('[data-testid="conversations"]')?.dataset.query === 'subject:"an idea for midsummer"';
    await until('the whole query is answered', () => app.session.run(whole));
    await app.readNumber('thread-total', 1);
    assert.ok(all > 1);
    await app.session.run(() => document.querySelector('[data-testid="conversation-list"]').focus());
    await press(app, 'ArrowDown');
    await app.see('thread-message');
    await app.see('reader-subject');
    const messages = () =>
      app.session.run(() => [...document.querySelectorAll('[data-testid="thread-message"]')].map((one) => [one.dataset.id, one.getAttribute('aria-level')]));
    const shown = await messages();
    assert.ok(shown.length >= 4, JSON.stringify(shown));
    assert.ok(
      shown.some(([, level]) => Number(level) > 1),
      'answers stand under what they answer',
    );
    // Into the tree, down, into the message, and out again by the same way.
    await press(app, 'Enter');
    await press(app, 'Home');
    await until('the first is read', async () => (await app.find('reader'))?.attribute('data-id').then((id) => id === shown[0][0]));
    await press(app, 'ArrowDown');
    await until('the second is read', async () => (await app.find('reader'))?.attribute('data-id').then((id) => id === shown[1][0]));
    await app.shoot('conversation');
    await press(app, 'Escape');
    await until('the focus is in the list', () => app.session.run(() => document.activeElement?.dataset.testid === 'conversation-list'));
    await app.click('thread-search');
    await app.click('view-messages');
    await app.readNumber('total', shown.length);
    await app.read('token', /^conversation:/);
  }));

test('what is said of a message is kept, found, and taken back', () =>
  Desktop.with('said', async (desktop) => {
    const { app } = await opened(desktop);
    await read(app, 'hall');
    const id = await (await app.find('reader')).attribute('data-id');
    await app.session.run(() => document.querySelector('[data-testid="result-list"]').focus());
    await press(app, 's');
    await press(app, 'r');
    await until('it is flagged', async () => (await app.find('flag'))?.attribute('aria-pressed').then((on) => on === 'true'));
    await press(app, 't');
    await (await app.see('tag-input')).type('to ask about');
    await press(app, 'Enter');
    await app.read('tags', 'to ask about');
    await app.session.run(() => document.querySelector('dialog[open]').close());
    await app.session.run(() => document.querySelector('[data-testid="result-list"]').focus());
    await press(app, 'n');
    await (await app.see('note-input')).type('Who has the keys?');
    await app.click('note-keep');
    await app.read('note', 'Who has the keys?');
    await app.readNumber('flagged', 1);
    await app.read('row-tag', 'to ask about');
    await app.shoot('said');
    // Each of it is asked for.
    for (const query of ['is:marked', 'is:reviewed', 'tag:"to ask about"', 'note:keys']) {
      await app.search(query);
      await app.readNumber('total', 1);
      const row = await app.session.run(() => document.querySelector('[data-testid="result-row"]').dataset.id);
      assert.equal(row, id, query);
    }
    // The record knows it all; the last entry is taken back there.
    await app.session.run(() => document.querySelector('[data-testid="result-list"]').focus());
    await press(app, 'g');
    await press(app, 'a');
    await until('four entries', async () => (await app.texts('action')).length === 4);
    await app.click('take-back');
    await until('taking back is an entry', async () => (await app.texts('action')).length === 5);
    await app.session.run(() => document.querySelector('dialog[open]').close());
    await app.readNumber('total', 0);
    await app.close();
    // Kept by the library, not by the window.
    const again = await desktop.open();
    await again.readNumber('flagged', 1, 30);
    await again.read('tag', 'to ask about');
    // Its colour is the library's too.
    await again.click('tag-menu');
    await again.session.run(() => [...document.querySelectorAll('[role="menuitemradio"]')].find((one) => one.textContent.includes('Green')).click());
    const coloured = () => document.querySelector('[data-testid="row-tag"] [data-colour="green"]') !== null;
    await until('the tag is green in the list', () => again.session.run(coloured));
    await again.shoot('coloured');
    await again.close();
    const third = await desktop.open();
    await until('it still is', () => third.session.run(coloured));
  }));

test('a whole search is tagged, and taken back at once', () =>
  Desktop.with('bulk', async (desktop) => {
    const { app, items } = await opened(desktop);
    await app.session.run(() => document.querySelector('[data-testid="result-list"]').focus());
    await press(app, 'a', { ctrlKey: true });
    await app.readNumber('chosen', items);
    await app.click('act-tag');
    await (await app.see('tag-input')).type('all of it');
    await press(app, 'Enter');
    await app.read('notice', `${items} items were tagged all of it`);
    await app.shoot('bulk');
    await app.read('tag', `${items}`);
    await app.click('notice-act');
    await until('the tag is gone', async () => (await app.texts('tag')).length === 0);
  }));

test('conversations are chosen, and stand for the messages that match', () =>
  Desktop.with('threads-chosen', async (desktop) => {
    const { app } = await opened(desktop);
    await app.search('hall');
    await answered(app, 'hall');
    const found = Number((await app.texts('total'))[0].replace(/\D/g, ''));
    await app.click('view-conversations');
    await app.see('conversation-row');
    await app.session.run(() => document.querySelector('[data-testid="conversation-list"]').focus());
    await press(app, 'x');
    await press(app, 'ArrowDown', { shiftKey: true });
    await app.readNumber('chosen', 2);
    const said = (await app.texts('meant'))[0];
    const messages = Number(/(\d+) messages?/.exec(said)?.[1]);
    await app.shoot('threads-chosen');
    await press(app, 't');
    await (await app.see('tag-input')).type('two threads');
    await press(app, 'Enter');
    await app.read('tag', `${messages}`);
    await press(app, 'a', { ctrlKey: true });
    await until('all that is found is meant', async () => (await app.texts('meant'))[0]?.includes(`${found} messages`));
    await press(app, 's');
    await app.readNumber('flagged', found);
  }));

test('several rows are chosen, and dragged out as files', () =>
  Desktop.with('several', async (desktop) => {
    const { app } = await opened(desktop);
    await app.search('hall');
    await answered(app, 'hall');
    await app.click('result-row');
    await app.session.run(() => document.querySelector('[data-testid="result-list"]').focus());
    await press(app, 'x');
    await press(app, 'ArrowDown', { shiftKey: true });
    await app.readNumber('chosen', 2);
    await app.shoot('several');
    const target = desktop.background('/usr/bin/python3', new URL('target.py', import.meta.url).pathname);
    await until('there is a place to drop', () => target.says('ready'));
    await desktop.pull(await desktop.onScreen(app, 'result-row'), [1320, 60]);
    const dropped = await until('two files are dropped', () => {
      const files = target.text.split('\n').filter((line) => line.includes('.eml'));
      return files.length >= 2 && files;
    });
    assert.equal(new Set(dropped).size, dropped.length, 'each has a name of its own');
  }));

test('a search is saved, and there again after a restart', () =>
  Desktop.with('saved', async (desktop) => {
    const { app } = await opened(desktop);
    await app.search('hall');
    await answered(app, 'hall');
    const found = Number((await app.texts('total'))[0].replace(/\D/g, ''));
    await app.click('save-search');
    const input = await app.see('name-input');
    await app.session.run(() => document.querySelector('[data-testid="name-input"]').select());
    await input.type('The hall');
    await app.click('name-keep');
    await app.read('saved', 'The hall');
    await app.close();
    const again = await desktop.open();
    await again.read('saved', new RegExp(`The hall\\s*${found}`), 30);
    await again.click('saved');
    await again.readNumber('total', found);
    await again.click('saved-menu');
    await again.session.run(() => [...document.querySelectorAll('[role="menuitem"]')].find((one) => one.textContent.includes('Delete')).click());
    await until('it is deleted', async () => (await again.texts('saved')).length === 0);
    assert.ok(Array.isArray(await readdir(desktop.library)));
  }));

test('items that say the same are shown once, with the places of their copies', () =>
  Desktop.with('copies', async (desktop) => {
    const { app, items } = await opened(desktop);
    const copy = await sample(desktop, 'the same mail.pst');
    await app.session.run(
      (path) =>
        window.__TAURI_INTERNALS__.invoke('call', {
          name: 'import',
          request: JSON.stringify({ paths: [path] }),
        }),
      copy.file,
    );
    await app.readNumber('total', items * 2, 60);
    await app.click('fold');
    await app.readNumber('total', items);
    await until('copies are told', async () => (await app.texts('row-copies')).includes('2 copies'));
    await app.click('row-copies');
    await until('both places are listed', async () => (await app.texts('found-item')).length === 2);
    assert.match((await app.texts('found-item')).join(' '), /the same mail\.pst/);
    await app.shoot('copies');
    await app.session.run(() => document.querySelector('dialog[open]').close());
    // What is said of all of them is said of the copies too, and that is told before.
    await app.session.run(() => document.querySelector('[data-testid="result-list"]').focus());
    await press(app, 'a', { ctrlKey: true });
    await app.read('meant', `with ${items} copies`);
    await press(app, 's');
    await app.readNumber('flagged', items * 2);
  }));
