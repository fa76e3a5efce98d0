// Images that were logged under keys, side by side at one step; the slider and the arrow keys move all of them.

import type { JSX } from "preact";

import { numberChoice } from "../core/router.ts";
import { Picture } from "./file_view.tsx";
import type { Step } from "./files.ts";

const LATEST = -1;
const place = numberChoice("at", LATEST);

export function Images({ runId, series }: { runId: string; series: ReadonlyMap<string, readonly Step[]> }): JSX.Element {
  const steps = [...new Set([...series.values()].flat().map((each) => each.step))].sort((one, other) => one - other);
  const last = steps.length - 1;
  const at = place.value === LATEST || place.value > last ? last : Math.max(0, place.value);
  const step = steps[at] ?? 0;
  const go = (to: number): void => place.set(to >= last ? LATEST : Math.max(0, to));
  return (
    <section
      class="file"
      aria-label="Images by step"
      onKeyDown={(event) => {
        const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (move === undefined || event.target instanceof HTMLInputElement) return;
        go(at + move);
      }}
    >
      <header class="bar">
        <label class="grow">
          Step
          <input type="range" class="grow" min={0} max={last} value={at} onInput={(event) => go(Number(event.currentTarget.value))} />
        </label>
        <output class="number images-step">{step}</output>
        <button type="button" disabled={at === 0} onClick={() => go(at - 1)}>
          Earlier
        </button>
        <button type="button" disabled={at === last} onClick={() => go(at + 1)}>
          Later
        </button>
      </header>
      <div class="images">
        {[...series].map(([key, found]) => {
          const shown = found.findLast((each) => each.step <= step);
          return (
            <figure key={key}>
              {shown === undefined ? <div class="images-none soft">none yet</div> : <Picture runId={runId} path={shown.path} alt={`${key} at step ${shown.step}`} />}
              <figcaption>
                {key}
                {shown === undefined || shown.step === step ? null : <span class="soft"> of step {shown.step}</span>}
              </figcaption>
            </figure>
          );
        })}
      </div>
    </section>
  );
}
