// One flow: its steps as a graph and as a table, what came of each, and what runs it again.

import type { JSX } from "preact";

import "../style/flows.css";
import { route, useAnswer } from "../core/api.ts";
import { duration } from "../core/format.ts";
import { hovered } from "../core/hover.ts";
import { address } from "../core/router.ts";
import type { FlowAnswer, FlowStep, ProjectsAnswer } from "../core/types.ts";
import { keyOf, planOf, plansOf, written } from "../flows/plans.ts";
import { StepGraph } from "../flows/step_graph.tsx";
import { Copy, Shown, State, Time } from "../parts/basics.tsx";

export function FlowPage({ parts }: { parts: Readonly<Record<string, string>> }): JSX.Element {
  const id = parts["id"] ?? "";
  const answer = useAnswer<FlowAnswer>(() => route(`flows/${encodeURIComponent(id)}`));
  return <Shown answer={answer.value}>{(found) => <Whole found={found} />}</Shown>;
}

function Whole({ found }: { found: FlowAnswer }): JSX.Element {
  const { flow, steps } = found;
  const now = Date.now();
  const took = ((flow.ended_ms ?? now) - flow.begun_ms) / 1000;
  return (
    <>
      <div class="head fl-head">
        <h1>
          <span class="crumbs">
            <a href="/flows">Flows</a> /{" "}
          </span>
          {flow.name}
        </h1>
        <State of={flow.status} />
        <span class="soft">
          {duration(took)} · begun <Time ms={flow.begun_ms} /> by {flow.user} · <a href={address(["experiments", flow.experiment_id])}>{flow.experiment}</a> ·{" "}
          <a href={address(["runs", flow.run_id])}>its run</a>
        </span>
      </div>
      {found.failure === "" ? null : <p class="note bad">{found.failure}</p>}
      {steps.length === 0 ? null : (
        <>
          <StepGraph steps={steps} nowMs={now} />
          <Table found={found} nowMs={now} />
        </>
      )}
      <div class="fl-facts">
        <section class="card" aria-label="Run it again">
          <h2>Run it again</h2>
          <p class="soft">With the same parameters; leave out what is to be as the project says.</p>
          <Copy text={found.command} />
          <Again found={found} />
        </section>
        <section class="card" aria-label="Parameters">
          <h2>Parameters</h2>
          <dl class="facts">
            {Object.entries(found.params).map(([name, value]) => (
              <Fact key={name} name={name} value={value} />
            ))}
          </dl>
          {Object.keys(found.params).length === 0 ? <p class="soft">None.</p> : null}
        </section>
        <section class="card" aria-label="Where it came from">
          <h2>Where it came from</h2>
          <dl class="facts">
            <Fact name="project" value={flow.project} />
            <Fact name="digest" value={found.digest.slice(0, 16)} />
            <dt>Prefect</dt>
            <dd>
              <InPrefect base={found.prefect} kind="flow-run" id={found.flow_run_id} />
            </dd>
            <dt>Dask</dt>
            <dd>
              <InDask found={found} />
            </dd>
          </dl>
        </section>
      </div>
    </>
  );
}

/** The way to the form that runs it again, where pages may run its project. */
function Again({ found }: { found: FlowAnswer }): JSX.Element | null {
  const answer = useAnswer<ProjectsAnswer>(() => route("projects")).value.value;
  const folder = found.flow.project.split("/").filter((part) => part !== "").pop() ?? "";
  const plan = answer === undefined ? undefined : planOf(plansOf(answer), keyOf(folder, found.flow.name));
  if (plan === undefined) return null;
  const into = found.flow.experiment === plan.project ? undefined : found.flow.experiment;
  return <a href={address(["flows"], { new: "1", start: plan.key, with: written(found.params), into })}>Change and start it</a>;
}

function Fact({ name, value }: { name: string; value: string }): JSX.Element {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value === "" ? <span class="soft">–</span> : value}</dd>
    </>
  );
}

