// One chart of lines over a common axis: zoom by drawing, back by a double click, linked to all the others.

import { effect, type ReadonlySignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import { duration, number } from "../core/format.ts";
import { hovered } from "../core/hover.ts";
import { aligned, smoothed, type Along, type Line } from "./curves.ts";
import { dash, faded, look, resolved, series } from "./palette.ts";

/** What is zoomed to, or null for everything. */
export type Zoom = readonly [from: number, to: number] | null;

/** The zoom that charts share. */
export interface Zooming {
  readonly found: ReadonlySignal<Zoom>;
  readonly set: (zoom: Zoom) => void;
}

/** How lines are shown. */
export interface Look {
  readonly along: Along;
  readonly smooth: number;
  readonly logX: boolean;
  readonly logY: boolean;
}

interface Props {
  readonly lines: readonly Line[];
  readonly colour: (id: string) => number;
  readonly look: Look;
  readonly zoom: Zooming;
  readonly height: number;
  /** Charts with the same name share their cursor. */
  readonly sync: string;
  readonly label: string;
  /** Called with the x under the pointer, or null. */
  readonly onPoint: (x: number | null) => void;
}

const FAINT = 0.22;
const BESIDE = 0.15;

export function LineChart(props: Props): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const ids = useRef<readonly string[]>([]);
  const latest = useRef(props);
  latest.current = props;

  const { lines, colour, look: shown } = props;
  const drawn = shown.smooth > 0 ? [...lines, ...lines.map((each) => ({ ...each, ys: smoothed(each.ys, shown.smooth) }))] : lines;
  const key = JSON.stringify([shown, drawn.map((each) => [each.id, colour(each.id)]), look.value]);

  useEffect(() => {
    const holder = box.current;
    if (holder === null) return;
    ids.current = drawn.map((each) => each.id);
    const made = new uPlot(options(latest, drawn, holder.clientWidth), aligned(drawn) as uPlot.AlignedData, holder);
    chart.current = made;
    zoomTo(made, latest.current.zoom.found.peek());
    const watcher = new ResizeObserver(() => made.setSize({ width: holder.clientWidth, height: latest.current.height }));
    watcher.observe(holder);
    const stop = effect(() => light(made, ids.current, hovered.value));
    const stopZoom = effect(() => zoomTo(made, latest.current.zoom.found.value));
    return () => {
      stop();
      stopZoom();
      watcher.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [key]);

  useEffect(() => {
    const made = chart.current;
    if (made === null) return;
    made.setData(aligned(drawn) as uPlot.AlignedData, false);
    zoomTo(made, props.zoom.found.peek());
  }, [lines]);

  return (
    <div
      ref={box}
      class="chart-line"
      role="img"
      aria-label={props.label}
      style={{ height: `${props.height}px` }}
      onMouseLeave={() => {
        hovered.value = null;
        props.onPoint(null);
      }}
    />
  );
}

/** Set the ends of both axes; without a zoom the x axis ends where the lines do. */
function zoomTo(made: uPlot, zoom: Zoom): void {
  const xs = made.data[0];
  const [first, last] = zoom ?? [xs[0], xs[xs.length - 1]];
  if (first === undefined || last === undefined) return;
  const pad = first === last ? Math.max(1, Math.abs(first) * 0.05) : 0;
  made.batch(() => made.setScale("x", { min: first - pad, max: last + pad }));
}

/** Let one run stand out, or none. */
function light(made: uPlot, ids: readonly string[], id: string | null): void {
  const at = id === null ? -1 : ids.lastIndexOf(id);
  made.setSeries(at < 0 ? null : at + 1, { focus: at >= 0 }, false);
}

function options(latest: { current: Props }, drawn: readonly Line[], width: number): uPlot.Options {
  const { look: shown, colour, height, sync, zoom, onPoint } = latest.current;
  const raw = shown.smooth > 0 ? drawn.length / 2 : 0;
  const [text, grid] = [resolved("--text-soft"), resolved("--line")];
  const axis = { stroke: text, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1, size: 4 }, font: "11px system-ui, sans-serif" };
  const few = drawn.every((each) => each.xs.length <= 40);
  return {
    width: Math.max(120, width),
    height,
    legend: { show: false },
    padding: [8, 10, 0, 0],
    focus: { alpha: BESIDE },
    cursor: {
      // The pointer is shared; a zoom is not, it comes back to all charts through the address.
      sync: { key: sync, setSeries: false, filters: { pub: isMove, sub: isMove } },
      focus: { prox: 24 },
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      bind: { dblclick: () => () => (zoom.set(null), null) },
    },
    scales: {
      x: { time: shown.along === "wall", distr: shown.logX && shown.along !== "wall" ? 3 : 1, auto: false },
      y: { distr: shown.logY ? 3 : 1 },
    },
    axes: [
      {
        ...axis,
        size: 26,
        gap: 3,
        ...(shown.along === "wall" ? {} : { values: (_: uPlot, values: (number | null)[]) => (shown.along === "relative" ? seconds(values) : values.map(mark)) }),
      },
      {
        ...axis,
        size: 56,
        gap: 4,
        values: (_: uPlot, values: (number | null)[]) => values.map(mark),
        ...(shown.logY ? { grid: { ...axis.grid, filter: powers } } : {}),
      },
    ],
    series: [
      {},
      ...drawn.map((each, index): uPlot.Series => {
        const stroke = resolved(series(colour(each.id)));
        return {
          label: each.id,
          stroke: index < raw ? faded(stroke, FAINT) : stroke,
          width: index < raw ? 1 : 1.6,
          dash: [...dash(colour(each.id))],
          points: { show: few && index >= raw, size: 4, fill: stroke },
          spanGaps: false,
        };
      }),
    ],
    hooks: {
      setSelect: [
        (made) => {
          const { left, width: wide } = made.select;
          if (wide < 4) return;
          zoom.set([made.posToVal(left, "x"), made.posToVal(left + wide, "x")]);
          made.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
      setCursor: [
        (made) => {
          if (made.cursor.event === undefined || made.cursor.event === null) return;
          const x = (made.cursor.left ?? -1) < 0 ? null : made.posToVal(made.cursor.left ?? 0, "x");
          onPoint(x);
        },
      ],
      setSeries: [
        (_, at) => {
          if (at === null || at === undefined || at < 1) return;
          const id = drawn[at - 1]?.id ?? null;
          if (hovered.peek() !== id) hovered.value = id;
        },
      ],
    },
  };
}

function isMove(kind: string): boolean {
  return kind === "mousemove" || kind === "mouseleave";
}

function mark(value: number | null): string {
  return value === null ? "" : number(value, 4);
}

/** Durations at an axis; those of a moment need the digits that durations leave out. */
function seconds(values: readonly (number | null)[]): string[] {
  const last = values.findLast((value) => value !== null) ?? 0;
  return values.map((value) => (value === null ? "" : last < 5 ? `${number(value, 3)} s` : duration(value)));
}

/** The powers of ten alone: lines between them would be a grey area. */
function powers(_: uPlot, values: number[]): (number | null)[] {
  const found = values.map((value) => (Number.isInteger(Math.round(Math.log10(value) * 1e9) / 1e9) ? value : null));
  return found.filter((value) => value !== null).length > 1 ? found : values;
}
