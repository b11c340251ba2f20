import type { Act } from '../features/list/SelectionBar.svelte';
import type { Target } from '../features/list/selection.svelte';
import { Review } from '../features/review/review.svelte';
import { doneWords } from '../features/review/words';
import {
  call,
  type Action,
  type ApiError,
  type Change,
  type Hit,
  type Item,
  type ItemId,
  type ReviewRequest,
  type SavedSearch,
  type TagColour,
} from '../ipc';
import { plural } from '../shared/lib/format';
import type { Meant } from './choosing.svelte';
import type { Session } from './session.svelte';

/** What is said of an item after a change. */
type Said = Pick<Item, 'marked' | 'reviewed' | 'tags'>;

function after(said: Said, change: Change): Said {
  const { marked, reviewed, tags = [] } = said;
  const others = (name: string) => tags.filter((tag) => tag.toLowerCase() !== name.toLowerCase());
  const all: Said = { marked: marked === true, reviewed: reviewed === true, tags };
  switch (change.kind) {
    case 'flag':
      return { ...all, marked: change.value };
    case 'reviewed':
      return { ...all, reviewed: change.value };
    case 'tag':
      return {
        ...all,
        tags: [...others(change.value), change.value].sort((a, b) => a.localeCompare(b, 'en')),
      };
    case 'untag':
      return { ...all, tags: others(change.value) };
    case 'note':
      return all;
  }
}

/** What the person says of items: at once in sight, then in the library, and taken back when that is wished. */
export class Judging {
  readonly review = new Review({
    review: (request) => call('review', request),
    undo: (action) => call('undo_review', action === null ? {} : { action }),
    tags: () => call('tags', {}),
    colour: (name, colour) => call('colour_tag', colour === null ? { name } : { name, colour }),
    saved: () => call('saved', {}),
    save: (name, query) => call('save_search', { name, query }),
    forget: (name) => call('forget_search', { name }),
    actions: (request) => call('actions', request),
    count: async (query) =>
      (await call('search', { query, sort: 'newest', offset: 0, limit: 1, as_you_type: false })).total,
  });
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Whether there is anything that keys and buttons are for: what is chosen, else what is read. */
  get any(): boolean {
    return !this.#session.choosing.shown.none || this.#session.reader.id !== null;
  }

  /** Does with what is chosen, or read, what a key or button stands for. */
  act(act: Act): void {
    const { choosing, reader } = this.#session;
    if (!this.any) return;
    const at = choosing.shown.none
      ? { target: { ids: reader.id === null ? [] : [reader.id] }, count: 1 }
      : choosing.meant();
    // What is known already is shown at once.
    if (at instanceof Promise)
      at.then((meant) => this.#do(act, meant)).catch((error: unknown) =>
        this.#session.notices.fail('Nothing was changed', error as ApiError),
      );
    else this.#do(act, at);
  }

