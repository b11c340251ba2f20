// Mail comes in: dropped, named at the start, handed over, out of folders.

import assert from 'node:assert/strict';
import { copyFile, mkdir } from 'node:fs/promises';
import { test } from 'node:test';
import { Desktop, until } from './desktop.mjs';
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

/** Opens messages from the top of the list until one has a word to search for; gives the word and the message's id. */
async function aWordOfABody(app) {
  await app.see('result-row');
  for (let row = 0; row < 12; row += 1) {
    const id = await app.session.run((at) => {
      const element = document.querySelectorAll('[data-testid="result-row"]')[at];
      element?.click();
      return element?.dataset.id;
    }, row);
    if (id === undefined) break;
    await until('the reader shows that message', async () => (await (await app.find('reader')).attribute('data-id')) === id);
    if (!(await app.find('reader-frame')) && !(await app.find('reader-text'))) continue;
    const word = /\b[a-z]{8,14}\b/.exec(await readerText(app))?.[0];
    if (word) return { word, id };
  }
  throw new Error('no message of the first twelve has a word of eight letters');
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

  const { word, id } = await aWordOfABody(app);
  await app.search(word);
  const total = await until('fewer results than items', async () => {
    const shown = Number(/\d+/.exec((await app.texts('total'))[0] ?? '')?.[0] ?? NaN);
    return shown < items ? shown : null;
  });
  assert.ok(total >= 1, `${word.length} letters of a body are found`);
  const hit = `[data-testid="result-row"][data-id="${id}"]`;
  await until('the message with that word is among the results', () => app.session.find(hit));
  await until('matches are marked in the list', () =>
    app.session.run((row) => document.querySelectorAll(`${row} mark`).length > 0, hit),
  );
  await (await app.session.find(hit)).click();
  const text = await until('the reader shows it', async () => {
    const shown = await readerText(app);
    return shown.toLowerCase().includes(word) ? shown : null;
  });
  assert.ok(text.length > word.length);
  assert.ok((await readerMarks(app)) > 0, 'matches are marked in the reader');
  assert.deepEqual(await app.session.run(() => [document.scripts.length > 0, location.protocol]), [true, 'tauri:']);
  await app.shoot(`${desktop.name}-4-found`);

  await app.click('theme-toggle');
  await app.shoot(`${desktop.name}-5-other-theme`);
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
    const { file, items } = await sample(desktop, 'Ünïcode näme.pst');
    const app = await desktop.open('Ünïcode näme.pst');
    await app.readNumber('total', items, 60);
    await app.read('source', 'Ünïcode näme.pst');
    await until('the import ends', async () => (await app.find('job'))?.attribute('data-state').then((state) => state === 'done'));
    await app.close();

    const again = await desktop.open();
    await again.readNumber('total', items);
    await again.read('source', 'Ünïcode näme.pst');
    assert.equal(await again.find('welcome'), null);
    assert.ok(file.endsWith('.pst'));
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
    await copyFile(file, desktop.path('archive', 'notes.txt'));
    const app = await desktop.open();
    await app.see('welcome');
    await desktop.drop(desktop.path('archive'));
    await app.readNumber('total', items, 60);
    await app.read('source', 'one.pst');
    assert.equal((await app.texts('source')).length, 1);
    await app.shoot('folder');
  }));
