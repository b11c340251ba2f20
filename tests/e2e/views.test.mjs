// Every view of the window, as people with other eyes and hands meet it.

import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Desktop, until } from './desktop.mjs';
import { sample } from './mail.mjs';
import { STOPS, tour } from './tour.mjs';
import { KEYS } from './webdriver.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const axe = await readFile(path.resolve(here, '../../ui/node_modules/axe-core/axe.min.js'), 'utf8');

/** What axe finds serious in what is shown now. */
async function serious(app) {
  await app.session.run(`if (!window.axe) { ${axe} }`);
  return app.session.run(() =>
    window.axe
      .run(document, { iframes: false, resultTypes: ['violations'] })
      .then(({ violations }) =>
        violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, any }) => `${html.slice(0, 160)} ${any[0]?.message ?? ''}`).join(' | ')}`),
      ),
  );
}

test('axe finds nothing serious in any view, light or dark', () =>
  Desktop.with('axe', async (desktop) => {
    const { file, items } = await sample(desktop);
    const app = await desktop.open();
    await app.see('welcome');
    const found = {};
    const look = async (name) => {
      const faults = await serious(app);
      if (faults.length > 0) found[name] = faults;
    };
    await look('welcome');
    await app.close();
    const window = await desktop.open(file);
    await window.readNumber('total', items, 60);
    await until('the import ends', async () => (await window.find('job'))?.attribute('data-state').then((state) => state === 'done'));
    for (const theme of ['light', 'dark']) {
      if (theme === 'dark') {
        await window.click('theme-toggle');
        await window.click('theme-toggle');
      }
      await tour(window, async (name) => {
        const faults = await serious(window);
        if (faults.length > 0) found[`${name}, ${theme}`] = faults;
      });
    }
    assert.deepEqual(found, {});
  }));

test('at twice the size nothing is cut off, and all of it is reached', () =>
  Desktop.with('zoom', async (desktop) => {
    const { file, items } = await sample(desktop);
    const app = await desktop.open(file);
    await app.readNumber('total', items, 60);
    await until('the import ends', async () => (await app.find('job'))?.attribute('data-state').then((state) => state === 'done'));
    await app.click('live-close');
    const before = await app.session.run(() => innerWidth);
    await app.session.run(() => window.__TAURI_INTERNALS__.invoke('plugin:webview|set_webview_zoom', { label: 'main', value: 2 }));
    await until('the window is zoomed', () => app.session.run(() => innerWidth).then((now) => now < before * 0.6), 5);
    // The driver does not know of the zoom: its pointer would miss.
    app.click = async (id) => {
      await app.see(id);
      await app.session.run((name) => document.querySelector(`[data-testid="${name}"]`).click(), id);
    };
    // The list and the message take turns; the folders come when called.
    const faults = [];
    const look = async (name) => {
      const wide = await app.session.run(() =>
        [...document.querySelectorAll('button, input, h1, h2, [role="tab"]')]
          .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest('[inert], .visually-hidden'))
          .filter((one) => {
            const box = one.getBoundingClientRect();
            return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1) && !one.closest('.scroll, table, [role="tree"]');
          })
          .map((one) => one.outerHTML.slice(0, 120)),
      );
      if (wide.length > 0) faults.push({ name, wide: wide.slice(0, 3) });
    };
    await look('messages');
    await app.click('result-row');
    await app.see('reader-subject');
    await look('reader');
    await app.shoot('zoom-reader');
    await app.session.run(() => document.querySelector('[aria-label="Close the message"]').click());
    await app.see('result-row');
    await app.click('folders');
    await app.see('all-mail');
    await app.click('all-mail');
    for (const stop of ['palette', 'help', 'settings', 'insights', 'people']) {
      await tour(app, look, STOPS.filter(({ name }) => name === stop));
      await app.shoot(`zoom-${stop}`);
    }
    assert.deepEqual(faults, []);
    await app.shoot('zoom');
  }));

test('a dialog gives the focus back to where it was', () =>
  Desktop.with('focus', async (desktop) => {
    const { file, items } = await sample(desktop);
    const app = await desktop.open(file);
    await app.readNumber('total', items, 60);
    for (const [opener, dialog] of [['help', 'shortcuts'], ['open-palette', 'palette']]) {
      await app.session.run((id) => document.querySelector(`[data-testid="${id}"]`).focus(), opener);
      await app.click(opener);
      await app.see(dialog);
      // Without OpenGL the bars of what scrolls are drawn above all else, the dialog too.
      const drawn = await app.session.run(() => document.documentElement.dataset.drawn ?? 'card');
      const bars = () => [...document.querySelectorAll('.scroll, [data-testid="result-list"]')].map((one) => [getComputedStyle(one).scrollbarWidth, one.closest('dialog') === null]);
      for (const [width, behind] of await app.session.run(bars)) assert.equal(width === 'none', behind && drawn === 'processor', `a bar behind ${dialog}`);
      await app.session.run(() => document.querySelector('dialog[open]').close());
      await app.unsee(dialog);
      await until(`the focus is back on ${opener}`, () => app.session.run(() => document.activeElement?.dataset.testid).then((id) => id === opener), 5);
    }
  }));

test('with motion reduced nothing moves by itself', () =>
  Desktop.with('still', async (desktop) => {
    // The web view asks the toolkit, and that its settings.
    await mkdir(desktop.path('config', 'gtk-3.0'));
    await writeFile(desktop.path('config', 'gtk-3.0', 'settings.ini'), '[Settings]\ngtk-enable-animations=0\n');
    const { file, items } = await sample(desktop);
    const app = await desktop.open(file);
    await app.readNumber('total', items, 60);
    await until('the import ends', async () => (await app.find('job'))?.attribute('data-state').then((state) => state === 'done'));
    assert.equal(await app.session.run(() => matchMedia('(prefers-reduced-motion: reduce)').matches), true);
    const moving = () =>
      [...document.querySelectorAll('*')].flatMap((one) => {
        const { transitionDuration, animationDuration, animationIterationCount, scrollBehavior } = getComputedStyle(one);
        const long = (text) => text.split(',').some((part) => parseFloat(part) * (part.trim().endsWith('ms') ? 1 : 1000) > 1);
        const moves = long(transitionDuration) || (long(animationDuration) && animationIterationCount !== '1') || scrollBehavior === 'smooth';
        return moves ? [one.outerHTML.slice(0, 100)] : [];
      });
    const found = {};
    await tour(app, async (name) => {
      const ones = await app.session.run(moving);
      if (ones.length > 0) found[name] = ones.slice(0, 3);
    });
    assert.deepEqual(found, {});
  }));

test('right-to-left mail stands right, in the list and in the message', () =>
  Desktop.with('rtl', async (desktop) => {
    const { file, items } = await sample(desktop);
    const app = await desktop.open(file);
    await app.readNumber('total', items, 60);
    await app.search('from:layla');
    await until('the search is answered', () => app.session.run(() => document.querySelector('[data-testid="results"]')?.dataset.query === 'from:layla'));
    await app.click('result-row');
    await app.see('reader-subject');
    await app.click('tab-text');
    await app.see('reader-text');
    await app.shoot('rtl');
    // Where lines are drawn: at the right for Arabic, at the left for Latin ones of the same message.
    const sides = await app.session.run(() => {
      const text = document.querySelector('[data-testid="reader-text"]');
      const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
      const box = text.getBoundingClientRect();
      const sides = {};
      while (walker.nextNode()) {
        const node = walker.currentNode;
        for (const [at, line] of [...node.data.matchAll(/[^\n]+/g)].map((match) => [match.index, match[0]])) {
          const range = document.createRange();
          range.setStart(node, at);
          range.setEnd(node, at + line.length);
          const { left, right, width } = range.getBoundingClientRect();
          const kind = /^\s*\p{Script=Arabic}/u.test(line) ? 'arabic' : /^\s*\p{Script=Latin}/u.test(line) ? 'latin' : null;
          if (kind !== null && width > 0) (sides[kind] ??= []).push(box.right - right < left - box.left ? 'right' : 'left');
        }
      }
      return sides;
    });
    assert.ok(sides.arabic?.length > 0, JSON.stringify(sides));
    assert.deepEqual(new Set(sides.arabic), new Set(['right']), JSON.stringify(sides));
    assert.deepEqual(new Set(sides.latin ?? ['left']), new Set(['left']), JSON.stringify(sides));
    // A name that reads from the right does not draw what follows it to its left.
    const order = await app.session.run(() => {
      const row = document.querySelector('[data-testid="result-row"]');
      return row.querySelector('.who').getBoundingClientRect().left < row.querySelector('.date').getBoundingClientRect().left;
    });
    assert.ok(order);
  }));

test('what is opened over the window can be scrolled at once, is not closed by Enter, and has no bars of the page over it', () =>
  Desktop.with('covered', async (desktop) => {
    const { file, items } = await sample(desktop);
    const app = await desktop.open(file);
    await app.readNumber('total', items, 60);
    const bars = () => app.session.run(() => getComputedStyle(document.querySelector('[data-testid="result-list"]')).scrollbarWidth);
    await app.session.run(() => (document.documentElement.dataset.drawn = 'processor'));
    assert.equal(await bars(), 'auto');
    await app.session.resize(900, 600);
    await desktop.focusWindow();
    await app.click('open-palette');
    await (await app.see('palette-input')).type('keys');
    await desktop.hand('key', 'Return');
    await app.see('shortcuts');
    assert.equal(await bars(), 'none');
    await desktop.hand('key', 'Return', 'Next');
    await until('the page of keys moves', () => app.session.run(() => document.querySelector('[data-testid="shortcuts"] .content').scrollTop > 0));
    await desktop.hand('key', 'Escape');
    await app.unsee('shortcuts');
    assert.equal(await bars(), 'auto');
    await app.click('sort');
    assert.equal(await bars(), 'none');
    await desktop.hand('key', 'Escape');
    await until('the bars are back', async () => (await bars()) === 'auto');
  }));

test('in a small window all views are reached, and the folders come when called', () =>
  Desktop.with('small', async (desktop) => {
    const { file, items } = await sample(desktop);
    const app = await desktop.open(file);
    await app.readNumber('total', items, 60);
    await until('the import ends', async () => (await app.find('job'))?.attribute('data-state').then((state) => state === 'done'));
    await app.session.resize(900, 600);
    await until('the window is small', () => app.session.run(() => innerWidth <= 900));
    const cut = () =>
      app.session.run(() =>
        [...document.querySelectorAll('[role="tab"]')]
          .filter((tab) => tab.checkVisibility() && tab.getBoundingClientRect().right > tab.closest('[role="tablist"]').getBoundingClientRect().right)
          .map((tab) => tab.textContent),
      );
    await app.click('result-row');
    await app.see('reader-subject');
    assert.deepEqual(await cut(), []);
    // List and message side by side; the folders lie over them while they are wanted.
    await app.see('result-list');
    await app.unsee('all-mail');
    await app.click('folders');
    await app.click('all-mail');
    await app.unsee('all-mail');
    await app.click('folders');
    await app.see('all-mail');
    await (await app.find('folders')).type(KEYS.escape);
    await app.unsee('all-mail');
    await app.see('reader-subject');
    await app.click('folders');
    await app.see('all-mail');
    await app.click('reader-subject');
    await app.unsee('all-mail');
    for (const view of ['insights', 'people', 'conversations', 'messages']) {
      await app.click(`view-${view}`);
      assert.deepEqual(await cut(), []);
    }
    await app.see('result-row');
  }));
