/**
 * Maps the scroll position of the page to a position in a list that may be taller than browsers allow an
 * element to be (about 33 million pixels, in Firefox 17 million).
 *
 * A list below the cap is shown as it is. A taller one is squeezed: near both ends one pixel stays one pixel,
 * between them the scrollbar runs faster than the list.
 */
export class ScrollScale {
  /** Height of the list, were it shown in full. */
  readonly full: number;
  /** Height of the element that is scrolled. */
  readonly height: number;
  readonly #edge: number;

  constructor(full: number, cap: number) {
    this.full = full;
    this.height = Math.min(full, cap);
    this.#edge = cap / 8;
  }

  /** Whether the element is as tall as the list. */
  get exact(): boolean {
    return this.height === this.full;
  }

  /** The position in the list for a position in the element. Rises steadily; both ends meet. */
  toList(position: number): number {
    return this.#map(position, this.height, this.full);
  }

  /** The position in the element for a position in the list: the inverse of {@link toList}. */
  toElement(position: number): number {
    return this.#map(position, this.full, this.height);
  }

  #map(position: number, from: number, to: number): number {
    if (from === to || position <= this.#edge) return position;
    if (position >= from - this.#edge) return to - (from - position);
    return this.#edge + ((position - this.#edge) * (to - 2 * this.#edge)) / (from - 2 * this.#edge);
  }
}

/** How many rows are drawn for a viewport with `overscan` more on each side, wherever the list stands but for its ends. */
export function drawnRows(viewport: number, rowHeight: number, overscan: number): number {
  return Math.ceil(viewport / rowHeight) + 1 + 2 * overscan;
}

/** The rows `[first, last)` that are drawn when the upper edge shows the position `top`. */
export function visibleRows(
  top: number,
  viewport: number,
  rowHeight: number,
  count: number,
  overscan: number,
): { first: number; last: number } {
  const first = Math.floor(top / rowHeight) - overscan;
  const last = Math.min(count, first + drawnRows(viewport, rowHeight, overscan));
  return { first: Math.min(Math.max(0, first), count), last: Math.max(last, 0) };
}
