// Two columns against one another, a third as the colour. Points of `active` rows stand out.
//
//   <Scatter frame={frame} x="params.lr" y="metrics.loss" colour="metrics.accuracy" name={nameOf} />

import type { JSX } from "preact";

import { hovered } from "../core/hover.ts";
import { number } from "../core/format.ts";
import { navigate } from "../core/router.ts";
import "../style/charts.css";
import { Axes, ROOM } from "./axes.tsx";
import { useDrawing, useWidth } from "./canvas.ts";
import { columnOf, type Frame } from "./frame.ts";
import { between, faded, resolved } from "./palette.ts";
import { isNumeric, scaleOf, wantsLog, type Cell } from "./scale.ts";

interface Props {
  readonly frame: Frame;
  readonly x: string;
  readonly y: string;
  readonly colour?: string;
  readonly name: (id: string) => string;
  /** The rows that are brushed; all by default. */
  readonly active?: readonly number[];
  readonly height?: number;
  /** What a click on a point does; by default it opens the run. */
  readonly onOpen?: (id: string) => void;
}

const NEAR = 12;

export function Scatter({ frame, x, y, colour, name, active, height = 280, onOpen }: Props): JSX.Element {
  const [box, width] = useWidth<HTMLDivElement>();
  const [xs, ys] = [columnOf(frame, x)?.values ?? [], columnOf(frame, y)?.values ?? []];
  const across = scaleOf(xs, ROOM.left + 6, width - ROOM.right - 6, wantsLog(xs));
  const up = scaleOf(ys, height - ROOM.bottom - 6, ROOM.top + 6, wantsLog(ys));
  const shades = shadesOf(colour === undefined ? undefined : columnOf(frame, colour)?.values);
  const rows = new Set(active ?? frame.ids.keys());
  const places = frame.ids.map((_, row) => {
    const [left, top] = [across.place(xs[row] ?? null), up.place(ys[row] ?? null)];
    return left === undefined || top === undefined ? undefined : ([left + jitter(row, across.kind), top] as const);
  });
  const lit = frame.ids.indexOf(hovered.value ?? "");
  const canvas = useDrawing(
    width,
    height,
    ({ context }) => {
      for (const isActive of [false, true]) {
        places.forEach((place, row) => {
          if (place === undefined || rows.has(row) !== isActive) return;
          const shade = shades(row);
          dot(context, place, 3.5, faded(shade, isActive ? 0.8 : 0.15));
        });
      }
      const place = places[lit];
      if (place !== undefined) {
        dot(context, place, 6, resolved("--text"));
        dot(context, place, 4.5, shades(lit));
      }
    },
    [frame, x, y, colour, active, lit],
  );
  const nearest = (event: MouseEvent): number => {
    const area = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const [left, top] = [event.clientX - area.left, event.clientY - area.top];
    let [best, found] = [NEAR ** 2, -1];
    places.forEach((place, row) => {
      if (place === undefined || !rows.has(row)) return;
      const far = (place[0] - left) ** 2 + (place[1] - top) ** 2;
      if (far < best) [best, found] = [far, row];
    });
    return found;
  };
  const open = onOpen ?? ((id: string) => navigate(`/runs/${encodeURIComponent(id)}`));
  return (
    <div class="plot">
      <p class="chart-reading">{lit < 0 ? "\u00a0" : `${name(frame.ids[lit] ?? "")} · ${x} ${written(xs[lit])} · ${y} ${written(ys[lit])}`}</p>
      <div
        ref={box}
        class="plot-area"
        role="img"
        aria-label={`${y} against ${x} of ${frame.ids.length} runs`}
        style={{ height: `${height}px`, cursor: lit < 0 ? "default" : "pointer" }}
        onMouseMove={(event) => (hovered.value = frame.ids[nearest(event)] ?? null)}
        onMouseLeave={() => (hovered.value = null)}
        onClick={(event) => {
          const id = frame.ids[nearest(event)];
          if (id !== undefined) open(id);
        }}
      >
        <svg width={width} height={height}>
          <Axes x={across} y={up} xName={x} yName={y} width={width} height={height} />
        </svg>
        <canvas ref={canvas} style={{ width: `${width}px`, height: `${height}px` }} />
      </div>
    </div>
  );
}

/** The colour of each row by a column: a shade for numbers, one of the series for names. */
export function shadesOf(values: readonly Cell[] | undefined): (row: number) => string {
  if (values === undefined) return () => resolved("--series-1");
  const scale = scaleOf(values, 0, 1, wantsLog(values));
  if (isNumeric(values)) {
    return (row) => {
      const at = scale.place(values[row] ?? null);
      return at === undefined ? resolved("--series-7") : between(at);
    };
  }
  const names = scale.ticks.map((tick) => tick.text);
  return (row) => resolved(`--series-${(Math.max(0, names.indexOf(String(values[row]))) % 8) + 1}`);
}

export function written(value: Cell | undefined): string {
  if (value === null || value === undefined) return "–";
  const found = typeof value === "number" ? value : value.length > 8 ? Number(value) : NaN; // a short param as it was given
  return Number.isFinite(found) ? number(found) : String(value);
}

/** Names side by side would hide one another; the place is the same at every drawing. */
function jitter(row: number, kind: string): number {
  return kind === "names" ? (((row * 2_654_435_761) % 1_000) / 1_000 - 0.5) * 18 : 0;
}

function dot(context: CanvasRenderingContext2D, [left, top]: readonly [number, number], radius: number, colour: string): void {
  context.beginPath();
  context.arc(left, top, radius, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.fill();
}
