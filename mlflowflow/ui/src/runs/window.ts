// Which rows and columns of a large table can be seen.

/** From `start` up to `stop`, not included. */
export interface Span {
  readonly start: number;
  readonly stop: number;
}

/** The lines that can be seen, and a few more so that a quick scroll meets no empty place. */
export function seenLines(top: number, height: number, size: number, count: number, spare = 8): Span {
  const start = Math.max(0, Math.floor(top / size) - spare);
  return { start: Math.min(start, count), stop: Math.min(count, Math.ceil((top + height) / size) + spare) };
}

/** Where each column begins, and at the end where all of them end. */
export function edges(widths: readonly number[]): number[] {
  const found = [0];
  for (const width of widths) found.push((found.at(-1) ?? 0) + width);
  return found;
}

/** The columns that can be seen; all of them if there are few, which spares work while scrolling. */
export function seenColumns(left: number, width: number, at: readonly number[], few = 30): Span {
  const count = at.length - 1;
  if (count <= few) return { start: 0, stop: count };
  let start = 0;
  while (start < count && (at[start + 1] ?? 0) <= left) start += 1;
  let stop = start;
  while (stop < count && (at[stop] ?? 0) < left + width) stop += 1;
  return { start: Math.max(0, start - 1), stop: Math.min(count, stop + 1) };
}

/** Where to scroll so that a line between `from` and `to` is seen; where it is now if it is seen already. */
export function scrolledTo(from: number, to: number, now: number, size: number): number {
  if (from < now) return from;
  return to > now + size ? to - size : now;
}

/** Which share a place has of a size, in whole percent; neither side gets too small to be seen. */
export function share(at: number, size: number): number {
  return Math.round(Math.max(15, Math.min(85, (100 * at) / size)));
}
