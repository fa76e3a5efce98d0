// From values to places on the screen: numbers on a linear or a logarithmic axis, or names side by side.

import { number } from "../core/format.ts";

export type Cell = number | string | null;

/** Where a mark of an axis is, in the axis's pixels, and what is written at it. */
export interface Tick {
  readonly at: number;
  readonly text: string;
}

/** An axis from `from` to `to` pixels. */
export interface Scale {
  readonly kind: "number" | "log" | "names";
  /** The place of a value; undefined if it has none, as nothing, NaN, and 0 on a logarithmic axis. */
  place(value: Cell): number | undefined;
  /** The value at a place; on an axis of names the number of the nearest one. */
  value(place: number): number;
  readonly ticks: readonly Tick[];
}

/** The numbers of some cells; params are texts. */
export function numeric(value: Cell): number | undefined {
  if (value === null || value === "") return undefined;
  const found = typeof value === "number" ? value : Number(value);
  return Number.isFinite(found) ? found : undefined;
}

/** Whether an axis of `values` is one of numbers: every value that is there must be one. */
export function isNumeric(values: readonly Cell[]): boolean {
  const there = values.filter((value): value is number | string => value !== null && value !== "");
  return there.length > 0 && there.every((value) => typeof value === "number" || !Number.isNaN(Number(value)) || isOdd(value));
}

function isOdd(text: string): boolean {
  return ["NaN", "Infinity", "-Infinity"].includes(text);
}

/** Whether values that span some powers of ten are better shown on a logarithmic axis. */
export function wantsLog(values: readonly Cell[]): boolean {
  const found = values.map(numeric).filter((value): value is number => value !== undefined);
  if (found.length < 2 || found.some((value) => value <= 0)) return false;
  const [low, high] = ends(found);
  return high / low >= 50 && new Set(found).size > 3;
}

/** The axis that `values` need between two pixels. */
export function scaleOf(values: readonly Cell[], from: number, to: number, log = false): Scale {
  if (!isNumeric(values)) return names(values, from, to);
  const found = values.map(numeric).filter((value): value is number => value !== undefined);
  const usable = log ? found.filter((value) => value > 0) : found;
  return numbers(usable.length === 0 ? (log ? [1, 10] : [0, 1]) : ends(usable), from, to, log && usable.length > 0);
}

/** An axis of numbers from one end to the other. */
export function numbers([low, high]: readonly [number, number], from: number, to: number, log = false): Scale {
  const map = log ? Math.log10 : (value: number): number => value;
  let [start, end] = [map(low), map(high)];
  if (start === end) [start, end] = [start - (Math.abs(start) * 0.05 || 0.5), end + (Math.abs(end) * 0.05 || 0.5)];
  const perUnit = (to - from) / (end - start);
  const place = (value: number): number => from + (map(value) - start) * perUnit;
  const marks = log ? powers(start, end) : steps(start, end, Math.max(2, Math.floor(Math.abs(to - from) / 60)));
  return {
    kind: log ? "log" : "number",
    place: (value) => {
      const found = numeric(value);
      return found === undefined || (log && found <= 0) ? undefined : place(found);
    },
    value: (at) => {
      const found = start + (at - from) / perUnit;
      return log ? 10 ** found : found;
    },
    ticks: marks.map((value) => ({ at: place(value), text: number(value, 3) })),
  };
}

function names(values: readonly Cell[], from: number, to: number): Scale {
  const all = [...new Set(values.filter((value) => value !== null && value !== "").map(String))].sort(byName);
  const width = (to - from) / Math.max(1, all.length);
  const places = new Map(all.map((name, index) => [name, from + width * (index + 0.5)]));
  return {
    kind: "names",
    place: (value) => (value === null ? undefined : places.get(String(value))),
    value: (at) => Math.min(all.length - 1, Math.max(0, Math.floor((at - from) / width))),
    ticks: all.map((text) => ({ at: places.get(text) ?? from, text })),
  };
}

function byName(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}

/** The least and the greatest. */
export function ends(values: Iterable<number>): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** About `count` round numbers between two. */
export function steps(low: number, high: number, count: number): number[] {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough * 0.999) ?? rough;
  const found: number[] = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index += 1) {
    found.push(Number((index * step).toPrecision(12)));
  }
  return found;
}

/** The powers of ten between two exponents, or the round numbers where there is none. */
function powers(start: number, end: number): number[] {
  const found: number[] = [];
  const every = Math.max(1, Math.ceil((end - start) / 8));
  for (let power = Math.ceil(start - 1e-9); power <= end + 1e-9; power += every) found.push(10 ** power);
  return found.length >= 2 ? found : steps(10 ** start, 10 ** end, 4).filter((value) => value > 0);
}
