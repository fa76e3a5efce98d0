// The colour and the dashes of a run, as a short line.

import type { JSX } from "preact";

import { dash, series } from "./palette.ts";

export function Swatch({ index }: { index: number }): JSX.Element {
  return (
    <svg class="swatch" width="18" height="8" aria-hidden="true">
      <line x1="1" y1="4" x2="17" y2="4" stroke={`var(${series(index)})`} stroke-width="2.5" stroke-dasharray={dash(index).join(" ")} />
    </svg>
  );
}
