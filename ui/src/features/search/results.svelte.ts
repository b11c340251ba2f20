import type {
  ApiError,
  Fold,
  FolderId,
  Hit,
  ItemId,
  SearchPage,
  SearchRequest,
  Sort,
  SourceId,
} from '../../ipc/generated/api';
import { Latest } from '../../shared/lib/latest';
import { locate, PAGE } from './locate';

/** The part of the library that is searched. */
export interface Scope {
  source: SourceId;
  folder?: FolderId;
  /** Name of the source, and of the folder. */
  label: string;
}

/** A question as it is put to the engine. */
export type Question = Pick<SearchRequest, 'query' | 'source' | 'folder' | 'sort' | 'as_you_type' | 'fold'>;

/** The last good answer. */
export interface Shown {
  question: Question;
  total: number;
  tookMs: number;
  generation: number;
  /** Grows with every new question that was answered, not with refreshes. */
  serial: number;
}

/** What the list shows now, so that a refresh can leave it where it is. */
export interface View {
  /** The row to hold on to. */
  index: number;
  /** Whether the list is at its very top, where new rows may appear. */
  atTop: boolean;
}

/** Puts one question to the engine. */
export type Ask = (request: SearchRequest) => Promise<SearchPage>;

const DEBOUNCE_MS = 30;
/** So long nothing more must be typed before a list gives way to "nothing found": half a word often finds nothing. */
const CERTAIN_MS = 300;
/** Pages kept; the ones least lately asked for go first. */
const KEPT = 60;
const PARALLEL = 2;
/** Rows that one request may ask for. */
const RANGE = 500;

/**
 * The query of the window and its answer. The last good answer stays until a new one is there; rows are
 * fetched page by page as the list asks for them.
 */
export class Results {
  /** The text in the field. */
  query = $state('');
  scope = $state.raw<Scope | null>(null);
  sort = $state<Sort>('newest');
  /** What is shown once. */
  fold = $state<Fold>('nothing');
  /** The last good answer; null before the first. */
  shown = $state.raw<Shown | null>(null);
  /** Why the question as it stands has no answer. */
  error = $state.raw<ApiError | null>(null);
  /** Whether an answer takes long enough to say so. */
  slow = $state(false);

  #version = $state(0);
  #pages = new Map<number, Hit[]>();
  #serial = 0;
  #wanted: [number, number] = [0, 0];
  #fetching = new Set<number>();
  #typing: ReturnType<typeof setTimeout> | undefined;
  #typedAt = -Infinity;
  #runs = 0;
  #running = 0;
  readonly #latest = new Latest();
  readonly #refreshes = new Latest();
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Takes the text of the field after a keystroke. */
  type(text: string): void {
    this.query = text;
    clearTimeout(this.#typing);
    const now = performance.now();
    const rested = this.#running === 0 && now - this.#typedAt >= DEBOUNCE_MS;
    this.#typedAt = now;
    // After a rest a key is answered at once; of keys that come faster than answers, the last one is.
    if (rested) void this.#run(true, true);
    else this.#typing = setTimeout(() => void this.#run(true, true), DEBOUNCE_MS);
  }

  /** Searches for the text as it stands, its last word being whole (or not, `asYouType`). */
  commit(text = this.query, asYouType = false): Promise<void> {
    this.query = text;
    clearTimeout(this.#typing);
    return this.#run(asYouType);
  }

  narrow(scope: Scope | null): void {
    if (scope?.source === this.scope?.source && scope?.folder === this.scope?.folder) return;
    this.scope = scope;
    void this.commit(this.query, true);
  }

  order(sort: Sort): void {
    this.sort = sort;
    void this.commit(this.query, true);
  }

  foldBy(fold: Fold): void {
    this.fold = fold;
    void this.commit(this.query, true);
  }

  /** Answers the question that another list answers, folded in its own way. */
  async follow(question: Question): Promise<void> {
    this.query = question.query;
    this.sort = question.sort;
    await this.#put({ ...question, fold: this.fold }, ++this.#runs);
  }

  /** Shows a change of rows at once, before the next refresh brings it. */
  patch(concerns: (hit: Hit) => boolean, change: (hit: Hit) => Hit): void {
    for (const [page, hits] of this.#pages) {
      if (hits.some(concerns)) {
        this.#pages.set(
          page,
          hits.map((hit) => (concerns(hit) ? change(hit) : hit)),
        );
      }
    }
    this.#version += 1;
  }

  /** The rows `[first, last)`, fetched where they are not there. */
  async range(first: number, last: number): Promise<Hit[]> {
    const { shown } = this;
    const hits: Hit[] = [];
    for (let at = first; shown !== null && at < last;) {
      const known = this.at(at);
      const more =
        known === undefined
          ? (await this.#ask({ ...shown.question, offset: at, limit: Math.min(RANGE, last - at) })).hits
          : [known];
      if (more.length === 0) break;
      hits.push(...more);
      at += more.length;
    }
    return hits;
  }

  /** Whether a question is on its way. */
  get running(): boolean {
    return this.#running > 0;
  }

  /** The row of that index, once it is there. */
  at(index: number): Hit | undefined {
    void this.#version;
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** The index of an item among the rows that are there. */
  indexOf(id: ItemId): number | null {
    void this.#version;
    for (const [page, hits] of this.#pages) {
      const at = hits.findIndex((hit) => hit.id === id);
      if (at >= 0) return page * PAGE + at;
    }
    return null;
  }

  /** Sees to it that the rows `[first, last)` get there. */
  want(first: number, last: number): void {
    this.#wanted = [first, last];
    this.#fetchWanted();
  }

  /**
   * Brings the rows up to date after a commit, holding on to the row that `view` names. Gives by how many rows
   * it moved, or null when a new question came between.
   */
  async refresh(view: () => View): Promise<number | null> {
    const before = this.shown;
    if (before === null) {
      await this.commit(this.query, true);
      return null;
    }
    const { index, atTop } = view();
    const held = atTop ? undefined : this.at(index);
    const probe = (offset: number, limit: number) => this.#ask({ ...before.question, offset, limit });
    const outcome = await this.#refreshes.run(async () => {
      if (held !== undefined) return locate(held, index, before.question.sort, probe);
      const offset = atTop ? 0 : Math.max(0, Math.floor(index / PAGE) * PAGE - PAGE);
      return { index: null, offset, page: await probe(offset, PAGE * 3) };
    });
    // A refresh that fails leaves what is shown; the next commit brings another.
    if (outcome.state !== 'done' || this.shown?.serial !== before.serial) return null;

    const { offset, page, index: now } = outcome.value;
    this.#keep(page, offset, true);
    this.shown = { ...before, total: page.total, generation: page.generation };
    this.#fetchWanted();
    return held === undefined || now === null ? 0 : now - index;
  }

  async #run(asYouType: boolean, typing = false): Promise<void> {
    const question: Question = { query: this.query, sort: this.sort, as_you_type: asYouType };
    if (this.fold !== 'nothing') question.fold = this.fold;
    if (this.scope !== null) {
      question.source = this.scope.source;
      if (this.scope.folder !== undefined) question.folder = this.scope.folder;
    }
    await this.#put(question, ++this.#runs, typing);
  }

