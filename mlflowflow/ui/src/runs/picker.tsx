// Which columns are shown: by family, found by a part of their name, each with how many values it has.

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import type { RunsColumn } from "../core/types.ts";
import { Popover } from "../parts/popover.tsx";
import { naturally } from "./cells.ts";
import { column, title, type Family } from "./columns.ts";
import type { Runs } from "./model.ts";

const ATTRIBUTES: readonly string[] = ["status", "start_time", "duration", "end_time", "user_id", "experiment_id", "run_id"];
const FAMILIES: readonly (readonly [Family, string])[] = [
  ["metrics", "Metrics"],
  ["params", "Params"],
  ["tags", "Tags"],
  ["attributes", "Attributes"],
];

export function Picker({ runs }: { runs: Runs }): JSX.Element {
  const shown = runs.columns.value.length - 1;
  return (
    <Popover words={<>Columns <span class="soft">{shown}</span></>} label="Columns">
      {() => <Choice runs={runs} />}
    </Popover>
  );
}

interface Offered {
  readonly name: string;
  readonly words: string;
  readonly said: string;
}

function Choice({ runs }: { runs: Runs }): JSX.Element {
  const [wanted, setWanted] = useState("");
  const known = runs.known.value.value ?? { columns: [], runs: 0 };
  const chosen = runs.chosen.value;
  const isShown = (name: string): boolean => chosen.some((each) => plain(each) === name);
  const toggle = (names: readonly string[], on: boolean): void => {
    const others = chosen.filter((each) => !names.includes(plain(each)));
    runs.choose(on ? [...chosen, ...names.filter((name) => !isShown(name))] : others);
  };
  return (
    <div class="picker">
      <input
        type="search"
        placeholder="Find a column"
        aria-label="Find a column"
        value={wanted}
        onInput={(event) => setWanted(event.currentTarget.value.toLowerCase())}
      />
      <label>
        <input
          type="checkbox"
          checked={runs.choices.differ.value}
          onChange={(event) => runs.choices.differ.set(event.currentTarget.checked)}
        />
        Only those that differ
      </label>
      <div class="picker-all">
        {FAMILIES.map(([family, words]) => {
          const all = offered(family, known.columns, known.runs).filter((each) => each.words.toLowerCase().includes(wanted));
          if (all.length === 0) return null;
          const names = all.map((each) => each.name);
          const count = names.filter(isShown).length;
          return (
            <fieldset key={family}>
              <legend>
                <label>
                  <input
                    type="checkbox"
                    checked={count === names.length}
                    indeterminate={count > 0 && count < names.length}
                    onChange={(event) => toggle(names, event.currentTarget.checked)}
                  />
                  {words} <span class="soft">{`${count} of ${names.length}`}</span>
                </label>
              </legend>
              {all.map(({ name, words: said, said: more }) => (
                <label key={name} class="picker-one" title={said}>
                  <input
                    type="checkbox"
                    checked={isShown(name)}
                    onChange={(event) => toggle([name], event.currentTarget.checked)}
                  />
                  <span class="picker-name">{said}</span>
                  <span class="soft">{more}</span>
                </label>
              ))}
            </fieldset>
          );
        })}
      </div>
      <button type="button" onClick={() => runs.choose([])}>
        Usual columns
      </button>
    </div>
  );
}

/** The name under which the picker knows a column: one for all values of a metric. */
function plain(name: string): string {
  const of = column(name);
  return of?.family === "metrics" ? `metrics.${of.key}` : name;
}

function offered(family: Family, known: readonly RunsColumn[], runs: number): Offered[] {
  if (family === "attributes") {
    return ATTRIBUTES.map(column).flatMap((of) => (of === undefined ? [] : [{ name: of.name, words: title(of), said: "" }]));
  }
  const of = new Map(known.filter((each) => each.name.startsWith(`${family}.`)).map((each) => [each.name, each]));
  of.delete("tags.mlflow.runName"); // the first column
  return naturally([...of.keys()])
    .flatMap((name) => of.get(name) ?? [])
    .map((each) => ({ name: each.name, words: each.name.slice(family.length + 1), said: saidOf(each, runs) }));
}

function saidOf({ values, filled }: RunsColumn, runs: number): string {
  const many = values === 1 ? "one value" : `${values} values`;
  return filled < runs ? `${many}, in ${filled}` : many;
}
