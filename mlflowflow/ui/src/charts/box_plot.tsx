// How a column of numbers lies in each group of another: boxes of quartiles, and every run as a point.
//
//   <BoxPlot frame={frame} group="params.optimizer" value="metrics.loss" name={nameOf} />

import type { JSX } from "preact";

import { hovered } from "../core/hover.ts";
import { number } from "../core/format.ts";
import "../style/charts.css";
import { Axes, ROOM } from "./axes.tsx";
import { useWidth } from "./canvas.ts";
import { box, columnOf, type Frame } from "./frame.ts";
import { numeric, scaleOf, wantsLog } from "./scale.ts";

interface Props {
  readonly frame: Frame;
  readonly group: string;
  readonly value: string;
  readonly name: (id: string) => string;
  readonly active?: readonly number[];
  readonly height?: number;
}

const MOST_GROUPS = 24;
const UNSET = "not set";

export function BoxPlot({ frame, group, value, name, active, height = 300 }: Props): JSX.Element {
  const [area, width] = useWidth<HTMLDivElement>();
  const [groups, values] = [columnOf(frame, group)?.values ?? [], columnOf(frame, value)?.values ?? []];
  const rows = [...(active ?? frame.ids.keys())].filter((row) => numeric(values[row] ?? null) !== undefined);
  const keyOf = (row: number): string => String(groups[row] ?? UNSET);
  const keys = [...new Set(rows.map(keyOf))].sort((one, other) => one.localeCompare(other, "en", { numeric: true })).slice(0, MOST_GROUPS);
  // A mark that is no number keeps the axis one of names.
  const across = scaleOf([...keys.map((key) => `${key}\u200b`)], ROOM.left, width - ROOM.right);
  const up = scaleOf(values, height - ROOM.bottom - 6, ROOM.top + 6, wantsLog(values));
  const half = Math.min(36, ((width - ROOM.left - ROOM.right) / Math.max(1, keys.length)) * 0.3);
  const lit = frame.ids.indexOf(hovered.value ?? "");
  return (
    <div class="plot">
      <p class="chart-reading">{lit < 0 ? "\u00a0" : `${name(frame.ids[lit] ?? "")} · ${keyOf(lit)} · ${number(numeric(values[lit] ?? null) ?? NaN)}`}</p>
      <div ref={area} class="plot-area" role="img" aria-label={`${value} in each group of ${group}`} style={{ height: `${height}px` }} onMouseLeave={() => (hovered.value = null)}>
        <svg width={width} height={height}>
          <Axes x={across} y={up} xName={group} yName={value} width={width} height={height} />
          {keys.map((key) => {
            const at = across.place(`${key}\u200b`) ?? 0;
            const inside = rows.filter((row) => keyOf(row) === key);
            const found = box(inside.map((row) => numeric(values[row] ?? null) ?? 0));
            if (found === undefined) return null;
            const [low, first, median, third, high] = [found.low, found.first, found.median, found.third, found.high].map((each) => up.place(each) ?? 0) as [number, number, number, number, number];
            return (
              <g key={key} class="box">
                <title>{`${key}: ${inside.length} runs, median ${number(found.median)}, quartiles ${number(found.first)} and ${number(found.third)}`}</title>
                <line x1={at} x2={at} y1={low} y2={first} />
                <line x1={at} x2={at} y1={third} y2={high} />
                <rect x={at - half} width={2 * half} y={third} height={Math.max(1, first - third)} />
                <line class="box-median" x1={at - half} x2={at + half} y1={median} y2={median} />
                {inside.map((row, index) => (
                  <circle
                    key={row}
                    class={row === lit ? "lit" : ""}
                    cx={at + (((index * 0.618) % 1) - 0.5) * half}
                    cy={up.place(values[row] ?? null)}
                    r={row === lit ? 5 : 3}
                    onMouseEnter={() => (hovered.value = frame.ids[row] ?? null)}
                  />
                ))}
              </g>
            );
          })}
        </svg>
      </div>
    </div>
  );
}
