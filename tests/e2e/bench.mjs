// What a person feels of the window, in numbers: `node tests/e2e/bench.mjs FILE…` prints one JSON object. Run by
// `cargo xtask bench ui` with release programs, under a display of its own.

import { readFile, readdir, readlink } from 'node:fs/promises';
import { Desktop, pause, until } from './desktop.mjs';

const ROUNDS = 5;
/** Words alone: what asks a field leaves the text of the search field and becomes a token. */
const QUERIES = ['list after', 'some before', 'host only', 'pr*', 'coopeal', 'meet'];

/** The processes of the application that `folder` belongs to, those of the web view included. */
async function processes(folder) {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = [];
  for (const pid of ids) {
    try {
      const [program, environment] = await Promise.all([readlink(`/proc/${pid}/exe`), readFile(`/proc/${pid}/environ`, 'utf8')]);
      const name = program.split('/').pop().replace(/ \(deleted\)$/, '');
      if (environment.includes(folder) && /^(mailscope-desktop|WebKit(Web|Network|GPU)Process)/.test(name)) found.push({ pid, name });
    } catch {
      // It ended while we looked, or is not ours.
    }
  }
  return found;
}

/** Memory of each process in bytes, shared pages counted by share. */
async function memory(folder) {
  const sums = {};
  for (const { pid, name } of await processes(folder)) {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    sums[name] = (sums[name] ?? 0) + Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
  }
  return sums;
}

/** When a process started, in milliseconds since 1970. */
async function started(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  // By the time since the system's start: the time of that itself is told in whole seconds only.
  const [up] = (await readFile('/proc/uptime', 'utf8')).split(' ');
  return Date.now() - (Number(up) * 1000 - ticks * 10);
}

/**
 * Waits until the text of what is attached was read, as far as it can be: else that pass is measured too. A library that was only
 * imported into waits with it for its first window.
 */
async function settled(app) {
  // Longer than a window waits before it begins with that, and than any one file takes.
  const patience = 60_000;
  let left = null;
  let since = Date.now();
  for (;;) {
    const { enabled, problem, texts } = (await ask(app, 'sources')).reading;
    if (!enabled || texts.waiting === 0) return;
    if (problem !== null) throw new Error(`attachments are not read: ${problem}`);
    if (texts.waiting !== left) [left, since] = [texts.waiting, Date.now()];
    if (Date.now() - since > patience) throw new Error(`${left} attachments wait in vain: are the files of the library where they were?`);
    await pause(500);
  }
}

function ask(app, name, request = {}) {
  const call = (what, asked) => window.__TAURI_INTERNALS__.invoke('call', { name: what, request: JSON.stringify(asked) }).then(JSON.parse);
  return app.session.run(call, name, request);
}

const percentile = (values, part) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))];
const told = (values) => ({ p50: percentile(values, 0.5), p95: percentile(values, 0.95), max: Math.max(...values), runs: values.length });

/** Opens the window on the library and waits for its rows. */
async function opened(desktop, library) {
  const app = await desktop.open('--library', library);
  await until('rows are there', () => app.session.run(() => document.querySelector('[data-testid="result-row"] .line') !== null), 60);
  return app;
}

/** From the start of the process to the first rows that were painted. */
async function start(desktop, library) {
  const times = [];
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const app = await opened(desktop, library);
    const { pid } = (await processes(desktop.folder)).find(({ name }) => name.startsWith('mailscope-desktop'));
    const usable = await until('the mark is set', () =>
      app.session.run(() => {
        const mark = performance.getEntriesByName('mailscope-usable')[0];
        if (!mark) return null;
        const marks = performance.getEntriesByType('mark').map(({ name, startTime }) => [name.replace('mailscope-', ''), performance.timeOrigin + startTime]);
        return { at: performance.timeOrigin + mark.startTime, steps: { page: performance.timeOrigin, ...Object.fromEntries(marks) } };
      }),
    );
    const from = await started(pid);
    times.push(usable.at - from);
    rounds.push(Object.fromEntries(Object.entries(usable.steps).map(([name, at]) => [name, at - from])));
    await app.close();
  }
  const middle = (name) => percentile(rounds.map((round) => round[name]), 0.5);
  return { span: told(times), steps: Object.fromEntries(Object.keys(rounds[0]).map((name) => [name, middle(name)])) };
}

/** From a key to the painted answer, typed letter by letter: milliseconds of each, of those that found something and of the others. */
async function typing(app, queries) {
  const keys = [];
  // One by one, for a driver gives a script no more than half a minute.
  for (const query of queries) keys.push(...(await typed(app, query)));
  const times = (found) => keys.filter(({ total }) => total > 0 === found).map(({ time }) => time);
  return { found: times(true), nothing: times(false), slowest: [...keys].sort((a, b) => b.time - a.time).slice(0, 5) };
}

function typed(app, query) {
  return app.session.run(async (query) => {
    const field = document.querySelector('[data-testid="search-input"]');
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const keys = [];
    field.focus();
    for (let end = 1; end <= query.length; end += 1) {
      const text = query.slice(0, end);
      field.value = text;
      const from = performance.now();
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
      const answered = () => document.querySelector('[data-testid="results"]').dataset.query.trim() === text.trim() || document.querySelector('[data-testid="search-error"]') !== null;
      while (!answered() && performance.now() - from < 2000) await frame();
      // The frame after the one in which it was drawn has certainly shown it.
      await frame();
      const time = performance.now() - from;
      keys.push({ text, time, total: Number(document.querySelector('[data-testid="total"]').dataset.total) });
    }
    document.querySelector('[aria-label="Clear the search"]').click();
    await new Promise((done) => setTimeout(done, 300));
    return keys;
  }, query);
}

/** How long frames take while the list is scrolled, and how often rows were not there yet. */
function scrolling(app) {
  return app.session.run(async () => {
    const list = document.querySelector('[data-testid="result-list"]');
    const frames = [];
    let empty = 0;
    let before = await new Promise((done) => requestAnimationFrame(done));
    const end = before + 5000;
    while (before < end) {
      list.scrollTop += 90;
      const now = await new Promise((done) => requestAnimationFrame(done));
      frames.push(now - before);
      before = now;
      if (document.querySelector('[data-testid="result-row"]') === null) empty += 1;
    }
    return { frames, empty };
  });
}

const [library] = process.argv.slice(2);
const result = {};
await Desktop.with('bench', async (desktop) => {
  const reading = await opened(desktop, library);
  await settled(reading);
  await reading.close();
  const { span, steps } = await start(desktop, library);
  Object.assign(result, { start: span, steps });
  const app = await opened(desktop, library);
  result.items = Number(await app.session.run(() => document.querySelector('[data-testid="total"]').dataset.total));
  await pause(2000);
  result.memoryAtStart = await memory(desktop.folder);
  // The first time, what a key needs of the library may have to come from the disk.
  const first = await typing(app, QUERIES);
  const { found, nothing, slowest } = await typing(app, QUERIES);
  Object.assign(result, { typedFirst: told(first.found), typing: told(found), nothing: told(nothing), slowest: { first: first.slowest, again: slowest } });
  const { frames, empty } = await scrolling(app);
  result.scrolling = { ...told(frames), late: frames.filter((one) => one > 25).length, empty };
  await app.click('view-insights');
  await app.see('senders');
  await app.click('view-messages');
  // Rows above the list's edge are there too; a driver would look for the first of them.
  await app.session.run(() => document.querySelector('[data-testid="result-row"]').click());
  await app.see('reader-subject');
  await pause(2000);
  result.memoryAfter = await memory(desktop.folder);
});
process.stdout.write(`${JSON.stringify(result)}\n`);
