import type { Source, SourceId, SourceList } from '../../ipc/generated/api';

/** The files that the library holds. */
export class Sources {
  list = $state.raw<Source[]>([]);
  /** Items in the whole library. */
  total = $state(0);
  /** Why no attached file can be read; null where nothing is in the way. */
  problem = $state<string | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #again = false;
  readonly #load: () => Promise<SourceList>;
  readonly #pause: number;

  constructor(load: () => Promise<SourceList>, pause = 1000) {
    this.#load = load;
    this.#pause = pause;
  }

  take(answer: SourceList): void {
    this.list = answer.sources;
    this.total = answer.total_items;
    this.problem = answer.reading.problem;
  }

  async load(): Promise<void> {
    this.take(await this.#load());
  }

  /** Loads again soon: at once when quiet, else once more after a pause. */
  refresh(): void {
    if (this.#timer !== undefined) {
      this.#again = true;
      return;
    }
    this.#again = false;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#again) this.refresh();
    }, this.#pause);
    // What is shown stays when this fails; the next commit asks again.
    this.load().catch(() => undefined);
  }

  /** Takes in whether the file of a source is there, as somebody saw it; loads again where that is news. */
  saw(id: SourceId, available: boolean): void {
    const known = this.find(id);
    if (known !== undefined && known.available !== available) this.refresh();
  }

  find(id: SourceId | null): Source | undefined {
    return this.list.find((source) => source.id === id);
  }
}
