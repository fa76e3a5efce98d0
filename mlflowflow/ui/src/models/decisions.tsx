// Decisions as rows: when, who, what and why. The same rows on the pages of a model, of a version and of the audit.

import type { JSX } from "preact";

import { moment } from "../core/format.ts";
import { address } from "../core/router.ts";
import type { Decision } from "../core/types.ts";

/** The address of one decision, for ever. */
export function decisionAddress(decision: Decision): string {
  return address(["audit"], { model: decision.model, seq: decision.seq });
}

export function Decisions({
  decisions,
  withModel = false,
  chosen,
}: {
  decisions: readonly Decision[];
  withModel?: boolean;
  chosen?: string;
}): JSX.Element {
  return (
    <table class="list decisions">
      <thead>
        <tr>
          <th>When</th>
          {withModel ? <th>Model</th> : null}
          <th class="number">No.</th>
          <th>Who</th>
          <th>What</th>
          <th>Why</th>
        </tr>
      </thead>
      <tbody>
        {decisions.map((each) => {
          const mark = `${each.model} ${each.seq}`;
          return (
            <tr key={mark} id={`d-${each.seq}`} class={mark === chosen ? "chosen" : ""}>
              <td class="mono">{moment(each.at_ms)}</td>
              {withModel ? (
                <td>
                  <a href={address(["models", each.model])}>{each.model}</a>
                </td>
              ) : null}
              <td class="number">
                <a href={decisionAddress(each)} title={`Permanent link; SHA-256 ${each.digest}`}>
                  {each.seq}
                </a>
              </td>
              <td>{each.actor}</td>
              <td class="what">
                {each.version === null ? (
                  each.what
                ) : (
                  <a href={address(["models", each.model, String(each.version)])}>{each.what}</a>
                )}
              </td>
              <td class="soft">{each.why}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
