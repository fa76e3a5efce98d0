// Who held a place when, as bars on a line of time. Pure.

import type { Decision, Holding } from "../core/types.ts";

/** A stretch of time that is shown, in milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** One bar: where it begins and ends as shares of the width, and what it stands for. */
export interface Bar {
  readonly holding: Holding;
  readonly start: number;
  readonly end: number;
}

/** One lane: an alias or a stage, and its bars. Bars of versions that hold a stage together lie on rows of their own. */
export interface Lane {
  readonly place: string;
  readonly rows: readonly (readonly Bar[])[];
}

/** The time from the first decision to now, with a little room, or null without any decision. */
export function spanOf(decisions: readonly Decision[], nowMs: number): Span | null {
  if (decisions.length === 0) return null;
  const first = Math.min(...decisions.map((each) => each.at_ms));
  const length = Math.max(nowMs - first, 60_000);
  return { from: first - length * 0.02, to: first + length };
}

/** The share of the width at which a time lies. */
export function placeOf(timeMs: number, span: Span): number {
  return Math.min(1, Math.max(0, (timeMs - span.from) / (span.to - span.from)));
}

/** Lanes of all places, aliases before stages, each in the order in which they were first held. */
export function lanes(holdings: readonly Holding[], span: Span): readonly Lane[] {
  const places = [...new Set([...holdings].sort((one, other) => one.from_ms - other.from_ms).map((each) => each.place))];
  const stages = ["Production", "Staging"];
  places.sort((one, other) => stages.indexOf(one) - stages.indexOf(other));
  return places.map((place) => ({ place, rows: rows(holdings.filter((each) => each.place === place), span) }));
}

function rows(holdings: readonly Holding[], span: Span): readonly (readonly Bar[])[] {
  const found: Bar[][] = [];
  for (const holding of [...holdings].sort((one, other) => one.from_ms - other.from_ms || one.seq - other.seq)) {
    const bar: Bar = {
      holding,
      start: placeOf(holding.from_ms, span),
      end: holding.to_ms === null ? 1 : placeOf(holding.to_ms, span),
    };
    const free = found.find((row) => (row[row.length - 1]?.holding.to_ms ?? Infinity) <= holding.from_ms);
    if (free === undefined) found.push([bar]);
    else free.push(bar);
  }
  return found;
}

/** Which versions held which place at a time. */
export function heldAt(holdings: readonly Holding[], timeMs: number): readonly Holding[] {
  return holdings.filter((each) => each.from_ms <= timeMs && (each.to_ms === null || timeMs < each.to_ms));
}

/** Times for marks below the lanes: about `count` round ones. */
export function ticks(span: Span, count: number): readonly number[] {
  const step = STEPS.find((each) => (span.to - span.from) / each <= count) ?? STEPS[STEPS.length - 1] ?? 1;
  const found: number[] = [];
  for (let at = Math.ceil(span.from / step) * step; at <= span.to; at += step) found.push(at);
  return found;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [10_000, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY];
