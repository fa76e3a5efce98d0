// Columns of some runs or trials, and which of them are brushed: what scatter, parallel, box and contour share.

import { numeric, type Cell } from "./scale.ts";

/** One column: its values in the order of the frame's ids. */
export interface Column {
  readonly name: string;
  readonly values: readonly Cell[];
}

/** Runs or trials by column. */
export interface Frame {
  readonly ids: readonly string[];
  readonly columns: readonly Column[];
}

/** What is brushed on the axes: by column, ranges of values, or names. */
export type Brushes = Readonly<Record<string, Brush>>;
export type Brush = readonly [from: number, to: number] | readonly string[];

export function columnOf(frame: Frame, name: string): Column | undefined {
  return frame.columns.find((column) => column.name === name);
}

/** The rows that every brush holds. */
export function brushed(frame: Frame, brushes: Brushes): number[] {
  const tests = Object.entries(brushes).flatMap(([name, brush]) => {
    const column = columnOf(frame, name);
    return column === undefined ? [] : [(row: number): boolean => holds(brush, column.values[row] ?? null)];
  });
  return frame.ids.map((_, row) => row).filter((row) => tests.every((test) => test(row)));
}

function holds(brush: Brush, value: Cell): boolean {
  const [from, to] = brush;
  if (typeof from !== "number" || typeof to !== "number") return (brush as readonly string[]).includes(value === null ? "" : String(value));
  const found = numeric(value);
  return found !== undefined && found >= Math.min(from, to) && found <= Math.max(from, to);
}

/** The best `count` of some rows by a column, the best first; rows without a number are left out. */
export function top(frame: Frame, rows: readonly number[], by: string, goal: "minimize" | "maximize", count: number): number[] {
  const column = columnOf(frame, by);
  if (column === undefined) return [...rows];
  const sign = goal === "minimize" ? 1 : -1;
  const valued = rows.flatMap((row) => {
    const value = numeric(column.values[row] ?? null);
    return value === undefined ? [] : [[row, value] as const];
  });
  return valued
    .sort(([, one], [, other]) => sign * (one - other))
    .slice(0, count)
    .map(([row]) => row);
}

/** The quartiles and the whiskers of some numbers: the ends of what is within 1.5 times the box. */
export interface Box {
  readonly low: number;
  readonly first: number;
  readonly median: number;
  readonly third: number;
  readonly high: number;
}

export function box(values: readonly number[]): Box | undefined {
  const sorted = [...values].sort((one, other) => one - other);
  if (sorted.length === 0) return undefined;
  const [first, median, third] = [0.25, 0.5, 0.75].map((share) => quantile(sorted, share)) as [number, number, number];
  const reach = 1.5 * (third - first);
  const within = sorted.filter((value) => value >= first - reach && value <= third + reach);
  return { low: within[0] ?? first, first, median, third, high: within[within.length - 1] ?? third };
}

/** The value below which a share of sorted numbers lies. */
export function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(at)] ?? 0, sorted[Math.ceil(at)] ?? 0];
  return below + (above - below) * (at - Math.floor(at));
}

/** Values on a grid between points, each weighted by the inverse square of its distance; all from 0 to 1. */
export function interpolated(points: readonly (readonly [x: number, y: number, value: number])[], size: number): number[][] {
  return Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (__, column) => {
      const [x, y] = [(column + 0.5) / size, (row + 0.5) / size];
      let [sum, weights] = [0, 0];
      for (const [px, py, value] of points) {
        const weight = 1 / ((px - x) ** 2 + (py - y) ** 2 + 1e-4) ** 1.5;
        sum += weight * value;
        weights += weight;
      }
      return weights === 0 ? 0 : sum / weights;
    }),
  );
}

/** Brushes as the address keeps them: `column=from:to`, or `column|name|name`; what is no letter is encoded. */
export function writeBrushes(brushes: Brushes): string[] {
  return Object.entries(brushes).map(([name, brush]) =>
    typeof brush[0] === "number" ? `${encodeURIComponent(name)}=${brush.join(":")}` : [name, ...brush].map(encodeURIComponent).join("|"),
  );
}

/** The brushes that an address keeps; what cannot be read there is left out. */
export function readBrushes(texts: readonly string[]): Brushes {
  return Object.fromEntries(texts.flatMap(readBrush));
}

function readBrush(text: string): [string, Brush][] {
  try {
    const [name = "", ...names] = text.split("|").map(decodeURIComponent);
    if (names.length > 0) return [[name, names]];
    const [column = "", range = ""] = text.split("=");
    const [from, to] = range.split(":").map(Number);
    return Number.isFinite(from) && Number.isFinite(to) ? [[decodeURIComponent(column), [from ?? 0, to ?? 0]]] : [];
  } catch {
    return []; // somebody wrote the address by hand
  }
}
