// Parallel coordinates: one axis for each column, one line for each run. Draw on an axis to keep what is
// there, click the axis to let go; on an axis of names click a name. What is missing, as a param that only
// some runs have, goes through a lane of its own below.
//
//   <Parallel frame={frame} axes={["params.lr", "metrics.loss"]} by="metrics.loss" goal="minimize"
//             brushes={brushes} onBrush={setBrushes} name={nameOf} />

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { hovered } from "../core/hover.ts";
import { number } from "../core/format.ts";
import "../style/charts.css";
import { short } from "./axes.tsx";
import { useDrawing, useWidth } from "./canvas.ts";
import { brushed, columnOf, type Brush, type Brushes, type Frame } from "./frame.ts";
import { faded, resolved } from "./palette.ts";
import { scaleOf, wantsLog, type Scale } from "./scale.ts";
import { shadesOf, written } from "./scatter.tsx";

interface Props {
  readonly frame: Frame;
  /** The columns with an axis, from left to right. */
  readonly axes: readonly string[];
  /** The column that colours the lines; its axis is best the last one. */
  readonly by?: string;
  readonly brushes: Brushes;
  readonly onBrush: (brushes: Brushes) => void;
  readonly name: (id: string) => string;
  /** The rows that may be drawn, as the best few; all by default. */
  readonly rows?: readonly number[];
  /** Axes whose kind is the other one than their values suggest: linear or logarithmic. */
  readonly turned?: readonly string[];
  readonly onTurn?: (axis: string) => void;
  readonly height?: number;
}

interface Axis {
  readonly name: string;
  readonly at: number;
  readonly scale: Scale;
}

const [TOP, SIDE, LANE] = [46, 60, 34];
const NEAR = 8;

export function Parallel(props: Props): JSX.Element {
  const { frame, axes: names, by, brushes, name, rows, turned = [], height = 320 } = props;
  const [box, width] = useWidth<HTMLDivElement>();
  const bottom = height - LANE;
  const gap = (width - 2 * SIDE) / Math.max(1, names.length - 1);
  const axes: Axis[] = names.map((each, index) => {
    const values = columnOf(frame, each)?.values ?? [];
    return { name: each, at: SIDE + index * gap, scale: scaleOf(values, bottom, TOP, wantsLog(values) !== turned.includes(each)) };
  });
  const hasLane = names.some((each) => columnOf(frame, each)?.values.some((value) => value === null) ?? false);
  const active = new Set(brushed(frame, brushes));
  const drawn = [...(rows ?? frame.ids.keys())];
  const shades = shadesOf(by === undefined ? undefined : columnOf(frame, by)?.values);
  const place = (axis: Axis, row: number): number => axis.scale.place(columnOf(frame, axis.name)?.values[row] ?? null) ?? height - 12;
  const lit = frame.ids.indexOf(hovered.value ?? "");
  const canvas = useDrawing(
    width,
    height,
    ({ context }) => {
      const trace = (row: number): void => {
        context.beginPath();
        axes.forEach((axis, index) => context[index === 0 ? "moveTo" : "lineTo"](axis.at, place(axis, row)));
        context.stroke();
      };
      context.lineJoin = "round";
      for (const row of drawn.filter((each) => !active.has(each))) {
        context.strokeStyle = faded(resolved("--line-strong"), 0.16);
        trace(row);
      }
      const opacity = Math.max(0.25, Math.min(0.85, 60 / Math.max(1, active.size)));
      context.lineWidth = 1.3;
      for (const row of drawn.filter((each) => active.has(each))) {
        context.strokeStyle = faded(shades(row), opacity);
        trace(row);
      }
      if (lit >= 0) {
        context.lineWidth = 5;
        context.strokeStyle = resolved("--ground");
        trace(lit);
        context.lineWidth = 3;
        context.strokeStyle = shades(lit);
        trace(lit);
      }
    },
    [frame, names.join(), by, brushes, rows, lit, turned.join()],
  );
  const under = (event: MouseEvent): number => {
    const area = (event.currentTarget as Element).getBoundingClientRect();
    const [left, top] = [event.clientX - area.left, event.clientY - area.top];
    const index = Math.min(axes.length - 2, Math.max(0, Math.floor((left - SIDE) / gap)));
    const [one, other] = [axes[index], axes[index + 1]];
    if (one === undefined || other === undefined) return -1;
    const share = (left - one.at) / gap;
    let [best, found] = [NEAR, -1];
    for (const row of drawn) {
      if (!active.has(row)) continue;
      const far = Math.abs(place(one, row) * (1 - share) + place(other, row) * share - top);
      if (far < best) [best, found] = [far, row];
    }
    return found;
  };
  return (
    <div class="plot">
      <p class="chart-reading">
        {lit < 0
          ? `${active.size} of ${frame.ids.length} kept${Object.keys(brushes).length === 0 ? "; draw on an axis to keep a part" : ""}`
          : `${name(frame.ids[lit] ?? "")} · ${names.map((each) => `${tail(each)} ${written(columnOf(frame, each)?.values[lit])}`).join(" · ")}`}
      </p>
      <div
        ref={box}
        class="plot-area"
        style={{ height: `${height}px` }}
        onMouseMove={(event) => (hovered.value = frame.ids[under(event)] ?? null)}
        onMouseLeave={() => (hovered.value = null)}
      >
        <canvas ref={canvas} style={{ width: `${width}px`, height: `${height}px` }} role="img" aria-label={`${frame.ids.length} runs over ${names.length} axes`} />
        <svg width={width} height={height}>
          {hasLane ? (
            <g class="axes">
              <line x1={SIDE} x2={width - SIDE} y1={height - 12} y2={height - 12} stroke-dasharray="2 4" />
              <text x={4} y={height - 8}>not set</text>
            </g>
          ) : null}
          {axes.map((axis) => (
            <AxisView key={axis.name} axis={axis} bottom={bottom} {...props} />
          ))}
        </svg>
      </div>
    </div>
  );
}

