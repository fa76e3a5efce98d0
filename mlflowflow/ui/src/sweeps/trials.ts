// The trials of a sweep as rows, the axes they can be drawn on, and which of them are meant: those inside
// of every brush, and among the best so many.

import type { Cell } from "../charts/scale.ts";
import { numeric, wantsLog } from "../charts/scale.ts";
import type { SweepSheet } from "../core/types.ts";

/** One trial; `value` is that of the objective by which the winner is picked, `rank` its place from 1. */
export interface Trial {
  readonly number: number;
  readonly id: string;
  readonly state: string;
  readonly value: number | undefined;
  readonly rank: number | undefined;
  readonly seconds: number;
}

/** Something that trials differ in. Its key is `params.` and a dimension, `metrics.` and an objective, `trial` or `seconds`. */
export interface Axis {
  readonly key: string;
  readonly title: string;
  readonly cells: readonly Cell[];
  readonly isName: boolean;
  readonly log: boolean;
  /** All names that there may be, in their order. */
  readonly options: readonly string[];
}

/** The states that end with a value of every objective. */
const VALUED = new Set(["COMPLETE", "INFEASIBLE"]);

/** All trials with their places: those outside a constraint come after the others. */
export function trialsOf(sheet: SweepSheet): readonly Trial[] {
  const { trials, selecting } = sheet;
  const values = trials.run_ids.map((_, at) => numeric(trials.values[selecting]?.[at] ?? null));
  const ranks = new Map(ranking(sheet, values).map((number, at) => [number, at + 1]));
  return trials.run_ids.map((id, number) => ({
    number,
    id,
    state: trials.states[number] ?? "",
    value: values[number],
    rank: ranks.get(number),
    seconds: trials.seconds[number] ?? 0,
  }));
}

function ranking(sheet: SweepSheet, values: readonly (number | undefined)[]): number[] {
  const sign = isMaximized(sheet, sheet.selecting) ? -1 : 1;
  const outside = (number: number): number => (sheet.trials.states[number] === "INFEASIBLE" ? 1 : 0);
  return values
    .map((_, number) => number)
    .filter((number) => values[number] !== undefined && VALUED.has(sheet.trials.states[number] ?? ""))
    .sort((one, other) => outside(one) - outside(other) || sign * ((values[one] ?? 0) - (values[other] ?? 0)) || one - other);
}

/** Whether more of an objective is better. */
export function isMaximized(sheet: SweepSheet, metric: string): boolean {
  return sheet.objectives.some((each) => each.metric === metric && each.goal === "maximize");
}

/** Every axis: the dimensions, then the objectives, then the number of a trial and how long it took. */
export function axesOf(sheet: SweepSheet, flipped: readonly string[] = []): readonly Axis[] {
  const { trials } = sheet;
  const flip = (key: string, log: boolean): boolean => (flipped.includes(key) ? !log : log);
  return [
    ...sheet.dimensions.map((each): Axis => {
      const cells = trials.params[each.name] ?? [];
      const isName = each.kind === "choice";
      const texts = isName ? cells.map((cell) => (cell === null ? null : String(cell))) : cells;
      return { key: `params.${each.name}`, title: each.name, cells: texts, isName, log: !isName && flip(`params.${each.name}`, each.log), options: each.options };
    }),
    ...sheet.objectives.map((each): Axis => {
      const cells = (trials.values[each.metric] ?? []).map((cell) => numeric(cell) ?? null);
      return { key: `metrics.${each.metric}`, title: each.metric, cells, isName: false, log: flip(`metrics.${each.metric}`, wantsLog(cells)), options: [] };
    }),
    { key: "trial", title: "trial", cells: trials.run_ids.map((_, number) => number), isName: false, log: false, options: [] },
    { key: "seconds", title: "seconds", cells: trials.seconds, isName: false, log: flip("seconds", false), options: [] },
  ];
}

/** What is kept of one axis: numbers from `low` to `high`, or some names. */
export interface Brush {
  readonly key: string;
  readonly low: number;
  readonly high: number;
  readonly names: readonly string[];
}

