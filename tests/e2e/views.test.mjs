// Every view of the window, as people with other eyes and hands meet it.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Desktop, until } from './desktop.mjs';
import { sample } from './mail.mjs';
import { STOPS, tour } from './tour.mjs';

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
      await app.session.run(() => document.querySelector('dialog[open]').close());
      await app.unsee(dialog);
      await until(`the focus is back on ${opener}`, () => app.session.run(() => document.activeElement?.dataset.testid).then((id) => id === opener), 5);
    }
  }));
