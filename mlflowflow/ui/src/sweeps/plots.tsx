// The plots of trials in a plane: how the sweep went, any two axes, each dimension by itself, and how values are spread.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";

import { numeric, type Cell } from "../charts/scale.ts";
import { count } from "../core/format.ts";
import { textChoice } from "../core/router.ts";
import { Frame, LogButton, type Rows } from "./frame.tsx";
import { PickAxis } from "./pick_axis.tsx";
import { Plane, type Mark, type Span, type Stroke } from "./plane.tsx";
import { tone } from "./tones.ts";
import { bestSoFar, isMaximized, shares } from "./trials.ts";
import { axisOf, cellText, mainKey, setBrush, type SweepView } from "./view.ts";

const across = textChoice("x");
const up = textChoice("y");
const HEIGHT = 260;

/** All trials by their number, and the best so far as a line. */
export function WayOfBest({ view }: { view: SweepView }): JSX.Element {
  const key = mainKey(view);
  const [number, value] = [axisOf(view, "trial"), axisOf(view, key)];
  const steps = bestSoFar(view.trials, isMaximized(view.sheet, view.sheet.selecting));
  const strokes = useMemo((): Stroke[] => {
    const last = steps[steps.length - 1];
    if (last === undefined) return [];
    const all = [...steps, { number: view.trials.length - 1, value: last.value }];
    return [{ id: "", xs: all.map((each) => each.number), ys: all.map((each) => each.value), tone: "--series-2", isKept: true, width: 2, isStepped: true }];
  }, [view]);
  return (
    <Frame
      view={view}
      title={`Best ${view.sheet.selecting} so far`}
      keys={[key]}
      about={steps.length === 0 ? "No trial has come to a result yet" : `The line is the best so far: ${count(steps.length, "step")}`}
      rows={() => ({ heads: ["trial", `best ${view.sheet.selecting}`], rows: steps.map((each) => [String(each.number), cellText(each.value)]) })}
    >
      <Plane
        x={{ title: "trial", values: number.cells }}
        y={{ title: value.title, values: value.cells, log: value.log }}
        marks={useMarks(view, "trial", key)}
        strokes={strokes}
        height={HEIGHT}
        label={`${view.sheet.selecting} of each trial and the best so far`}
        onBrush={brusher("trial", key)}
      />
    </Frame>
  );
}

/** Any two axes. */
export function Scatter({ view, byDefault }: { view: SweepView; byDefault: readonly [string, string] }): JSX.Element {
  const [x, y] = [axisOf(view, across.value || byDefault[0]), axisOf(view, up.value || byDefault[1])];
  return (
    <Frame
      view={view}
      title="Any two"
      keys={[x.key, y.key]}
      about={`${y.title} over ${x.title}; draw a box to keep what is in it`}
      rows={() => rowsOf(view, [x.key, y.key])}
      tools={
        <>
          <PickAxis words="Axis at the left" from={view.axes} chosen={y.key} onPick={up.set} />
          <span class="soft">over</span>
          <PickAxis words="Axis below" from={view.axes} chosen={x.key} onPick={across.set} />
        </>
      }
    >
      <Plane
        x={{ title: x.title, values: x.cells, log: x.log }}
        y={{ title: y.title, values: y.cells, log: y.log }}
        marks={useMarks(view, x.key, y.key)}
        height={HEIGHT}
        label={`${y.title} over ${x.title}`}
        onBrush={brusher(x.key, y.key)}
      />
    </Frame>
  );
}

/** Two objectives, and the trials that no other beats in both. */
export function Front({ view }: { view: SweepView }): JSX.Element | null {
  const [one, other] = view.sheet.objectives;
  const keys = [`metrics.${one?.metric}`, `metrics.${other?.metric}`] as const;
  const marks = useMarks(view, keys[0], keys[1], new Set(view.sheet.front));
  if (one === undefined || other === undefined) return null;
  const [x, y] = [axisOf(view, keys[0]), axisOf(view, keys[1])];
  const front = [...view.sheet.front].sort((left, right) => (numeric(x.cells[left] ?? null) ?? 0) - (numeric(x.cells[right] ?? null) ?? 0));
  return (
    <Frame
      view={view}
      title="Pareto front"
      keys={keys}
      about={`${view.sheet.front.length} trials that no other beats: ${one.metric} ${one.goal}d, ${other.metric} ${other.goal}d`}
      rows={() => ({ heads: ["trial", one.metric, other.metric], rows: front.map((at) => [String(at), cellText(x.cells[at]), cellText(y.cells[at])]) })}
    >
      <Plane
        x={{ title: x.title, values: x.cells, log: x.log }}
        y={{ title: y.title, values: y.cells, log: y.log }}
        marks={marks}
        strokes={[{ id: "", xs: front.map((at) => numeric(x.cells[at] ?? null) ?? NaN), ys: front.map((at) => numeric(y.cells[at] ?? null) ?? null), tone: "--series-2", isKept: true, width: 1.5 }]}
        height={HEIGHT}
        label={`${y.title} over ${x.title}, with the front`}
        onBrush={brusher(keys[0], keys[1])}
      />
    </Frame>
  );
}

