// How the numbers of one column are written: all with the same decimals, so that they can be compared by eye.

import { number } from "../core/format.ts";

const DIGITS = 4;
const LOOKED_AT = 5_000;

/** How to write the numbers of a column: with as many decimals as its values need, four digits at the most. */
export function columnNumbers(values: ArrayLike<number>): (value: number) => string {
  const step = Math.max(1, Math.floor(values.length / LOOKED_AT));
  const seen: number[] = [];
  for (let at = 0; at < values.length; at += step) {
    const value = values[at] ?? NaN;
    if (Number.isFinite(value)) seen.push(value);
  }
  const sizes = seen.map(Math.abs).filter((size) => size > 0).sort((a, b) => a - b);
  const [small, greatest] = [sizes[Math.floor(sizes.length / 4)] ?? 0, sizes.at(-1) ?? 0];
  if (sizes.length === 0 || seen.every(Number.isInteger)) return (value) => number(value);
  if (greatest >= 1e7 || greatest < 1e-3) return (value) => number(value);
  const decimals = Math.max(0, DIGITS - 1 - Math.floor(Math.log10(greatest)));
  // Where sizes are of all magnitudes, many would be written as 0.000.
  if (small < 10 ** -decimals) return (value) => number(value);
  const needed = Math.min(decimals, max(seen.map((value) => decimalsOf(value, decimals))));
  const least = 0.5 * 10 ** -needed;
  return (value) => {
    if (!Number.isFinite(value) || (value !== 0 && Math.abs(value) < least)) return number(value);
    return value.toFixed(needed).replace(/^-/, "−");
  };
}

function decimalsOf(value: number, most: number): number {
  const text = value.toFixed(most).replace(/0+$/, "");
  const dot = text.indexOf(".");
  return dot < 0 ? 0 : text.length - dot - 1;
}

function max(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), 0);
}

/** What several numbers come to. */
export interface Summary {
  readonly count: number;
  readonly mean: number;
  /** of a sample; NaN for fewer than two */
  readonly std: number;
}

/** The mean and the standard deviation of `values`, NaN left out. */
export function summary(values: Iterable<number>): Summary {
  let count = 0;
  let mean = 0;
  let squares = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    count += 1;
    const off = value - mean;
    mean += off / count;
    squares += off * (value - mean);
  }
  return { count, mean: count === 0 ? NaN : mean, std: count < 2 ? NaN : Math.sqrt(squares / (count - 1)) };
}
