import type { Target } from '../features/list/selection.svelte';
import type { Hit, ItemId, SavedSearch, Source } from '../ipc';

/** What a dialog of the workspace is about. */
export type Asked =
  | { at: 'losses'; source: Source }
  | { at: 'remove'; source: Source }
  | { at: 'tag'; target: Target; count: number }
  | { at: 'note'; target: Target; count: number }
  | { at: 'save' }
  | { at: 'rename'; saved: SavedSearch }
  | { at: 'activity' }
  | { at: 'copies'; id: ItemId }
  | { at: 'like'; item: Pick<Hit, 'id'> };
