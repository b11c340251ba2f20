/** What became of a piece of work: its value, its error, or nothing because newer work took its place. */
export type Outcome<T> =
  { state: 'done'; value: T } | { state: 'failed'; error: unknown } | { state: 'stale' };

/**
 * Runs one piece of work at a time. While one runs only the newest request waits; those between are dropped
 * unheard, so that requests never queue up. An answer that a newer request has overtaken is stale.
 *
 * Work that takes longer than `patience` milliseconds no longer holds up the next.
 */
export class Latest {
  #newest = 0;
  #running = 0;
  #waiting: { start: () => void; drop: () => void } | null = null;
  readonly #patience: number;

  constructor(patience = 500) {
    this.#patience = patience;
  }

  /** Runs `work` as soon as nothing else runs, unless newer work comes first. */
  run<T>(work: () => Promise<T>): Promise<Outcome<T>> {
    const ticket = ++this.#newest;
    this.#waiting?.drop();
    this.#waiting = null;
    return new Promise((resolve) => {
      const start = () => {
        let holding = true;
        const release = () => {
          if (!holding) return;
          holding = false;
          this.#running -= 1;
          this.#next();
        };
        this.#running += 1;
        const timer = setTimeout(release, this.#patience);
        work()
          .then(
            (value): Outcome<T> => ({ state: 'done', value }),
            (error: unknown): Outcome<T> => ({ state: 'failed', error }),
          )
          .then((outcome) => {
            clearTimeout(timer);
            resolve(ticket === this.#newest ? outcome : { state: 'stale' });
            release();
          });
      };
      if (this.#running === 0) start();
      else this.#waiting = { start, drop: () => resolve({ state: 'stale' }) };
    });
  }

  /** Makes whatever runs or waits stale. */
  abandon(): void {
    this.#newest += 1;
    this.#waiting?.drop();
    this.#waiting = null;
  }

  #next(): void {
    const waiting = this.#waiting;
    if (waiting === null || this.#running > 0) return;
    this.#waiting = null;
    waiting.start();
  }
}