/** Each dimension by itself. */
export function Slices({ view }: { view: SweepView }): JSX.Element {
  const key = mainKey(view);
  const dimensions = view.axes.filter((axis) => axis.key.startsWith("params."));
  return (
    <Frame
      view={view}
      title={`${view.sheet.selecting} by each dimension`}
      keys={[mainKey(view)]}
      about="One dot for each trial; a conditional dimension has dots where it exists"
      rows={() => rowsOf(view, [...dimensions.map((axis) => axis.key), key])}
      isWide
    >
      <div class="sw-slices">
        {dimensions.map((axis) => (
          <Slice key={axis.key} view={view} of={axis.key} />
        ))}
      </div>
    </Frame>
  );
}

function Slice({ view, of }: { view: SweepView; of: string }): JSX.Element {
  const [x, y] = [axisOf(view, of), axisOf(view, mainKey(view))];
  return (
    <div class="sw-slice">
      <Plane
        x={{ title: x.title, values: x.cells, log: x.log }}
        y={{ title: y.title, values: y.cells, log: y.log }}
        marks={useMarks(view, of, mainKey(view))}
        height={190}
        label={`${y.title} by ${x.title}`}
        onBrush={brusher(of, mainKey(view))}
      />
      <LogButton view={view} of={of} isAlone />
    </div>
  );
}

/** Which share of the trials came to at most each value. */
export function Spread({ view }: { view: SweepView }): JSX.Element {
  const key = mainKey(view);
  const axis = axisOf(view, key);
  const [all, kept] = useMemo(() => {
    const of = (isMeant: (at: number) => boolean): ReturnType<typeof shares> =>
      shares(view.trials.filter((trial) => trial.rank !== undefined && trial.value !== undefined && isMeant(trial.number)).map((trial) => trial.value ?? 0));
    return [of(() => true), of((at) => view.kept.has(at))];
  }, [view]);
  const line = (found: typeof all, colour: string, width: number): Stroke => ({
    id: "",
    xs: found.map((each) => each.value),
    ys: found.map((each) => each.share),
    tone: colour,
    isKept: true,
    width,
    isStepped: true,
  });
  return (
    <Frame
      view={view}
      title={`How ${view.sheet.selecting} is spread`}
      keys={[key]}
      about={view.isAll ? "Which share of the trials came to at most each value" : "All trials thin, the kept ones thick"}
      rows={() => ({ heads: [view.sheet.selecting, "share of trials"], rows: kept.map((each) => [cellText(each.value), cellText(each.share)]) })}
    >
      <Plane
        x={{ title: axis.title, values: axis.cells, log: axis.log }}
        y={{ title: "share", values: SHARES }}
        strokes={view.isAll ? [line(all, "--series-1", 2)] : [line(all, "--series-7", 1), line(kept, "--series-1", 2)]}
        height={HEIGHT}
        label={`Distribution of ${view.sheet.selecting}`}
      />
    </Frame>
  );
}

const SHARES: readonly Cell[] = [0, 1];

function useMarks(view: SweepView, x: string, y: string, ringed?: ReadonlySet<number>): readonly Mark[] {
  return useMemo(() => {
    const [along, value] = [axisOf(view, x), axisOf(view, y)];
    return view.trials.map((trial) => ({
      id: trial.id,
      x: along.cells[trial.number] ?? null,
      y: value.cells[trial.number] ?? null,
      tone: trial.state === "COMPLETE" ? "--series-1" : tone(trial.state),
      isKept: view.kept.has(trial.number),
      isRinged: ringed === undefined ? trial.number === view.sheet.best : ringed.has(trial.number),
    }));
  }, [view, x, y]);
}

function brusher(x: string, y: string): (box: readonly [Span, Span] | null) => void {
  return (box) =>
    setBrush([
      [x, box === null ? null : { key: x, ...box[0] }],
      [y, box === null ? null : { key: y, ...box[1] }],
    ]);
}

function rowsOf(view: SweepView, keys: readonly string[]): Rows {
  const axes = keys.map((key) => axisOf(view, key));
  return {
    heads: ["trial", ...axes.map((axis) => axis.title)],
    rows: view.trials.filter((trial) => view.kept.has(trial.number)).map((trial) => [String(trial.number), ...axes.map((axis) => cellText(axis.cells[trial.number]))]),
  };
}

