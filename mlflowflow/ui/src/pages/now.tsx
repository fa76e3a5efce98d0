// What goes on: flows, sweeps and runs that run, what failed of late, and what was decided about models.

import type { ComponentChildren, JSX } from "preact";

import "../style/flows.css";
import "../style/sweeps.css";
import { route, useAnswer } from "../core/api.ts";
import { grouped, number, roughly } from "../core/format.ts";
import { address } from "../core/router.ts";
import type { AuditAnswer, Decision, GoingOn, NowAnswer, SweepsSheet } from "../core/types.ts";
import { Failure, Time } from "../parts/basics.tsx";
import { Progress } from "../sweeps/progress.tsx";

const DECISIONS = 8;
const PAGES: Readonly<Record<string, string>> = { flow: "flows", sweep: "sweeps", run: "runs" };

export function Now(): JSX.Element {
  const now = useAnswer<NowAnswer>(() => route("now"));
  const sweeps = useAnswer<SweepsSheet>(() => route("sweeps"));
  const audit = useAnswer<AuditAnswer>(() => route("audit"));
  const found = now.value.value;
  const held = running(sweeps.value.value);
  const others = found?.running.filter((each) => each.kind !== "sweep") ?? [];
  const moved = (audit.value.value?.decisions ?? []).filter((each) => each.place !== null).slice(0, DECISIONS);
  const error = now.value.error ?? sweeps.value.error ?? audit.value.error;
  return (
    <>
      <div class="head">
        <h1>Now</h1>
      </div>
      {error === undefined ? null : <Failure error={error} />}
      <div class="now-grid">
        <Card title="Sweeps that run" empty={sweeps.value.value === undefined ? "…" : "None."} more={["/sweeps", "All sweeps"]}>
          {held.map((row) => (
            <SweepLine key={row} sheet={sweeps.value.value as SweepsSheet} row={row} />
          ))}
        </Card>
        <Card title="Flows and runs that run" empty={found === undefined ? "…" : "None."} more={["/flows", "All flows"]}>
          {others.map((each) => (
            <Line key={each.run_id} of={each} />
          ))}
        </Card>
        <Card
          title={`Failed of late${found === undefined || found.failed_total === 0 ? "" : `, ${grouped(found.failed_total)} in all`}`}
          empty={found === undefined ? "…" : "Nothing."}
          more={["/runs?q=status+%3D+'FAILED'", "Runs"]}
        >
          {(found?.failed ?? []).slice(0, DECISIONS).map((each) => (
            <Line key={each.run_id} of={each} />
          ))}
        </Card>
        <Card title="Moved in the registry" empty={audit.value.value === undefined ? "…" : "Nothing yet."} more={["/audit", "Audit"]}>
          {moved.map((each) => (
            <DecisionLine key={`${each.model} ${each.seq}`} of={each} />
          ))}
        </Card>
      </div>
    </>
  );
}

function Card({ title, empty, more, children }: { title: string; empty: string; more: readonly [string, string]; children: readonly ComponentChildren[] }): JSX.Element {
  return (
    <section class="card" aria-label={title}>
      <div class="head">
        <h2>{title}</h2>
        <a class="actions" href={more[0]}>
          {more[1]}
        </a>
      </div>
      {children.length === 0 ? <p class="soft">{empty}</p> : <ul class="now-list">{children}</ul>}
    </section>
  );
}

function running(sheet: SweepsSheet | undefined): number[] {
  if (sheet === undefined) return [];
  return sheet.run_ids.map((_, row) => row).filter((row) => ["RUNNING", "ENDING"].includes(sheet.phases[row] ?? ""));
}

function SweepLine({ sheet, row }: { sheet: SweepsSheet; row: number }): JSX.Element {
  const counts = (state: string): number => sheet.counts[state]?.[row] ?? 0;
  const [rest, best] = [sheet.rest_s[row] ?? null, sheet.best[row] ?? null];
  return (
    <li>
      <span class="now-of">
        <a href={address(["sweeps", sheet.run_ids[row] ?? ""])}>{sheet.names[row]}</a> <span class="soft">{sheet.experiments[row]}</span>
      </span>
      <span class="soft">{rest === null ? "" : `about ${roughly(rest)} left`}</span>
      <div class="wide">
        <Progress counts={counts} limit={sheet.limits[row] ?? null} />
      </div>
      <span class="soft wide">
        {best === null ? "no result yet" : `best ${sheet.metrics[row]} ${typeof best === "number" ? number(best) : best}`}
        {counts("FAILED") > 0 ? `, ${counts("FAILED")} failed` : ""}
      </span>
    </li>
  );
}

function Line({ of }: { of: GoingOn }): JSX.Element {
  return (
    <li>
      <span class="now-of">
        <a href={address([PAGES[of.kind] ?? "runs", of.run_id])}>{of.name}</a>{" "}
        <span class="soft">
          {of.kind} in {of.experiment}
        </span>
      </span>
      <span class="soft">
        <Time ms={of.ended_ms ?? of.begun_ms} />
      </span>
      {of.failure === "" ? null : (
        <span class="now-why wide" title={of.failure}>
          {of.failure.split("\n")[0]}
        </span>
      )}
    </li>
  );
}

function DecisionLine({ of }: { of: Decision }): JSX.Element {
  return (
    <li>
      <span class="now-of">
        <a href={of.version === null ? address(["models", of.model]) : address(["models", of.model, String(of.version)])}>
          {of.model} {of.version}
        </a>{" "}
        <span>{of.what}</span>
      </span>
      <span class="soft">
        {of.actor} · <Time ms={of.at_ms} />
      </span>
    </li>
  );
}
