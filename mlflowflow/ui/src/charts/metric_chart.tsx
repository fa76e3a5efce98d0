// One metric of some runs: its curves, or bars where every run has one value; as a table too.

import { signal, type Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { route, useAnswer } from "../core/api.ts";
import { duration, moment, number } from "../core/format.ts";
import { hovered } from "../core/hover.ts";
import type { Curve, Curves } from "../core/types.ts";
import { Failure } from "../parts/basics.tsx";
import { Bars } from "./bars.tsx";
import { finite, line, nearest, type Along, type Line } from "./curves.ts";
import { CurveTable } from "./curve_table.tsx";
import { LineChart, type Look, type Zooming } from "./line_chart.tsx";

/** Whose curves are drawn. */
export interface Asked {
  readonly runIds: readonly string[];
  readonly name: (id: string) => string;
  readonly colour: (id: string) => number;
}

interface Props {
  readonly metric: string;
  readonly other: string | undefined;
  readonly asked: Asked;
  readonly look: Look;
  readonly zoom: Zooming;
  readonly onLog: () => void;
}

const HEIGHT = 220;
const POINTS = 1_200;

export function MetricChart({ metric, other, asked, look, zoom, onLog }: Props): JSX.Element {
  const holder = useRef<HTMLElement>(null);
  const isSeen = useSeen(holder);
  const [isTable, setTable] = useState(false);
  const [at, setAt] = useState<number | null>(null);
  const wanted = useLatest({ runIds: asked.runIds, metrics: other === undefined ? [metric] : [metric, other], along: look.along, isSeen });
  const answer = useAnswer<Curves>(() => {
    const { runIds, metrics, along, isSeen: seen } = wanted.value;
    if (!seen) return null;
    return route("curves", { run: runIds, metric: metrics, points: POINTS, ...ends(along, zoom.found.value) });
  });
  const kept = useRef<Curves | null>(null);
  if (answer.value.value !== undefined) kept.current = answer.value.value;
  const curves = kept.current?.curves;
  const lines = useMemo(() => linesOf(curves ?? [], asked.runIds, metric, other, look), [curves, look.along, look.logX, other]);
  const own = (curves ?? []).filter((each) => each.metric === metric);
  const isBars = own.length > 0 && other === undefined && own.every((each) => each.total === 1);
  return (
    <section ref={holder} class="chart" aria-label={metric}>
      <header>
        <h4 title={metric}>{metric}</h4>
        <span class="chart-tools">
          {isBars ? null : (
            <button type="button" class="plain" aria-pressed={look.logY} onClick={onLog} title="Logarithmic axis at the left">
              log
            </button>
          )}
          <button type="button" class="plain" aria-pressed={isTable} onClick={() => setTable(!isTable)} title="Show as table">
            table
          </button>
        </span>
      </header>
      {answer.value.error === undefined ? null : <Failure error={answer.value.error} />}
      {isTable ? (
        <CurveTable lines={lines} name={asked.name} along={look.along} metric={metric} />
      ) : isBars ? (
        <Bars items={own.map((each) => ({ id: each.run_id, value: finite(each.values[0]) }))} name={asked.name} colour={asked.colour} />
      ) : (
        <>
          <p class="chart-reading">{reading(lines, at, look.along, asked.name) ?? about(own)}</p>
          {lines.length === 0 ? (
            <div class="chart-none" style={{ height: `${HEIGHT}px` }} />
          ) : (
            <LineChart
              lines={lines}
              colour={asked.colour}
              look={look}
              zoom={zoom}
              height={HEIGHT}
              sync="curves"
              label={`${metric} of ${lines.length} runs; "table" shows the same in words`}
              onPoint={setAt}
            />
          )}
        </>
      )}
    </section>
  );
}

/** Ask again for the part that is zoomed to, in more detail. */
function ends(along: Along, zoom: readonly [number, number] | null): Record<string, number | string> {
  if (zoom === null) return {};
  const [first, last] = zoom;
  if (along === "step") return { first, last };
  return along === "wall" ? { first: first * 1000, last: last * 1000, by: "time" } : {};
}

function linesOf(curves: readonly Curve[], ids: readonly string[], metric: string, other: string | undefined, look: Look): Line[] {
  const others = new Map(curves.filter((each) => each.metric === other).map((each) => [each.run_id, each]));
  const wanted = new Set(ids);
  return curves
    .filter((each) => each.metric === metric && wanted.has(each.run_id))
    .map((each) => line(each, look.along, others.get(each.run_id)))
    .map((each) => (look.logX && look.along !== "wall" ? positive(each) : each))
    .filter((each) => each.xs.length > 0);
}

function positive({ id, xs, ys }: Line): Line {
  const kept = xs.map((_, index) => index).filter((index) => (xs[index] ?? 0) > 0);
  return { id, xs: kept.map((index) => xs[index] ?? 1), ys: kept.map((index) => ys[index] ?? null) };
}

/** What is under the pointer, in one line that is always there. */
function reading(lines: readonly Line[], at: number | null, along: Along, name: (id: string) => string): string | undefined {
  if (at === null) return undefined;
  const lit = lines.find((each) => each.id === hovered.value) ?? (lines.length === 1 ? lines[0] : undefined);
  const place = lit === undefined ? -1 : nearest(lit.xs, at);
  const x = lit === undefined ? at : (lit.xs[place] ?? at);
  const where = placeName(x, along);
  if (lit === undefined || place < 0) return where;
  const y = lit.ys[place];
  return `${y === null || y === undefined ? "not a number" : number(y, 5)} at ${where}${lines.length > 1 ? ` · ${name(lit.id)}` : ""}`;
}

/** An x in words. */
export function placeName(x: number, along: Along): string {
  if (along === "wall") return moment(x * 1000);
  if (along === "relative") return duration(x);
  return along === "step" ? `step ${Math.round(x)}` : number(x, 4);
}

function about(curves: readonly Curve[]): string {
  const points = curves.reduce((sum, each) => sum + each.total, 0);
  if (points === 0) return "\u00a0";
  const all = `${points.toLocaleString("en")} points`;
  return curves.some((each) => each.thinned) ? `${all}, drawn by their least and greatest` : all;
}

/** Whether an element has come into sight; it stays so. */
function useSeen(element: { current: HTMLElement | null }): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (element.current === null) return;
    const watcher = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        setSeen(true);
        watcher.disconnect();
      },
      // A margin of the page does not count inside of something that scrolls; the other one does.
      { rootMargin: "300px", scrollMargin: "300px" } as IntersectionObserverInit,
    );
    watcher.observe(element.current);
    return () => watcher.disconnect();
  }, []);
  return seen;
}

/** A signal of what a component was last given, for the effects of its hooks. */
function useLatest<T>(value: T): Signal<T> {
  const kept = useMemo(() => signal(value), []);
  const text = JSON.stringify(value);
  useEffect(() => void (kept.value = value), [text]);
  return kept;
}
