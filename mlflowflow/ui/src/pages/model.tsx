// One model: who held which place when, its versions, and every decision.

import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import "../style/models.css";
import type { PageProps } from "../app.tsx";
import { route, useAnswer } from "../core/api.ts";
import { number } from "../core/format.ts";
import { address, listChoice } from "../core/router.ts";
import type { ModelSheet } from "../core/types.ts";
import { Decisions } from "../models/decisions.tsx";
import { Timeline } from "../models/timeline.tsx";
import { Empty, Shown, State, Time } from "../parts/basics.tsx";

const chosen = listChoice("metric");
const FIRST_METRICS = 4;

export function ModelPage({ parts }: PageProps): JSX.Element {
  const name = parts.name ?? "";
  const answer = useAnswer<ModelSheet>(() => route(`models/${encodeURIComponent(name)}`));
  useEffect(() => {
    document.title = `${name} · mlflowflow`;
  }, [name]);
  return (
    <>
      <div class="head">
        <h1>
          <span class="crumbs">
            <a href="/models">Models</a> /{" "}
          </span>
          {name}
        </h1>
      </div>
      <Shown answer={answer.value}>
        {(model) => (
          <>
            {model.description === "" ? null : <p>{model.description}</p>}
            <section class="card">
              <h2>Who held what, when</h2>
              <Timeline model={model.name} holdings={model.holdings} decisions={model.decisions} />
            </section>
            <section class="card">
              <Versions model={model} />
            </section>
            <section class="card">
              <h2>Decisions</h2>
              <Decisions decisions={model.decisions} />
            </section>
          </>
        )}
      </Shown>
    </>
  );
}

function Versions({ model }: { model: ModelSheet }): JSX.Element {
  const all = [...new Set(model.versions.flatMap((each) => Object.keys(each.metrics)))].sort();
  const shown = useComputed(() => (chosen.value.length > 0 ? chosen.value : all.slice(0, FIRST_METRICS)));
  if (model.versions.length === 0) {
    return (
      <Empty command={`mlff models register runs:/RUN/model ${model.name}`}>This model has no version yet.</Empty>
    );
  }
  return (
    <>
      <div class="head">
        <h2>Versions</h2>
        {all.length > FIRST_METRICS ? <MetricPicker all={all} shown={shown.value} /> : null}
      </div>
      <table class="list">
        <thead>
          <tr>
            <th>Version</th>
            <th>Holds</th>
            {shown.value.map((metric) => (
              <th key={metric} class="number">
                {metric}
              </th>
            ))}
            <th>Run</th>
            <th class="number">Registered</th>
            <th>Description</th>
          </tr>
        </thead>
        <tbody>
          {model.versions.map((each) => (
            <tr key={each.version}>
              <td>
                <a href={address(["models", model.name, String(each.version)])}>{each.version}</a>
              </td>
              <td>
                <span class="places">
                  {each.aliases.map((alias) => (
                    <span key={alias} class="badge good">
                      @{alias}
                    </span>
                  ))}
                  {each.stage === "None" ? null : <State of={each.stage} />}
                </span>
              </td>
              {shown.value.map((metric) => {
                const value = each.metrics[metric];
                return (
                  <td key={metric} class="number">
                    {value === undefined ? "–" : typeof value === "number" ? number(value) : value}
                  </td>
                );
              })}
              <td>
                {each.run_id === null ? (
                  "–"
                ) : (
                  <a class="mono" href={address(["runs", each.run_id])} title={each.run_id}>
                    {each.run_id.slice(-8)}
                  </a>
                )}
              </td>
              <td class="number">
                <Time ms={each.created_ms} />
              </td>
              <td class="soft">{each.description}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function MetricPicker({ all, shown }: { all: readonly string[]; shown: readonly string[] }): JSX.Element {
  return (
    <details class="picker">
      <summary>Metrics ({shown.length} of {all.length})</summary>
      <div class="choices">
        {all.map((metric) => (
          <label key={metric}>
            <input
              type="checkbox"
              checked={shown.includes(metric)}
              onChange={(event) =>
                chosen.set(
                  event.currentTarget.checked ? [...shown, metric] : shown.filter((each) => each !== metric),
                )
              }
            />
            {metric}
          </label>
        ))}
      </div>
    </details>
  );
}
