import { SvelteMap } from 'svelte/reactivity';
import type { Hit, ItemId } from '../../ipc/generated/api';

/** Which items an action is for: some by number, or all that the search finds but a few (of those that say the same `once`). */
export type Target = { ids: ItemId[] } | { except: ItemId[]; once?: true };

/** The rows that are chosen: some one by one, or all that the search finds but a few. */
export class Selection {
  /** Whether all that the search finds is chosen. */
  all = $state(false);
  /** Whether what belongs to the rows beyond themselves is meant too: copies, or messages of a conversation that do not match. */
  rest = $state(false);
  /** The row that a range begins at. */
  anchor = -1;
  #chosen = new SvelteMap<ItemId, Hit>();
  #left = new SvelteMap<ItemId, Hit>();

  /** Whether nothing is chosen. */
  get none(): boolean {
    return !this.all && this.#chosen.size === 0;
  }

  /** The rows that were chosen one by one, in that order. */
  get hits(): Hit[] {
    return [...this.#chosen.values()];
  }

  /** The rows that were left out of all. */
  get left(): Hit[] {
    return [...this.#left.values()];
  }

  /** How many are chosen, of so many that the search finds. */
  count(total: number): number {
    return this.all ? Math.max(0, total - this.#left.size) : this.#chosen.size;
  }

  has(id: ItemId): boolean {
    return this.all ? !this.#left.has(id) : this.#chosen.has(id);
  }

  toggle(hit: Hit): void {
    const rows = this.all ? this.#left : this.#chosen;
    if (!rows.delete(hit.id)) rows.set(hit.id, hit);
  }

  /** Chooses just these. */
  set(hits: Hit[]): void {
    this.clear();
    for (const hit of hits) this.#chosen.set(hit.id, hit);
  }

  chooseAll(): void {
    this.clear();
    this.all = true;
  }

  clear(): void {
    this.all = false;
    this.#chosen.clear();
    this.#left.clear();
  }
}
