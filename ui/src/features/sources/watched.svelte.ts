import type { Watched as Answer, WatchRequest } from '../../ipc/generated/api';

/** What is taken in again when it changes. */
export class Watched {
  paths = $state.raw<string[]>([]);
  readonly #change: (request: WatchRequest) => Promise<Answer>;

  constructor(change: (request: WatchRequest) => Promise<Answer>) {
    this.#change = change;
  }

  take(answer: Answer): void {
    this.paths = answer.paths;
  }

  /** Watches a file or folder, or no longer. Rejects with an ApiError. */
  async set(path: string, watched: boolean): Promise<void> {
    this.take(await this.#change({ path, watched }));
  }

  /** How a file is watched: for itself, with the folder given, or not at all (null). */
  by(file: string): { folder: string | null } | null {
    if (this.paths.includes(file)) return { folder: null };
    const folder = this.paths.find((path) => {
      const whole = path.replace(/[\\/]+$/, '');
      return file.startsWith(whole) && /[\\/]/.test(file.charAt(whole.length));
    });
    return folder === undefined ? null : { folder };
  }
}
