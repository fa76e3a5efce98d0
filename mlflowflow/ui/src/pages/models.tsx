// All registered models: which version holds which place, and who moved something last.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import "../style/models.css";
import { route, useAnswer } from "../core/api.ts";
import { address, textChoice } from "../core/router.ts";
import type { ModelsSheet } from "../core/types.ts";
import { Places } from "../models/places.tsx";
import { Empty, Find, Shown, Time } from "../parts/basics.tsx";

const words = textChoice("q");

export function ModelsPage(): JSX.Element {
  const answer = useAnswer<ModelsSheet>(() => route("models"));
  useEffect(() => {
    document.title = "Models · mlflowflow";
  }, []);
  return (
    <>
      <div class="head">
        <h1>Models</h1>
        <div class="actions">
          <Find what="models" words={words} />
        </div>
      </div>
      <Shown answer={answer.value}>{(sheet) => <Table sheet={sheet} />}</Shown>
    </>
  );
}

function Table({ sheet }: { sheet: ModelsSheet }): JSX.Element {
  if (sheet.names.length === 0) {
    return <Empty command="mlff run examples/digits -e retrain">No model was registered yet.</Empty>;
  }
  const wanted = words.value.toLowerCase();
  const shown = sheet.names
    .map((name, at) => ({ name, at }))
    .filter(({ name, at }) => `${name} ${sheet.descriptions[at] ?? ""}`.toLowerCase().includes(wanted));
  if (shown.length === 0) return <Empty>No model has “{words.value}” in its name or description.</Empty>;
  return (
    <table class="list">
      <thead>
        <tr>
          <th>Name</th>
          <th>Holds a place</th>
          <th class="number">Versions</th>
          <th>Last move</th>
          <th class="number">Changed</th>
          <th>Description</th>
        </tr>
      </thead>
      <tbody>
        {shown.map(({ name, at }) => {
          const moved = sheet.moved[at];
          return (
            <tr key={name}>
              <td>
                <a href={address(["models", name])}>{name}</a>
              </td>
              <td>
                <Places model={name} aliases={sheet.aliases[at] ?? {}} stages={sheet.stages[at] ?? {}} />
              </td>
              <td class="number">{sheet.versions[at]}</td>
              <td>
                {moved === null || moved === undefined ? (
                  <span class="soft">nothing moved yet</span>
                ) : (
                  <>
                    {moved.what} <span class="soft">by {moved.actor}</span>
                  </>
                )}
              </td>
              <td class="number">
                <Time ms={sheet.updated_ms[at]} />
              </td>
              <td class="soft">{sheet.descriptions[at]}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
