// What a run was given and what came out, at a glance.

import { signal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";

import { Steps } from "../charts/steps.tsx";
import { number } from "../core/format.ts";
import type { RunSheet } from "../core/types.ts";
import { Empty, State } from "../parts/basics.tsx";

const sought = signal("");
const NOTE = "mlflow.note.content";

export function Overview({ run }: { run: RunSheet }): JSX.Element {
  const word = sought.value.trim().toLowerCase();
  const fits = (name: string, value = ""): boolean =>
    word === "" || name.toLowerCase().includes(word) || value.toLowerCase().includes(word);
  const params = Object.entries(run.params).filter(([name, value]) => fits(name, value));
  const metrics = run.metrics.filter(({ name }) => fits(name));
  const tags = Object.entries(run.tags).filter(([name, value]) => name !== NOTE && fits(name, value));
  const isNothing = Object.keys(run.params).length + run.metrics.length === 0;
  return (
    <>
      {run.tags[NOTE] === undefined ? null : <p class="run-note">{run.tags[NOTE]}</p>}
      {run.children.length === 0 ? null : (
        <Card title="Steps" count={run.children_total}>
          <Steps runs={run.children} within={run.name} />
        </Card>
      )}
      {isNothing ? null : (
        <input
          type="search"
          class="run-search"
          aria-label="Only those whose name or value contains"
          placeholder="Params, metrics, tags that contain …"
          value={sought.value}
          onInput={(event) => (sought.value = event.currentTarget.value)}
        />
      )}
      {isNothing && run.children.length === 0 ? (
        <Empty command={'mlflowflow.log_params({"lr": 0.1})\nmlflowflow.log_metric("loss", 0.5, step=1)'}>
          This run has logged no params and no metrics yet.
        </Empty>
      ) : null}
      <div class="run-columns">
        {run.metrics.length === 0 ? null : (
          <Card title="Metrics" count={metrics.length}>
            <Metrics metrics={metrics} goals={run.goals} />
          </Card>
        )}
        {Object.keys(run.params).length === 0 ? null : (
          <Card title="Params" count={params.length}>
            <Pairs pairs={params} />
          </Card>
        )}
        <Card title="Tags" count={tags.length}>
          <Pairs pairs={tags} />
        </Card>
        <Used run={run} />
      </div>
    </>
  );
}

export function Card({ title, count, children }: { title: string; count?: number; children: ComponentChildren }): JSX.Element {
  return (
    <section class="card">
      <h2>
        {title} {count === undefined ? null : <span class="soft run-count">{count}</span>}
      </h2>
      {children}
    </section>
  );
}

function Metrics({ metrics, goals }: { metrics: RunSheet["metrics"]; goals: RunSheet["goals"] }): JSX.Element {
  return (
    <table class="list run-list">
      <thead>
        <tr>
          <th scope="col">Metric</th>
          <th scope="col" class="number">Latest</th>
          <th scope="col" class="number">Least</th>
          <th scope="col" class="number">Greatest</th>
          <th scope="col" class="number">Step</th>
        </tr>
      </thead>
      <tbody>
        {metrics.map(({ name, value, least, greatest, step }) => (
          <tr key={name}>
            <th scope="row">
              {name} {goals[name] === undefined ? null : <span class="soft" title={`The goal is to ${goals[name]} it`}>{goals[name] === "minimize" ? "↓" : "↑"}</span>}
            </th>
            <td class="number run-latest">{written(value)}</td>
            <td class="number">{written(least)}</td>
            <td class="number">{written(greatest)}</td>
            <td class="number soft">{step}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function written(value: number | string | null): string {
  return value === null ? "–" : number(Number(value), 5);
}

function Pairs({ pairs }: { pairs: readonly (readonly [string, string])[] }): JSX.Element {
  if (pairs.length === 0) return <p class="soft">None.</p>;
  return (
    <table class="list run-list run-pairs">
      <tbody>
        {pairs.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="run-value">{value.length > 600 ? <Long text={value} /> : value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Long({ text }: { text: string }): JSX.Element {
  return (
    <details>
      <summary>{text.slice(0, 120)}…</summary>
      {text}
    </details>
  );
}

function Used({ run }: { run: RunSheet }): JSX.Element | null {
  const models = [...run.models_made, ...run.models_used];
  if (run.datasets.length + models.length + run.versions.length === 0) return null;
  return (
    <Card title="Data and models">
      <table class="list run-list">
        <tbody>
          {run.datasets.map((each) => (
            <tr key={each.name + each.digest + each.context}>
              <th scope="row">dataset</th>
              <td>
                {each.name} <span class="soft mono">{each.digest.slice(0, 12)}</span>{" "}
                {each.context === "" ? null : <span class="badge quiet">{each.context}</span>}
              </td>
            </tr>
          ))}
          {models.map((each, index) => (
            <tr key={each.model_id}>
              <th scope="row">{index < run.models_made.length ? "model made" : "model used"}</th>
              <td>
                {each.name || "model"} <span class="soft mono">{each.model_id}</span> {each.status === "" ? null : <State of={each.status} />}
              </td>
            </tr>
          ))}
          {run.versions.map((each) => (
            <tr key={`${each.name} ${each.version}`}>
              <th scope="row">registered as</th>
              <td>
                <a href={`/models/${encodeURIComponent(each.name)}/${each.version}`}>
                  {each.name} version {each.version}
                </a>{" "}
                {each.aliases.map((alias) => (
                  <span key={alias} class="badge good">@{alias}</span>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
