// What this server is, what it serves, and what mends what is not as it should be.

import type { ComponentChildren, JSX } from "preact";

import "../style/flows.css";
import { route, useAnswer } from "../core/api.ts";
import { count, grouped } from "../core/format.ts";
import { isLive } from "../core/live.ts";
import type { StoreFacts, SystemAnswer } from "../core/types.ts";
import { Copy, Shown, Time } from "../parts/basics.tsx";

export function System(): JSX.Element {
  const answer = useAnswer<SystemAnswer>(() => route("system"));
  return (
    <>
      <div class="head">
        <h1>System</h1>
      </div>
      <Shown answer={answer.value}>{(found) => <Whole found={found} />}</Shown>
    </>
  );
}

function Whole({ found }: { found: SystemAnswer }): JSX.Element {
  return (
    <div class="now-grid">
      <Store title="Store" of={found.store} />
      <Holds found={found} />
      {found.is_registry_apart ? <Store title="Registry" of={found.registry} /> : null}
      <Around found={found} />
      <section class="card" aria-label="Versions">
        <h2>Versions</h2>
        <dl class="facts">
          <Fact name="mlflowflow">{found.version}</Fact>
          <Fact name="Python">
            {found.python} on {found.platform}
          </Fact>
          {Object.entries(found.packages).map(([name, version]) => (
            <Fact key={name} name={name}>
              {version === "" ? <span class="soft">not installed</span> : version}
            </Fact>
          ))}
        </dl>
      </section>
    </div>
  );
}

function Store({ title, of }: { title: string; of: StoreFacts }): JSX.Element {
  return (
    <section class="card" aria-label={title}>
      <h2>{title}</h2>
      <dl class="facts">
        <Fact name="place">
          <Copy text={of.url} />
        </Fact>
        <Fact name="kind">{of.kind}</Fact>
        <Fact name="identity">{of.uuid === "" ? <span class="soft">–</span> : <Copy text={of.uuid}>{of.uuid.slice(0, 12)}</Copy>}</Fact>
        <Fact name="format">{of.format ?? <span class="soft">–</span>}</Fact>
        <Fact name="made">
          <Time ms={of.created_ms} />
        </Fact>
      </dl>
      {of.uuid === "" ? <Mend text="It does not say what it is. This tells what is wrong:" command={`mlff store fsck --store ${of.url}`} /> : null}
      {of.conditional_create === false ? (
        <Mend
          text="It ignores conditional writes: runs can be tracked in it, models cannot be registered. Say where else:"
          command="export MLFLOWFLOW_REGISTRY_URI=DIRECTORY"
        />
      ) : null}
    </section>
  );
}

function Holds({ found }: { found: SystemAnswer }): JSX.Element {
  return (
    <section class="card" aria-label="What it holds">
      <h2>What it holds</h2>
      <dl class="facts">
        <Fact name="experiments">
          <a href="/experiments">{grouped(found.experiments)}</a>
        </Fact>
        <Fact name="runs">
          <a href="/runs">{grouped(found.runs)}</a> {found.running > 0 ? <span class="soft">{grouped(found.running)} running</span> : null}
        </Fact>
        <Fact name="sweeps">
          <a href="/sweeps">{grouped(found.sweeps)}</a>
        </Fact>
        <Fact name="models">
          <a href="/models">{grouped(found.models)}</a>
        </Fact>
      </dl>
      <p class="soft">How large it is and what it costs, and whether it is well:</p>
      <div class="bar">
        <Copy text={`mlff store stats --store ${found.store.url}`}>mlff store stats</Copy>
        <Copy text={`mlff store doctor --store ${found.store.url}`}>mlff store doctor</Copy>
        <Copy text={`mlff store fsck --store ${found.store.url}`}>mlff store fsck</Copy>
      </div>
    </section>
  );
}

function Around({ found }: { found: SystemAnswer }): JSX.Element {
  return (
    <section class="card" aria-label="Around it">
      <h2>Around it</h2>
      <dl class="facts">
        <Fact name="changes">{isLive.value ? `show at once; ${count(found.viewers, "page")} listening` : "show when the page is loaded again"}</Fact>
        <Fact name="Prefect">
          {found.prefect === "" ? (
            <span class="soft">not told where its pages are</span>
          ) : (
            <a href={found.prefect} target="_blank" rel="noreferrer">
              {found.prefect}
            </a>
          )}
        </Fact>
      </dl>
      {found.prefect === "" ? (
        <Mend text="To get links to flow runs, tell the server when it is started:" command="PREFECT_API_URL=http://127.0.0.1:4200/api mlff server" />
      ) : null}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Mend({ text, command }: { text: string; command: string }): JSX.Element {
  return (
    <div class="note">
      <p>{text}</p>
      <Copy text={command} />
    </div>
  );
}