  #do(act: Act, at: Meant): void {
    if (at.count === 0) return;
    if (act === 'tag' || act === 'note') this.#session.asked = { at: act, ...at };
    else if (act === 'flag' || act === 'unflag')
      void this.change({ kind: 'flag', value: act === 'flag' }, at.target);
    else if (act === 'reviewed' || act === 'unreviewed')
      void this.change({ kind: 'reviewed', value: act === 'reviewed' }, at.target);
  }

  /** The same for keys: what a single item is already, it is no longer. */
  toggle(act: 'flag' | 'reviewed'): void {
    const { choosing, reader } = this.#session;
    const item = choosing.shown.none ? reader.item : null;
    const is = act === 'flag' ? item?.marked === true : item?.reviewed === true;
    this.act(is ? `un${act}` : act);
  }

  async change(change: Change, target: Target): Promise<void> {
    const { notices, results, reader } = this.#session;
    const which = this.#which(target);
    const concerns = ({ id }: { id: ItemId }) =>
      'ids' in target ? target.ids.includes(id) : !target.except.includes(id);
    this.#show(concerns, change, 'ids' in target);
    try {
      const done = await this.review.change(change, which);
      this.#session.said = doneWords(change, done.items);
      if (!('ids' in target) || target.ids.length > 1) this.#tell(change, done.action, done.items);
    } catch (error) {
      notices.fail('Nothing was changed', error as ApiError);
      void results.commit(results.query, true);
      if (reader.id !== null) void reader.again();
    }
  }

  /** Takes an entry of the record back, or the last one. */
  async undo(action: number | null = null): Promise<void> {
    const { notices, reader } = this.#session;
    try {
      const done = await this.review.undo(action);
      notices.add({
        tone: 'good',
        title: 'Taken back',
        message: `${plural(done.items, 'item')} ${done.items === 1 ? 'is' : 'are'} as before.`,
        advice: '',
        detail: [],
      });
      if (reader.id !== null) void reader.again();
      this.#session.onCommit();
    } catch (error) {
      const failure = error as ApiError;
      if (failure.code === 'no_such')
        notices.note('There is nothing to take back', {
          ...failure,
          message: 'No change is left that could be taken back.',
          advice: 'Activity shows what was changed, and by whom.',
        });
      else notices.fail('It could not be taken back', failure);
    }
  }

  async save(name: string, query: string): Promise<void> {
    await this.#try('The search was not saved', () => this.review.save(name, query));
  }

  async colour(tag: string, colour: TagColour | null): Promise<void> {
    await this.#try('The colour was not changed', () => this.review.colour(tag, colour));
  }

  async rename(saved: SavedSearch, name: string): Promise<void> {
    await this.#try('The search was not renamed', () => this.review.rename(saved, name));
  }

  async forget(saved: SavedSearch): Promise<void> {
    await this.#try('The search was not deleted', async () => {
      await this.review.forget(saved.name);
      this.#session.notices.add({
        tone: 'good',
        title: `${saved.name} was deleted`,
        message: 'The search is no longer kept.',
        advice: '',
        detail: [],
        act: { label: 'Undo', run: () => void this.save(saved.name, saved.query) },
      });
    });
  }

  /** For the record: takes an entry back and waits for it. */
  readonly takeBack = (action: Action): Promise<void> => this.undo(action.id);

  async #try(failure: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#session.notices.fail(failure, error as ApiError);
    }
  }

  #which(target: Target): Omit<ReviewRequest, 'change'> {
    if ('ids' in target) return { ids: target.ids };
    const { query, source, folder, as_you_type } = this.#session.results.shown?.question ?? {
      query: '',
      as_you_type: false,
    };
    return {
      query,
      as_you_type,
      ...(source === undefined ? {} : { source }),
      ...(folder === undefined ? {} : { folder }),
      ...(target.except.length === 0 ? {} : { except: target.except }),
      ...(target.once ? { once: true } : {}),
    };
  }

  /** Shows a change before the engine has made it. Of a whole search only the rows of the list are known to be in it. */
  #show(concerns: (one: { id: ItemId }) => boolean, change: Change, byNumber: boolean): void {
    const { results, threads, reader } = this.#session;
    const row = (hit: Hit): Hit => ({
      ...hit,
      ...after(hit, change),
      ...(change.kind === 'note' ? { noted: change.value !== '' } : {}),
    });
    // A folded list shows only some of what is meant by all, but of each copy it shows the one that is.
    results.patch(concerns, row);
    threads.patch(concerns, row);
    const read = reader.item;
    if (read === null || !concerns(read) || (!byNumber && results.indexOf(read.id) === null)) return;
    reader.patch((item) => ({
      ...item,
      ...after(item, change),
      ...(change.kind === 'note' ? { note: change.value } : {}),
    }));
  }

  #tell(change: Change, action: number | null, items: number): void {
    const { notices } = this.#session;
    const nothing = action === null;
    notices.add({
      tone: nothing ? 'info' : 'good',
      title: nothing ? 'Nothing changed' : doneWords(change, items),
      message: nothing ? 'All of them are so already.' : 'It is in the record of Activity.',
      advice: '',
      detail: [],
      ...(nothing ? {} : { act: { label: 'Undo', run: () => void this.undo(action) } }),
    });
  }
}
