// The axes of a plot in SVG, around what is drawn on a canvas or in SVG inside.

import type { JSX } from "preact";

import type { Scale } from "./scale.ts";

/** Room around a plot for its axes. */
export const ROOM = { left: 64, right: 14, top: 10, bottom: 40 };
const WIDE = 9;

interface Props {
  readonly x: Scale;
  readonly y: Scale;
  readonly xName: string;
  readonly yName: string;
  readonly width: number;
  readonly height: number;
}

export function Axes({ x, y, xName, yName, width, height }: Props): JSX.Element {
  const [bottom, right] = [height - ROOM.bottom, width - ROOM.right];
  return (
    <g class="axes" aria-hidden="true">
      {x.ticks.map(({ at, text }) => (
        <g key={`x${text}`}>
          {x.kind === "names" ? null : <line x1={at} x2={at} y1={ROOM.top} y2={bottom} />}
          <text x={at} y={bottom + 15} text-anchor="middle">
            {short(text, x.kind === "names" ? 14 : WIDE)}
          </text>
        </g>
      ))}
      {y.ticks.map(({ at, text }) => (
        <g key={`y${text}`}>
          {y.kind === "names" ? null : <line x1={ROOM.left} x2={right} y1={at} y2={at} />}
          <text x={ROOM.left - 6} y={at + 4} text-anchor="end">
            {short(text, WIDE)}
          </text>
        </g>
      ))}
      <text class="axes-name" x={(ROOM.left + right) / 2} y={height - 6} text-anchor="middle">
        {xName}
      </text>
      <text class="axes-name" transform={`translate(12 ${(ROOM.top + bottom) / 2}) rotate(-90)`} text-anchor="middle">
        {yName}
      </text>
    </g>
  );
}

export function short(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