function AxisView({ axis, bottom, brushes, onBrush, onTurn }: Props & { axis: Axis; bottom: number }): JSX.Element {
  const [drag, setDrag] = useState<readonly [number, number] | null>(null);
  const { scale, name, at } = axis;
  const brush = brushes[name];
  const isNames = scale.kind === "names";
  const without = (): Brushes => Object.fromEntries(Object.entries(brushes).filter(([each]) => each !== name));
  const span = drag ?? (brush === undefined || isNames ? undefined : spanOf(scale, brush));
  const within = (event: PointerEvent): number => {
    const area = (event.currentTarget as Element).getBoundingClientRect();
    return Math.min(bottom, Math.max(TOP, TOP - 6 + event.clientY - area.top));
  };
  return (
    <g class="parallel-axis" transform={`translate(${at} 0)`}>
      <title>{name}</title>
      <text class="axes-name" y={14} text-anchor="middle">
        {short(tail(name), 16)}
      </text>
      {isNames || onTurn === undefined ? null : (
        <text class="parallel-kind" y={29} text-anchor="middle" role="button" tabIndex={0} onClick={() => onTurn(name)} onKeyDown={(event) => event.key === "Enter" && onTurn(name)}>
          {scale.kind === "log" ? "log" : "linear"}
        </text>
      )}
      <line y1={TOP} y2={bottom} />
      {scale.ticks.map((tick) => (
        <text
          key={tick.text}
          x={-6}
          y={tick.at + 4}
          text-anchor="end"
          class={isNames ? (brush === undefined || (brush as readonly string[]).includes(tick.text) ? "parallel-name" : "parallel-name off") : ""}
          {...(isNames ? { onClick: () => onBrush(toggledName(brushes, name, tick.text)) } : {})}
        >
          {short(tick.text, 9)}
        </text>
      ))}
      {isNames ? null : (
        <rect
          class="parallel-catch"
          x={-10}
          y={TOP - 6}
          width={20}
          height={bottom - TOP + 12}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            setDrag([within(event), within(event)]);
          }}
          onPointerMove={(event) => drag !== null && setDrag([drag[0], within(event)])}
          onPointerUp={() => {
            if (drag !== null) onBrush(Math.abs(drag[1] - drag[0]) < 4 ? without() : { ...brushes, [name]: rangeOf(scale, drag) });
            setDrag(null);
          }}
        />
      )}
      {span === undefined ? null : (
        <rect class="parallel-brush" x={-7} y={Math.min(...span)} width={14} height={Math.max(2, Math.abs(span[1] - span[0]))}>
          <title>{brush === undefined ? "" : brush.map((each) => (typeof each === "number" ? number(each) : each)).join(" to ")}</title>
        </rect>
      )}
    </g>
  );
}

/** The values between two places of an axis. */
function rangeOf(scale: Scale, [one, other]: readonly [number, number]): readonly [number, number] {
  const [low, high] = [scale.value(Math.max(one, other)), scale.value(Math.min(one, other))];
  return [Number(low.toPrecision(6)), Number(high.toPrecision(6))];
}

function spanOf(scale: Scale, brush: Brush): readonly [number, number] | undefined {
  const [from, to] = brush;
  if (typeof from !== "number" || typeof to !== "number") return undefined;
  const [one, other] = [scale.place(from), scale.place(to)];
  return one === undefined || other === undefined ? undefined : [one, other];
}

function toggledName(brushes: Brushes, axis: string, name: string): Brushes {
  const now = (brushes[axis] ?? []) as readonly string[];
  const next = now.includes(name) ? now.filter((each) => each !== name) : [...now, name];
  const others = Object.fromEntries(Object.entries(brushes).filter(([each]) => each !== axis));
  return next.length === 0 ? others : { ...others, [axis]: next };
}

/** A column's name without its family. */
export function tail(name: string): string {
  return name.replace(/^(params|metrics|metrics_min|metrics_max|tags)\./, "");
}
