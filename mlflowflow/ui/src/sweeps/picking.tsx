// Which trials are meant by all plots and the table: the best so many, and those inside of every brush.

import type { JSX } from "preact";

import { count, grouped, number } from "../core/format.ts";
import type { Brush } from "./trials.ts";
import { axisOf, meanAll, setBrush, top, type SweepView } from "./view.ts";

export function Picking({ view }: { view: SweepView }): JSX.Element {
  const ranked = view.trials.filter((trial) => trial.rank !== undefined).length;
  const chosen = top.value > 0 ? Math.min(top.value, ranked) : ranked;
  return (
    <div class="bar sw-picking">
      <label>
        Best
        <input
          type="range"
          min={1}
          max={Math.max(1, ranked)}
          value={chosen}
          disabled={ranked < 2}
          onInput={(event) => top.set(Number(event.currentTarget.value) >= ranked ? 0 : Number(event.currentTarget.value))}
        />
        <output>{top.value > 0 ? `top ${grouped(chosen)}` : "all"}</output>
      </label>
      {view.brushes.map((brush) => (
        <span key={brush.key} class="sw-brush">
          {said(view, brush)}
          <button type="button" class="plain" aria-label={`Mean all of ${axisOf(view, brush.key).title}`} onClick={() => setBrush([[brush.key, null]])}>
            ×
          </button>
        </span>
      ))}
      <span class="soft">{view.isAll ? "Draw a box in a plot or on an axis to keep a part of the trials." : `${count(view.kept.size, "trial")} kept`}</span>
      {view.isAll ? null : (
        <button type="button" onClick={meanAll}>
          Keep all
        </button>
      )}
    </div>
  );
}

function said(view: SweepView, brush: Brush): string {
  const { title } = axisOf(view, brush.key);
  if (brush.names.length > 0) return `${title}: ${brush.names.join(", ")}`;
  return `${title}: ${number(brush.low, 3)} to ${number(brush.high, 3)}`;
}
