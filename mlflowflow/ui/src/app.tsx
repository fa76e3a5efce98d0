// The frame of every page, and which page an address is.

import { computed } from "@preact/signals";
import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { giveToken, tokenWanted } from "./core/api.ts";
import { isLive } from "./core/live.ts";
import { match, path, type Route } from "./core/router.ts";
import { Empty } from "./parts/basics.tsx";
import { AuditPage } from "./pages/audit.tsx";
import { Experiments } from "./pages/experiments.tsx";
import { FlowPage } from "./pages/flow.tsx";
import { Flows } from "./pages/flows.tsx";
import { ModelPage } from "./pages/model.tsx";
import { ModelsPage } from "./pages/models.tsx";
import { Now } from "./pages/now.tsx";
import { RunPage } from "./pages/run.tsx";
import { ExperimentPage, RunsPage } from "./pages/runs.tsx";
import { SweepPage } from "./pages/sweep.tsx";
import { Sweeps } from "./pages/sweeps.tsx";
import { System } from "./pages/system.tsx";
import { VersionPage } from "./pages/version.tsx";

/** What a page is given: the parts of its address. */
export interface PageProps {
  readonly parts: Readonly<Record<string, string>>;
}

const ROUTES: readonly Route<ComponentType<PageProps>>[] = [
  { path: "/", page: Experiments },
  { path: "/experiments", page: Experiments },
  { path: "/experiments/:id", page: ExperimentPage },
  { path: "/runs", page: RunsPage },
  { path: "/now", page: Now },
  { path: "/flows", page: Flows },
  { path: "/flows/:id", page: FlowPage },
  { path: "/sweeps", page: Sweeps },
  { path: "/system", page: System },
  { path: "/sweeps/:id", page: SweepPage },
  { path: "/models", page: ModelsPage },
  { path: "/models/:name", page: ModelPage },
  { path: "/models/:name/:version", page: VersionPage },
  { path: "/audit", page: AuditPage },
  { path: "/runs/:id", page: RunPage },
];

/** The pages of the bar above; the first part of an address says which one is meant. */
const PLACES: readonly (readonly [path: string, words: string])[] = [
  ["/now", "Now"],
  ["/experiments", "Experiments"],
  ["/runs", "Runs"],
  ["/sweeps", "Sweeps"],
  ["/flows", "Flows"],
  ["/models", "Models"],
  ["/audit", "Audit"],
  ["/system", "System"],
];

const here = computed(() => match(ROUTES, path.value));

export function App(): JSX.Element {
  const found = here.value;
  const Page = found?.page;
  return (
    <>
      <Top />
      {tokenWanted.value ? <TokenForm /> : null}
      <main id="main">
        {Page === undefined || found === undefined ? (
          <Empty>There is no page at {path.value}.</Empty>
        ) : (
          <Page key={path.value} parts={found.parts} />
        )}
      </main>
    </>
  );
}

function Top(): JSX.Element {
  return (
    <header class="top">
      <a class="home" href="/">
        <Mark />
        mlflowflow
      </a>
      <nav aria-label="Pages">
        {PLACES.map(([place, words]) => (
          <a key={place} href={place} {...(isAt(place) ? { "aria-current": "page" } : {})}>
            {words}
          </a>
        ))}
      </nav>
      <div class="right">
        <span title={isLive.value ? "Changes show at once" : "Changes show when the page is loaded again"}>
          <span class={isLive.value ? "dot live" : "dot"} />
          {isLive.value ? "live" : "offline"}
        </span>
      </div>
    </header>
  );
}

function isAt(place: string): boolean {
  const at = path.value === "/" ? "/experiments" : path.value;
  return at === place || at.startsWith(`${place}/`);
}

function Mark(): JSX.Element {
  return (
    <svg width="20" height="20" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="var(--accent)" />
      <path d="M6 22c4 0 4-12 10-12s6 12 10 12" fill="none" stroke="var(--on-accent)" stroke-width="3" />
      <circle cx="16" cy="10" r="2.6" fill="var(--on-accent)" />
    </svg>
  );
}

function TokenForm(): JSX.Element {
  const [token, setToken] = useState("");
  useEffect(() => document.getElementById("token")?.focus(), []);
  return (
    <form
      class="note warn bar"
      onSubmit={(event) => {
        event.preventDefault();
        giveToken(token);
        location.reload();
      }}
    >
      <label class="grow">
        This server wants its token:
        <input
          id="token"
          type="password"
          autocomplete="off"
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="primary">
        Use it in this tab
      </button>
    </form>
  );
}
