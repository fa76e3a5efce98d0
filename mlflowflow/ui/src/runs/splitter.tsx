// The bar between two panels: dragged, or moved with arrow keys while it has the focus.

import type { JSX } from "preact";

import type { Choice } from "../core/router.ts";
import { share } from "./window.ts";

const STEP = 4;

/** `part` is the share of the first panel, in percent. */
export function Splitter({ part, isBelow }: { part: Choice<number>; isBelow: boolean }): JSX.Element {
  const begin = (event: PointerEvent): void => {
    const box = (event.currentTarget as Element).parentElement?.getBoundingClientRect();
    if (box === undefined) return;
    event.preventDefault();
    const control = new AbortController();
    const follow = (now: PointerEvent): void => {
      // Where the window is too narrow for two columns, the panels stand below one another anyway.
      const isColumn = isBelow || matchMedia("(width < 1200px)").matches;
      part.set(isColumn ? share(now.clientY - box.top, box.height) : share(now.clientX - box.left, box.width));
    };
    addEventListener("pointermove", follow, { signal: control.signal });
    for (const kind of ["pointerup", "pointercancel"] as const) {
      addEventListener(kind, () => control.abort(), { signal: control.signal });
    }
  };
  return (
    <div
      class="splitter"
      role="separator"
      tabIndex={0}
      aria-orientation={isBelow ? "horizontal" : "vertical"}
      aria-label="Size of the table"
      aria-valuenow={part.value}
      aria-valuemin={15}
      aria-valuemax={85}
      onPointerDown={begin}
      onKeyDown={(event) => {
        const step = { ArrowLeft: -STEP, ArrowUp: -STEP, ArrowRight: STEP, ArrowDown: STEP }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        part.set(share(part.value + step, 100));
      }}
    />
  );
}
