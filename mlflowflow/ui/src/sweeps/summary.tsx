// The head of a sweep's page: how far it is and what is left, and the best trial.

import type { JSX } from "preact";

import { count, duration, grouped, number, roughly } from "../core/format.ts";
import { address } from "../core/router.ts";
import type { SweepSheet, SweepUse } from "../core/types.ts";
import { Time } from "../parts/basics.tsx";
import { Progress } from "./progress.tsx";
import { STATES } from "./tones.ts";
import { cellText, type SweepView } from "./view.ts";

const USES: Readonly<Record<string, readonly [words: string, write: (value: number) => string]>> = {
  trials: ["trials", grouped],
  wall: ["time", (value) => duration(Math.round(value))],
  cost: ["cost", (value) => value.toFixed(2)],
  failed_trials: ["failures", grouped],
};

export function Summary({ view }: { view: SweepView }): JSX.Element {
  return (
    <div class="sw-top">
      <HowFar sheet={view.sheet} />
      <Best view={view} />
    </div>
  );
}

function HowFar({ sheet }: { sheet: SweepSheet }): JSX.Element {
  const counts = (state: string): number => sheet.counts[state] ?? 0;
  const limit = sheet.uses.find((use) => use.name === "trials")?.limit ?? null;
  return (
    <section class="card" aria-label="Progress">
      <p>{sentence(sheet)}</p>
      <Progress counts={counts} limit={limit} />
      <ul class="sw-counts">
        {STATES.filter(([state]) => counts(state) > 0).map(([state, words, tone]) => (
          <li key={state}>
            <span class="sw-key" style={{ background: `var(${tone})` }} />
            {grouped(counts(state))} {words}
          </li>
        ))}
      </ul>
      <div class="sw-uses">
        {sheet.uses
          .filter((use) => use.limit !== null || use.used > 0)
          .map((use) => (
            <Use key={use.name} use={use} />
          ))}
      </div>
      {sheet.spent.wasted > 0 ? (
        <p class="soft">
          {sheet.spent.wasted.toFixed(2)} of the cost led to no result: failed, lost and cut-off attempts.
        </p>
      ) : null}
    </section>
  );
}

function sentence(sheet: SweepSheet): JSX.Element {
  if (sheet.phase === "RUNNING") {
    return (
      <>
        {sheet.rest_s === null ? "Time left not known yet" : `About ${roughly(sheet.rest_s)} left`}
        <span class="soft">
          {sheet.pace === null ? "" : `, ${number(sheet.pace * 60, 2)} trials a minute`}, run by {sheet.held_by}
        </span>
      </>
    );
  }
  if (sheet.phase === "ENDING") return <>It starts no more trials: {sheet.ended}.</>;
  if (sheet.phase === "INTERRUPTED") {
    return (
      <>
        Nobody runs it; last heard of <Time ms={sheet.changed_ms} />. <code>mlff sweep resume {sheet.run_id.slice(0, 12)}</code> goes on.
      </>
    );
  }
  return (
    <>
      Ended <Time ms={sheet.changed_ms} />
      {sheet.ended === "" ? "" : `: ${sheet.ended}`}.
    </>
  );
}

function Use({ use }: { use: SweepUse }): JSX.Element {
  const [words, write] = USES[use.name] ?? [use.name, String];
  const share = use.limit === null || use.limit === 0 ? 0 : Math.min(1, use.used / use.limit);
  return (
    <>
      <span class="soft">{words}</span>
      <span class="sw-use">
        <span style={{ width: `${100 * share}%` }} />
      </span>
      <span class="number">
        {write(use.used)}
        <span class="soft">{use.limit === null ? "" : ` of ${write(use.limit)}`}</span>
      </span>
    </>
  );
}

function Best({ view }: { view: SweepView }): JSX.Element {
  const { sheet } = view;
  const best = sheet.best === null ? undefined : view.trials[sheet.best];
  if (best === undefined) {
    return (
      <section class="card" aria-label="Best trial">
        <p class="soft">No trial has come to a result yet.</p>
      </section>
    );
  }
  const params = sheet.dimensions.map(({ name }) => [name, sheet.trials.params[name]?.[best.number] ?? null] as const).filter(([, value]) => value !== null);
  return (
    <section class="card" aria-label="Best trial">
      <div class="sw-best">
        {sheet.objectives.map(({ metric, goal }) => (
          <span key={metric}>
            <strong>{cellText(sheet.trials.values[metric]?.[best.number])}</strong>{" "}
            <span class="soft">
              {metric} ({goal})
            </span>
          </span>
        ))}
        <a href={address(["runs", best.id])}>trial {best.number}</a>
        {sheet.front.length > 1 ? <span class="soft">{count(sheet.front.length, "trial")} on the front</span> : null}
      </div>
      <dl class="sw-params">
        {params.map(([name, value]) => (
          <div key={name}>
            <dt title={name}>{name}</dt>
            <dd>{cellText(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
