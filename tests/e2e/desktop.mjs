// The desktop that a window stands on: folders of its own, a session bus, a driver, and a hand that drags.

import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, readlink, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { KEYS, Session, request } from './webdriver.mjs';

const exec = promisify(execFile);
const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');

/** Screenshots and logs go here. */
export const ARTIFACTS = path.join(root, 'artifacts/e2e');

/** Waits until `probe` gives something truthy, and gives that; fails with `what` after `seconds`. */
export async function until(what, probe, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  let last;
  for (;;) {
    try {
      last = await probe();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain: ${what} (last: ${JSON.stringify(last) ?? last})`);
    await pause(50);
  }
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Folders, a session bus and environment of one test, with as many windows as it opens. */
export class Desktop {
  #processes = [];
  #sessions = [];

  constructor(name, folder) {
    this.name = name;
    this.folder = folder;
    this.env = { ...process.env };
  }

  /** Runs `test` on a desktop of its own, and clears it away. A test that fails leaves a picture of the screen. */
  static async with(name, test) {
    const desktop = new Desktop(name, await mkdtemp(path.join(tmpdir(), `mailscope-e2e-${name}-`)));
    try {
      await desktop.#prepare();
      await test(desktop);
    } catch (error) {
      await desktop.shootScreen(`${name}-failed`).catch(() => {});
      throw error;
    } finally {
      await desktop.#clear();
    }
  }

  /** A path in the test's own folder. */
  path(...parts) {
    return path.join(this.folder, ...parts);
  }

  /** Where the library of a window without `--library` lies. */
  get library() {
    return this.path('data', 'mailscope');
  }

  /** Opens the application with these arguments and waits for its page. */
  async open(...args) {
    const port = await freePort();
    const log = this.#start('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], { TAURI_WEBVIEW_AUTOMATION: 'true' });
    const base = `http://127.0.0.1:${port}`;
    await until('the driver answers', () => request(`${base}/status`, 'GET').then(({ ready }) => ready));
    const before = await running(this.folder);
    const session = await Session.open(base, program('mailscope-desktop'), args);
    const own = (await running(this.folder)).filter((pid) => !before.includes(pid));
    const app = new App(session, log, own, this);
    this.#sessions.push(app);
    return app;
  }

  /** Starts the application a second time, without a driver; gives what it came to, once it ends. */
  startAgain(...args) {
    return this.run(program('mailscope-desktop'), ...args);
  }

  /** Runs the command line to its end. */
  cli(...args) {
    return this.run(program('mailscope'), ...args);
  }

  /** Runs a program on this desktop to its end (one minute at most); gives `code`, `stdout`, `stderr`. */
  async run(file, ...args) {
    try {
      return { code: 0, ...(await exec(file, args, { env: this.env, cwd: this.folder, timeout: 60_000 })) };
    } catch (error) {
      if (error.killed || typeof error.code !== 'number') throw error;
      return { code: error.code, stdout: error.stdout, stderr: error.stderr };
    }
  }

  /** Starts a program on this desktop and leaves it running until the desktop is cleared away. */
  background(file, ...args) {
    return this.#start(file, args);
  }

  /** Another login of the same person, with the same files: what is started there does not find the windows of this one. */
  async otherLogin(work) {
    const here = this.env.XDG_RUNTIME_DIR;
    this.env.XDG_RUNTIME_DIR = this.path('run-elsewhere');
    await mkdir(this.env.XDG_RUNTIME_DIR, { recursive: true, mode: 0o700 });
    try {
      return await work();
    } finally {
      this.env.XDG_RUNTIME_DIR = here;
    }
  }

  /** Drags files out of another window and holds them over the application; the mouse button is still down. */
  async dragOver(...files) {
    const source = this.#start('/usr/bin/python3', [path.join(here, 'drag.py'), ...files]);
    await until('the window to drag from is there', () => source.says('ready'));
    await this.#xdotool('mousemove', '1320', '40');
    await pause(150);
    await this.#xdotool('mousedown', '1');
    await pause(150);
    for (let step = 1; step <= 14; step += 1) {
      await this.#xdotool('mousemove', String(1320 - step * 50), String(40 + step * 26));
      await pause(30);
    }
    await pause(200);
    return source;
  }

  /** Drags files out of another window onto the middle of the application, and lets go. */
  async drop(...files) {
    const source = await this.dragOver(...files);
    await this.#xdotool('mouseup', '1');
    await until('the drag has ended', () => source.says('end'));
    source.child.kill();
  }

  /** Lets go of what is being dragged. */
  release() {
    return this.#xdotool('mouseup', '1');
  }

  /** Types a path into the file dialog of this title, and confirms. */
  async chooseInDialog(title, file) {
    const find = () => this.#xdotool('search', '--onlyvisible', '--name', title).then(({ stdout }) => stdout.trim());
    const id = await until(`the dialog "${title}" is there`, find);
    await this.#xdotool('windowfocus', '--sync', id);
    // The dialog fills itself after it is shown, and takes the focus once more.
    await pause(500);
    await this.#xdotool('key', '--clearmodifiers', 'ctrl+l');
    await this.#xdotool('type', '--delay', '15', file);
    await pause(300);
    await this.#xdotool('key', 'Return');
    await until('the dialog has closed', () => find().then((ids) => !ids, () => true));
  }

  /** Types where to save into the dialog of this title, and confirms. */
  async saveInDialog(title, file) {
    const [id] = await until(`the dialog "${title}" is there`, () => this.#windows(title).then((found) => found.length > 0 && found));
    await this.#xdotool('windowfocus', '--sync', id);
    // The dialog fills itself after it is shown, and takes the focus once more.
    await pause(700);
    await this.#xdotool('key', '--clearmodifiers', 'ctrl+a');
    await this.#xdotool('type', '--delay', '15', file);
    await pause(300);
    await this.#xdotool('key', 'Return');
    await until('the dialog has closed', () => this.#windows(title).then((found) => found.length === 0));
  }

  /** Closes the application's window as a click on its cross does. */
  async closeWindow(title = 'Mailscope') {
    const closed = await this.run('/usr/bin/python3', path.join(here, 'close.py'), ...(await this.#windows(title)));
    if (closed.code !== 0) throw new Error(closed.stderr);
    await until('the window is gone', () => this.#windows(title).then((found) => found.length === 0));
  }

  /** Waits for a dialog of the system, lets `work` do what it likes with it, and presses Return. */
  async confirmDialog(title, work) {
    const [id] = await until(`the dialog "${title}" is there`, () => this.#windows(title).then((found) => found.length > 0 && found));
    await this.#xdotool('windowfocus', '--sync', id);
    await work();
    await this.#xdotool('key', 'Return');
    await until('the dialog has closed', () => this.#windows(title).then((found) => found.length === 0));
  }

  /** Puts the focus into the application's window, as a window manager does with the one that is clicked. */
  async focusWindow(title = 'Mailscope') {
    const [id] = await this.#windows(title);
    await this.#xdotool('windowfocus', '--sync', id);
  }

  /** Where the application's window lies on the screen: x, y, width, height. */
  async placeOfWindow(title = 'Mailscope') {
    const [id] = await this.#windows(title);
    const { stdout } = await this.#xdotool('getwindowgeometry', '--shell', id);
    return ['X', 'Y', 'WIDTH', 'HEIGHT'].map((name) => Number(new RegExp(`^${name}=(-?\\d+)`, 'm').exec(stdout)?.[1]));
  }

  async moveWindow(x, y, width, height) {
    const [id] = await this.#windows('Mailscope');
    await this.#xdotool('windowsize', '--sync', id, String(width), String(height));
    await this.#xdotool('windowmove', id, String(x), String(y));
    await pause(500);
  }

  /** The middle of an element, on the screen. */
  async onScreen(app, testid) {
    const [x, y, , height] = await this.placeOfWindow();
    const [left, top, inner] = await app.session.run((name) => {
      const box = document.querySelector(`[data-testid="${name}"]`).getBoundingClientRect();
      return [box.left + box.width / 3, box.top + box.height / 2, innerHeight];
    }, testid);
    // The menus stand above the page.
    return [Math.round(x + left), Math.round(y + height - inner + top)];
  }

  /** Takes what lies at one place of the screen to another, with the mouse button down. */
  async pull([x, y], [toX, toY]) {
    await this.#xdotool('mousemove', String(x), String(y));
    await pause(150);
    await this.#xdotool('mousedown', '1');
    await pause(150);
    for (let step = 1; step <= 14; step += 1) {
      await this.#xdotool('mousemove', String(Math.round(x + ((toX - x) * step) / 14)), String(Math.round(y + ((toY - y) * step) / 14)));
      await pause(60);
    }
    await pause(300);
    await this.#xdotool('mouseup', '1');
    await pause(300);
  }

  /** What xdotool does: keys and clicks as from a person. */
  hand(...args) {
    return this.#xdotool(...args);
  }

  /** Saves a picture of the whole screen, menus and dialogs included; gives how many `colours` there are below the menus, and the `ground`. */
  shootScreen(name) {
    return this.picture(path.join(ARTIFACTS, `${name}.png`));
  }

  /**
   * Saves what the screen shows, as `screen.py` does with these options. A driver's picture waits for a frame, and a page that stands
   * still and is drawn without OpenGL gives none; nor does a driver see what came of a page behind the web view.
   */
  async picture(file, ...options) {
    const { code, stdout, stderr } = await this.run('/usr/bin/python3', path.join(here, 'screen.py'), file, ...options);
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  }

  /** Whether one of these processes of the application still runs. */
  async isRunning(own) {
    return (await running(this.folder)).some((pid) => own.includes(pid));
  }

  /** The ids of the processes that draw the pages of this desktop's windows. */
  async pages() {
    return (await running(this.folder, 'WebKitWebProcess')).map(Number);
  }

  /** Brings the window of these processes before all others; gives its id. */
  async raise(pids) {
    const find = async (pid) => {
      const found = await this.run('xdotool', 'search', '--all', '--onlyvisible', '--pid', pid, '--name', 'Mailscope$');
      return found.stdout.trim().split('\n').filter(Boolean);
    };
    const [id] = await until('the window is there', async () => {
      const found = (await Promise.all(pids.map(find))).flat();
      return found.length > 0 && found;
    });
    await this.#xdotool('windowraise', id);
    return id;
  }

  /** The ids of the visible windows of this title. */
  async #windows(title) {
    const found = await this.run('xdotool', 'search', '--onlyvisible', '--name', `^${title}$`);
    return found.stdout.trim().split('\n').filter(Boolean);
  }

  #xdotool(...args) {
    return exec('xdotool', args, { env: this.env });
  }

  async #prepare() {
    await mkdir(ARTIFACTS, { recursive: true });
    const folders = { XDG_DATA_HOME: 'data', XDG_CONFIG_HOME: 'config', XDG_CACHE_HOME: 'cache', XDG_STATE_HOME: 'state', XDG_RUNTIME_DIR: 'run', HOME: 'home' };
    for (const [variable, folder] of Object.entries(folders)) {
      this.env[variable] = this.path(folder);
      await mkdir(this.path(folder), { mode: 0o700 });
    }
    delete this.env.MAILSCOPE_LIBRARY;
    const bus = this.#start('dbus-daemon', ['--session', '--nofork', '--print-address']);
    await until('the session bus is there', () => bus.text.includes('\n'));
    this.env.DBUS_SESSION_BUS_ADDRESS = bus.text.split('\n')[0];
  }

  #start(file, args, env = {}) {
    const child = spawn(file, args, { env: { ...this.env, ...env }, cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const log = {
      child,
      text: '',
      /** Whether it has printed this line; throws when it never will. */
      says(line) {
        if (log.text.split('\n').includes(line)) return true;
        if (child.exitCode !== null) throw new Error(`${file} ended: ${log.text}`);
        return false;
      },
    };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (log.text += data));
    child.on('error', (error) => (log.text += `${file}: ${error.message}\n`));
    this.#processes.push(child);
    return log;
  }

  async #clear() {
    for (const app of this.#sessions) await app.close().catch(() => {});
    for (const child of this.#processes.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(timer);
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The application as a user sees it. Elements are named by their `data-testid`. */
export class App {
  #open = true;
  #desktop;

  constructor(session, log, pids, desktop) {
    this.session = session;
    this.log = log;
    /** The processes of the program itself. */
    this.pids = pids;
    this.#desktop = desktop;
  }

  isRunning() {
    return this.#desktop.isRunning(this.pids);
  }

  find(testid) {
    return this.session.find(`[data-testid="${testid}"]`);
  }

  /** The element, as soon as it is there and visible. */
  async see(testid, seconds) {
    return until(
      `${testid} is seen`,
      async () => {
        const element = await this.find(testid);
        return element && (await element.isDisplayed()) ? element : null;
      },
      seconds,
    );
  }

  /** Waits until the element is gone or hidden. */
  async unsee(testid, seconds) {
    const gone = async () => {
      const element = await this.find(testid);
      return !element || !(await element.isDisplayed());
    };
    await until(`${testid} is no longer seen`, gone, seconds);
  }

  /** Clicks an element, as soon as it stands still enough for that: rows may be drawn anew under the pointer. */
  async click(testid) {
    await until(`${testid} is clicked`, async () => {
      await (await this.see(testid)).click();
      return true;
    });
  }

  /** The text of every such element, from the page itself: fast, and of one moment. */
  texts(testid) {
    return this.session.run((name) => [...document.querySelectorAll(`[data-testid="${name}"]`)].map((element) => element.innerText), testid);
  }

  /** Waits until an element's text fits, and gives the text. */
  async read(testid, expected, seconds) {
    const fits = (text) => (expected instanceof RegExp ? expected.test(text) : text.includes(expected));
    return until(`${testid} says ${expected}`, async () => (await this.texts(testid)).find(fits), seconds);
  }

  /** Waits until the number that the element shows is `expected`. */
  async readNumber(testid, expected, seconds) {
    const number = (text) => Number((/[\d.,\u00a0\u202f' ]*\d/.exec(text)?.[0] ?? 'x').replace(/\D/g, ''));
    await until(
      `${testid} shows ${expected}`,
      async () => (await this.texts(testid)).some((text) => number(text) === expected),
      seconds,
    );
  }

  /** Replaces what stands in the search field. */
  async search(query) {
    const field = await this.see('search-input');
    const filled = (element) => element.value !== '' || document.querySelector('[data-testid="token"]') !== null;
    if (await this.session.run(filled, field.reference)) await field.type(KEYS.escape);
    // An offer of completions is what Escape takes away first.
    if (await this.session.run(filled, field.reference)) await field.type(KEYS.escape);
    if (query !== '') await field.type(query);
  }

  /** Searches, and waits until the list shows the answer: the one before may be of as many rows. */
  async ask(query) {
    await this.search(query);
    const shown = () => document.querySelector('[data-testid="results"]')?.dataset.query;
    await until(`${query} is answered`, async () => (await this.session.run(shown)) === query);
  }

  /** Saves a picture of the window as it stands on the screen, once nothing in it moves any more; fails where nothing is drawn. */
  shoot(name) {
    return this.shootInto(path.join(ARTIFACTS, `${name}.png`));
  }

  /** As `shoot`, into any file, and with options of `screen.py`. Gives how many `colours` there are below the menus, and the `ground`. */
  async shootInto(file, ...options) {
    const still = () =>
      document
        .getAnimations()
        .every((one) => one.playState !== 'running' || one.effect.getComputedTiming().endTime === Infinity);
    // While much happens something always moves; it is then shown as it is.
    await until('the page is still', () => this.session.run(still), 3).catch(() => {});
    // What the page is now is drawn by the second frame from here.
    await this.session.run(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const seen = await this.#desktop.picture(file, '--window', await this.#desktop.raise(this.pids), ...options);
    // A page that shows nothing is of one colour; letters alone make many.
    if (seen.colours < 64) throw new Error(`${file} shows next to nothing: ${JSON.stringify(seen)}`);
    return seen;
  }

  /** Closes the window, as far as it is still there. */
  async close() {
    if (!this.#open) return;
    this.#open = false;
    await this.session.close();
  }

  /** Sends the program a signal, such as SIGSTOP; tells whether it was there to get it. */
  signal(name) {
    try {
      for (const pid of this.pids) process.kill(Number(pid), name);
      return this.pids.length > 0;
    } catch (error) {
      if (error.code === 'ESRCH') return false;
      throw error;
    }
  }
}

/** The ids of the processes of a program that run with their folders in this one: by default the application's. */
async function running(folder, name = 'mailscope-desktop') {
  const ids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name));
  const fits = async (pid) => {
    try {
      const [program, environment] = await Promise.all([readlink(`/proc/${pid}/exe`), readFile(`/proc/${pid}/environ`, 'utf8')]);
      return path.basename(program).startsWith(name) && environment.includes(folder);
    } catch {
      // It ended while we looked, or is not ours to look at.
      return false;
    }
  };
  const found = await Promise.all(ids.map(fits));
  return ids.filter((_, at) => found[at]);
}

/** A program that cargo built: `name` in the folder of debug builds, which `MAILSCOPE_PROGRAMS` names. */
export function program(name) {
  return path.join(process.env.MAILSCOPE_PROGRAMS ?? path.join(root, 'target/debug'), name);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
