// The packages as a person meets them: installed into a folder of their own, opened by a double click, removed again.
// Run by `cargo xtask package --check`, which names the packages in MAILSCOPE_DEB and MAILSCOPE_RPM.

import assert from 'node:assert/strict';
import { access, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { Desktop, until } from './desktop.mjs';
import { sample } from './mail.mjs';

const { MAILSCOPE_DEB: deb, MAILSCOPE_RPM: rpm } = process.env;
/** What a package must hold; manual pages of single commands beside. */
const WANTED = [
  '/usr/bin/mailscope',
  '/usr/bin/mailscope-desktop',
  '/usr/share/applications/Mailscope.desktop',
  '/usr/share/icons/hicolor/128x128/apps/mailscope-desktop.png',
  '/usr/share/mime/packages/mailscope.xml',
  '/usr/share/metainfo/org.mailscope.desktop.metainfo.xml',
  '/usr/share/man/man1/mailscope.1',
  '/usr/share/man/man1/mailscope-import.1',
  '/usr/share/bash-completion/completions/mailscope',
  '/usr/share/zsh/vendor-completions/_mailscope',
  '/usr/share/fish/vendor_completions.d/mailscope.fish',
];

/** Runs a program that must end well, and gives what it printed. */
async function well(desktop, file, ...args) {
  const { code, stdout, stderr } = await desktop.run(file, ...args);
  assert.equal(code, 0, `${file} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** A folder in which packages are installed as in the root of a system. */
class System {
  constructor(desktop) {
    this.desktop = desktop;
    this.root = desktop.path('system');
  }

  async prepare() {
    await mkdir(path.join(this.root, 'var/lib/dpkg/updates'), { recursive: true });
    await mkdir(path.join(this.root, 'var/lib/dpkg/info'), { recursive: true });
    for (const file of ['status', 'available']) await writeFile(path.join(this.root, 'var/lib/dpkg', file), '');
  }

  /** dpkg on this folder. What the packages depend on is looked for in the real system instead: see `installable`. */
  dpkg(...args) {
    const options = [`--root=${this.root}`, `--log=${this.root}/var/log`, '--force-depends', '--force-not-root', '--force-script-chrootless', '--no-triggers'];
    return well(this.desktop, 'dpkg', ...options, ...args);
  }

  /** What the triggers of a desktop's own packages do after each change. */
  async refresh() {
    // dpkg takes folders away that became empty; in a real system other packages keep them.
    for (const folder of ['usr/share/mime/packages', 'usr/share/applications']) await mkdir(path.join(this.root, folder), { recursive: true });
    await well(this.desktop, 'update-mime-database', path.join(this.root, 'usr/share/mime'));
    await well(this.desktop, 'update-desktop-database', path.join(this.root, 'usr/share/applications'));
  }

  /** Every file and folder of packages, as their paths from the root. */
  async files() {
    const all = await readdir(this.root, { recursive: true, withFileTypes: true });
    return all.filter((one) => !one.isDirectory()).map((one) => path.join('/', path.relative(this.root, path.join(one.parentPath ?? one.path, one.name))));
  }
}

test('the Debian package installs, opens a file by double click, and is removed without a trace', () =>
  Desktop.with('package', async (desktop) => {
    const { file, items } = await sample(desktop, 'Old mail, 2001.pst');
    const system = new System(desktop);
    await system.prepare();

    await well(desktop, 'apt-get', 'install', '--simulate', '--quiet', deb);
    await system.dpkg('--install', deb);
    await system.refresh();
    const installed = await system.files();
    for (const wanted of WANTED) assert.ok(installed.some((one) => one === wanted || one === `${wanted}.gz`), `the package lacks ${wanted}`);
    await well(desktop, 'desktop-file-validate', path.join(system.root, 'usr/share/applications/Mailscope.desktop'));

    // From here on the desktop finds the programs, types and menus of that folder as those of a system.
    desktop.env.PATH = `${system.root}/usr/bin:${process.env.PATH}`;
    desktop.env.XDG_DATA_DIRS = `${system.root}/usr/share:/usr/local/share:/usr/share`;
    desktop.env.XDG_CURRENT_DESKTOP = 'GNOME';
    assert.match(await well(desktop, 'mailscope', '--version'), /^mailscope \d/);
    assert.match(await well(desktop, 'gio', 'info', '-a', 'standard::content-type', file), /application\/x-mailscope-pst/);
    assert.match(await well(desktop, 'xdg-mime', 'query', 'default', 'application/x-mailscope-pst'), /^Mailscope\.desktop/);
    assert.match(await well(desktop, 'xdg-mime', 'query', 'default', 'application/x-mailscope-ost'), /^Mailscope\.desktop/);

    const opened = desktop.background('xdg-open', file);
    await until('the window is there', () => desktop.placeOfWindow().then(() => true), 60);
    // The command line reads beside the window.
    const sources = async () => JSON.parse((await well(desktop, 'mailscope', '--json', 'sources')).trim().split('\n').at(-1));
    await until('the library is there', () => access(path.join(desktop.library, 'library.sqlite')).then(() => true, () => false));
    await until(`the file is read; ${opened.text}`, async () => (await sources()).total_items === items, 60);
    // A page that shows nothing is of one colour; letters alone make many.
    await until('the page is drawn', async () => (await desktop.shootScreen('package')).colours > 64, 60);
    await desktop.closeWindow();
    const left = await sources();
    assert.deepEqual([left.sources, left.total_items], [1, items], opened.text);

    await system.dpkg('--purge', 'mailscope');
    await system.refresh();
    const own = (one) => !one.startsWith('/var/') && !/^\/usr\/share\/(mime|applications)\//.test(one);
    assert.deepEqual((await system.files()).filter(own), []);
    assert.deepEqual(await readdir(path.join(system.root, 'usr/share/mime/packages')), []);
    assert.equal((await well(desktop, 'gio', 'mime', 'application/x-mailscope-pst')).includes('Mailscope.desktop'), false);
    // The library is the user's: no package takes it away.
    await access(path.join(desktop.library, 'library.sqlite'));
  }));

test('the RPM package holds the same', { skip: rpm ? false : 'no RPM package was made' }, () =>
  Desktop.with('rpm', async (desktop) => {
    const listed = (await well(desktop, 'rpm', '--query', '--package', '--list', rpm)).split('\n');
    for (const wanted of WANTED) assert.ok(listed.includes(wanted) || listed.includes(`${wanted}.gz`), `the package lacks ${wanted}`);
    const needs = await well(desktop, 'rpm', '--query', '--package', '--requires', rpm);
    assert.match(needs, /webkit2gtk/i);
  }));
