// What an investigator does all day: asks, refines by charts and people, reads each kind of item, takes out what was found.

import assert from 'node:assert/strict';
import { mkdir, readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { Desktop, until } from './desktop.mjs';
import { sample } from './mail.mjs';

/** Opens the sample mailbox and waits until it is read. */
async function opened(desktop) {
  const { file, items } = await sample(desktop);
  const app = await desktop.open(file);
  await app.readNumber('total', items, 60);
  await until('the import ends', async () => (await app.find('job'))?.attribute('data-state').then((state) => state === 'done'));
  return { app, items };
}

const press = (app, key, more = {}) =>
  app.session.run(
    (name, rest) => (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true, ...rest })),
    key,
    more,
  );

test('each mark of a chart changes the search, and back again', () =>
  Desktop.with('refine', async (desktop) => {
    const { app, items } = await opened(desktop);
    await app.click('view-insights');
    await app.see('senders');
    const first = () => {
      const line = document.querySelector('[data-testid="senders"] button');
      return { name: line.querySelector('.name').innerText, count: line.querySelector('.n').innerText };
    };
    const { count } = await app.session.run(first);
    await app.session.run(() => document.querySelector('[data-testid="senders"] button').click());
    await app.read('token', 'from:');
    await app.click('view-messages');
    await app.readNumber('total', Number(count));
    await app.click('view-insights');
    // The brush: from one bar to another, by keyboard.
    await app.session.run(() => document.querySelector('[data-testid="timeline"]').focus());
    await press(app, 'Home');
    await press(app, 'End', { shiftKey: true });
    await press(app, 'Enter');
    await until('the dates are among the tokens', async () => (await app.texts('token')).some((text) => /after:|during:/.test(text)));
    await app.shoot('refined');
    await app.session.run(() => document.querySelector('[aria-label="Clear the search"]').click());
    await app.see('heat-map');
    // An hour of the week: the fullest one, by keyboard.
    await until('all is counted again', () =>
      app.session.run((all) => document.querySelector('[data-testid="insights"] dd')?.innerText.replace(/\D/g, '') === String(all), items),
    );
    await app.session.run(() => {
      const map = document.querySelector('[data-testid="heat-map"]');
      const strengths = [...map.querySelectorAll('i')].map((one) => parseFloat(one.style.getPropertyValue('--s')));
      const best = strengths.indexOf(Math.max(...strengths));
      const press = (key) => map.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
      map.focus();
      for (let hour = 0; hour <= best % 24; hour += 1) press('ArrowRight');
      for (let day = 0; day < Math.floor(best / 24); day += 1) press('ArrowDown');
    });
    const inHour = Number(await until('its number is told', () => app.session.run(() => document.querySelector('.now b')?.innerText)));
    await press(app, 'Enter');
    await app.read('token', 'hour:');
    await app.click('view-messages');
    await app.readNumber('total', inHour);
    await app.click('view-insights');
    await app.session.run(() => document.querySelector('[aria-label="Clear the search"]').click());
    await app.click('view-people');
    await app.see('correspondent');
    await app.session.run(() => document.querySelector('[data-testid="pair"]').dispatchEvent(new MouseEvent('click', { bubbles: true })));
    await until('the pair is searched', async () => (await app.texts('token')).filter((text) => text.startsWith('participants:')).length === 2);
    await press(app, 'Escape');
    await app.search('');
    await app.readNumber('total', items);
  }));

test('each kind of item is read in a layout of its own', () =>
  Desktop.with('kinds', async (desktop) => {
    const { app } = await opened(desktop);
    const layouts = { appointment: ['when', 'organizer'], contact: ['email'], distlist: ['member'], task: ['status'], report: ['outcome', 'original.subject'] };
    for (const [kind, keys] of Object.entries(layouts)) {
      await app.search(`kind:${kind}`);
      await until(`only ${kind}s are listed`, () => app.session.run((asked) => document.querySelector('[data-testid="results"]')?.dataset.query === asked, `kind:${kind}`));
      await app.click('result-row');
      await app.see('item-card');
      const shown = await app.session.run(() => [...document.querySelectorAll('[data-testid="fact"]')].map((one) => one.dataset.key));
      for (const key of keys) assert.ok(shown.includes(key), `${kind} tells ${key}, not only ${shown}`);
    }
    // A note is its text, on paper of its colour.
    await app.search('kind:note');
    await until('only notes are listed', () => app.session.run(() => document.querySelector('[data-testid="results"]')?.dataset.query === 'kind:note'));
    await app.click('result-row');
    const paper = () => {
      const text = document.querySelector('[data-testid="reader-text"]');
      return text?.closest('.note') ? text.innerText.trim() : '';
    };
    await until('the note is read on its paper', () => app.session.run(paper));
  }));

test('names are completed, and become tokens', () =>
  Desktop.with('complete', async (desktop) => {
    const { app } = await opened(desktop);
    const field = await app.see('search-input');
    await field.type('from:rut');
    await app.read('completion', /ruth/i);
    await app.shoot('complete');
    await press(app, 'ArrowDown');
    await press(app, 'Enter');
    await app.read('token', /^from:/);
  }));

test('what was found is written into a folder', () =>
  Desktop.with('export', async (desktop) => {
    const { app } = await opened(desktop);
    await mkdir(desktop.path('out'));
    await app.search('hall');
    await until('the search is answered', () => app.session.run(() => document.querySelector('[data-testid="results"]')?.dataset.query === 'hall'));
    const found = Number((await app.texts('total'))[0].replace(/\D/g, ''));
    await app.session.run(() => document.querySelector('[data-testid="result-list"]').focus());
    await press(app, 'e');
    await app.see('export-dialog');
    await app.shoot('export');
    await app.session.run(() => document.querySelector('dialog[open]').close());
    // The dialog for folders is the system's own; the rest of the way is the same.
    const request = { query: 'hall', format: 'eml', to: desktop.path('out') };
    await app.session.run((asked) => window.__TAURI_INTERNALS__.invoke('call', { name: 'export', request: JSON.stringify(asked) }), request);
    await until('the export ends', async () => (await app.find('export'))?.attribute('data-state').then((state) => state === 'done'), 60);
    await app.read('export-state', `${found} written`);
    const files = (await readdir(desktop.path('out'), { recursive: true })).filter((name) => name.endsWith('.eml'));
    assert.equal(files.length, found);
    await app.shoot('exported');
  }));
