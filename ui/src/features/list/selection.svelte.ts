import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { Hit, ItemId } from '../../ipc/generated/api';

/** Which items an action is for: some by number, or all that the search finds but a few. */
export type Target = { ids: ItemId[] } | { except: ItemId[] };

/** The rows that are chosen: some one by one, or all that the search finds but a few. */
export class Selection {
  /** Whether all that the search finds is chosen. */
  all = $state(false);
  /** The row that a range begins at. */
  anchor = -1;
  #chosen = new SvelteMap<ItemId, Hit>();
  #left = new SvelteSet<ItemId>();

  /** Whether nothing is chosen. */
  get none(): boolean {
    return !this.all && this.#chosen.size === 0;
  }

  /** The rows that were chosen one by one, in that order. */
  get hits(): Hit[] {
    return [...this.#chosen.values()];
  }

  /** How many are chosen, of so many that the search finds. */
  count(total: number): number {
    return this.all ? Math.max(0, total - this.#left.size) : this.#chosen.size;
  }

  has(id: ItemId): boolean {
    return this.all ? !this.#left.has(id) : this.#chosen.has(id);
  }

  toggle(hit: Hit): void {
    if (this.all) {
      if (!this.#left.delete(hit.id)) this.#left.add(hit.id);
    } else if (!this.#chosen.delete(hit.id)) this.#chosen.set(hit.id, hit);
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

  target(): Target {
    return this.all ? { except: [...this.#left] } : { ids: [...this.#chosen.keys()] };
  }
}
