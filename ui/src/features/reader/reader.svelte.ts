import type { ApiError, Item, ItemId, ShowRequest } from '../../ipc/generated/api';
import { Latest } from '../../shared/lib/latest';

/** One message of the way into embedded ones. */
export interface Step {
  id: ItemId;
  /** Where it is embedded; empty for the item itself. */
  path: number[];
  /** What to call it before it is read. */
  title: string;
}

const SKELETON_MS = 120;

/** The message that is being read, and the way that led into it. */
export class Reader {
  /** From the item itself to the message embedded deepest. Empty: nothing is open. */
  way = $state.raw<Step[]>([]);
  item = $state.raw<Item | null>(null);
  /** The path that `item` was read at. */
  itemPath = $state.raw<number[]>([]);
  error = $state.raw<ApiError | null>(null);
  /** Whether reading takes long enough to say so. */
  slow = $state(false);
  /** The words to mark. */
  #query = '';
  readonly #latest = new Latest();
  readonly #show: (request: ShowRequest) => Promise<Item>;

  constructor(show: (request: ShowRequest) => Promise<Item>) {
    this.#show = show;
  }

  /** The item that is open, itself or through a message embedded in it. */
  get id(): ItemId | null {
    return this.way[0]?.id ?? null;
  }

  open(id: ItemId, title: string, query: string): Promise<void> {
    if (this.id === id && this.way.length === 1 && this.#query === query && this.error === null)
      return Promise.resolve();
    this.#query = query;
    return this.#go([{ id, path: [], title }]);
  }

  /** Marks the words of another query in what is open. */
  mark(query: string): Promise<void> {
    if (this.id === null || this.#query === query) return Promise.resolve();
    this.#query = query;
    return this.#go(this.way);
  }

  /** Into a message that the open one carries. */
  enter(path: number[], title: string): Promise<void> {
    const id = this.id;
    return id === null ? Promise.resolve() : this.#go([...this.way, { id, path, title }]);
  }

  /** Back to a step of the way; by default the last but one. */
  back(to = this.way.length - 2): Promise<void> {
    return to < 0 ? Promise.resolve() : this.#go(this.way.slice(0, to + 1));
  }

  /** Reads the same message once more. */
  again(): Promise<void> {
    return this.#go(this.way);
  }

  /** Shows a change of the item that is read at once, before it is read again. */
  patch(change: (item: Item) => Item): void {
    if (this.item !== null && this.way.length === 1) this.item = change(this.item);
  }

  close(): void {
    this.#latest.abandon();
    this.way = [];
    this.item = null;
    this.error = null;
    this.slow = false;
  }

  async #go(way: Step[]): Promise<void> {
    const step = way.at(-1);
    if (step === undefined) return;
    this.way = way;
    const timer = setTimeout(() => (this.slow = true), SKELETON_MS);
    const request: ShowRequest = { id: step.id };
    if (step.path.length > 0) request.path = step.path;
    if (this.#query.trim() !== '') request.query = this.#query;
    const outcome = await this.#latest.run(() => this.#show(request));
    clearTimeout(timer);
    if (outcome.state === 'stale') return;
    this.slow = false;
    if (outcome.state === 'failed') {
      this.error = outcome.error as ApiError;
      this.item = null;
      return;
    }
    this.error = null;
    this.item = outcome.value;
    this.itemPath = step.path;
  }
}
