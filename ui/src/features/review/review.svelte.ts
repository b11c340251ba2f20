import type {
  ActionList,
  ActionsRequest,
  Change,
  ReviewDone,
  ReviewRequest,
  SavedList,
  SavedSearch,
  TagColour,
  TagCount,
  TagList,
} from '../../ipc/generated/api';

import { tagColours } from '../../shared/lib/tags.svelte';

/** What is asked of the engine. */
export interface Asks {
  review: (request: ReviewRequest) => Promise<ReviewDone>;
  undo: (action: number | null) => Promise<ReviewDone>;
  tags: () => Promise<TagList>;
  /** Gives a tag a colour, or none. */
  colour: (name: string, colour: TagColour | null) => Promise<TagList>;
  saved: () => Promise<SavedList>;
  save: (name: string, query: string) => Promise<SavedList>;
  forget: (name: string) => Promise<SavedList>;
  actions: (request: ActionsRequest) => Promise<ActionList>;
  /** How many items a query finds. */
  count: (query: string) => Promise<number>;
}

/** So many saved searches are counted; more would cost more than they tell. */
const COUNTED = 20;
/** During an import they are counted no more often than this. */
const PAUSE_MS = 4000;

/** What people say of items: tags, saved searches, and what was said last. */
export class Review {
  tags = $state.raw<TagCount[]>([]);
  saved = $state.raw<SavedSearch[]>([]);
  /** How many items a saved search finds, by its query; as of the last count. */
  counts = $state.raw<Record<string, number>>({});
  /** Items that are flagged here. */
  flagged = $state(0);
  readonly asks: Asks;
  #counting = false;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #late = false;

  constructor(asks: Asks) {
    this.asks = asks;
  }

  /** Loads tags, saved searches and their counts. What fails leaves what is shown. */
  async load(): Promise<void> {
    const [tags, saved] = await Promise.allSettled([this.asks.tags(), this.asks.saved()]);
    if (tags.status === 'fulfilled') this.#take(tags.value);
    if (saved.status === 'fulfilled') this.saved = saved.value.saved;
    await this.count();
  }

  #take({ tags }: TagList): void {
    this.tags = tags;
    tagColours.take(tags);
  }

  /** Gives a tag a colour, or none. Rejects with an ApiError. */
  async colour(name: string, colour: TagColour | null): Promise<void> {
    this.#take(await this.asks.colour(name, colour));
  }

  /** Loads again after a commit: at once when quiet, else once more after a pause. */
  refresh(): void {
    if (this.#timer !== undefined) {
      this.#late = true;
      return;
    }
    this.#late = false;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#late) this.refresh();
    }, PAUSE_MS);
    void this.load();
  }

  /** Counts anew what is flagged and what saved searches find: one after the other, behind all else. */
  async count(): Promise<void> {
    if (this.#counting) {
      this.#again = true;
      return;
    }
    this.#counting = true;
    do {
      this.#again = false;
      const counts: Record<string, number> = {};
      const number = (query: string) =>
        this.asks.count(query).then(
          (found) => found,
          // A query that is an error by now has no number.
          () => undefined,
        );
      this.flagged = (await number('is:marked')) ?? this.flagged;
      for (const { query } of this.saved.slice(0, COUNTED)) {
        const found = await number(query);
        if (found !== undefined) counts[query] = found;
      }
      this.counts = counts;
    } while (this.#again);
    this.#counting = false;
  }

  /** Says something of items. Rejects with an ApiError. */
  async change(change: Change, which: Omit<ReviewRequest, 'change'>): Promise<ReviewDone> {
    const done = await this.asks.review({ change, ...which });
    void this.load();
    return done;
  }

  /** Takes back an entry of the record, or the last one. Rejects with an ApiError. */
  async undo(action: number | null): Promise<ReviewDone> {
    const done = await this.asks.undo(action);
    void this.load();
    return done;
  }

  async save(name: string, query: string): Promise<void> {
    this.saved = (await this.asks.save(name, query)).saved;
    void this.count();
  }

  async forget(name: string): Promise<void> {
    this.saved = (await this.asks.forget(name)).saved;
  }

  /** The same search under another name. */
  async rename(saved: SavedSearch, name: string): Promise<void> {
    await this.save(name, saved.query);
    // In other letters of the same name there is only one.
    if (this.saved.some((one) => one.name === saved.name) && name !== saved.name)
      await this.forget(saved.name);
  }
}
