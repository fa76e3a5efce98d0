// One version of a model: what led to it, what it is, what gates said of it, what was decided about it.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import "../style/models.css";
import type { PageProps } from "../app.tsx";
import { route, useAnswer } from "../core/api.ts";
import { number } from "../core/format.ts";
import { address, numberChoice, textChoice } from "../core/router.ts";
import type { DifferencesAnswer, VersionSheet } from "../core/types.ts";
import { Decisions } from "../models/decisions.tsx";
import { Verdict } from "../models/verdict.tsx";
import { Copy, Empty, Shown, State, Tabs, Time } from "../parts/basics.tsx";

const tab = textChoice("tab", "gates");
const against = numberChoice("against", 0);

const TABS: readonly (readonly [string, string])[] = [
  ["gates", "Gates"],
  ["facts", "Metrics and parameters"],
  ["signature", "Signature and files"],
  ["differences", "Compare"],
  ["decisions", "Decisions"],
];

export function VersionPage({ parts }: PageProps): JSX.Element {
  const name = parts.name ?? "";
  const version = parts.version ?? "";
  const answer = useAnswer<VersionSheet>(() => route(`models/${encodeURIComponent(name)}/${version}`));
  useEffect(() => {
    document.title = `${name} ${version} · mlflowflow`;
  }, [name, version]);
  return (
    <>
      <div class="head">
        <h1>
          <span class="crumbs">
            <a href="/models">Models</a> / <a href={address(["models", name])}>{name}</a> /{" "}
          </span>
          Version {version}
        </h1>
      </div>
      <Shown answer={answer.value}>{(found) => <Version found={found} />}</Shown>
    </>
  );
}

function Version({ found }: { found: VersionSheet }): JSX.Element {
  const uri = `models:/${found.name}/${found.version}`;
  return (
    <>
      <div class="bar">
        {found.aliases.map((alias) => (
          <span key={alias} class="badge good">
            @{alias}
          </span>
        ))}
        {found.stage === "None" ? null : <State of={found.stage} />}
        <span class="soft">
          registered <Time ms={found.created_ms} />
        </span>
        <Copy text={uri} />
      </div>
      {found.description === "" ? null : <p>{found.description}</p>}
      <Lineage found={found} />
      <section class="card">
        <Tabs names={TABS} chosen={tab.value} onChoose={(id) => tab.set(id)} />
        <div role="tabpanel" aria-labelledby={`tab-${tab.value}`} class="panel">
          {PANELS[tab.value]?.(found) ?? null}
        </div>
      </section>
      <section class="card">
        <h2>Use it</h2>
        <pre>
          {`import mlflowflow as mlflow\n\nmodel = mlflow.pyfunc.load_model("${uri}")\nmodel.predict(rows)`}
        </pre>
        <pre>{`mlff models why ${found.name} ${found.version}      # what gates found about it\nmlff models download ${found.name} ${found.version} FOLDER`}</pre>
      </section>
    </>
  );
}

const PANELS: Readonly<Record<string, (found: VersionSheet) => JSX.Element>> = {
  gates: (found) => <Gates found={found} />,
  facts: (found) => <Facts found={found} />,
  signature: (found) => <Signature found={found} />,
  differences: (found) => <Differences found={found} />,
  decisions: (found) => <Decisions decisions={found.decisions} />,
};

/** The way from data to the version, as links. */
function Lineage({ found }: { found: VersionSheet }): JSX.Element {
  return (
    <ol class="way" aria-label="Lineage">
      {found.data.map((each) => (
        <li key={`${each.name}${each.digest}`}>
          <span class="soft">data</span>
          <span title={`digest ${each.digest}, from ${each.source_type}`}>
            {each.name} <span class="mono soft">{each.digest.slice(0, 8)}</span>
          </span>
        </li>
      ))}
      {found.runs.map((each) => (
        <li key={each.run_id}>
          <span class="soft">run</span>
          <a href={address(["runs", each.run_id])}>{each.name === "" ? each.run_id.slice(-8) : each.name}</a>
        </li>
      ))}
      {found.model_id === null ? null : (
        <li>
          <span class="soft">logged model</span>
          <Copy text={found.model_id}>{found.model_id.slice(0, 10)}…</Copy>
        </li>
      )}
      {found.copied_from === null ? null : (
        <li>
          <span class="soft">copy of</span>
          {found.copied_from}
        </li>
      )}
      <li class="here">
        <span class="soft">version</span>
        {found.version}
      </li>
    </ol>
  );
}

