// From what the server answers to what a chart draws: the axis below, smoothing, and one common axis for
// lines that were logged at different steps.

import type { Curve } from "../core/types.ts";

/** What the axis below shows: steps, seconds since the first point, times, or another metric. */
export type Along = "step" | "relative" | "wall" | "metric";

/** One line: its points by x; null is a gap. */
export interface Line {
  readonly id: string;
  readonly xs: readonly number[];
  readonly ys: readonly (number | null)[];
}

/** A number as JSON has it. */
export function finite(value: number | string | null | undefined): number | null {
  return typeof value === "number" ? value : null;
}

/** The points of a curve along an axis. Along a metric, `other` is the curve of that metric of the same run. */
export function line(curve: Curve, along: Along, other?: Curve): Line {
  const ys = curve.values.map(finite);
  if (along === "step") return { id: curve.run_id, xs: curve.steps, ys };
  if (along === "metric") return other === undefined ? { id: curve.run_id, xs: [], ys: [] } : against(curve, other);
  const since = along === "relative" ? curve.began_ms : 0;
  return ordered(curve.run_id, curve.times_ms.map((time) => (time - since) / 1000), ys);
}

/** A curve against another metric, whose value at a step is the last one that was logged until then. */
function against(curve: Curve, other: Curve): Line {
  const xs: number[] = [];
  const ys: (number | null)[] = [];
  let at = -1;
  curve.steps.forEach((step, index) => {
    while (at + 1 < other.steps.length && (other.steps[at + 1] ?? Infinity) <= step) at += 1;
    const x = finite(other.values[at]);
    if (x === null) return;
    xs.push(x);
    ys.push(finite(curve.values[index]));
  });
  return ordered(curve.run_id, xs, ys);
}

function ordered(id: string, xs: readonly number[], ys: readonly (number | null)[]): Line {
  if (xs.every((x, index) => index === 0 || x >= (xs[index - 1] ?? x))) return { id, xs, ys };
  const order = xs.map((_, index) => index).sort((one, other) => (xs[one] ?? 0) - (xs[other] ?? 0));
  return { id, xs: order.map((index) => xs[index] ?? 0), ys: order.map((index) => ys[index] ?? null) };
}

/** The exponential moving average with `weight` (0: none, near 1: much), right from the first point on. */
export function smoothed(ys: readonly (number | null)[], weight: number): (number | null)[] {
  if (weight <= 0) return [...ys];
  let mean = 0;
  let seen = 0;
  return ys.map((y) => {
    if (y === null) return null;
    mean = mean * weight + (1 - weight) * y;
    seen += 1;
    return mean / (1 - weight ** seen);
  });
}

/** Columns for a chart: all x in order, then for each line its y; undefined where it has no point. */
export type Aligned = [number[], ...(number | null | undefined)[][]];

/** Put lines over one common axis. Of several points at one x the last is shown. */
export function aligned(lines: readonly Line[]): Aligned {
  const xs = [...new Set(lines.flatMap((each) => each.xs))].sort((one, other) => one - other);
  const places = new Map(xs.map((x, index) => [x, index]));
  const columns = lines.map((each) => {
    const column = new Array<number | null | undefined>(xs.length);
    each.xs.forEach((x, index) => (column[places.get(x) ?? 0] = each.ys[index]));
    return column;
  });
  return [xs, ...columns];
}

/** Metrics in groups by what is before their last slash. Those that would be alone come first, as the group "". */
export function grouped(metrics: readonly string[]): [group: string, metrics: string[]][] {
  const groups = new Map<string, string[]>();
  for (const metric of [...metrics].sort((one, other) => one.localeCompare(other, "en", { numeric: true }))) {
    const group = metric.slice(0, Math.max(0, metric.lastIndexOf("/")));
    groups.set(group, [...(groups.get(group) ?? []), metric]);
  }
  const alone = [...groups].filter(([group, members]) => group === "" || members.length === 1).flatMap(([, members]) => members);
  const others = [...groups].filter(([group, members]) => group !== "" && members.length > 1);
  const first: [string, string[]][] = alone.length === 0 ? [] : [["", alone]];
  return [...first, ...others.sort(([one], [other]) => one.localeCompare(other))];
}

/** The place in `xs` that is nearest to `x`, -1 if there is none. */
export function nearest(xs: readonly number[], x: number): number {
  let [low, high] = [0, xs.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((xs[middle] ?? 0) < x) low = middle + 1;
    else high = middle;
  }
  return low > 0 && x - (xs[low - 1] ?? 0) <= (xs[low] ?? 0) - x ? low - 1 : low < xs.length ? low : -1;
}
