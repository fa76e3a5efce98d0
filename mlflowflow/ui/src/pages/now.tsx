// What goes on: flows, sweeps and runs that run, what failed of late, and what waits or was decided about models.

import type { ComponentChildren, JSX } from "preact";

import "../style/flows.css";
import "../style/sweeps.css";
import { route, useAnswer } from "../core/api.ts";
import { grouped, number, roughly } from "../core/format.ts";
import { address } from "../core/router.ts";
import type { AuditAnswer, Decision, GoingOn, NowAnswer, PendingAnswer, PendingRow, SweepsSheet } from "../core/types.ts";
import { Copy, Failure, State, Time } from "../parts/basics.tsx";
import { Progress } from "../sweeps/progress.tsx";

const MOST = 8;
const GATE = "gate.evaluated";
const PAGES: Readonly<Record<string, string>> = { flow: "flows", sweep: "sweeps", run: "runs" };

export function Now(): JSX.Element {
  const now = useAnswer<NowAnswer>(() => route("now")).value;
  const sweeps = useAnswer<SweepsSheet>(() => route("sweeps")).value;
  const audit = useAnswer<AuditAnswer>(() => route("audit")).value;
  const pending = useAnswer<PendingAnswer>(() => route("pending")).value;
  const all = [now, sweeps, audit, pending];
  const error = all.find((each) => each.error !== undefined)?.error;
  const moved = audit.value?.decisions.filter((each) => each.place !== null && each.kind !== GATE);
  const failed = now.value?.failed_total ?? 0;
  return (
    <>
      <div class="head">
        <h1>Now</h1>
      </div>
      {all.some((each) => each.busy && each.value === undefined) ? <div class="busy-line" role="progressbar" aria-label="Loading" /> : null}
      {error === undefined ? null : <Failure error={error} />}
      <div class="now-grid">
        <div>
          <Card title="Sweeps that run" empty="None." more={["/sweeps", "All sweeps"]}>
            {sweeps.value && running(sweeps.value).map((row) => <SweepLine key={row} sheet={sweeps.value as SweepsSheet} row={row} />)}
          </Card>
          <Card title="Flows and runs that run" empty="None." more={["/flows", "All flows"]}>
            {now.value?.running.filter((each) => each.kind !== "sweep").map((each) => <Line key={each.run_id} of={each} />)}
          </Card>
          <Card title={`Failed of late${failed === 0 ? "" : `, ${grouped(failed)} in all`}`} empty="Nothing." more={["/runs?q=status+%3D+'FAILED'", "Runs"]}>
            {now.value?.failed.slice(0, MOST).map((each) => <Line key={each.run_id} of={each} />)}
          </Card>
        </div>
        <div>
          <Card title="Promotions that wait, or were refused" empty="None." more={["/models", "All models"]}>
            {pending.value && [...pending.value.waiting, ...pending.value.refused].slice(0, MOST).map((each) => <PendingLine key={`${each.model} ${each.version} ${each.at_ms}`} of={each} />)}
          </Card>
          <Card title="Moved in the registry" empty="Nothing yet." more={["/audit", "Audit"]}>
            {moved?.slice(0, MOST).map((each) => <DecisionLine key={`${each.model} ${each.seq}`} of={each} />)}
          </Card>
        </div>
      </div>
    </>
  );
}

interface CardProps {
  readonly title: string;
  /** What is said if there is no line. */
  readonly empty: string;
  /** Where there is more of it, and what that is called. */
  readonly more: readonly [address: string, words: string];
  /** The lines; undefined while they are asked for. */
  readonly children: readonly ComponentChildren[] | undefined;
}

function Card({ title, empty, more, children }: CardProps): JSX.Element {
  return (
    <section class="card" aria-label={title}>
      <div class="head">
        <h2>{title}</h2>
        <a class="actions" href={more[0]}>
          {more[1]}
        </a>
      </div>
      {children?.length ? <ul class="now-list">{children}</ul> : <p class="soft">{children === undefined ? "…" : empty}</p>}
    </section>
  );
}

function running(sheet: SweepsSheet): number[] {
  return sheet.run_ids.map((_, row) => row).filter((row) => ["RUNNING", "ENDING"].includes(sheet.phases[row] ?? ""));
}

function SweepLine({ sheet, row }: { sheet: SweepsSheet; row: number }): JSX.Element {
  const counts = (state: string): number => sheet.counts[state]?.[row] ?? 0;
  const [rest, best] = [sheet.rest_s[row] ?? null, sheet.best[row] ?? null];
  return (
    <li>
      <span>
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
      <span>
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
      <span>
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

function PendingLine({ of }: { of: PendingRow }): JSX.Element {
  return (
    <li>
      <span>
        <a href={address(["models", of.model, String(of.version)])}>
          {of.model} {of.version}
        </a>{" "}
        <span class="soft">to {of.place}</span> <State of={of.outcome} />
      </span>
      <span class="soft">
        <Time ms={of.at_ms} />
      </span>
      <span class="wide">{of.sentence}</span>
      <span class="soft wide">
        <Copy text={of.command} />
      </span>
    </li>
  );
}
