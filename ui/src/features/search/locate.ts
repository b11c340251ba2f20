import type { Hit, SearchPage, Sort } from '../../ipc/generated/api';

/** Asks for a window of the rows: how many to pass over, how many to give. */
export type Probe = (offset: number, limit: number) => Promise<SearchPage>;

/** Rows are fetched and kept in pages of this many. */
export const PAGE = 100;
/** The most that one request may ask for. */
const WINDOW = 500;

/** What the rows are ordered by, rising; null where the order has no key that a row shows. */
function orderKey(hit: Hit, sort: Sort): number | null {
  switch (sort) {
    case 'newest':
      return hit.date === null ? null : -hit.date;
    case 'oldest':
      return hit.date;
    case 'size':
      return -hit.size;
    case 'relevance':
    case 'sender':
      return null;
  }
}

/** Where a row is now, and the window of rows around it. */
export interface Located {
  /** Its index; null when it was not found. */
  index: number | null;
  /** Index of the first row of the window; a multiple of {@link PAGE}. */
  offset: number;
  page: SearchPage;
}

async function windowAround(hit: Hit, index: number, probe: Probe): Promise<Located> {
  const offset = Math.max(0, Math.floor((index - PAGE) / PAGE) * PAGE);
  const page = await probe(offset, WINDOW);
  const at = page.hits.findIndex(({ id }) => id === hit.id);
  return { index: at < 0 ? null : offset + at, offset, page };
}

/**
 * Finds a row again after rows came and went around it: first near where it was, then by halving the list by
 * what it is ordered by.
 */
export async function locate(hit: Hit, index: number, sort: Sort, probe: Probe): Promise<Located> {
  const near = await windowAround(hit, index, probe);
  const key = orderKey(hit, sort);
  if (near.index !== null || key === null) return near;

  let low = 0;
  let high = near.page.total;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const found = (await probe(middle, 1)).hits[0];
    const other = found === undefined ? null : orderKey(found, sort);
    // Rows without a date come last in either order.
    if (other === null || other >= key) high = middle;
    else low = middle + 1;
  }
  const far = await windowAround(hit, low, probe);
  return far.index === null ? near : far;
}
