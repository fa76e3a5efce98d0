// The picked runs side by side: params and metrics as rows, what differs first of all, the best marked.

import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { useState } from "preact/hooks";

import "../style/compare.css";
import { Charts } from "../charts/charts.tsx";
import { route, useAnswer } from "../core/api.ts";
import { count, shortened } from "../core/format.ts";
import { hovered } from "../core/hover.ts";
import { textChoice } from "../core/router.ts";
import type { RunsSheet } from "../core/types.ts";
import { Empty, Shown, Tabs } from "../parts/basics.tsx";
import { textAt } from "./cells.ts";
import { difference, facts, type Fact } from "./compare.ts";
import type { Runs } from "./model.ts";
import { columnNumbers } from "./numbers.ts";

/** More columns than anybody reads. */
const MOST = 24;
/** More runs than an address can name. */
const MOST_PLOTTED = 500;
/** So many curves are drawn as long as nobody picked runs. */
const FEW = 12;

const PANELS: readonly (readonly [string, string])[] = [
  ["values", "Values"],
  ["charts", "Charts"],
];
/** Which chart is chosen; none means curves. */
const plot = textChoice("plot");

export function Comparison({ runs }: { runs: Runs }): JSX.Element {
  const { dock, compare, panel } = runs.choices;
  const total = runs.ticked.count;
  const drawn = useComputed(() => shownOrTicked(runs, runs.ticked.count > 0 || plot.value !== "" ? MOST_PLOTTED : FEW));
  return (
    <section class="compare" aria-label="Compare runs">
      <div class="head">
        <h2>{total > 0 ? `Compare ${count(total, "run")}` : "Compare"}</h2>
        <Tabs names={PANELS} chosen={panel.value} onChoose={panel.set} />
        <div class="actions">
          <button type="button" class="plain soft compare-dock" onClick={() => dock.set(dock.value === "below" ? "" : "below")}>
            {dock.value === "below" ? "Dock right" : "Dock below"}
          </button>
          <button type="button" class="plain soft" disabled={total === 0} onClick={() => runs.ticked.clear()}>
            Pick none
          </button>
          <button type="button" class="plain soft" onClick={() => compare.set(false)}>
            Close
          </button>
        </div>
      </div>
      {panel.value === "charts" ? (
        <>
          {total === 0 ? <p class="soft">{`Drawn: the first ${count(drawn.value.length, "run")} of the table. Pick runs to draw only those.`}</p> : null}
          <Charts
            runIds={drawn}
            name={(id) => nameOf(runs, id)}
            colour={(id) => colourOf(runs, drawn.value, id)}
            experiments={runs.experiments}
          />
        </>
      ) : (
        <Values runs={runs} />
      )}
    </section>
  );
}

/** The picked runs, or as long as none is picked those of the table, in its order. */
function shownOrTicked(runs: Runs, most: number): readonly string[] {
  if (runs.ticked.count > 0) return runs.ticked.ids.value.slice(0, most);
  const ids = runs.sheet.value?.ids ?? [];
  return Array.from(runs.rows.value.subarray(0, most), (row) => ids[row] ?? "");
}

function colourOf(runs: Runs, ids: readonly string[], id: string): number {
  return runs.ticked.count > 0 ? Math.max(0, runs.ticked.colour(id)) : Math.max(0, ids.indexOf(id));
}

function Values({ runs }: { runs: Runs }): JSX.Element {
  const ids = useComputed(() => runs.ticked.ids.value.slice(0, MOST));
  const answer = useAnswer<RunsSheet>(() =>
    ids.value.length === 0
      ? null
      : route("runs", {
          experiment: runs.experiments.value,
          stage: runs.choices.stage.value,
          run: [...ids.value].sort(),
          column: ["params.*", "metrics.*"],
        }),
  );
  if (ids.value.length === 0) return <Empty>Tick runs in the table to see their values side by side.</Empty>;
  const more = runs.ticked.count - ids.value.length;
  return (
    <>
      {more > 0 ? <p class="soft">{`The first ${MOST} of the picked runs are shown.`}</p> : null}
      <Shown answer={answer.value}>{(sheet) => <Facts runs={runs} sheet={sheet} ids={ids.value} />}</Shown>
    </>
  );
}

function nameOf(runs: Runs, id: string): string {
  const sheet = runs.sheet.value;
  const row = sheet?.ids.indexOf(id) ?? -1;
  const name = sheet === undefined || row < 0 ? "" : textAt(sheet.column("run_name"), row);
  return name === "" ? id.slice(0, 8) : name;
}

interface FactsProps {
  readonly runs: Runs;
  readonly sheet: RunsSheet;
  readonly ids: readonly string[];
}

