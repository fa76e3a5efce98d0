// All sweeps: how far each is, what it found, and whether somebody runs it.

import { useComputed } from "@preact/signals";
import type { JSX } from "preact";

import "../style/sweeps.css";
import { route, useAnswer } from "../core/api.ts";
import { count, grouped, number, roughly } from "../core/format.ts";
import { address, textChoice } from "../core/router.ts";
import type { SweepsSheet } from "../core/types.ts";
import { Empty, Find, Shown, State, Time } from "../parts/basics.tsx";
import { Progress } from "../sweeps/progress.tsx";
import { STATES } from "../sweeps/tones.ts";

const words = textChoice("q");
const phase = textChoice("phase");
const PHASES = ["", "RUNNING", "STOPPED", "INTERRUPTED", "FINISHED"] as const;

export function Sweeps(): JSX.Element {
  const answer = useAnswer<SweepsSheet>(() => route("sweeps"));
  return (
    <>
      <div class="head">
        <h1>Sweeps</h1>
        <div class="actions">
          <select aria-label="Only in this state" value={phase.value} onChange={(event) => phase.set(event.currentTarget.value)}>
            {PHASES.map((each) => (
              <option key={each} value={each}>
                {each === "" ? "all states" : each.toLowerCase()}
              </option>
            ))}
          </select>
          <Find what="sweeps" words={words} />
        </div>
      </div>
      <Shown answer={answer.value}>{(sheet) => <Table sheet={sheet} />}</Shown>
    </>
  );
}

function Table({ sheet }: { sheet: SweepsSheet }): JSX.Element {
  const rows = useComputed(() => sheet.run_ids.map((_, row) => row).filter((row) => isMeant(sheet, row)));
  if (sheet.run_ids.length === 0) return <Empty command="mlff run examples/digits -e retrain">No sweep yet. This makes one:</Empty>;
  if (rows.value.length === 0) return <Empty>No sweep matches.</Empty>;
  return (
    <table class="list sw-list">
      <thead>
        <tr>
          <th scope="col">Sweep</th>
          <th scope="col">Experiment</th>
          <th scope="col">State</th>
          <th scope="col" class="sw-list-progress">
            Trials
          </th>
          <th scope="col" class="number">
            Best
          </th>
          <th scope="col" class="number">
            Left
          </th>
          <th scope="col" class="number">
            Cost
          </th>
          <th scope="col" class="number">
            Begun
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.value.map((row) => (
          <Row key={sheet.run_ids[row]} sheet={sheet} row={row} />
        ))}
      </tbody>
    </table>
  );
}

function isMeant(sheet: SweepsSheet, row: number): boolean {
  if (phase.value !== "" && sheet.phases[row] !== phase.value) return false;
  const text = `${sheet.names[row]} ${sheet.experiments[row]} ${sheet.run_ids[row]}`.toLowerCase();
  return words.value.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

function Row({ sheet, row }: { sheet: SweepsSheet; row: number }): JSX.Element {
  const id = sheet.run_ids[row] ?? "";
  const isDamaged = sheet.phases[row] === "DAMAGED";
  const counts = (state: string): number => sheet.counts[state]?.[row] ?? 0;
  const best = sheet.best[row] ?? null;
  return (
    <tr>
      <th scope="row">
        <a href={address(["sweeps", id])} title={id}>
          {sheet.names[row] === "" ? id.slice(0, 12) : sheet.names[row]}
        </a>
      </th>
      <td>
        <a class="soft" href={address(["experiments", sheet.experiment_ids[row] ?? ""])}>
          {sheet.experiments[row]}
        </a>
      </td>
      <td>
        <State of={sheet.phases[row] ?? ""} />
      </td>
      {isDamaged ? (
        <td colSpan={5} class="soft">
          Its log cannot be read; <code>mlff store fsck</code> says what is wrong.
        </td>
      ) : (
        <>
          <td class="sw-list-progress">
            <Progress counts={counts} limit={sheet.limits[row] ?? null} />
            <Said counts={counts} limit={sheet.limits[row] ?? null} isCut={sheet.phases[row] === "INTERRUPTED"} />
          </td>
          <td class="number">
            {best === null ? (
              <span class="soft">–</span>
            ) : (
              <>
                {typeof best === "number" ? number(best) : best}
                <div class="sw-under">
                  {sheet.goals[row] === "maximize" ? "↑" : "↓"} {sheet.metrics[row]}
                </div>
              </>
            )}
          </td>
          <td class="number">{left(sheet, row)}</td>
          <td class="number">{(sheet.cost[row] ?? 0) > 0 ? (sheet.cost[row] ?? 0).toFixed(2) : <span class="soft">–</span>}</td>
          <td class="number">
            <Time ms={sheet.begun_ms[row]} />
          </td>
        </>
      )}
    </tr>
  );
}

function left(sheet: SweepsSheet, row: number): JSX.Element | string {
  const rest = sheet.rest_s[row] ?? null;
  return rest === null ? <span class="soft">–</span> : roughly(rest);
}

function Said({ counts, limit, isCut }: { counts: (state: string) => number; limit: number | null; isCut: boolean }): JSX.Element {
  const ended = ["COMPLETE", "PRUNED", "INFEASIBLE", "FAILED"].reduce((sum, state) => sum + counts(state), 0);
  const others = STATES.filter(([state]) => state !== "COMPLETE" && counts(state) > 0).map(([state, said]) => `${grouped(counts(state))} ${isCut && state === "RUNNING" ? "cut off" : said}`);
  const all = limit === null ? count(ended, "trial") : `${grouped(ended)} of ${grouped(limit)}`;
  return <div class="sw-under">{[all, ...others].join(" · ")}</div>;
}
