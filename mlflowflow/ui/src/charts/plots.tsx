// The columns of some runs against one another: parallel axes, scatter, boxes, contours. What is brushed on
// the parallel axes is what the others show too.

import { computed, type ReadonlySignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";

import { route, useAnswer } from "../core/api.ts";
import { listChoice, numberChoice, textChoice } from "../core/router.ts";
import type { RunsSheet } from "../core/types.ts";
import { Empty, Shown } from "../parts/basics.tsx";
import { BoxPlot } from "./box_plot.tsx";
import { Contour } from "./contour.tsx";
import { brushed, columnOf, readBrushes, top, writeBrushes, type Frame } from "./frame.ts";
import { FrameTable } from "./frame_table.tsx";
import { Parallel } from "./parallel.tsx";
import { isNumeric } from "./scale.ts";
import { Scatter } from "./scatter.tsx";

export type Kind = "parallel" | "scatter" | "box" | "contour";

interface Props {
  readonly kind: Kind;
  readonly runIds: ReadonlySignal<readonly string[]>;
  readonly experiments?: ReadonlySignal<readonly string[]>;
  readonly name: (id: string) => string;
}

const across = textChoice("px");
const up = textChoice("py");
const third = textChoice("pz");
const kept = listChoice("brush");
const turned = listChoice("turned");
const best = numberChoice("top", 0);
const MOST_AXES = 8;

export function Plots({ kind, runIds, experiments, name }: Props): JSX.Element {
  const answer = useAnswer<RunsSheet>(() =>
    runIds.value.length === 0
      ? null
      : route("runs", { run: runIds.value, experiment: experiments?.value ?? [], column: ["params.*", "metrics.*"], stage: "all" }),
  );
  return <Shown answer={answer.value}>{(sheet) => <Plot kind={kind} sheet={sheet} name={name} />}</Shown>;
}

function Plot({ kind, sheet, name }: { kind: Kind; sheet: RunsSheet; name: (id: string) => string }): JSX.Element {
  const frame = useMemo(() => frameOf(sheet), [sheet]);
  const brushes = useMemo(() => computed(() => readBrushes(kept.value)), []).value;
  const params = frame.columns.map((column) => column.name).filter((each) => each.startsWith("params."));
  const metrics = outcomes(frame, params);
  if (metrics.length === 0 || frame.columns.length < 2) return <Empty>These runs have nothing that differs to be drawn.</Empty>;
  const [x, y] = [chosen(across.value, frame, params[0] ?? metrics[0]), chosen(up.value, frame, metrics[0])];
  const z = chosen(third.value, frame, kind === "contour" ? metrics[0] : undefined);
  const numericParams = params.filter((each) => isNumeric(columnOf(frame, each)?.values ?? []));
  const contourY = columnOf(frame, up.value) === undefined ? (numericParams.find((each) => each !== x) ?? y) : y;
  const rows = best.value > 0 ? top(frame, [...frame.ids.keys()], y, "maximize", best.value) : undefined;
  const active = brushed(frame, brushes).filter((row) => rows === undefined || rows.includes(row));
  const all = frame.columns.map((column) => column.name);
  return (
    <>
      <div class="bar">
        {kind === "parallel" ? null : <Choose words={kind === "box" ? "groups" : "across"} value={x} options={all} onChoose={across.set} />}
        <Choose words={kind === "parallel" ? "colour" : kind === "box" ? "values" : "up"} value={kind === "contour" ? contourY : y} options={all} onChoose={up.set} />
        {kind === "scatter" || kind === "contour" ? <Choose words="colour" value={z ?? ""} options={kind === "scatter" ? ["", ...all] : metrics} onChoose={third.set} /> : null}
        {kind === "parallel" ? (
          <label>
            <span class="soft">greatest</span>
            <input type="range" min={0} max={frame.ids.length} value={best.value} onInput={(event) => best.set(Number(event.currentTarget.value))} />
            <output class="number charts-smooth">{best.value === 0 ? "all" : best.value}</output>
          </label>
        ) : null}
        <button type="button" disabled={kept.value.length === 0} onClick={() => kept.set([])}>
          Let go of all
        </button>
      </div>
      {kind === "parallel" ? (
        <Parallel
          frame={frame}
          axes={[...params.slice(0, MOST_AXES - 1), y]}
          by={y}
          brushes={brushes}
          onBrush={(found) => kept.set(writeBrushes(found))}
          name={name}
          turned={turned.value}
          onTurn={(axis) => turned.set(turned.value.includes(axis) ? turned.value.filter((each) => each !== axis) : [...turned.value, axis])}
          {...(rows === undefined ? {} : { rows })}
        />
      ) : kind === "scatter" ? (
        <Scatter frame={frame} x={x} y={y} name={name} active={active} {...(z === undefined || z === "" ? {} : { colour: z })} />
      ) : kind === "box" ? (
        <BoxPlot frame={frame} group={x} value={y} name={name} active={active} />
      ) : (
        <Contour frame={frame} x={x} y={contourY} value={z ?? metrics[0] ?? y} name={name} active={active} />
      )}
      <FrameTable frame={frame} rows={active} name={name} />
    </>
  );
}

function Choose({ words, value, options, onChoose }: { words: string; value: string; options: readonly string[]; onChoose: (value: string) => void }): JSX.Element {
  return (
    <label>
      <span class="soft">{words}</span>
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {options.map((each) => (
          <option key={each} value={each}>
            {each === "" ? "one colour" : each}
          </option>
        ))}
      </select>
    </label>
  );
}

function chosen(wanted: string, frame: Frame, otherwise: string | undefined): string {
  return columnOf(frame, wanted) === undefined ? (otherwise ?? "") : wanted;
}

/** The metrics, those first that are no schedule of a param and nothing of the machine. */
function outcomes(frame: Frame, params: readonly string[]): string[] {
  const names = frame.columns.filter(({ name, values }) => name.startsWith("metrics.") && isNumeric(values)).map(({ name }) => name);
  const isAside = (name: string): boolean => name.startsWith("metrics.system/") || params.includes(name.replace("metrics.", "params."));
  return [...names.filter((name) => !isAside(name)), ...names.filter(isAside)];
}

/** The columns that differ: what all runs share tells nothing. */
function frameOf(sheet: RunsSheet): Frame {
  const columns = Object.entries(sheet.columns)
    .map(([name, values]) => ({ name, values }))
    .filter(({ values }) => new Set(values).size > 1)
    .sort((one, other) => Number(one.name.startsWith("metrics.")) - Number(other.name.startsWith("metrics.")) || one.name.localeCompare(other.name));
  return { ids: sheet.run_ids, columns };
}
