// All experiments: how many runs in which state, and when something last happened.

import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import "../style/experiments.css";
import { route, useAnswer } from "../core/api.ts";
import { count, grouped, number } from "../core/format.ts";
import { address, listChoice, navigate, textChoice } from "../core/router.ts";
import type { Best, ExperimentsSheet } from "../core/types.ts";
import { Empty, Find, Shown, Time } from "../parts/basics.tsx";
import { inOrder, matching, sparkline, STATES, totals, type Order } from "../runs/experiments.ts";

const words = textChoice("q");
const sorted = textChoice("sort", "latest");
const picks = listChoice("pick");

export function Experiments(): JSX.Element {
  const answer = useAnswer<ExperimentsSheet>(() => route("experiments"));
  const several = picks.value;
  useEffect(() => {
    document.title = "Experiments · mlflowflow";
  }, []);
  return (
    <>
      <div class="head">
        <h1>Experiments</h1>
        <div class="actions">
          <Find what="experiments" words={words} />
          <button
            type="button"
            class={several.length > 0 ? "primary" : ""}
            onClick={() => navigate(address(["runs"], { experiment: several }))}
          >
            {several.length > 0 ? `Runs of ${count(several.length, "experiment")}` : "All runs"}
          </button>
        </div>
      </div>
      <Shown answer={answer.value}>{(sheet) => <Table sheet={sheet} />}</Shown>
    </>
  );
}

const HEADS: readonly (readonly [Order | undefined, string, string])[] = [
  ["name", "Name", ""],
  ["runs", "Runs", "number"],
  [undefined, "States", ""],
  ["nested", "Trials and steps", "number"],
  ["latest", "Latest run", "number"],
  [undefined, "Best", ""],
  [undefined, "Description", ""],
];

function Table({ sheet }: { sheet: ExperimentsSheet }): JSX.Element {
  const rows = useComputed(() => inOrder(sheet, matching(sheet, words.value), sorted.value as Order));
  const most = Math.max(1, ...totals(sheet));
  if (sheet.ids.length === 0) return <Empty command="mlff run examples/digits -e retrain">No experiment yet. This makes one:</Empty>;
  if (rows.value.length === 0) return <Empty>No experiment is called so.</Empty>;
  return (
    <table class="list experiments">
      <thead>
        <tr>
          <th scope="col">
            <span class="visually-hidden">Pick</span>
          </th>
          {HEADS.map(([order, title, kind]) => (
            <th key={title} scope="col" class={kind} {...(order === sorted.value ? { "aria-sort": ORDERS[order] } : {})}>
              {order === undefined ? (
                title
              ) : (
                <button type="button" class="plain experiments-sort" onClick={() => sorted.set(order)}>
                  {title}
                  <span aria-hidden="true" class="experiments-order">
                    {order === sorted.value ? (order === "name" ? "▲" : "▼") : ""}
                  </span>
                </button>
              )}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.value.map((row) => (
          <Row key={sheet.ids[row]} sheet={sheet} row={row} most={most} />
        ))}
      </tbody>
    </table>
  );
}

const ORDERS = { name: "ascending", runs: "descending", nested: "descending", latest: "descending" } as const;

function Row({ sheet, row, most }: { sheet: ExperimentsSheet; row: number; most: number }): JSX.Element {
  const id = sheet.ids[row] ?? "";
  const name = sheet.names[row] ?? id;
  const total = totals(sheet)[row] ?? 0;
  const isPicked = picks.value.includes(id);
  return (
    <tr>
      <td class="experiments-pick">
        <input
          type="checkbox"
          aria-label={`Pick ${name}`}
          checked={isPicked}
          onChange={() => picks.set(isPicked ? picks.value.filter((each) => each !== id) : [...picks.value, id])}
        />
      </td>
      <th scope="row">
        <a href={address(["experiments", id])}>{name}</a>
      </th>
      <td class="number">{grouped(total)}</td>
      <td class="experiments-states">
        <States sheet={sheet} row={row} most={most} />
      </td>
      <td class="number soft">{(sheet.nested[row] ?? 0) > 0 ? grouped(sheet.nested[row] ?? 0) : "–"}</td>
      <td class="number">
        <Time ms={sheet.latest_ms[row]} />
      </td>
      <td class="experiments-best">
        <BestOf best={sheet.best[row]} />
      </td>
      <td class="experiments-said soft" title={sheet.descriptions[row]}>
        {sheet.descriptions[row]}
      </td>
    </tr>
  );
}

/** The best value, the metric that it is of, and how it came to be that, run by run. */
function BestOf({ best }: { best: Best | null | undefined }): JSX.Element | null {
  if (best === null || best === undefined) return null;
  return (
    <a class="exp-best" href={address(["runs", best.run_id])} title={`${best.metric} ${best.value}: show its run`}>
      <span class="exp-best-value number">{number(best.value)}</span>
      <svg class="exp-best-line" width="64" height="18" viewBox="0 0 64 18" aria-hidden="true">
        <path d={sparkline(best.trace, 64, 18)} />
      </svg>
      <span class="exp-best-metric soft">{best.metric}</span>
    </a>
  );
}

/** How many runs are in each state, as a bar whose length tells how many there are, and in words. */
function States({ sheet, row, most }: { sheet: ExperimentsSheet; row: number; most: number }): JSX.Element | null {
  const counts = STATES.map((state) => [state, sheet[state][row] ?? 0] as const).filter(([, size]) => size > 0);
  const total = counts.reduce((sum, [, size]) => sum + size, 0);
  if (total === 0) return null;
  const said = counts.map(([state, size]) => `${grouped(size)} ${state}`).join(", ");
  // By the square root: ten runs beside ten thousand can still be seen.
  const width = `${Math.max(4, 100 * Math.sqrt(total / most))}%`;
  return (
    <div class="states" title={said}>
      <div class="states-bar" style={{ width }} aria-hidden="true">
        {counts.map(([state, size]) => (
          <span key={state} class={state} style={{ flexGrow: String(size) }} />
        ))}
      </div>
      <span class="states-said">{said}</span>
    </div>
  );
}
