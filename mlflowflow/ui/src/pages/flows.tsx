// Runs of plans, pipelines and single entry points, by the project that they belong to.

import { useComputed } from "@preact/signals";
import type { JSX } from "preact";

import "../style/flows.css";
import { route, useAnswer } from "../core/api.ts";
import { count, duration, grouped } from "../core/format.ts";
import { address, flagChoice, textChoice } from "../core/router.ts";
import type { FlowRow, FlowsAnswer, ProjectsAnswer } from "../core/types.ts";
import { StartForm } from "../flows/start.tsx";
import { Empty, Find, Shown, State, Time } from "../parts/basics.tsx";

const words = textChoice("q");
const pipelinesOnly = flagChoice("pipelines");
const isStarting = flagChoice("new");

export function Flows(): JSX.Element {
  const answer = useAnswer<FlowsAnswer>(() => route("flows"));
  const projects = useAnswer<ProjectsAnswer>(() => route("projects")).value.value;
  const canStart = (projects?.projects.length ?? 0) > 0;
  return (
    <>
      <div class="head">
        <h1>Flows</h1>
        <div class="actions">
          <label>
            <input type="checkbox" checked={pipelinesOnly.value} onChange={(event) => pipelinesOnly.set(event.currentTarget.checked)} />
            Pipelines only
          </label>
          <Find what="flows" words={words} />
          {canStart ? (
            <button type="button" aria-expanded={isStarting.value} onClick={() => isStarting.set(!isStarting.value)}>
              Run a plan
            </button>
          ) : null}
        </div>
      </div>
      {projects !== undefined && canStart && isStarting.value ? <StartForm found={projects} /> : null}
      <Shown answer={answer.value}>{(found) => <List found={found} />}</Shown>
    </>
  );
}

function List({ found }: { found: FlowsAnswer }): JSX.Element {
  const groups = useComputed(() => byProject(found.flows.filter(isMeant)));
  if (found.flows.length === 0) return <Empty command="mlff run examples/digits -e retrain">No flow yet. This runs one:</Empty>;
  if (groups.value.length === 0) return <Empty>No flow matches.</Empty>;
  return (
    <>
      {groups.value.map(([title, flows]) => (
        <section key={title} aria-label={title}>
          <h2 class="fl-title">
            {title} <span class="soft">{count(flows.length, "run")}</span>
          </h2>
          <table class="list fl-list">
            <thead>
              <tr>
                <th scope="col">Begun</th>
                <th scope="col">State</th>
                <th scope="col" class="fl-steps">
                  Steps
                </th>
                <th scope="col">Experiment</th>
                <th scope="col">By</th>
                <th scope="col" class="number">
                  Took
                </th>
              </tr>
            </thead>
            <tbody>
              {flows.map((flow) => (
                <Row key={flow.run_id} flow={flow} />
              ))}
            </tbody>
          </table>
        </section>
      ))}
      {found.total > found.flows.length ? <p class="soft">The newest {grouped(found.flows.length)}; older ones are among the runs.</p> : null}
    </>
  );
}

function isMeant(flow: FlowRow): boolean {
  if (pipelinesOnly.value && flow.kind !== "pipeline") return false;
  const text = `${flow.name} ${flow.project} ${flow.experiment} ${flow.user} ${flow.run_id}`.toLowerCase();
  return words.value.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

function byProject(flows: readonly FlowRow[]): [title: string, flows: FlowRow[]][] {
  const groups = new Map<string, FlowRow[]>();
  for (const flow of flows) {
    const project = flow.project.split("/").filter((part) => part !== "").pop();
    const title = project === undefined ? flow.name : `${project} / ${flow.name}`;
    groups.set(title, [...(groups.get(title) ?? []), flow]);
  }
  return [...groups];
}

function Row({ flow }: { flow: FlowRow }): JSX.Element {
  return (
    <tr>
      <th scope="row">
        <a href={address(["flows", flow.run_id])}>
          <Time ms={flow.begun_ms} />
        </a>
      </th>
      <td>
        <State of={flow.status} />
      </td>
      <td class="fl-steps">{said(flow)}</td>
      <td>
        <a class="soft" href={address(["experiments", flow.experiment_id])}>
          {flow.experiment}
        </a>
      </td>
      <td class="soft">{flow.user}</td>
      <td class="number">{flow.ended_ms === null ? <span class="soft">–</span> : duration((flow.ended_ms - flow.begun_ms) / 1000)}</td>
    </tr>
  );
}

function said(flow: FlowRow): JSX.Element | string {
  const parts = Object.entries(flow.steps).map(([status, size]) => `${size} ${status.toLowerCase()}`);
  return parts.length === 0 ? <span class="soft">one step</span> : parts.join(", ");
}
