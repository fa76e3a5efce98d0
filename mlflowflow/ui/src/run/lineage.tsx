// Where a run stands: the data it used, the run it belongs to, what it made, and what became of that.

import type { ComponentChildren, JSX } from "preact";

import { Steps } from "../charts/steps.tsx";
import type { RunSheet } from "../core/types.ts";
import { Copy, State } from "../parts/basics.tsx";
import { Card } from "./overview.tsx";

export function Lineage({ run }: { run: RunSheet }): JSX.Element {
  return (
    <>
      <div class="lineage">
        <Stage title="Data" none="No dataset was logged.">
          {run.datasets.map((each) => (
            <li key={each.name + each.digest}>
              <strong>{each.name}</strong> <span class="soft">{each.context}</span>
              <br />
              <Copy text={each.digest}>{each.digest.slice(0, 16)}</Copy>
            </li>
          ))}
          {run.models_used.map((each) => (
            <LoggedModel key={each.model_id} name={each.name} id={each.model_id} />
          ))}
        </Stage>
        <Stage title="Run" none="">
          {run.parent === null ? null : (
            <li>
              <span class="soft">part of</span>
              <br />
              <a href={`/runs/${run.parent.run_id}`}>{run.parent.name || run.parent.run_id}</a>
            </li>
          )}
          <li class="lit">
            <strong>{run.name || run.run_id}</strong>
            <br />
            <State of={run.status} />
          </li>
        </Stage>
        <Stage title="Models" none="It logged no model.">
          {run.models_made.map((each) => (
            <LoggedModel key={each.model_id} name={each.name} id={each.model_id} />
          ))}
        </Stage>
        <Stage title="Registered" none="No version came from it.">
          {run.versions.map((each) => (
            <li key={`${each.name} ${each.version}`}>
              <a href={`/models/${encodeURIComponent(each.name)}/${each.version}`}>
                {each.name} version {each.version}
              </a>
              <br />
              {each.aliases.length === 0 ? <span class="soft">no alias</span> : each.aliases.map((alias) => <span key={alias} class="badge good">@{alias}</span>)}
            </li>
          ))}
        </Stage>
      </div>
      {run.children.length === 0 ? null : (
        <Card title="Child runs" count={run.children_total}>
          <Steps runs={run.children} within={run.name} />
        </Card>
      )}
      <Links run={run} />
    </>
  );
}

function LoggedModel({ name, id }: { name: string; id: string }): JSX.Element {
  return (
    <li>
      <strong>{name || "model"}</strong>
      <br />
      <Copy text={id} />
    </li>
  );
}

function Stage({ title, none, children }: { title: string; none: string; children: ComponentChildren }): JSX.Element {
  const items = [children].flat(2).filter((each) => each !== null && each !== undefined);
  return (
    <section class="lineage-stage">
      <h2>{title}</h2>
      {items.length === 0 ? <p class="soft">{none}</p> : <ul>{children}</ul>}
    </section>
  );
}

const PREFECT: readonly (readonly [tag: string, words: string, kind: string])[] = [
  ["prefect.flow_run_id", "Flow run", "flow-run"],
  ["prefect.task_run_id", "Task run", "task-run"],
];

/** Pages of Prefect and Dask, where the run says their addresses. */
function Links({ run }: { run: RunSheet }): JSX.Element | null {
  const ui = run.prefect_ui;
  const found = PREFECT.flatMap(([tag, words, kind]) => {
    const id = run.tags[tag];
    return id === undefined ? [] : [{ words, id, url: ui === null ? undefined : `${ui}/runs/${kind}/${id}` }];
  });
  const dask = run.tags["mlff.dask.dashboard"];
  if (found.length === 0 && dask === undefined) return null;
  return (
    <Card title="Elsewhere">
      <dl class="facts">
        {found.map(({ words, id, url }) => (
          <>
            <dt>Prefect: {words}</dt>
            <dd>{isWeb(url) ? <a href={url} rel="noreferrer">{id}</a> : <Copy text={id} />}</dd>
          </>
        ))}
        {dask === undefined ? null : (
          <>
            <dt>Dask dashboard</dt>
            <dd>{isWeb(dask) ? <a href={dask} rel="noreferrer">{dask}</a> : dask}</dd>
          </>
        )}
      </dl>
    </Card>
  );
}

/** Tags come from programs: only an address of the web becomes a link. */
function isWeb(url: string | undefined): url is string {
  return url !== undefined && /^https?:\/\//.test(url);
}
