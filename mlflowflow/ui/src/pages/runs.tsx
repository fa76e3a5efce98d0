// Runs of one experiment, of several, or of all: one table with what is picked in it compared beside it.

import { computed } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";

import "../style/runs.css";
import { count } from "../core/format.ts";
import { listChoice } from "../core/router.ts";
import { Empty, Failure } from "../parts/basics.tsx";
import { Comparison } from "../runs/comparison.tsx";
import { Grid } from "../runs/grid.tsx";
import { useRuns, type Runs } from "../runs/model.ts";
import { Splitter } from "../runs/splitter.tsx";
import { Actions, Toolbar } from "../runs/toolbar.tsx";

const several = listChoice("experiment");

/** All runs, or those of the experiments that the address names. */
export function RunsPage(): JSX.Element {
  const experiments = useMemo(() => computed(() => several.value), []);
  const runs = useRuns(experiments);
  const names = experiments.value.map((id) => runs.names.value.get(id) ?? id);
  const title = names.length === 0 ? "All runs" : `Runs of ${names.length > 3 ? count(names.length, "experiment") : names.join(", ")}`;
  return <RunsOf runs={runs} title={title} />;
}

/** The runs of one experiment. */
export function ExperimentPage({ parts }: { parts: Readonly<Record<string, string>> }): JSX.Element {
  const id = parts["id"] ?? "";
  const experiments = useMemo(() => computed(() => [id]), []);
  const runs = useRuns(experiments);
  return <RunsOf runs={runs} title={runs.names.value.get(id) ?? ""} isBelow />;
}

function RunsOf({ runs, title, isBelow = false }: { runs: Runs; title: string; isBelow?: boolean }): JSX.Element {
  const { compare, dock, part } = runs.choices;
  const isDockedBelow = dock.value === "below";
  const { error } = runs.base.value;
  useEffect(() => {
    document.title = `${title || "Runs"} · mlflowflow`;
  }, [title]);
  return (
    <div class="runs-page">
      <div class="head">
        <h1>
          {isBelow ? (
            <span class="crumbs">
              <a href="/experiments">Experiments</a> /{" "}
            </span>
          ) : null}
          {title}
        </h1>
        <Actions runs={runs} place={title} />
      </div>
      <Toolbar runs={runs} />
      {error === undefined ? null : <Failure error={error} />}
      <div class={`runs-split${isDockedBelow ? " below" : ""}`}>
        <div class="runs-table" style={{ flexBasis: compare.value ? `${part.value}%` : "100%" }}>
          <div class={runs.busy.value ? "busy-line" : "busy-line still"} role="progressbar" aria-label="Loading" aria-hidden={!runs.busy.value} />
          <Grid runs={runs} />
          <Nothing runs={runs} />
        </div>
        {compare.value ? (
          <>
            <Splitter part={part} isBelow={isDockedBelow} />
            <Comparison runs={runs} />
          </>
        ) : null}
      </div>
    </div>
  );
}

function Nothing({ runs }: { runs: Runs }): JSX.Element | null {
  const sheet = runs.sheet.value;
  if (sheet === undefined || runs.rows.value.length > 0) return null;
  if (sheet.ids.length > 0) {
    return (
      <div class="runs-nothing">
        <Empty>No run matches.</Empty>
        <button type="button" onClick={() => (runs.typed.value = "")}>
          Clear the filter
        </button>
      </div>
    );
  }
  return (
    <div class="runs-nothing">
      <Empty command="mlff run examples/digits -e retrain">
        {runs.choices.stage.value === "deleted" ? "No deleted run." : "No run yet. This makes some:"}
      </Empty>
    </div>
  );
}
