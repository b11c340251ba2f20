// Pictures of every view over the sample mailbox, light and dark, at two sizes: run by
// `cargo xtask screenshots`, under a display of at least 1920 by 1080. With `--walkthrough` only those of the documentation, light, into docs/images.

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ARTIFACTS, Desktop, pause, until } from './desktop.mjs';
import { sample } from './mail.mjs';
import { STOPS, tour } from './tour.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const walkthrough = process.argv.includes('--walkthrough');
const folder = process.argv.slice(2).find((one) => !one.startsWith('--')) ?? (walkthrough ? path.join(root, 'docs/images') : path.join(ARTIFACTS, 'views'));
const sizes = walkthrough ? [[1280, 800]] : [[1280, 800], [1920, 1080]];
const themes = walkthrough ? ['light'] : ['light', 'dark'];
/** The stops that the documentation shows, and what it calls them. */
const shown = { welcome: 'welcome', mail: 'window', appointment: 'appointment', insights: 'insights', people: 'people', palette: 'commands', conversations: 'conversation', review: 'review', activity: 'activity', account: 'account', newsletter: 'newsletter', libraries: 'libraries', settings: 'settings' };

async function size(app, width, height) {
  for (let tries = 0; tries < 3; tries += 1) {
    const inner = await app.session.run(() => [innerWidth, innerHeight]);
    const outer = await app.session.rect();
    if (inner[0] === width && inner[1] === height) return;
    await app.session.resize(outer.width + width - inner[0], outer.height + height - inner[1]);
    await pause(400);
  }
}

/** Where the mail of the pictures lies is nobody's business: a folder as people have them stands there instead. */
const elsewhere = (folder) => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { data } = walker.currentNode;
    if (data.includes(folder)) walker.currentNode.data = data.replaceAll(`${folder}/data`, '/home/marta/.local/share').replaceAll(folder, '/home/marta');
  }
};

async function picture(app, name, home) {
  const known = walkthrough ? shown[name] : name;
  if (known === undefined) return;
  if (walkthrough) await app.session.run(elsewhere, home);
  // What was clicked low in the sidebar scrolled it.
  await app.session.run(() => document.querySelector('.sidebar .scroll')?.scrollTo(0, 0));
  // The menus above the page are the system's.
  await app.shootInto(path.join(folder, `${known}.png`), '--page', String(await app.session.run(() => innerHeight)));
}

await mkdir(folder, { recursive: true });
await Desktop.with('pictures', async (desktop) => {
  // Two pictures of the same are the same: no caret blinks, and no pointer hovers.
  await mkdir(desktop.path('config', 'gtk-3.0'));
  await writeFile(desktop.path('config', 'gtk-3.0', 'settings.ini'), '[Settings]\ngtk-cursor-blink=0\n');
  await desktop.hand('mousemove', '1999', '1199');
  const { file, items } = await sample(desktop, 'Sample mailbox.pst');
  const empty = await desktop.open();
  await empty.see('welcome');
  for (const [width, height] of sizes) {
    await size(empty, width, height);
    for (const theme of themes) {
      await empty.session.run((name) => (document.documentElement.dataset.theme = name), theme);
      await picture(empty, walkthrough ? 'welcome' : `welcome-${theme}-${width}`, desktop.folder);
    }
  }
  await empty.close();

  const app = await desktop.open(file);
  await app.readNumber('total', items, 60);
  await until('the import ends', async () => (await app.find('job'))?.attribute('data-state').then((state) => state === 'done'));
  // The live panel has something to draw then.
  await pause(4000);
  for (const [width, height] of sizes) {
    await size(app, width, height);
    for (const theme of themes) {
      const choice = () => document.querySelector('[data-testid="theme-toggle"]').dataset.choice;
      while ((await app.session.run(choice)) !== theme) await app.click('theme-toggle');
      const stops = walkthrough ? STOPS.filter(({ name }) => name in shown) : STOPS;
      await tour(app, (name) => picture(app, walkthrough ? name : `${name}-${theme}-${width}`, desktop.folder), stops);
      await app.search('');
    }
  }
});
