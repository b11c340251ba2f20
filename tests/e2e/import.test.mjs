// Mail comes in: dropped, named at the start, handed over, out of folders.

import assert from 'node:assert/strict';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Desktop, pause, until } from './desktop.mjs';
import { corpus, sample } from './mail.mjs';

/** What the tests read of a message in the reader, wherever it is shown. */
async function readerText(app) {
  return until('the reader shows a body', async () => {
    const frame = await app.find('reader-frame');
    if (frame) return app.session.inFrame(frame, () => app.session.run(() => document.body.innerText));
    return (await app.texts('reader-text'))[0];
  });
}

/** How many words the reader marks. */
async function readerMarks(app) {
  const marks = () => document.querySelectorAll('mark').length;
  const frame = await app.find('reader-frame');
  if (frame) return app.session.inFrame(frame, () => app.session.run(marks));
  return app.session.run(() => document.querySelectorAll('[data-testid="reader-text"] mark').length);
}

/** The number of results that the window shows. */
async function total(app) {
  return Number((await app.texts('total'))[0]?.replace(/[^\d ].*/s, '').replace(/\D/g, '') || NaN);
}

/**
 * Opens messages from the top of the list until a word of one, typed into the search field, leaves fewer results than `items`
 * (a word of a footer that all messages carry does not). Gives the word and the message's id.
 */
async function searchForAWord(app, items) {
  await app.see('result-row');
  for (let row = 0; row < 6; row += 1) {
    await app.search('');
    await app.readNumber('total', items);
    const id = await app.session.run((at) => {
      const element = document.querySelectorAll('[data-testid="result-row"]')[at];
      element?.click();
      return element?.dataset.id;
    }, row);
    await until('the reader shows that message', async () => (await (await app.find('reader')).attribute('data-id')) === id);
    if (!(await app.find('reader-frame')) && !(await app.find('reader-text'))) continue;
    const words = new Set((await readerText(app)).match(/\b[a-z]{7,14}\b/g));
    for (const word of [...words].slice(0, 8)) {
      await app.search(word);
      // The list follows each letter: only what stays is the answer to the whole word.
      await pause(600);
      if ((await total(app)) < items) return { word, id };
    }
  }
  throw new Error('no message of the first six has a word of its own');
}

async function dropReadAndSearch(desktop, file, items) {
  const app = await desktop.open();
  await app.see('welcome');
  await app.shoot(`${desktop.name}-1-welcome`);

  await desktop.dragOver(file);
  await app.see('drop-overlay');
  await app.shoot(`${desktop.name}-2-drop-overlay`);
  await desktop.release();
  await app.unsee('drop-overlay');

  await app.readNumber('total', items, 60);
  await until('the import ends', async () => (await app.find('job'))?.attribute('data-state').then((state) => state === 'done'));
  await app.shoot(`${desktop.name}-3-imported`);

  const { word, id } = await searchForAWord(app, items);
  const hit = `[data-testid="result-row"][data-id="${id}"]`;
  await until('the message with that word is among the results', () => app.session.find(hit));
  await until('matches are marked in the list', () =>
    app.session.run((row) => document.querySelectorAll(`${row} mark`).length > 0, hit),
  );
  await (await app.session.find(hit)).click();
  await until('the reader shows it', async () => (await readerText(app)).includes(word));
  await until('matches are marked in the reader', async () => (await readerMarks(app)) > 0);
  await app.shoot(`${desktop.name}-4-found`);

  // From following the system through light to dark.
  const background = () => getComputedStyle(document.body).backgroundColor;
  const light = await app.session.run(background);
  await app.click('theme-toggle');
  await app.click('theme-toggle');
  await until('the window is dark', async () => (await app.session.run(background)) !== light);
  await app.shoot(`${desktop.name}-5-dark`);
}

test('the sample mailbox is dropped, read, searched and opened', () =>
  Desktop.with('drop-sample', async (desktop) => {
    const { file, items } = await sample(desktop, 'my old mail.pst');
    await dropReadAndSearch(desktop, file, items);
  }));

