// What trials did while they ran: the points that they reported, and which worker was busy with which of them.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";

import { numeric } from "../charts/scale.ts";
import { route, useAnswer } from "../core/api.ts";
import { count, duration } from "../core/format.ts";
import type { SweepPoints } from "../core/types.ts";
import { Frame } from "./frame.tsx";
import { Plane, type Mark, type Stroke } from "./plane.tsx";
import { outcomeTone, tone } from "./tones.ts";
import { lanes, type Bar } from "./trials.ts";
import { cellText, type SweepView } from "./view.ts";

const LANE = 16;
const MOST_HEIGHT = 460;

/** The reported points of each trial. */
export function Reported({ view, isWide }: { view: SweepView; isWide: boolean }): JSX.Element | null {
  const id = view.sheet.run_id;
  const answer = useAnswer<SweepPoints>(() => route(`sweeps/${id}/points`));
  const found = answer.value.value;
  const strokes = useMemo(() => (found === undefined ? [] : strokesOf(view, found)), [view, found]);
  const values = useMemo(() => strokes.flatMap((each) => each.ys), [strokes]);
  const steps = useMemo(() => strokes.flatMap((each) => each.xs), [strokes]);
  if (found !== undefined && found.trials.length === 0) return null;
  return (
    <Frame
      view={view}
      title={found === undefined ? "Reported while running" : `${found.metric} while running`}
      keys={[]}
      about={found === undefined ? "…" : `${count(found.trials.length, "trial")} reported points${found.thinned ? ", thinned evenly" : ""}; grey ones were pruned`}
      rows={() => ({
        heads: ["trial", "step", found?.metric ?? ""],
        rows: (found?.trials ?? []).flatMap((trial, at) => (found?.steps[at] ?? []).map((step, place) => [String(trial), String(step), cellText(found?.values[at]?.[place])])),
      })}
      isWide={isWide}
    >
      <Plane x={{ title: "step", values: steps }} y={{ title: found?.metric ?? "", values }} strokes={strokes} height={260} label="Reported points by step" />
    </Frame>
  );
}

function strokesOf(view: SweepView, found: SweepPoints): Stroke[] {
  return found.trials.map((number, at) => {
    const trial = view.trials[number];
    const state = trial?.state ?? "";
    return {
      id: trial?.id ?? "",
      xs: found.steps[at] ?? [],
      ys: (found.values[at] ?? []).map((value) => numeric(value) ?? null),
      tone: number === view.sheet.best ? "--series-2" : state === "COMPLETE" ? "--series-1" : tone(state),
      isKept: view.kept.has(number),
      width: number === view.sheet.best ? 2.4 : 1,
    };
  });
}

/** When each attempt ran, in lanes that are free one after the other. */
export function Timeline({ view }: { view: SweepView }): JSX.Element {
  const bars = useMemo(() => lanes(view.sheet, Math.max(Date.now(), view.sheet.changed_ms)), [view]);
  const begun = view.sheet.begun_ms;
  const used = bars.reduce((most, bar) => Math.max(most, bar.lane + 1), 1);
  const height = Math.min(MOST_HEIGHT, 60 + used * LANE + 12);
  const tall = Math.max(2, Math.min(11, (height - 60) / used - 2));
  const marks = useMemo(() => bars.map((bar) => markOf(view, bar, begun)), [view, bars]);
  const seconds = useMemo(() => [0, ...bars.map((bar) => (bar.to - begun) / 1000)], [bars]);
  const workers = useMemo(() => [0.5, used + 0.5], [used]);
  return (
    <Frame
      view={view}
      title="When trials ran"
      keys={["seconds"]}
      about={`${count(bars.length, "attempt")}, ${used} at once at most: green completed, grey pruned, red failed, yellow lost with its worker`}
      rows={() => ({
        heads: ["trial", "attempt", "began after", "took", "outcome"],
        rows: bars.map((bar) => [String(bar.trial), String(bar.attempt), duration((bar.from - begun) / 1000), duration((bar.to - bar.from) / 1000), bar.outcome]),
      })}
      isWide
    >
      <Plane
        x={{ title: "since it began", values: seconds, write: duration, marks: moments }}
        y={{ title: "side by side", values: workers, write: whole }}
        marks={marks}
        height={height}
        barHeight={tall}
        label="When each attempt ran"
      />
    </Frame>
  );
}

/** Round moments between two times in seconds. */
function moments(low: number, high: number, most: number): number[] {
  const step = STEPS.find((each) => (high - low) / each <= most) ?? 86_400 * Math.ceil((high - low) / most / 86_400);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, at) => (first + at) * step);
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400];

function whole(value: number): string {
  return Number.isInteger(value) ? String(value) : "";
}

function markOf(view: SweepView, bar: Bar, begun: number): Mark {
  return {
    id: view.trials[bar.trial]?.id ?? "",
    x: (bar.from - begun) / 1000,
    end: (bar.to - begun) / 1000,
    y: bar.lane + 1,
    tone: outcomeTone(bar.outcome),
    isKept: view.kept.has(bar.trial),
  };
}
