/** What people say of made-up mail, and its conversations. */
import type {
  Action,
  ActionList,
  ActionsRequest,
  Change,
  Conversation,
  Item,
  ItemId,
  ReviewDone,
  ReviewRequest,
  SavedList,
  TagColour,
  TagList,
} from '../../src/ipc/generated/api';
import { hit } from './mail';

type Said = Required<Pick<Item, 'marked' | 'reviewed' | 'tags' | 'note'>>;
const nothing = (): Said => ({ marked: false, reviewed: false, tags: [], note: '' });

/** A conversation of four: an answer that matches, one that is not in the library, a copy. */
export function conversation(id: ItemId, query: string, review: MemoryReview): Conversation {
  const row = (at: number) => ({ ...hit(at, query), ...review.row(at + 1) });
  const matches = (at: number) => query !== '' && at % 2 === 0;
  const base = id - 1;
  return {
    total: 5,
    messages: [
      { hit: row(base), parent: null, depth: 0, copies: [], matches: matches(base) },
      {
        hit: row(base + 1),
        parent: id,
        depth: 1,
        copies: [id + 9_000],
        matches: matches(base + 1),
      },
      { hit: row(base + 2), parent: id, depth: 1, copies: [], gap: 0, matches: matches(base + 2) },
      { hit: row(base + 3), parent: id, depth: 1, copies: [], gap: 0, matches: matches(base + 3) },
    ],
  };
}

/** Answers as the engine does what is said of items. */
export class MemoryReview {
  #said = new Map<ItemId, Said>();
  #before = new Map<number, Map<ItemId, Said>>();
  actions: Action[] = [];
  colours = new Map<string, TagColour>();
  saved: SavedList['saved'] = [];

  of(id: ItemId): Said {
    return this.#said.get(id) ?? nothing();
  }

  row(id: ItemId) {
    const { marked, reviewed, tags, note } = this.of(id);
    return { marked, reviewed, tags, noted: note !== '' };
  }

  get flagged(): number {
    return [...this.#said.values()].filter(({ marked }) => marked).length;
  }

  change({ change, ids, query, except }: ReviewRequest, total: number): ReviewDone {
    const all =
      ids ??
      Array.from({ length: Math.min(total, 2_000) }, (_, at) => at + 1).filter(
        (id) => !(except ?? []).includes(id),
      );
    const before = new Map<ItemId, Said>();
    for (const id of all) {
      const said = this.of(id);
      const now = after(said, change);
      if (JSON.stringify(now) === JSON.stringify(said)) continue;
      before.set(id, said);
      this.#said.set(id, now);
    }
    if (before.size === 0) return { action: null, items: 0 };
    const what = { flag: ['unflag', 'flag'], reviewed: ['unreview', 'review'] } as const;
    const value = typeof change.value === 'string' ? change.value : '';
    const name =
      change.kind === 'flag' || change.kind === 'reviewed'
        ? what[change.kind][Number(change.value)]!
        : change.kind;
    return this.#record(name, value, query ?? '', before);
  }

  undo(action?: number): ReviewDone {
    const undone = this.actions.find(
      ({ id, what }) =>
        (action === undefined ? what !== 'undo' : id === action) &&
        !this.actions.some(({ undoes }) => undoes === id),
    );
    if (undone === undefined)
      throw { code: 'no_such', message: 'There is no such change.', advice: '', detail: null };
    const before = new Map<ItemId, Said>();
    for (const [id, said] of this.#before.get(undone.id) ?? []) {
      before.set(id, this.of(id));
      this.#said.set(id, said);
    }
    const done = this.#record('undo', undone.value, '', before);
    this.actions[0]!.undoes = undone.id;
    return done;
  }

  #record(what: string, value: string, query: string, before: Map<ItemId, Said>): ReviewDone {
    const id = this.actions.length + 1;
    this.#before.set(id, before);
    const at = Date.UTC(2001, 10, 14, 9, id);
    this.actions = [
      { id, at, who: 'marta', what, value, query, items: before.size, undoes: null },
      ...this.actions,
    ];
    return { action: id, items: before.size };
  }

  list({ before, limit }: ActionsRequest): ActionList {
    return { actions: this.actions.filter(({ id }) => before === undefined || id < before).slice(0, limit) };
  }

  tags(): TagList {
    const counts = new Map<string, number>();
    for (const { tags } of this.#said.values())
      for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
    const colour = (name: string) => {
      const known = this.colours.get(name);
      return known === undefined ? {} : { colour: known };
    };
    return { tags: [...counts].sort().map(([name, count]) => ({ name, count, ...colour(name) })) };
  }

  colour(name: string, colour?: TagColour): TagList {
    if (colour === undefined) this.colours.delete(name);
    else this.colours.set(name, colour);
    return this.tags();
  }

  searches(): SavedList {
    return { saved: this.saved };
  }

  save(name: string, query: string): SavedList {
    this.forget(name);
    this.saved = [...this.saved, { name, query, made_at: 0 }].sort((a, b) => (a.name < b.name ? -1 : 1));
    return this.searches();
  }

  forget(name: string): SavedList {
    this.saved = this.saved.filter((one) => one.name !== name);
    return this.searches();
  }
}

function after(said: Said, change: Change): Said {
  switch (change.kind) {
    case 'flag':
      return { ...said, marked: change.value };
    case 'reviewed':
      return { ...said, reviewed: change.value };
    case 'tag':
      return { ...said, tags: [...said.tags.filter((tag) => tag !== change.value), change.value].sort() };
    case 'untag':
      return { ...said, tags: said.tags.filter((tag) => tag !== change.value) };
    case 'note':
      return { ...said, note: change.value };
  }
}