function Gates({ found }: { found: VersionSheet }): JSX.Element {
  if (found.verdicts.length === 0) {
    return (
      <Empty command="mlff run PROJECT -e PIPELINE">
        No gate has weighed this version yet. A pipeline with a gate does.
      </Empty>
    );
  }
  return (
    <>
      {found.verdicts.map((each) => (
        <Verdict key={each.digest} verdict={each} model={found.name} />
      ))}
    </>
  );
}

function Facts({ found }: { found: VersionSheet }): JSX.Element {
  return (
    <div class="cards">
      <div>
        <h3>Metrics of its run</h3>
        <dl class="facts">
          {Object.entries(found.metrics).map(([key, value]) => (
            <>
              <dt key={key}>{key}</dt>
              <dd>{typeof value === "number" ? number(value, 6) : value}</dd>
            </>
          ))}
        </dl>
      </div>
      <div>
        <h3>Parameters of its run</h3>
        <dl class="facts">
          {Object.entries(found.params).map(([key, value]) => (
            <>
              <dt key={key}>{key}</dt>
              <dd class="mono">{value}</dd>
            </>
          ))}
        </dl>
      </div>
      <div>
        <h3>The version</h3>
        <dl class="facts">
          <dt>source</dt>
          <dd class="mono">{found.source}</dd>
          <dt>digest</dt>
          <dd class="mono">{found.digest ?? "not recorded"}</dd>
          {Object.entries(found.tags).map(([key, value]) => (
            <>
              <dt key={key}>{key}</dt>
              <dd>{value}</dd>
            </>
          ))}
        </dl>
      </div>
    </div>
  );
}

function Signature({ found }: { found: VersionSheet }): JSX.Element {
  return (
    <div class="cards">
      <div>
        <h3>Signature</h3>
        {found.signature.length === 0 ? (
          <p class="soft">It was saved without a signature; log it with an input example to have one.</p>
        ) : (
          <table class="list">
            <thead>
              <tr>
                <th>Side</th>
                <th>Name</th>
                <th>Type</th>
                <th>Required</th>
              </tr>
            </thead>
            <tbody>
              {found.signature.map((each) => (
                <tr key={`${each.side} ${each.name}`}>
                  <td class="soft">{each.side}</td>
                  <td class="mono">{each.name}</td>
                  <td class="mono">{each.type}</td>
                  <td>{each.required ? "yes" : "no"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      <div>
        <h3>Files</h3>
        {found.files.length === 0 ? (
          <p class="soft">No list of its files was recorded, or they are in another store.</p>
        ) : (
          <table class="list">
            <thead>
              <tr>
                <th>File</th>
                <th>SHA-256</th>
              </tr>
            </thead>
            <tbody>
              {found.files.map((each) => (
                <tr key={each.path}>
                  <td class="mono">{each.path}</td>
                  <td>
                    <Copy text={each.sha256}>{each.sha256.slice(0, 16)}…</Copy>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </div>
  );
}

function Differences({ found }: { found: VersionSheet }): JSX.Element {
  const other = against.value || (found.champion !== found.version ? (found.champion ?? 0) : 0);
  const answer = useAnswer<DifferencesAnswer>(() => {
    const asked = against.value || other;
    return asked > 0
      ? route(`models/${encodeURIComponent(found.name)}/${found.version}/against/${asked}`)
      : null;
  });
  return (
    <>
      <label>
        Compare with version
        <input
          type="number"
          min={1}
          value={other > 0 ? other : ""}
          onChange={(event) => against.set(Number(event.currentTarget.value))}
        />
        {found.champion !== null && found.champion !== found.version ? (
          <span class="soft">the champion is version {found.champion}</span>
        ) : null}
      </label>
      <Shown answer={answer.value}>
        {({ old, differences }) =>
          differences.length === 0 ? (
            <p class="soft">It differs from version {old} in nothing that is recorded.</p>
          ) : (
            <table class="list">
              <thead>
                <tr>
                  <th>Part</th>
                  <th>Name</th>
                  <th>Version {old}</th>
                  <th>This version</th>
                </tr>
              </thead>
              <tbody>
                {differences.map((each) => (
                  <tr key={`${each.part} ${each.name}`}>
                    <td class="soft">{each.part}</td>
                    <td>{each.name}</td>
                    <td class="mono">{each.old ?? "–"}</td>
                    <td class="mono">{each.new ?? "–"}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Shown>
    </>
  );
}
