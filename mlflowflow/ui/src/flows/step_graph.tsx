// The steps of a flow as a small graph: who was given what by whom, in the colour of its state.

import type { JSX } from "preact";

import { duration } from "../core/format.ts";
import { hovered } from "../core/hover.ts";
import type { FlowStep } from "../core/types.ts";
import { direct, places, type Place } from "./graph.ts";

const [WIDE, HIGH, GAP, BETWEEN, EDGE] = [214, 46, 40, 14, 4];
const TONES: Readonly<Record<string, string>> = { FINISHED: "--good", FAILED: "--bad", KILLED: "--warn", RUNNING: "--accent" };

export function StepGraph({ steps, nowMs }: { steps: readonly FlowStep[]; nowMs: number }): JSX.Element {
  const found = places(steps);
  const all = [...found.values()];
  const width = (Math.max(0, ...all.map((each) => each.column)) + 1) * (WIDE + GAP) - GAP + 2 * EDGE;
  const height = (Math.max(0, ...all.map((each) => each.row)) + 1) * (HIGH + BETWEEN) - BETWEEN + 2 * EDGE;
  return (
    <div class="fl-graph" tabIndex={0}>
      <svg width={width} height={height} role="group" aria-label={`${steps.length} steps; the table below tells the same`}>
        {steps.flatMap((step) =>
          direct(steps, step.name).map((before) => <Arrow key={`${before} ${step.name}`} from={found.get(before)} to={found.get(step.name)} />),
        )}
        {steps.map((step) => (
          <Box key={step.run_id} step={step} at={found.get(step.name)} nowMs={nowMs} />
        ))}
      </svg>
    </div>
  );
}

function corner(at: Place): readonly [number, number] {
  return [EDGE + at.column * (WIDE + GAP), EDGE + at.row * (HIGH + BETWEEN)];
}

function Arrow({ from, to }: { from: Place | undefined; to: Place | undefined }): JSX.Element | null {
  if (from === undefined || to === undefined) return null;
  const [x0, y0] = corner(from);
  const [x1, y1] = corner(to);
  const [start, end] = [x0 + WIDE, x1 - 2];
  const [up, down] = [y0 + HIGH / 2, y1 + HIGH / 2];
  return (
    <g class="fl-arrow">
      <path d={`M${start} ${up} C${start + GAP / 2} ${up} ${end - GAP / 2} ${down} ${end} ${down}`} />
      <path d={`M${end - 5} ${down - 4} L${end} ${down} L${end - 5} ${down + 4}`} />
    </g>
  );
}

function Box({ step, at, nowMs }: { step: FlowStep; at: Place | undefined; nowMs: number }): JSX.Element | null {
  if (at === undefined) return null;
  const [left, top] = corner(at);
  const trials = Object.values(step.trials).reduce((sum, each) => sum + each, 0);
  const took = duration(((step.ended_ms ?? nowMs) - step.begun_ms) / 1000);
  const name = step.name.length > 25 ? `${step.name.slice(0, 24)}…` : step.name;
  return (
    <a href={step.sweep === "" ? `/runs/${step.run_id}` : `/sweeps/${step.run_id}`}>
      <g
        class={hovered.value === step.run_id ? "fl-box lit" : "fl-box"}
        onMouseEnter={() => (hovered.value = step.run_id)}
        onMouseLeave={() => (hovered.value = null)}
      >
        <title>{`${step.name}: ${step.status.toLowerCase()}`}</title>
        <rect x={left} y={top} width={WIDE} height={HIGH} rx="6" />
        <rect class="tone" x={left} y={top} width="5" height={HIGH} rx="2" style={{ fill: `var(${TONES[step.status] ?? "--line-strong"})` }} />
        <text x={left + 15} y={top + 19} class="name">
          {name}
        </text>
        <text x={left + 15} y={top + 36}>
          {[step.status.toLowerCase(), took, ...(trials > 0 ? [`${trials} trials`] : [])].join(" · ")}
        </text>
      </g>
    </a>
  );
}