  async #put(question: Question, run: number, typing = false): Promise<void> {
    const slow = setTimeout(() => (this.slow = true), 150);
    this.#running += 1;
    const outcome = await this.#latest.run(() => this.#ask({ ...question, offset: 0, limit: PAGE }));
    this.#running -= 1;
    clearTimeout(slow);
    if (outcome.state === 'stale') return;
    this.slow = false;
    if (outcome.state === 'failed') {
      this.error = outcome.error as ApiError;
      return;
    }
    const page = outcome.value;
    this.error = null;
    if (typing && page.total === 0 && this.shown !== null && this.shown.total > 0) {
      await new Promise((resolve) => setTimeout(resolve, CERTAIN_MS));
      if (run !== this.#runs) return;
    }
    this.#serial += 1;
    this.#wanted = [0, 0];
    this.#keep(page, 0, true);
    this.shown = {
      question,
      total: page.total,
      tookMs: page.took_ms,
      generation: page.generation,
      serial: this.#serial,
    };
  }

  #keep(page: SearchPage, offset: number, alone: boolean): void {
    if (alone) this.#pages.clear();
    for (let at = 0; at < page.hits.length; at += PAGE) {
      const hits = page.hits.slice(at, at + PAGE);
      const number = (offset + at) / PAGE;
      this.#pages.delete(number);
      this.#pages.set(number, hits);
    }
    for (const number of this.#pages.keys()) {
      if (this.#pages.size <= KEPT) break;
      this.#pages.delete(number);
    }
    this.#version += 1;
  }

  /** Fetches missing pages of what is wanted now; what was wanted before and is out of sight is forgotten. */
  #fetchWanted(): void {
    const { shown } = this;
    if (shown === null) return;
    const [first, last] = this.#wanted;
    const end = Math.min(last, shown.total);
    for (let number = Math.floor(first / PAGE); number * PAGE < end; number += 1) {
      if (this.#fetching.size >= PARALLEL) return;
      const held = this.#pages.get(number);
      const full = held !== undefined && (held.length === PAGE || number * PAGE + held.length >= shown.total);
      if (!full && !this.#fetching.has(number)) void this.#fetch(number, shown);
    }
  }

  async #fetch(number: number, shown: Shown): Promise<void> {
    this.#fetching.add(number);
    try {
      const page = await this.#ask({ ...shown.question, offset: number * PAGE, limit: PAGE });
      this.#fetching.delete(number);
      if (this.shown?.serial !== shown.serial) return;
      this.#keep(page, number * PAGE, false);
      // An answer shorter than the total promises would be asked for for ever.
      if (page.hits.length > 0) this.#fetchWanted();
    } catch (error) {
      this.#fetching.delete(number);
      if (this.shown?.serial === shown.serial) this.error = error as ApiError;
    }
  }
}
