// What trials did while they ran: the points that they reported, and which worker was busy with which of them.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";

import { numeric } from "../charts/scale.ts";
import { route, useAnswer } from "../core/api.ts";
import { count, duration } from "../core/format.ts";
import type { SweepPoints, SweepSheet } from "../core/types.ts";
import { Frame } from "./frame.tsx";
import { Plane, type Mark, type Stroke } from "./plane.tsx";
import { outcomeTone, tone } from "./tones.ts";
import { barsOf, type Bar } from "./trials.ts";
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

/** When each attempt ran, in the lanes of the workers, or of what ran at once. */
export function Timeline({ view }: { view: SweepView }): JSX.Element {
  const bars = useMemo(() => barsOf(view.sheet, lastKnown(view.sheet)), [view]);
  const begun = view.sheet.begun_ms;
  const { names, workers } = view.sheet.attempts;
  const known = new Set(workers.filter((each) => each !== "")).size;
  const used = Math.max(1, names.length);
  const height = Math.min(MOST_HEIGHT, 60 + used * LANE + 12);
  const tall = Math.max(2, Math.min(11, (height - 60) / used - 2));
  const marks = useMemo(() => bars.map((bar) => markOf(view, bar, begun, used)), [view, bars]);
  const seconds = useMemo(() => [0, ...bars.map((bar) => (bar.to - begun) / 1000)], [bars]);
  const lanes = useMemo(() => [0.5, used + 0.5], [used]);
  const written = (value: number): string => (known > 0 ? (names[used - value] ?? "") : String(used + 1 - value));
  return (
    <Frame
      view={view}
      title={known > 0 ? "When trials ran, by worker" : "When trials ran"}
      keys={[]}
      also={["seconds"]}
      about={`${count(bars.length, "attempt")}, ${known > 0 ? `on ${count(known, "worker")}` : `up to ${used} at once`}: green completed, grey pruned, red failed, yellow lost with its worker`}
      rows={() => ({
        heads: ["trial", "attempt", "began after", "took", "outcome", "worker"],
        rows: bars.map((bar) => [String(bar.trial), String(bar.attempt), duration((bar.from - begun) / 1000), duration((bar.to - bar.from) / 1000), bar.outcome, bar.worker || "–"]),
      })}
      isWide
    >
      <Plane
        x={{ title: "since it began", values: seconds, write: duration, marks: moments }}
        y={{ title: "worker", values: lanes, write: written, marks: wholes, letters: Math.max(3, ...names.map((name) => name.length)) }}
        marks={marks}
        height={height}
        barHeight={tall}
        label="When each attempt ran"
      />
    </Frame>
  );
}

/** Until when what has not ended runs: until now, if somebody sees to it, else until the last news. */
function lastKnown(sheet: SweepSheet): number {
  return sheet.held_by === "" ? sheet.changed_ms : Math.max(Date.now(), sheet.changed_ms);
}

/** Whole numbers between two, at most so many. */
function wholes(low: number, high: number, most: number): number[] {
  const [first, last] = [Math.ceil(low), Math.floor(high)];
  const every = Math.max(1, Math.ceil((last - first + 1) / most));
  return Array.from({ length: Math.floor((last - first) / every) + 1 }, (_, at) => last - at * every);
}

/** Round moments between two times in seconds. */
function moments(low: number, high: number, most: number): number[] {
  const step = STEPS.find((each) => (high - low) / each <= most) ?? 86_400 * Math.ceil((high - low) / most / 86_400);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, at) => (first + at) * step);
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400];

/** The first lane is on top. */
function markOf(view: SweepView, bar: Bar, begun: number, used: number): Mark {
  return {
    id: view.trials[bar.trial]?.id ?? "",
    x: (bar.from - begun) / 1000,
    end: (bar.to - begun) / 1000,
    y: used - bar.lane,
    tone: outcomeTone(bar.outcome),
    isKept: view.kept.has(bar.trial),
  };
}
