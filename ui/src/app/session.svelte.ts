import { Exports, words as exportWords } from '../features/export/exports.svelte';
import { Jobs, active } from '../features/jobs/jobs.svelte';
import { status } from '../features/jobs/words';
import { Libraries } from '../features/libraries/libraries.svelte';
import { Monitor } from '../features/live/monitor.svelte';
import { fromRefused, Notices, readOnly } from '../features/notices/notices.svelte';
import { Reader } from '../features/reader/reader.svelte';
import { Results } from '../features/search/results.svelte';
import { Sources } from '../features/sources/sources.svelte';
import { Watched } from '../features/sources/watched.svelte';
import {
  call,
  chooseFiles,
  chooseFolder,
  onEvent,
  isOwnDrag,
  onFileDrag,
  onLink,
  openAddress,
  showFile,
  type ApiError,
  type Event,
  type Export,
  type ImportStarted,
  type Job,
  type LibraryInfo,
  type Preferences,
  type RecentFile,
  type Source,
  type Unsubscribe,
} from '../ipc';
import { Thread } from '../features/thread/thread.svelte';
import { fileName } from '../shared/lib/format';
import type { Asked } from './asked';
import { Choosing } from './choosing.svelte';
import { Judging } from './judging.svelte';
import { Outward } from './outward';
import { storedView, storeView, type View } from './views';

/** Where the window is: before the library is open, without one, or with it. */
export type Stage =
  { at: 'starting' } | { at: 'failed'; error: ApiError } | { at: 'open'; library: LibraryInfo };

const LIVE_KEY = 'mailscope.live';
const FOLD_KEY = 'mailscope.fold';

/** Everything that the window knows, and what it can be asked to do. Wires the features to the engine. */
export class Session {
  stage = $state.raw<Stage>({ at: 'starting' });
  /** Paths that hover over the window; null while none do. */
  dragged = $state.raw<string[] | null>(null);
  live = $state(false);
  view = $state<View>(storedView());
  /** Whether the folders are shown where the window is too narrow for them. */
  drawer = $state(false);
  /** Whether something that was chosen or dropped is being looked at. */
  asking = $state(false);

  /** An address that a link wants to open; asked about first. */
  link = $state<string | null>(null);

  /** The last thing that happened unasked, for screen readers. */
  said = $state('');

  readonly notices = new Notices();
  readonly jobs = new Jobs();
  readonly exports = new Exports();
  readonly monitor = new Monitor();
  readonly sources = new Sources(() => call('sources', {}));
  readonly libraries = new Libraries({
    list: () => call('libraries', {}),
    open: (path) => call('open_library', { path }),
    create: (name) => call('create_library', { name }),
    forget: (path) => call('forget_library', { path }),
  });
  readonly watched = new Watched((request) => call('watch', request));
  readonly results = new Results((request) => call('search', request));
  /** The same answer by conversations; follows `results` while one looks at it. */
  readonly threads = new Results((request) => call('search', request));
  readonly reader = new Reader((request) => call('show', request));
  readonly thread = new Thread((request) => call('conversation', request));
  /** Whether the conversation of what is read is shown beside the list too. */
  threaded = $state(false);
  readonly choosing = new Choosing(this);
  readonly judging = new Judging(this);
  readonly outward = new Outward(this);
  /** Whether it is being asked what to export. */
  exporting = $state(false);
  /** What is being asked, in a dialog. */
  asked = $state.raw<Asked | null>(null);

  /** Whether there is nothing to show yet. A file that is being read counts, for its mail comes any moment. */
  readonly empty = $derived(
    this.sources.list.length === 0 && this.sources.total === 0 && this.jobs.active.length === 0,
  );

