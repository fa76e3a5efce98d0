// One run: what it is, its curves, files, logs and where it stands between data, sweeps and models.

import { computed } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useMemo } from "preact/hooks";

import type { PageProps } from "../app.tsx";
import { Charts } from "../charts/charts.tsx";
import { route, useAnswer } from "../core/api.ts";
import { duration, moment } from "../core/format.ts";
import { textChoice } from "../core/router.ts";
import type { RunSheet } from "../core/types.ts";
import { Copy, Empty, Shown, State, Tabs, Time } from "../parts/basics.tsx";
import { again } from "../run/again.ts";
import { Artifacts } from "../run/artifacts.tsx";
import { Lineage } from "../run/lineage.tsx";
import { Logs } from "../run/logs.tsx";
import { Overview } from "../run/overview.tsx";
import "../style/run.css";

const tab = textChoice("tab", "overview");
const SYSTEM = "system/";

export function RunPage({ parts }: PageProps): JSX.Element {
  const runId = parts["id"] ?? "";
  const answer = useAnswer<RunSheet>(() => route(`runs/${encodeURIComponent(runId)}`));
  return <Shown answer={answer.value}>{(run) => <Run run={run} />}</Shown>;
}

function Run({ run }: { run: RunSheet }): JSX.Element {
  const hasSystem = run.metrics.some(({ name }) => name.startsWith(SYSTEM));
  const names: [string, string][] = [
    ["overview", "Overview"],
    ["charts", "Charts"],
    ["artifacts", "Artifacts"],
    ["logs", "Logs"],
    ...(hasSystem ? ([["system", "System metrics"]] as [string, string][]) : []),
    ["lineage", "Lineage"],
  ];
  const chosen = names.some(([id]) => id === tab.value) ? tab.value : "overview";
  return (
    <>
      <Head run={run} />
      <Tabs names={names} chosen={chosen} onChoose={(id) => tab.set(id)} />
      <div role="tabpanel" aria-labelledby={`tab-${chosen}`} class="run-panel">
        <Panel run={run} chosen={chosen} />
      </div>
    </>
  );
}

function Panel({ run, chosen }: { run: RunSheet; chosen: string }): JSX.Element {
  switch (chosen) {
    case "charts":
      return <Curves run={run} only={(metric) => !metric.startsWith(SYSTEM)} />;
    case "system":
      return <Curves run={run} only={(metric) => metric.startsWith(SYSTEM)} />;
    case "artifacts":
      return <Artifacts runId={run.run_id} />;
    case "logs":
      return <Logs run={run} />;
    case "lineage":
      return <Lineage run={run} />;
    default:
      return <Overview run={run} />;
  }
}

function Curves({ run, only }: { run: RunSheet; only: (metric: string) => boolean }): JSX.Element {
  const given = useMemo(
    () => ({ runIds: computed(() => [run.run_id]), experiments: computed(() => [run.experiment_id]) }),
    [run.run_id],
  );
  if (!run.metrics.some(({ name }) => only(name))) {
    return <Empty command={`mlflowflow.log_metric("loss", 0.5, step=1)`}>This run has logged no metric yet.</Empty>;
  }
  return <Charts {...given} name={() => run.name} colour={() => 0} only={only} />;
}

function Head({ run }: { run: RunSheet }): JSX.Element {
  const command = again(run);
  const until = run.end_ms ?? Date.now();
  const commit = run.tags["mlflow.source.git.commit"];
  return (
    <header class="run-head">
      <p class="crumbs">
        <a href={`/experiments/${run.experiment_id}`}>{run.experiment}</a>
        {run.parent === null ? null : (
          <>
            {" / "}
            <a href={`/runs/${run.parent.run_id}`}>{run.parent.name || run.parent.run_id}</a>
          </>
        )}
      </p>
      <div class="head">
        <h1>{run.name || run.run_id}</h1>
        <State of={run.status} />
        {run.stage === "deleted" ? <State of="deleted" /> : null}
        <div class="actions">
          {command === undefined ? null : <CopyCommand command={command} />}
        </div>
      </div>
      <dl class="run-facts">
        <Fact name="Run id">
          <Copy text={run.run_id} />
        </Fact>
        <Fact name="Started">
          <Time ms={run.start_ms} />
        </Fact>
        <Fact name={run.end_ms === null ? "Running for" : "Took"}>
          <span title={run.end_ms === null ? "" : `until ${moment(run.end_ms)}`}>{duration((until - run.start_ms) / 1000)}</span>
        </Fact>
        <Fact name="User">{run.user || "–"}</Fact>
        {run.tags["mlflow.source.name"] === undefined ? null : (
          <Fact name="Source">
            <span title={run.tags["mlflow.source.name"]}>{short(run.tags["mlflow.source.name"])}</span>
          </Fact>
        )}
        {run.tags["mlflow.project.entryPoint"] === undefined ? null : (
          <Fact name="Entry point">{run.tags["mlflow.project.entryPoint"]}</Fact>
        )}
        {commit === undefined ? null : (
          <Fact name="Commit">
            <Copy text={commit}>{commit.slice(0, 10)}</Copy>
          </Fact>
        )}
        {run.attempt > 1 ? <Fact name="Attempt">{run.attempt}</Fact> : null}
        {run.children_total === 0 ? null : (
          <Fact name="Child runs">
            <a href={`/runs/${run.run_id}?tab=lineage`}>{run.children_total}</a>
          </Fact>
        )}
      </dl>
      {run.tags["mlff.failure"] === undefined ? null : <pre class="note bad run-failure">{run.tags["mlff.failure"]}</pre>}
    </header>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function CopyCommand({ command }: { command: string }): JSX.Element {
  return (
    <span class="run-command">
      <span class="soft">Repeat it:</span>
      <Copy text={command}>{command.length > 48 ? `${command.slice(0, 46)}…` : command}</Copy>
    </span>
  );
}

/** The end of a long path. */
function short(source: string): string {
  return source.length <= 40 ? source : `…${source.slice(-38)}`;
}