const BETWEEN = ",";

/** A brush as a text for the address: the key, then its ends or names. */
export function written(brush: Brush): string {
  const rest = brush.names.length > 0 ? ["in", ...brush.names] : [short(brush.low), short(brush.high)];
  return [brush.key, ...rest].map(encodeURIComponent).join(BETWEEN);
}

function short(value: number): string {
  return String(Number(value.toPrecision(5)));
}

/** What `written` wrote; undefined for a text that is no brush. */
export function read(text: string): Brush | undefined {
  let parts: string[];
  try {
    parts = text.split(BETWEEN).map(decodeURIComponent);
  } catch {
    return undefined;
  }
  const [key, first, ...more] = parts;
  if (key === undefined || first === undefined || more.length === 0) return undefined;
  if (first === "in") return { key, low: -Infinity, high: Infinity, names: more };
  const [low, high] = [Number(first), Number(more[0])];
  return Number.isNaN(low) || Number.isNaN(high) ? undefined : { key, low, high, names: [] };
}

/** The numbers of the trials inside of every brush and, if `top` is above 0, among the best so many. */
export function meant(trials: readonly Trial[], axes: readonly Axis[], brushes: readonly Brush[], top: number): ReadonlySet<number> {
  const byKey = new Map(axes.map((axis) => [axis.key, axis]));
  const tests = brushes.flatMap((brush) => {
    const axis = byKey.get(brush.key);
    return axis === undefined ? [] : [(number: number) => isInside(axis.cells[number] ?? null, brush)];
  });
  const isAmong = (trial: Trial): boolean => top <= 0 || (trial.rank ?? Infinity) <= top;
  return new Set(trials.filter((trial) => isAmong(trial) && tests.every((test) => test(trial.number))).map((trial) => trial.number));
}

function isInside(cell: Cell, brush: Brush): boolean {
  if (brush.names.length > 0) return cell !== null && brush.names.includes(String(cell));
  const value = numeric(cell);
  return value !== undefined && value >= brush.low && value <= brush.high;
}

/** Some brushes with those of other axes as they were; null takes the brush of an axis away. */
export function withBrush(brushes: readonly Brush[], key: string, brush: Brush | null): readonly Brush[] {
  const others = brushes.filter((each) => each.key !== key);
  return brush === null ? others : [...others, brush];
}

/** The best value so far, where it changed: by the order in which trials were asked for. */
export function bestSoFar(trials: readonly Trial[], isMax: boolean): { readonly number: number; readonly value: number }[] {
  const found: { number: number; value: number }[] = [];
  let best: number | undefined;
  for (const { number, value, state } of trials) {
    if (value === undefined || state !== "COMPLETE") continue;
    if (best === undefined || (isMax ? value > best : value < best)) {
      best = value;
      found.push({ number, value });
    }
  }
  return found;
}

/** Which share of the trials is no greater than each value, the least first. */
export function shares(values: readonly number[]): { readonly value: number; readonly share: number }[] {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted.map((value, at) => ({ value, share: (at + 1) / sorted.length }));
}

/** One attempt as a bar of the timeline; `lane` counts from 0, `worker` is "" if it is not known. */
export interface Bar {
  readonly trial: number;
  readonly attempt: number;
  readonly from: number;
  readonly to: number;
  readonly outcome: string;
  readonly worker: string;
  readonly lane: number;
}

/** All attempts as bars; those that have not ended last until `untilMs`. */
export function barsOf({ attempts }: SweepSheet, untilMs: number): readonly Bar[] {
  return attempts.trials.map((trial, at) => {
    const from = attempts.began_ms[at] ?? 0;
    return {
      trial,
      attempt: attempts.numbers[at] ?? 1,
      from,
      to: Math.max(from, attempts.ended_ms[at] ?? untilMs),
      outcome: attempts.outcomes[at] ?? "running",
      worker: attempts.workers[at] ?? "",
      lane: attempts.lanes[at] ?? 0,
    };
  });
}