const real = await corpus('enron.pst');
const skip = real ? false : 'the folder of test mail (MAILSCOPE_CORPUS) has no enron.pst';
test('a real mailbox is dropped, read, searched and opened', { skip }, () =>
  Desktop.with('drop-real', (desktop) => dropReadAndSearch(desktop, real, 71)),
);

test('HTML mail is shown in a frame without its script and its remote picture', () =>
  Desktop.with('html', async (desktop) => {
    const { file, items } = await sample(desktop);
    const app = await desktop.open(file);
    await app.readNumber('total', items, 60);
    const subject = await app.session.run(async () => {
      const call = async (name, request) =>
        JSON.parse(await window.__TAURI_INTERNALS__.invoke('call', { name, request: JSON.stringify(request) }));
      const { hits } = await call('search', { limit: 200 });
      for (const { id } of hits) {
        const item = await call('show', { id });
        if (item.html && item.remote_blocked > 0) return item.subject.text;
      }
      return null;
    });
    assert.ok(subject, 'the sample mailbox has HTML mail with a remote picture');
    await app.search(`"${subject.replace(/\W+/g, ' ')}"`);
    await app.read('result-row', subject);
    await app.click('result-row');
    await app.read('reader-subject', subject);
    await app.read('remote-guard', 'blocked');
    const frame = await app.see('reader-frame');
    await app.shoot('html');
    const found = await app.session.inFrame(frame, () =>
      app.session.run(() => ({
        text: document.body.innerText.trim().length > 0,
        remote: document.querySelectorAll('[src^="http"], [background], link').length,
        scripts: document.scripts.length,
        address: location.href,
      })),
    );
    assert.deepEqual(found, { text: true, remote: 0, scripts: 0, address: 'about:srcdoc' });
  }));

test('the sample mailbox is one click away', () =>
  Desktop.with('try-sample', async (desktop) => {
    const { items } = await sample(desktop);
    const app = await desktop.open();
    await app.click('try-sample');
    await app.readNumber('total', items, 60);
  }));

test('a file is chosen in the dialog', () =>
  Desktop.with('dialog', async (desktop) => {
    const { file, items } = await sample(desktop);
    const app = await desktop.open();
    await app.click('choose-files');
    await desktop.chooseInDialog('Choose Outlook data files', file);
    await app.readNumber('total', items, 60);
  }));

test('a file named at the start is imported, and still there at the next start', () =>
  Desktop.with('argument', async (desktop) => {
    const { items } = await sample(desktop, 'Ünïcode näme.pst');
    const app = await desktop.open('Ünïcode näme.pst');
    await app.readNumber('total', items, 60);
    await app.read('source', 'Ünïcode näme.pst');
    await until('the import ends', async () => (await app.find('job'))?.attribute('data-state').then((state) => state === 'done'));
    await app.close();

    const again = await desktop.open();
    await again.readNumber('total', items);
    await again.read('source', 'Ünïcode näme.pst');
    assert.equal(await again.find('welcome'), null);
  }));

test('a second start hands its files to the first and ends', () =>
  Desktop.with('hand-over', async (desktop) => {
    const { items } = await sample(desktop);
    const app = await desktop.open();
    await app.see('welcome');
    const second = await desktop.startAgain('sample.pst');
    assert.equal(second.code, 0, second.stderr);
    await app.readNumber('total', items, 60);
  }));

test('a dropped folder gives every Outlook file in it', () =>
  Desktop.with('folder', async (desktop) => {
    const { file, items } = await sample(desktop);
    await mkdir(desktop.path('archive', 'deep er'), { recursive: true });
    await copyFile(file, desktop.path('archive', 'deep er', 'one.pst'));
    await writeFile(desktop.path('archive', 'notes.txt'), 'Not mail.');
    const app = await desktop.open();
    await app.see('welcome');
    await desktop.drop(desktop.path('archive'));
    await app.readNumber('total', items, 60);
    await app.read('source', 'one.pst');
    assert.equal((await app.texts('source')).length, 1);
    await app.shoot('folder');
  }));