  /** What the library is called that is open, and whether it is the one that a person begins with. */
  readonly #library = $derived(this.libraries.list?.libraries.find(({ current }) => current));
  readonly libraryName = $derived(this.#library?.name ?? null);
  readonly firstLibrary = $derived(this.#library?.first ?? true);

  /** Every name of a field that a query can ask; empty until known. */
  fields = $state.raw<ReadonlySet<string>>(new Set());

  /** Brings the list up to date after a commit; the window sets it, for it knows where the list stands. */
  onCommit: () => void = () => undefined;

  /** Files that were imported last, for the first page. */
  recent = $state.raw<RecentFile[]>([]);

  #ended: Unsubscribe[] = [];
  #generation = 0;
  readonly #restart: () => void;

  /** `restart` throws this session away and begins another, for another library. */
  constructor(restart: () => void = () => undefined) {
    this.#restart = restart;
    this.threads.fold = 'conversations';
    if (localStorage.getItem(FOLD_KEY) === 'once') this.results.fold = 'duplicates';
  }

  /** Shows items that say the same once, or each of them; remembered. */
  fold(once: boolean): void {
    if (once) localStorage.setItem(FOLD_KEY, 'once');
    else localStorage.removeItem(FOLD_KEY);
    this.results.foldBy(once ? 'duplicates' : 'nothing');
  }

  async #listen(): Promise<void> {
    this.#ended = await Promise.all([
      onEvent((event) => this.hear(event)),
      onLink((address) => (this.link = address)),
      onFileDrag((drag) => {
        // What comes from here need not come in again.
        if (this.stage.at !== 'open' || (drag.type !== 'leave' && isOwnDrag(drag.paths))) return;
        this.dragged = drag.type === 'over' ? drag.paths : null;
        if (drag.type === 'drop') void this.importPaths(drag.paths);
      }),
    ]);
  }

  async start(): Promise<void> {
    this.stage = { at: 'starting' };
    this.live = sessionStorage.getItem(LIVE_KEY) === 'open';
    try {
      // Listening is asked for first: what happens while the answers are on their way is not missed. Nobody waits for it: the shell
      // takes requests in their order.
      const listening = this.#ended.length === 0 ? this.#listen() : undefined;
      // The first rows come with all else; where the library does not open, the page says so instead.
      if (this.results.shown === null)
        void this.results.commit(this.results.query, true).then(() => performance.mark('mailscope-found'));
      const [library, jobs, sources] = await Promise.all([
        call('library', {}),
        call('jobs', {}),
        call('sources', {}),
        listening,
      ]);
      performance.mark('mailscope-answered');
      this.#generation = Math.max(this.#generation, library.generation);
      this.jobs.take(jobs.jobs);
      this.sources.take(sources);
      this.stage = { at: 'open', library };
      if (library.read_only) this.notices.add(readOnly(library));
    } catch (error) {
      this.stage = { at: 'failed', error: error as ApiError };
      // Another library may open where this one does not.
      await this.libraries.load().catch(() => undefined);
      return;
    }
    this.libraries.load().catch(() => undefined);
    call('recent', {}).then(
      ({ files }) => (this.recent = files),
      // The first page then names none.
      () => undefined,
    );
    if (this.jobs.shown.length > 0) this.#offerLive();
    call('fields', {}).then(
      ({ fields }) => (this.fields = new Set(fields.flatMap(({ name, aliases }) => [name, ...aliases]))),
      // The field then shows the query as it is typed.
      () => undefined,
    );
    void this.judging.review.load();
    call('watched', {}).then(
      (watched) => this.watched.take(watched),
      // Then no file looks watched; the switch tells what is so.
      () => undefined,
    );
    call('exports', {}).then(
      ({ exports }) => this.exports.take(exports),
      // Their events tell of those that still run.
      () => undefined,
    );
    call('monitor', {}).then(
      (history) => this.monitor.add(...history.samples),
      // The panel then begins with the next sample.
      () => undefined,
    );
  }

  /** Looks after the files, for whoever was away from the window: a drive may have come or gone. */
  async look(): Promise<void> {
    if (this.stage.at !== 'open' || this.sources.list.length === 0) return;
    // Where this fails, the next commit or message tells.
    await this.sources.load().catch(() => undefined);
    const item = this.reader.item;
    const source = item === null ? undefined : this.sources.find(item.source);
    if (item !== null && source !== undefined && source.available !== item.source_available)
      await this.reader.again();
  }

  stop(): void {
    for (const end of this.#ended) end();
    this.#ended = [];
  }

  hear(event: Event): void {
    switch (event.type) {
      case 'sample':
        this.monitor.add(event.sample);
        break;
      case 'library':
        if (event.generation <= this.#generation && event.total_items === this.sources.total) break;
        this.#generation = event.generation;
        this.sources.total = event.total_items;
        this.sources.refresh();
        this.judging.review.refresh();
        this.onCommit();
        break;
      case 'job':
        this.#hearJob(event.job);
        break;
      case 'export':
        this.hearExport(event.export);
        break;
    }
  }

  #hearJob(job: Job): void {
    const before = this.jobs.hear(job);
    if (before === undefined) this.#offerLive();
    if (before !== job.state || this.sources.find(job.source) === undefined) this.sources.refresh();
    if (before === job.state || active(job.state)) return;
    this.said = `${job.name}: ${status(job)}`;
    if (job.state === 'failed') {
      this.notices.gather(
        job.name,
        job.error ?? { code: 'internal', message: 'Reading stopped.', advice: '', detail: null },
        (count) => `${count === 1 ? job.name : `${count} files`} could not be read`,
      );
    }
    // That a watched file holds nothing new is no news: nobody asked.
    if (job.note?.code === 'truncated')
      this.notices.gather(
        job.name,
        job.note,
        (count) => (count === 1 ? 'Part of a file is missing' : `Parts of ${count} files are missing`),
        'info',
      );
    else if (job.note !== null && this.watched.by(job.path) === null) {
      const copy = job.new > 0;
      const words = (count: number) =>
        count === 1
          ? `${job.name}${copy ? ' is a copy' : ': nothing new'}`
          : `${count} files ${copy ? 'are copies' : 'hold nothing new'}`;
      this.notices.gather(job.name, job.note, words, 'info');
    }
    this.onCommit();
  }

  hearExport(one: Export): void {
    const before = this.exports.hear(one);
    if (before === undefined) this.#offerLive();
    if (before === one.state || one.state === 'running') return;
    this.said = `Export: ${exportWords(one)}`;
    if (one.state === 'failed' && one.error !== null)
      this.notices.fail('The export did not end well', one.error);
  }

  show(view: View): void {
    this.view = view;
    storeView(view);
  }

  showLive(open: boolean): void {
    this.live = open;
    sessionStorage.setItem(LIVE_KEY, open ? 'open' : 'folded');
  }

  /** Opens the live panel, unless it was folded by hand. */
  #offerLive(): void {
    if (sessionStorage.getItem(LIVE_KEY) !== 'folded') this.showLive(true);
  }

  async importPaths(paths: string[]): Promise<void> {
    if (paths.length === 0) return;
    await this.#import(
      () => call('import', { paths }),
      paths.length === 1 ? `${fileName(paths[0] ?? '')} was not imported` : 'Nothing was imported',
    );
  }

  async importFiles(): Promise<void> {
    await this.#choose(async () => await this.importPaths(await chooseFiles()));
  }

  async importFolder(): Promise<void> {
    await this.#choose(async () => {
      const folder = await chooseFolder('Choose a folder with Outlook data files');
      if (folder !== null) await this.importPaths([folder]);
    });
  }

  /** Works with another library from now on. */
  async openLibrary(path: string): Promise<void> {
    await this.#change(() => this.libraries.open(path), 'The library could not be opened');
  }

  async createLibrary(name: string): Promise<void> {
    await this.#change(() => this.libraries.create(name), 'The library could not be made');
  }

  async forgetLibrary(path: string): Promise<void> {
    try {
      await this.libraries.forget(path);
    } catch (error) {
      this.notices.fail('The library is still in the list', error as ApiError);
    }
  }

  /** What choosing a library takes and does, wherever it is offered. */
  get chooser() {
    return {
      list: this.libraries.list,
      busy: this.libraries.busy,
      onopen: ({ path }: { path: string }) => void this.openLibrary(path),
      oncreate: (name: string) => void this.createLibrary(name),
      onfolder: () => void this.openLibraryFolder(),
      onforget: ({ path }: { path: string }) => void this.forgetLibrary(path),
    };
  }

  /** Asks for the folder of a library. */
  async openLibraryFolder(): Promise<void> {
    await this.#choose(async () => {
      const folder = await chooseFolder('Choose the folder of a library');
      if (folder !== null) await this.openLibrary(folder);
    });
  }

  async #change(work: () => Promise<void>, failure: string): Promise<void> {
    try {
      await work();
      this.#restart();
    } catch (error) {
      this.notices.fail(failure, error as ApiError);
    }
  }

  /** Changes how the program works; where that concerns the library, it is opened anew. */
  async prefer(wishes: Preferences): Promise<void> {
    try {
      const before = await call('preferences', {});
      await call('set_preferences', wishes);
      if (before.memory_mb !== wishes.memory_mb || before.threads !== wishes.threads) this.#restart();
    } catch (error) {
      this.notices.fail('The settings were not changed', error as ApiError);
    }
  }

  /** Takes a file or folder in again whenever it changes, or no longer. */
  async watch(path: string, watched: boolean): Promise<void> {
    try {
      await this.watched.set(path, watched);
    } catch (error) {
      const what = watched ? 'cannot be watched' : 'is still watched';
      this.notices.fail(`${fileName(path)} ${what}`, error as ApiError);
    }
  }

  /** Asks for a folder, takes it in, and again whenever it changes. */
  async watchFolder(): Promise<void> {
    await this.#choose(async () => {
      const folder = await chooseFolder('Choose a folder to watch');
      if (folder === null) return;
      await this.watch(folder, true);
      await this.importPaths([folder]);
    });
  }

  async importSample(): Promise<void> {
    await this.#import(() => call('import_sample', {}), 'The sample mailbox was not imported');
  }

  async cancel(job: Job): Promise<void> {
    try {
      this.#hearJob(await call('cancel', { job: job.id }));
    } catch (error) {
      this.notices.fail(`${job.name} could not be stopped`, error as ApiError);
    }
  }

  /** Lets an import wait, or go on. */
  async pause(job: Job): Promise<void> {
    try {
      this.#hearJob(await call(job.state === 'paused' ? 'resume' : 'pause', { job: job.id }));
    } catch (error) {
      const what = job.state === 'paused' ? 'could not go on' : 'could not be paused';
      this.notices.fail(`${job.name} ${what}`, error as ApiError);
    }
  }

  async remove(source: Source): Promise<void> {
    try {
      this.sources.take(await call('remove', { source: source.id }));
    } catch (error) {
      this.notices.fail(`${source.name} could not be removed`, error as ApiError);
      return;
    }
    if (this.reader.item?.source === source.id) this.reader.close();
    if (this.results.scope?.source === source.id) this.results.narrow(null);
    else void this.results.commit(this.results.query, true);
  }

  async openLink(address: string): Promise<void> {
    try {
      await openAddress(address);
    } catch (error) {
      this.notices.fail('The address could not be opened', error as ApiError);
    }
  }

  /** Shows a file or folder in the file manager. */
  async reveal(path: string): Promise<void> {
    try {
      await showFile(path);
    } catch (error) {
      this.notices.fail(`${fileName(path)} could not be shown`, error as ApiError);
    }
  }

  async #choose(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.notices.fail('The dialog could not be opened', error as ApiError);
    }
  }

  async #import(ask: () => Promise<ImportStarted>, failure: string): Promise<void> {
    this.asking = true;
    try {
      const started = await ask();
      for (const notice of fromRefused(started.refused)) this.notices.add(notice);
      if (started.jobs.length > 0) {
        const { jobs } = await call('jobs', {});
        for (const job of jobs) if (started.jobs.includes(job.id)) this.#hearJob(job);
      }
    } catch (error) {
      this.notices.fail(failure, error as ApiError);
    } finally {
      this.asking = false;
    }
  }
}
