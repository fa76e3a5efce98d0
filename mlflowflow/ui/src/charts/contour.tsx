// A column of numbers over two others, interpolated between the runs, which are shown as points.
//
//   <Contour frame={frame} x="params.lr" y="params.depth" value="metrics.loss" name={nameOf} />

import type { JSX } from "preact";

import { hovered } from "../core/hover.ts";
import "../style/charts.css";
import { Axes, ROOM } from "./axes.tsx";
import { useDrawing, useWidth } from "./canvas.ts";
import { columnOf, interpolated, type Frame } from "./frame.ts";
import { between, faded, resolved } from "./palette.ts";
import { numeric, scaleOf, wantsLog } from "./scale.ts";
import { written } from "./scatter.tsx";

interface Props {
  readonly frame: Frame;
  readonly x: string;
  readonly y: string;
  readonly value: string;
  readonly name: (id: string) => string;
  readonly active?: readonly number[];
  readonly height?: number;
}

const [CELLS, COARSE] = [72, 36];
/** Between so many runs a coarser grid is interpolated, so that it takes no longer. */
const MANY = 200;
const LEVELS = 10;
const FEWEST = 4;
const MOST = 1_000;
const NEAR = 12;

export function Contour({ frame, x, y, value, name, active, height = 320 }: Props): JSX.Element {
  const [area, width] = useWidth<HTMLDivElement>();
  const [xs, ys, values] = [x, y, value].map((each) => columnOf(frame, each)?.values ?? []) as [Values, Values, Values];
  const [left, right, top, bottom] = [ROOM.left, width - ROOM.right, ROOM.top, height - ROOM.bottom];
  const across = scaleOf(xs, left + 10, right - 10, wantsLog(xs));
  const up = scaleOf(ys, bottom - 10, top + 10, wantsLog(ys));
  const shade = scaleOf(values, 0, 1, wantsLog(values));
  const points = [...(active ?? frame.ids.keys())].flatMap((row) => {
    const [px, py, at] = [across.place(xs[row] ?? null), up.place(ys[row] ?? null), shade.place(values[row] ?? null)];
    return px === undefined || py === undefined || at === undefined ? [] : [{ row, px, py, at }];
  });
  const lit = frame.ids.indexOf(hovered.value ?? "");
  const canvas = useDrawing(
    width,
    height,
    ({ context }) => {
      if (points.length >= FEWEST) {
        const cells = points.length > MANY ? COARSE : CELLS;
        const grid = interpolated(
          points.slice(0, MOST).map(({ px, py, at }) => [(px - left) / (right - left), (py - top) / (bottom - top), at] as const),
          cells,
        );
        const edge = (from: number, to: number, at: number): number => Math.round(from + ((to - from) * at) / cells);
        grid.forEach((line, row) =>
          line.forEach((at, column) => {
            context.fillStyle = faded(between(Math.round(at * LEVELS) / LEVELS), 0.75);
            const [x0, y0] = [edge(left, right, column), edge(top, bottom, row)];
            context.fillRect(x0, y0, edge(left, right, column + 1) - x0, edge(top, bottom, row + 1) - y0);
          }),
        );
      }
      for (const { row, px, py, at } of points) {
        context.beginPath();
        context.arc(px, py, row === lit ? 6 : 3.5, 0, 2 * Math.PI);
        context.fillStyle = between(at);
        context.strokeStyle = resolved(row === lit ? "--text" : "--ground");
        context.lineWidth = row === lit ? 2 : 1.2;
        context.fill();
        context.stroke();
      }
    },
    [frame, x, y, value, active, lit],
  );
  const under = (event: MouseEvent): string | null => {
    const place = (event.currentTarget as Element).getBoundingClientRect();
    const far = points.map(({ px, py }) => Math.hypot(px - event.clientX + place.left, py - event.clientY + place.top));
    const best = far.indexOf(Math.min(...far));
    return best >= 0 && (far[best] ?? NEAR) < NEAR ? (frame.ids[points[best]?.row ?? -1] ?? null) : null;
  };
  const found = values.map(numeric).filter((each) => each !== undefined);
  return (
    <div class="plot">
      <p class="chart-reading">
        {lit >= 0
          ? `${name(frame.ids[lit] ?? "")} · ${x} ${written(xs[lit])} · ${y} ${written(ys[lit])} · ${value} ${written(values[lit])}`
          : points.length < FEWEST
            ? `Too few runs have all three to say what is between them: ${points.length}`
            : `${value} from ${written(Math.min(...found))} (blue) to ${written(Math.max(...found))} (orange), interpolated between ${Math.min(MOST, points.length)} runs`}
      </p>
      <div
        ref={area}
        class="plot-area"
        role="img"
        aria-label={`${value} over ${x} and ${y}`}
        style={{ height: `${height}px` }}
        onMouseMove={(event) => (hovered.value = under(event))}
        onMouseLeave={() => (hovered.value = null)}
      >
        <svg width={width} height={height}>
          <Axes x={across} y={up} xName={x} yName={y} width={width} height={height} />
        </svg>
        <canvas ref={canvas} style={{ width: `${width}px`, height: `${height}px` }} />
      </div>
    </div>
  );
}

type Values = readonly (number | string | null)[];
