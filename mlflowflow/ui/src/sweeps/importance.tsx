// Which dimensions mattered: the share of each, by which method, told from how many trials.

import type { JSX } from "preact";

import { route, useAnswer } from "../core/api.ts";
import { number } from "../core/format.ts";
import { textChoice } from "../core/router.ts";
import type { SweepImportances } from "../core/types.ts";
import { Frame } from "./frame.tsx";
import type { SweepView } from "./view.ts";

/** So many trials are a beginning, but no proof. */
const ENOUGH = 30;
const metric = textChoice("for");

export function Importance({ view }: { view: SweepView }): JSX.Element {
  const id = view.sheet.run_id;
  const answer = useAnswer<SweepImportances>(() => route(`sweeps/${id}/importance`));
  const found = answer.value.value;
  const chosen = metric.value || view.sheet.selecting;
  const shares = found?.objectives.find((each) => each.metric === chosen);
  return (
    <Frame
      view={view}
      title="What mattered"
      keys={[]}
      about={answer.value.error?.message ?? (found === undefined ? "…" : about(found))}
      rows={() => ({ heads: ["dimension", `share for ${chosen}`], rows: (shares?.names ?? []).map((name, at) => [name, number(shares?.shares[at] ?? 0, 3)]) })}
      tools={
        view.sheet.objectives.length < 2 ? null : (
          <select class="sw-select" aria-label="For which objective" value={chosen} onChange={(event) => metric.set(event.currentTarget.value)}>
            {view.sheet.objectives.map((each) => (
              <option key={each.metric}>{each.metric}</option>
            ))}
          </select>
        )
      }
    >
      <div class={(found?.trials ?? 0) < ENOUGH ? "sw-shares sw-few" : "sw-shares"}>
        {(shares?.names ?? []).map((name, at) => (
          <Share key={name} name={name} share={shares?.shares[at] ?? 0} />
        ))}
      </div>
    </Frame>
  );
}

function Share({ name, share }: { name: string; share: number }): JSX.Element {
  return (
    <>
      <span>{name}</span>
      <span class="sw-share">
        <span style={{ width: `${100 * share}%` }} />
      </span>
      <span class="number">{(100 * share).toFixed(1)} %</span>
    </>
  );
}

function about(found: SweepImportances): string {
  if (found.trials < found.fewest) return `${found.trials} trials with a result are too few to tell; ${found.fewest} are needed`;
  const few = found.trials < ENOUGH ? ", which is few" : "";
  return `${found.method}, told from ${found.trials} trials${few}`;
}