function Facts({ runs, sheet, ids }: FactsProps): JSX.Element {
  const [everything, setEverything] = useState(false);
  const all = facts(sheet, ids, runs.goals.value);
  const shown = all.filter((each) => everything || each.differs || ids.length === 1);
  const chosen = runs.choices.baseRun.value;
  const base = ids.includes(chosen) ? ids.indexOf(chosen) : -1;
  const hidden = all.length - shown.length;
  return (
    <>
      <div class="compare-scroll" tabIndex={0} role="region" aria-label="Params and metrics of the picked runs">
        <table class="compare-table">
          <thead>
            <tr>
              <th scope="col" class="compare-key">
                <span class="visually-hidden">Name</span>
              </th>
              {ids.map((id, at) => (
                <RunHead key={id} runs={runs} id={id} isBase={at === base} />
              ))}
            </tr>
          </thead>
          {(["metrics", "params"] as const).map((family) => {
            const rows = shown.filter((each) => each.family === family);
            return rows.length === 0 ? null : (
              <tbody key={family}>
                <tr class="compare-family">
                  <th scope="rowgroup" colSpan={ids.length + 1}>
                    {family === "metrics" ? "Metrics" : "Params"}
                  </th>
                </tr>
                {rows.map((fact) => (
                  <FactRow key={fact.name} fact={fact} ids={ids} base={base} goal={runs.goals.value[fact.key]} />
                ))}
              </tbody>
            );
          })}
        </table>
      </div>
      <div class="bar soft">
        <label>
          <input type="checkbox" checked={everything} onChange={(event) => setEverything(event.currentTarget.checked)} />
          Also what is the same in all
        </label>
        {hidden > 0 ? <span>{`${count(hidden, "row")} hidden`}</span> : null}
      </div>
    </>
  );
}

function RunHead({ runs, id, isBase }: { runs: Runs; id: string; isBase: boolean }): JSX.Element {
  const name = nameOf(runs, id);
  return (
    <th
      scope="col"
      class={hovered.value === id ? "lit" : ""}
      style={{ "--run": `var(--series-${(runs.ticked.colour(id) % 8) + 1})` }}
      onPointerEnter={() => (hovered.value = id)}
      onPointerLeave={() => (hovered.value = null)}
    >
      <span class="compare-run">
        <a href={`/runs/${id}`} title={name}>
          {name}
        </a>
        <button
          type="button"
          class="plain soft"
          aria-label={`Pick ${name} no longer`}
          title="No longer compare it"
          onClick={() => runs.ticked.set([id], false)}
        >
          ✕
        </button>
      </span>
      <button
        type="button"
        class="compare-base"
        aria-pressed={isBase}
        title="Show how the others differ from this run"
        onClick={() => runs.choices.baseRun.set(isBase ? "" : id)}
      >
        {isBase ? "base" : "as base"}
      </button>
    </th>
  );
}

interface FactProps {
  readonly fact: Fact;
  readonly ids: readonly string[];
  readonly base: number;
  readonly goal: "maximize" | "minimize" | undefined;
}

function FactRow({ fact, ids, base, goal }: FactProps): JSX.Element {
  const numbers = fact.values.filter((value) => typeof value === "number");
  const write = columnNumbers(numbers);
  return (
    <tr>
      <th scope="row" class="compare-key" title={fact.key}>
        {fact.key}
      </th>
      {fact.values.map((value, at) => {
        const isBest = fact.best.has(at);
        return (
          <td
            key={ids[at]}
            class={`${isNumber(value) ? "number" : ""}${isBest ? " best" : ""}${hovered.value === ids[at] ? " lit" : ""}`}
            title={isBest ? `${String(value)}: the best` : String(value ?? "")}
          >
            {isBest ? <span class="compare-star" aria-label="best">★</span> : null}
            {value === null ? <span class="soft">–</span> : typeof value === "number" ? write(value) : shortened(value)}
            {base < 0 || base === at ? null : <Difference of={difference(value, fact.values[base] ?? null)} goal={goal} write={write} />}
          </td>
        );
      })}
    </tr>
  );
}

function isNumber(value: number | string | null): boolean {
  return typeof value === "number" || (typeof value === "string" && value.trim() !== "" && !Number.isNaN(Number(value)));
}

interface DifferenceProps {
  readonly of: number | undefined;
  readonly goal: "maximize" | "minimize" | undefined;
  readonly write: (value: number) => string;
}

function Difference({ of, goal, write }: DifferenceProps): JSX.Element | null {
  if (of === undefined || of === 0) return null;
  const tone = goal === undefined ? "soft" : of > 0 === (goal === "maximize") ? "better" : "worse";
  return <span class={`compare-off ${tone}`}>{`${of > 0 ? "+" : "−"}${write(Math.abs(of))}`}</span>;
}
