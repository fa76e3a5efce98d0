// Run a plan of a project: a form from its parameters, the command that does the same, and the button that does it.
// What was typed is in the address, so that a flow's page can lead here with the values of then.

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { news, post, route } from "../core/api.ts";
import { listChoice, textChoice } from "../core/router.ts";
import type { PlanParameter, PlanStarted, ProjectsAnswer } from "../core/types.ts";
import { Copy } from "../parts/basics.tsx";
import { commandLine, given, planOf, plansOf, written } from "./plans.ts";

const chosen = textChoice("start");
const values = listChoice("with");
const experiment = textChoice("into");

export function StartForm({ found }: { found: ProjectsAnswer }): JSX.Element {
  const [said, setSaid] = useState<readonly [sentence: string, isBad: boolean] | null>(null);
  const plans = plansOf(found);
  const plan = planOf(plans, chosen.value) ?? plans[0];
  if (plan === undefined) return <p class="note bad">{found.projects.map((each) => each.problem).join(" ")}</p>;
  const params = given(values.value, plan);
  const start = async (): Promise<void> => {
    const asked = { project: plan.project, plan: plan.name, params, experiment: experiment.value };
    try {
      setSaid([(await post<PlanStarted>(route("projects/start"), asked)).sentence, false]);
    } catch (error) {
      setSaid([(error as Error).message, true]);
    }
    news.value += 1;
  };
  const set = (name: string, value: string): void => {
    const { [name]: _, ...others } = params;
    values.set(written(value === "" ? others : { ...others, [name]: value }));
  };
  return (
    <form
      class="card fl-start"
      aria-label="Run a plan"
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <div class="fl-fields">
        <label>
          Plan
          <select value={plan.key} onChange={(event) => [chosen.set(event.currentTarget.value), values.set([])]}>
            {plans.map((each) => (
              <option key={each.key} value={each.key}>
                {each.project} / {each.name} ({each.kind.replace("_", " ")})
              </option>
            ))}
          </select>
        </label>
        {plan.parameters.map((each) => (
          <Field key={`${plan.key} ${each.name}`} of={each} value={params[each.name] ?? ""} onType={(value) => set(each.name, value)} />
        ))}
        <label>
          Experiment
          <input value={experiment.value} placeholder={plan.project} onInput={(event) => experiment.set(event.currentTarget.value)} />
        </label>
      </div>
      <div class="bar">
        <button type="submit" class="primary">
          Start
        </button>
        <Copy text={commandLine(plan, params, experiment.value)} />
      </div>
      {said === null ? null : (
        <p class={said[1] ? "note bad" : "note"} role="status">
          {said[0]}
        </p>
      )}
    </form>
  );
}

function Field({ of, value, onType }: { of: PlanParameter; value: string; onType: (value: string) => void }): JSX.Element {
  const words = (
    <span>
      {of.name} <span class="soft">{of.type}</span>
    </span>
  );
  if (of.choices.length > 0) {
    return (
      <label>
        {words}
        <select value={value} required={of.default === null} onChange={(event) => onType(event.currentTarget.value)}>
          <option value="">{of.default ?? ""}</option>
          {of.choices.filter((each) => each !== of.default).map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
    );
  }
  return (
    <label>
      {words}
      <input value={value} placeholder={of.default ?? ""} required={of.default === null} onInput={(event) => onType(event.currentTarget.value)} />
    </label>
  );
}
