// A tour of the window over the sample mailbox: every view, one after the other. For pictures, and for what must hold in all views.

import { until } from './desktop.mjs';

const keys = (app, key, more = {}) =>
  app.session.run(
    (name, rest) => (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true, ...rest })),
    key,
    more,
  );

/** Closes whatever dialog is open. */
async function close(app) {
  await app.session.run(() => document.querySelector('dialog[open]')?.close());
  await until('the dialog is closed', () => app.session.run(() => document.querySelector('dialog[open]') === null));
}

/** Searches, and reads the first item found. */
async function read(app, query) {
  await app.search(query);
  await until(`${query} is answered`, () =>
    app.session.run((asked) => document.querySelector('[data-testid="results"]')?.dataset.query === asked, query),
  );
  await app.click('result-row');
  await app.see('reader-subject');
  // What was read before may still be there.
  const read = () => document.querySelector('[data-testid="reader"]')?.dataset.id === document.querySelector('[data-testid="result-row"]')?.dataset.id;
  await until('the first row is read', () => app.session.run(read));
}

/** Says something of the item that is read; a second round finds it said. */
async function judge(app, kind, value) {
  const id = Number(await (await app.find('reader')).attribute('data-id'));
  const request = { change: { kind, value }, ids: [id] };
  await app.session.run((asked) => window.__TAURI_INTERNALS__.invoke('call', { name: 'review', request: JSON.stringify(asked) }), request);
}

/** The stops. `show` goes there; `leave` makes way for the next. */
export const STOPS = [
  { name: 'messages', show: (app) => app.see('result-row') },
  {
    name: 'mail',
    async show(app) {
      await read(app, 'from:ruth hall');
      await app.session.run(() => [...document.querySelectorAll('[data-testid="result-row"]')].at(-1).click());
      await app.read('reader-subject', 'Old Harbour Hall');
    },
  },
  {
    name: 'conversations',
    async show(app) {
      await app.search('poster');
      await app.click('view-conversations');
      await app.see('conversation-row');
      // The longest of those in sight.
      await app.session.run(() => {
        const length = (row) => Number(row.querySelector('[data-testid="thread-count"]')?.innerText ?? 1);
        const rows = [...document.querySelectorAll('[data-testid="conversation-row"]')];
        rows.sort((a, b) => length(b) - length(a))[0].click();
      });
      await app.see('thread-message');
      await app.see('reader-subject');
    },
    leave: (app) => app.click('view-messages'),
  },
  {
    name: 'review',
    async show(app) {
      await read(app, 'hall');
      await judge(app, 'flag', true);
      await judge(app, 'tag', 'venue');
      await judge(app, 'note', 'Ask the town who has the keys.');
      // Said behind the back of the window: it is read anew.
      await app.session.run(() => document.querySelectorAll('[data-testid="result-row"]')[1].click());
      await app.session.run(() => document.querySelectorAll('[data-testid="result-row"]')[0].click());
      await app.see('note');
      await app.see('tag');
      // The row learns of it with the next answer.
      await app.see('row-tag');
    },
  },
  {
    name: 'choosing',
    async show(app) {
      await app.session.run(() => document.querySelector('[data-testid="result-list"]').focus());
      await keys(app, 'x');
      await keys(app, 'ArrowDown', { shiftKey: true });
      await keys(app, 'ArrowDown', { shiftKey: true });
      await app.readNumber('chosen', 3);
    },
  },
  { name: 'tagging', show: async (app) => (await keys(app, 't'), app.see('tag-option')), leave: async (app) => (await close(app), keys(app, 'Escape')) },
  { name: 'related', show: async (app) => (await app.click('show-related'), app.see('found-item')), leave: close },
  { name: 'save-search', show: async (app) => (await app.click('save-search'), app.see('name-input')), leave: close },
  { name: 'activity', show: async (app) => (await app.click('open-activity'), app.see('action')), leave: close },
  { name: 'newsletter', show: (app) => read(app, 'in:Newsletters') },
  { name: 'appointment', show: (app) => read(app, 'kind:appointment') },
  { name: 'contact', show: (app) => read(app, 'kind:contact') },
  { name: 'list', show: (app) => read(app, 'kind:distlist') },
  { name: 'report', show: (app) => read(app, 'kind:report') },
  { name: 'task', show: (app) => read(app, 'kind:task') },
  { name: 'note', show: (app) => read(app, 'kind:note') },
  {
    name: 'properties',
    async show(app) {
      await read(app, 'hall');
      await app.click('tab-properties');
      await app.see('properties');
    },
    leave: (app) => app.click('tab-message'),
  },
  {
    name: 'find',
    async show(app) {
      await read(app, 'hall');
      await keys(app, 'f', { ctrlKey: true });
      await (await app.see('find-input')).type('the');
      await app.read('find-count', /of/);
    },
    leave: (app) => app.session.run(() => document.querySelector('[aria-label^="Close the search"]').click()),
  },
  {
    name: 'nothing-found',
    async show(app) {
      await app.search('zeppelin from:nobody');
      await app.readNumber('total', 0);
    },
    leave: (app) => app.search(''),
  },
  {
    name: 'wrong-query',
    async show(app) {
      await app.search('(hall');
      await app.see('search-error');
    },
    leave: (app) => app.search(''),
  },
  {
    name: 'insights',
    async show(app) {
      await app.search('');
      await app.click('view-insights');
      await app.see('senders');
    },
  },
  { name: 'people', show: async (app) => (await app.click('view-people'), app.see('correspondent')), leave: (app) => app.click('view-messages') },
  { name: 'palette', show: async (app) => (await app.click('open-palette'), app.see('command')), leave: close },
  { name: 'help', show: async (app) => (await app.click('help'), app.see('shortcuts')), leave: close },
  { name: 'settings', show: async (app) => (await keys(app, ',', { ctrlKey: true }), app.see('settings')), leave: close },
  {
    name: 'libraries',
    async show(app) {
      await keys(app, 'k', { ctrlKey: true });
      await (await app.see('palette-input')).type('libraries');
      await app.click('command');
      await app.see('libraries-dialog');
    },
    leave: close,
  },
  {
    name: 'export',
    show: async (app) => (await keys(app, 'e'), app.see('export-dialog')),
    leave: close,
  },
  {
    name: 'about',
    async show(app) {
      await app.click('open-palette');
      await (await app.see('palette-input')).type('about');
      await app.click('command');
      await app.see('about');
    },
    leave: close,
  },
  {
    name: 'account',
    async show(app) {
      await app.click('source-menu');
      await app.session.run(() => [...document.querySelectorAll('[role="menuitem"]')].find((one) => one.textContent.includes('Account')).click());
      await app.see('losses-dialog');
    },
    leave: close,
  },
  {
    name: 'source-menu',
    show: async (app) => (await app.click('source-menu'), until('the menu is there', () => app.session.run(() => document.querySelector('[role="menu"]') !== null))),
    leave: (app) => keys(app, 'Escape'),
  },
];

/** Goes to every stop of the tour and does `work` there, with the stop's name. */
export async function tour(app, work, stops = STOPS) {
  for (const { name, show, leave } of stops) {
    await show(app);
    await work(name);
    await leave?.(app);
  }
}
