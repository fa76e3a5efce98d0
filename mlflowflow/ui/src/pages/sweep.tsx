// One sweep: how far it is, what it found, what mattered, and every trial. One choice of trials drives all of it.

import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";

import "../style/sweeps.css";
import { route, useAnswer } from "../core/api.ts";
import { address } from "../core/router.ts";
import type { SweepSheet } from "../core/types.ts";
import { Copy, Failure, State, Time } from "../parts/basics.tsx";
import { Deeds } from "../sweeps/deeds.tsx";
import { Importance } from "../sweeps/importance.tsx";
import { Picking } from "../sweeps/picking.tsx";
import { Front, Scatter, Slices, Spread, WayOfBest } from "../sweeps/plots.tsx";
import { Reported, Timeline } from "../sweeps/running_plots.tsx";
import { SideBySide } from "../sweeps/side_by_side.tsx";
import { Summary } from "../sweeps/summary.tsx";
import { Surface } from "../sweeps/surface.tsx";
import { TrialsTable } from "../sweeps/trials_table.tsx";
import { mainKey, viewOf, type SweepView } from "../sweeps/view.ts";

export function SweepPage({ parts }: { parts: Readonly<Record<string, string>> }): JSX.Element {
  const id = parts["id"] ?? "";
  const answer = useAnswer<SweepSheet>(() => route(`sweeps/${encodeURIComponent(id)}`));
  const view = useComputed(() => (answer.value.value === undefined ? undefined : viewOf(answer.value.value)));
  const { error, busy } = answer.value;
  return (
    <>
      {busy && view.value === undefined ? <div class="busy-line" role="progressbar" aria-label="Loading" /> : null}
      {error === undefined ? null : <Failure error={error} />}
      {view.value === undefined ? null : <Whole view={view.value} />}
    </>
  );
}

function Whole({ view }: { view: SweepView }): JSX.Element {
  const { sheet } = view;
  const [said, setSaid] = useState<readonly [string, boolean] | null>(null);
  const dimensions = sheet.dimensions.map((each) => `params.${each.name}`);
  const pair = useMemo((): [string, string] => [dimensions[0] ?? "trial", dimensions[1] ?? mainKey(view)], [sheet.run_id]);
  return (
    <>
      <div class="head">
        <h1>
          <span class="crumbs">
            <a href="/sweeps">Sweeps</a> /{" "}
          </span>
          {sheet.name}
        </h1>
        <State of={sheet.phase} />
        <span class="soft">
          <a href={address(["experiments", sheet.experiment_id])}>{sheet.experiment}</a> · {sheet.sampler}
          {sheet.pruner === "none" ? "" : ` · ${sheet.pruner}`} · {sheet.parallel} at once · begun <Time ms={sheet.begun_ms} /> ·{" "}
          <Copy text={sheet.run_id}>{sheet.run_id.slice(0, 12)}</Copy>
        </span>
        <div class="actions">
          <Deeds sheet={sheet} onSaid={(sentence, isBad) => setSaid([sentence, isBad])} />
        </div>
      </div>
      {said === null ? null : (
        <p class={said[1] ? "note bad" : "note"} role="status">
          {said[0]}
        </p>
      )}
      <Summary view={view} />
      {sheet.trials.run_ids.length === 0 ? null : (
        <>
          <Picking view={view} />
          <div class="sw-grid">
            <WayOfBest view={view} />
            {sheet.objectives.length > 1 ? <Front view={view} /> : <Importance view={view} />}
            <SideBySide view={view} />
            <Scatter view={view} byDefault={pair} />
            {sheet.objectives.length > 1 ? <Importance view={view} /> : null}
            <Surface view={view} byDefault={pair} />
            <Spread view={view} />
            <Reported view={view} isWide={sheet.objectives.length > 1} />
            <Slices view={view} />
            <Timeline view={view} />
            <Errors sheet={sheet} />
          </div>
          <TrialsTable view={view} />
        </>
      )}
    </>
  );
}

function Errors({ sheet }: { sheet: SweepSheet }): JSX.Element | null {
  if (sheet.errors.length === 0) return null;
  return (
    <section class="chart sw-wide" aria-label="What went wrong">
      <header>
        <h4>What went wrong</h4>
      </header>
      <ul class="sw-errors">
        {sheet.errors.map((each) => (
          <li key={`${each.outcome} ${each.sentence}`}>
            <span class="badge bad">
              {each.attempts}× {each.outcome.replace("_", " ")}
            </span>{" "}
            <code>{each.sentence}</code>{" "}
            <span class="soft">
              last <Time ms={each.latest_ms} />, in trial{each.trials.length === 1 ? "" : "s"}{" "}
              {each.trials.slice(0, 12).map((trial) => (
                <span key={trial}>
                  <a href={address(["runs", sheet.trials.run_ids[trial] ?? ""])}>{trial}</a>{" "}
                </span>
              ))}
              {each.trials.length > 12 ? "…" : ""}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