/** A flow run or a task run in Prefect: a link if its pages are known, else the id to copy. */
function InPrefect({ base, kind, id }: { base: string; kind: "flow-run" | "task-run"; id: string }): JSX.Element {
  if (id === "") return <span class="soft">–</span>;
  if (base === "") return <Copy text={id}>{id.slice(0, 8)}</Copy>;
  return (
    <a href={`${base}/runs/${kind}/${id}`} target="_blank" rel="noreferrer">
      {id.slice(0, 8)}
    </a>
  );
}

/** The dashboard while the cluster is there, its report afterwards. */
function InDask({ found }: { found: FlowAnswer }): JSX.Element {
  if (found.flow.status === "RUNNING" && /^https?:\/\//.test(found.dashboard)) {
    return (
      <a href={found.dashboard} target="_blank" rel="noreferrer">
        dashboard
      </a>
    );
  }
  if (found.report === "") return <span class="soft">–</span>;
  return <a href={address(["runs", found.flow.run_id], { tab: "artifacts", file: found.report })}>performance report</a>;
}

function Table({ found, nowMs }: { found: FlowAnswer; nowMs: number }): JSX.Element {
  const start = Math.min(...found.steps.map((step) => step.begun_ms));
  const end = Math.max(...found.steps.map((step) => step.ended_ms ?? nowMs), start + 1);
  return (
    <table class="list fl-table">
      <thead>
        <tr>
          <th scope="col">Step</th>
          <th scope="col">State</th>
          <th scope="col" class="fl-when">
            When
          </th>
          <th scope="col" class="number">
            Took
          </th>
          <th scope="col" class="number">
            Attempts
          </th>
          <th scope="col">What came of it</th>
          <th scope="col">In Prefect</th>
        </tr>
      </thead>
      <tbody>
        {found.steps.map((step) => (
          <Row key={step.run_id} step={step} base={found.prefect} start={start} end={end} nowMs={nowMs} />
        ))}
      </tbody>
    </table>
  );
}

const TONES: Readonly<Record<string, string>> = { FINISHED: "--good", FAILED: "--bad", KILLED: "--warn", RUNNING: "--accent" };

function Row({ step, base, start, end, nowMs }: { step: FlowStep; base: string; start: number; end: number; nowMs: number }): JSX.Element {
  const until = step.ended_ms ?? nowMs;
  const share = (time: number): number => (100 * (time - start)) / (end - start);
  return (
    <tr class={hovered.value === step.run_id ? "fl-lit" : ""} onMouseEnter={() => (hovered.value = step.run_id)} onMouseLeave={() => (hovered.value = null)}>
      <th scope="row">
        <a href={address(["runs", step.run_id])}>{step.name}</a>
      </th>
      <td>
        <State of={step.status} />
      </td>
      <td class="fl-when">
        <div>
          <span
            style={{
              left: `${share(step.begun_ms)}%`,
              width: `${Math.max(0.6, share(until) - share(step.begun_ms))}%`,
              background: `var(${TONES[step.status] ?? "--line-strong"})`,
            }}
          />
        </div>
      </td>
      <td class="number">{duration((until - step.begun_ms) / 1000)}</td>
      <td class="number">{step.attempts}</td>
      <td>
        <Came step={step} />
      </td>
      <td>
        <InPrefect base={base} kind="task-run" id={step.task_run_id} />
      </td>
    </tr>
  );
}

function Came({ step }: { step: FlowStep }): JSX.Element {
  const trials = Object.entries(step.trials).map(([status, size]) => `${size} ${status.toLowerCase()}`);
  const model = /^models:\/([^/]+)\/(\d+)$/.exec(step.model);
  return (
    <>
      {step.sweep === "" ? null : (
        <>
          <a href={address(["sweeps", step.run_id])}>sweep {step.sweep}</a> <span class="soft">{trials.join(", ")} </span>
        </>
      )}
      {step.verdict === "" ? null : <State of={step.verdict} />} {step.sentence}{" "}
      {model === null ? null : (
        <a href={address(["models", model[1] ?? "", model[2] ?? ""])}>
          {model[1]} {model[2]}
        </a>
      )}
    </>
  );
}
