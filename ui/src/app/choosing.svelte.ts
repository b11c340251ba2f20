import type { Target } from '../features/list/selection.svelte';
import { Selection } from '../features/list/selection.svelte';
import { call, type Hit, type ItemId, type SearchRequest } from '../ipc';
import { count } from '../shared/lib/format';
import type { Session } from './session.svelte';

/** Rows that are looked up at the same time. */
const AT_ONCE = 8;

/** The items that are meant, and how many they are. */
export interface Meant {
  target: Target;
  count: number;
}

/**
 * What is chosen in the list that is shown, and which items that means. A row may stand for several: of a folded list for its copies,
 * of conversations for the messages that match. Copies are meant too unless that is switched off: what is said of one letter, such as
 * that it is privileged, is seldom meant to leave out another like it. Of a conversation only what matches is meant, unless the rest
 * is switched on.
 */
export class Choosing {
  readonly items = new Selection();
  readonly threads = new Selection();
  readonly #session: Session;
  /** How many items the search finds, each copy counted, and of which answer that was counted. */
  #found = $state.raw<{ serial: number; total: number } | null>(null);

  constructor(session: Session) {
    this.#session = session;
    this.items.rest = true;
  }

  /** What is chosen in the list that is shown. */
  get shown(): Selection {
    return this.#byThread ? this.threads : this.items;
  }

  get #byThread(): boolean {
    return this.#session.view === 'conversations';
  }

  get #folded(): boolean {
    return !this.#byThread && this.#session.results.fold === 'duplicates';
  }

  /** How many rows there are to choose from. */
  get #rows(): number {
    const { results, threads } = this.#session;
    return (this.#byThread ? threads : results).shown?.total ?? 0;
  }

  /** How many items all that is found are, each copy counted; null until that is known. */
  get #total(): number | null {
    const shown = this.#session.results.shown;
    if (shown === null) return null;
    if (shown.question.fold === undefined) return shown.total;
    return this.#found?.serial === shown.serial ? this.#found.total : null;
  }

  /** Says that no more than so many rows can be chosen one by one. */
  tooMany(most: number): void {
    this.#session.notices.add({
      tone: 'info',
      title: `At most ${count(most)} rows can be chosen one by one`,
      message: 'Nothing was changed.',
      advice: 'Ctrl A chooses all that the search finds; x then leaves single ones out.',
      detail: [],
    });
  }

  /** Counts what a folded list stands for, once all of it is chosen. */
  async countAll(): Promise<void> {
    const { shown } = this.#session.results;
    if (shown === null || this.#total !== null) return;
    const { query, source, folder, as_you_type, sort } = shown.question;
    const request: SearchRequest = { query, as_you_type, sort, offset: 0, limit: 1 };
    if (source !== undefined) request.source = source;
    if (folder !== undefined) request.folder = folder;
    this.#found = { serial: shown.serial, total: (await call('search', request)).total };
  }

  /** How many items are meant by what is chosen; null where that is not known without looking. */
  get count(): number | null {
    const chosen = this.shown;
    if (!this.#byThread && !(this.#folded && chosen.rest)) return chosen.count(this.#rows);
    const of = ({ stands_for, thread }: Hit): number =>
      this.#byThread && chosen.rest ? (thread?.messages ?? 1) : (stands_for ?? 1);
    const sum = (hits: Hit[]) => hits.reduce((all, hit) => all + of(hit), 0);
    if (!chosen.all) return sum(chosen.hits);
    return this.#total === null ? null : Math.max(0, this.#total - sum(chosen.left));
  }

  /** The items that are meant. Rows that stand for several are looked up first; rejects with an ApiError where that fails. */
  meant(): Meant | Promise<Meant> {
    const chosen = this.shown;
    const rows = chosen.all ? chosen.left : chosen.hits;
    const target = (ids: ItemId[]): Target => (chosen.all ? { except: ids } : { ids });
    const own = rows.map(({ id }) => id);
    if (!this.#byThread && !this.#folded) return { target: target(own), count: chosen.count(this.#rows) };
    if (this.#folded && !chosen.rest) {
      const which: Target = chosen.all ? { except: own, once: true } : { ids: own };
      return { target: which, count: chosen.count(this.#rows) };
    }
    return this.#lookedUp(rows).then(async (ids) => {
      if (chosen.all) await this.countAll();
      const count = chosen.all ? Math.max(0, (this.#total ?? 0) - ids.length) : ids.length;
      return { target: target(ids), count };
    });
  }

  async #lookedUp(rows: Hit[]): Promise<ItemId[]> {
    const found: ItemId[][] = [];
    for (let at = 0; at < rows.length; at += AT_ONCE) {
      const some = rows.slice(at, at + AT_ONCE);
      found.push(
        ...(await Promise.all(some.map((row) => (this.#byThread ? this.#thread(row) : this.#copies(row))))),
      );
    }
    return [...new Set(found.flat())];
  }

  async #copies(row: Hit): Promise<ItemId[]> {
    if ((row.stands_for ?? 1) === 1) return [row.id];
    return [row.id, ...(await call('copies', { id: row.id })).hits.map(({ id }) => id)];
  }

  async #thread(row: Hit): Promise<ItemId[]> {
    const messages = await this.#messages(row, this.threads.rest);
    return [row.id, ...messages.flatMap(({ hit, copies }) => [hit.id, ...copies])];
  }

  async #messages(row: Hit, rest: boolean) {
    if ((row.thread?.messages ?? 1) === 1 && (row.stands_for ?? 1) === 1) return [];
    const { query, source, folder, as_you_type } = this.#session.threads.shown?.question ?? {
      query: '',
      as_you_type: false,
    };
    const narrowed = query.trim() !== '' || source !== undefined;
    const { messages } = await call('conversation', {
      id: row.id,
      ...(narrowed ? { query, as_you_type } : {}),
      ...(source === undefined ? {} : { source }),
      ...(folder === undefined ? {} : { folder }),
    });
    return rest || !narrowed ? messages : messages.filter(({ matches }) => matches === true);
  }

  /** The messages that rows of conversations stand for. */
  async messagesOf(rows: Hit[]): Promise<Hit[]> {
    const found: Hit[] = [];
    for (const row of rows) {
      const messages = await this.#messages(row, this.threads.rest);
      found.push(...(messages.length === 0 ? [row] : messages.map(({ hit }) => hit)));
    }
    return found;
  }
}
