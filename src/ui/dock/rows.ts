/** Arithmetic of a list of rows of equal height, of which only those in sight are drawn. Pure. */

export interface Window {
  /** First row drawn, and the one after the last. */
  readonly first: number;
  readonly end: number;
  /** Where the first drawn row stands, px from the top of the list. */
  readonly offset: number;
  /** Height of the whole list, px. */
  readonly height: number;
}

/** The rows in sight, with `spare` more on both sides. */
export function windowOf(count: number, rowHeight: number, scrollTop: number, viewHeight: number, spare = 6): Window {
  const first = Math.max(0, Math.min(count, Math.floor(scrollTop / rowHeight)) - spare);
  const end = Math.min(count, Math.ceil((scrollTop + viewHeight) / rowHeight) + spare);
  return { first, end: Math.max(first, end), offset: first * rowHeight, height: count * rowHeight };
}

/** The scroll position, nearest to the present one, that shows `row` whole. */
export function scrollTo(row: number, rowHeight: number, scrollTop: number, viewHeight: number): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  const lowest = top + rowHeight - viewHeight;
  return lowest > scrollTop ? lowest : scrollTop;
}

/** Position of the last of `values` (ascending) that is at most `limit`; −1 if there is none. */
export function lastAtMost(count: number, valueAt: (index: number) => number, limit: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (valueAt(middle) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
