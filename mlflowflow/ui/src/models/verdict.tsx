// A gate's verdict: its sentence, and a row for each check with its numbers.

import type { JSX } from "preact";

import { number } from "../core/format.ts";
import { address } from "../core/router.ts";
import type { VerdictRow } from "../core/types.ts";
import { Copy, State, Time } from "../parts/basics.tsx";

export function Verdict({ verdict, model }: { verdict: VerdictRow; model: string }): JSX.Element {
  return (
    <section class="verdict">
      <div class="bar">
        <State of={verdict.outcome} />
        <h3>{verdict.gate}</h3>
        <Time ms={verdict.at_ms} />
        {verdict.champion === null ? (
          <span class="soft">there was no champion to beat</span>
        ) : (
          <span class="soft">
            against <a href={address(["models", model, String(verdict.champion)])}>version {verdict.champion}</a>
          </span>
        )}
      </div>
      <p>{verdict.sentence}</p>
      <table class="list">
        <thead>
          <tr>
            <th>Check</th>
            <th>Outcome</th>
            <th>Reason</th>
            <th>Numbers</th>
          </tr>
        </thead>
        <tbody>
          {verdict.checks.map((check) => (
            <tr key={check.id}>
              <td>{check.id}</td>
              <td>
                <State of={WORDS[check.outcome] ?? check.outcome} />
              </td>
              <td>{check.sentence}</td>
              <td>
                <div class="numbers">
                  {Object.entries(check.numbers)
                    .filter(([key]) => key !== "applicable")
                    .map(([key, value]) => (
                      <span key={key}>
                        <span class="soft">{key}</span> {typeof value === "number" ? number(value) : value}
                      </span>
                    ))}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="soft">
        Evidence of {verdict.evaluations.length === 0 ? "no run " : null}
        {verdict.evaluations.map((run) => (
          <a key={run} class="mono" href={address(["runs", run])}>
            {run.slice(-8)}{" "}
          </a>
        ))}
        · verdict <Copy text={verdict.digest}>{verdict.digest.slice(0, 12)}…</Copy> · policy{" "}
        <Copy text={verdict.policy}>{verdict.policy.slice(0, 12)}…</Copy>
      </p>
    </section>
  );
}

const WORDS: Readonly<Record<string, string>> = { pass: "PASSED", fail: "FAILED" };
