import type { LibraryList } from '../../ipc/generated/api';

/** What the desktop is asked about libraries. */
interface Desk {
  list: () => Promise<LibraryList>;
  open: (path: string) => Promise<LibraryList>;
  create: (name: string) => Promise<LibraryList>;
  forget: (path: string) => Promise<LibraryList>;
}

/** The libraries that this person has worked with, and the way from one to another. */
export class Libraries {
  list = $state.raw<LibraryList | null>(null);
  /** Whether one is being opened. */
  busy = $state(false);
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  async load(): Promise<void> {
    this.list = await this.#desk.list();
  }

  /** Opens another library. Rejects with an ApiError; the one before is then still open. */
  open(path: string): Promise<void> {
    return this.#change(() => this.#desk.open(path));
  }

  create(name: string): Promise<void> {
    return this.#change(() => this.#desk.create(name));
  }

  async forget(path: string): Promise<void> {
    this.list = await this.#desk.forget(path);
  }

  async #change(work: () => Promise<LibraryList>): Promise<void> {
    this.busy = true;
    try {
      this.list = await work();
    } finally {
      this.busy = false;
    }
  }
}
