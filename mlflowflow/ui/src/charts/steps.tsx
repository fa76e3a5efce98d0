// Runs as bars over time, the step timeline of a pipeline: when each began, how long it took, how it ended.

import type { JSX } from "preact";

import { duration } from "../core/format.ts";
import { hovered } from "../core/hover.ts";
import type { RunBeside } from "../core/types.ts";
import { State } from "../parts/basics.tsx";
import "../style/charts.css";

const TONES: Readonly<Record<string, string>> = { FINISHED: "--good", FAILED: "--bad", KILLED: "--warn", RUNNING: "--accent" };
const MOST = 60;

interface Props {
  readonly runs: readonly RunBeside[];
  /** The name of the run that they are steps of; theirs often begin with it. */
  readonly within?: string;
  readonly now?: number;
}

export function Steps({ runs, within = "", now = Date.now() }: Props): JSX.Element {
  const nameOf = (run: RunBeside): string => (run.name.startsWith(`${within}/`) ? run.name.slice(within.length + 1) : run.name);
  const shown = runs.slice(0, MOST);
  const start = Math.min(...shown.map((run) => run.start_ms));
  const end = Math.max(...shown.map((run) => run.end_ms ?? now), start + 1);
  const share = (time: number): number => ((time - start) / (end - start)) * 100;
  return (
    <table class="steps">
      <caption class="visually-hidden">When each step began and how long it took</caption>
      <tbody>
        {shown.map((run) => {
          const until = run.end_ms ?? now;
          return (
            <tr
              key={run.run_id}
              class={hovered.value === run.run_id ? "lit" : ""}
              onMouseEnter={() => (hovered.value = run.run_id)}
              onMouseLeave={() => (hovered.value = null)}
            >
              <th scope="row">
                <a href={`/runs/${run.run_id}`}>{nameOf(run) || run.run_id}</a>
              </th>
              <td class="steps-state">
                <State of={run.status} />
              </td>
              <td class="steps-bar" title={`began after ${duration((run.start_ms - start) / 1000)}`}>
                <span
                  style={{
                    left: `${share(run.start_ms)}%`,
                    width: `${Math.max(0.4, share(until) - share(run.start_ms))}%`,
                    background: `var(${TONES[run.status] ?? "--line-strong"})`,
                  }}
                />
              </td>
              <td class="number">{duration((until - run.start_ms) / 1000)}</td>
            </tr>
          );
        })}
      </tbody>
      {runs.length > MOST ? (
        <tfoot>
          <tr>
            <td colSpan={4} class="soft">
              The first {MOST} of {runs.length}.
            </td>
          </tr>
        </tfoot>
      ) : null}
    </table>
  );
}
