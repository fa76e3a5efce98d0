// The bar above a table of runs: what is looked for, which columns, how they are grouped, what can be done.

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { count, grouped } from "../core/format.ts";
import { navigate } from "../core/router.ts";
import { Popover } from "../parts/popover.tsx";
import { exactAt, numberAt, type Cells } from "./cells.ts";
import { AGGREGATES, column, TIMES, title, type Column } from "./columns.ts";
import { csv, python } from "./export.ts";
import { FilterBar } from "./filter_bar.tsx";
import { keepView, views } from "./kept.ts";
import type { Runs } from "./model.ts";
import { Picker } from "./picker.tsx";

export function Toolbar({ runs }: { runs: Runs }): JSX.Element {
  const { choices } = runs;
  const all = runs.sheet.value?.ids.length;
  const shown = runs.rows.value.length;
  return (
    <div class="bar runs-bar">
      <FilterBar runs={runs} />
      <span class="runs-count soft" role="status">
        {all === undefined ? "" : shown === all ? count(all, "run") : `${grouped(shown)} of ${count(all, "run")}`}
      </span>
      <Picker runs={runs} />
      <GroupBy runs={runs} />
      {runs.hasNested.value ? (
        <label class="runs-nest" title="Show trials and steps below the run that began them">
          <input
            type="checkbox"
            checked={!choices.flat.value && choices.group.value === ""}
            disabled={choices.group.value !== ""}
            onChange={() => choices.flat.set(!choices.flat.value)}
          />
          Nested
        </label>
      ) : null}
      <select
        aria-label="Which runs"
        value={choices.stage.value}
        onChange={(event) => choices.stage.set(event.currentTarget.value)}
      >
        <option value="active">Active</option>
        <option value="deleted">Deleted</option>
        <option value="all">All</option>
      </select>
    </div>
  );
}

function GroupBy({ runs }: { runs: Runs }): JSX.Element {
  const known = (runs.known.value.value?.columns ?? []).filter((each) => !each.name.startsWith("metrics."));
  const chosen = runs.choices.group;
  const names = ["status", "user_id", "experiment_id", ...known.map((each) => each.name)];
  return (
    <select
      class="runs-group"
      aria-label="Group by"
      value={chosen.value}
      onChange={(event) => chosen.set(event.currentTarget.value)}
    >
      <option value="">No groups</option>
      {names.map(column).map((of) =>
        of === undefined ? null : (
          <option key={of.name} value={of.name}>
            {`by ${title(of)}`}
          </option>
        ),
      )}
    </select>
  );
}

/** What can be done with the view as a whole. */
export function Actions({ runs, place }: { runs: Runs; place: string }): JSX.Element {
  const { compare } = runs.choices;
  const picked = runs.ticked.count;
  return (
    <div class="actions">
      <Views />
      <CopyButton
        words="Copy as Python"
        text={() => python(namesOf(runs), runs.choices.filter.value, runs.sorting.value, runs.choices.stage.value)}
      />
      <button type="button" title="Download what is shown, with all digits" onClick={() => download(runs, place)}>
        CSV
      </button>
      <button
        type="button"
        class={picked > 0 && !compare.value ? "primary" : ""}
        aria-pressed={compare.value}
        title={picked === 0 ? "Draw the runs that are shown" : "Show the picked runs side by side"}
        onClick={() => compare.set(!compare.value)}
      >
        Compare{picked > 0 ? ` ${grouped(picked)}` : ""}
      </button>
    </div>
  );
}

function namesOf(runs: Runs): string[] {
  return runs.experiments.value.map((id) => runs.names.value.get(id) ?? id);
}

export function CopyButton({ words, text }: { words: string; text: () => string }): JSX.Element {
  const [done, setDone] = useState(false);
  return (
    <button
      type="button"
      onClick={() =>
        void navigator.clipboard.writeText(text()).then(() => {
          setDone(true);
          setTimeout(() => setDone(false), 1_200);
        })
      }
    >
      <span aria-live="polite">{done ? "Copied" : words}</span>
    </button>
  );
}

function heading(of: Column): string {
  const end = of.aggregate;
  return end === undefined || end === AGGREGATES[0] ? title(of) : `${end}(${title(of)})`;
}

function download(runs: Runs, place: string): void {
  const sheet = runs.sheet.value;
  if (sheet === undefined) return;
  const columns = runs.columns.value;
  const cells = columns.map((each) => runs.cells(each));
  const rows = Array.from(runs.rows.value, (row) => [
    sheet.ids[row] ?? "",
    ...cells.map((each, at) => (each === undefined ? "" : fileCell(columns[at]?.name ?? "", each, row))),
  ]);
  const file = new Blob([csv(["run_id", ...columns.map(heading)], rows)], { type: "text/csv" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `${place.replace(/[^\w.-]+/g, "-")}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A value as a file has it: times as ISO 8601, numbers with all their digits. */
function fileCell(name: string, cells: Cells, row: number): string {
  const value = numberAt(cells, row);
  return TIMES.includes(name) && Number.isFinite(value) ? new Date(value).toISOString() : exactAt(cells, row);
}

function Views(): JSX.Element {
  const [name, setName] = useState("");
  const [all, setAll] = useState(() => views(localStorage));
  const keep = (view: { name: string; address: string }): void => {
    keepView(localStorage, view);
    setAll(views(localStorage));
  };
  return (
    <Popover words="Views" label="Saved views" alignRight>
      {(close) => (
        <div class="views">
          {all.length === 0 ? <p class="soft">A view is the filter, order, columns and picked runs of this page.</p> : null}
          {all.map((view) => (
            <div key={view.name} class="views-one">
              <button
                type="button"
                class="plain views-name"
                onClick={() => {
                  close();
                  navigate(view.address);
                }}
              >
                {view.name}
              </button>
              <button
                type="button"
                class="plain soft"
                aria-label={`Forget ${view.name}`}
                title="Forget"
                onClick={() => keep({ name: view.name, address: "" })}
              >
                ✕
              </button>
            </div>
          ))}
          <form
            class="bar"
            onSubmit={(event) => {
              event.preventDefault();
              if (name.trim() !== "") keep({ name: name.trim(), address: location.pathname + location.search });
              setName("");
            }}
          >
            <input
              class="grow"
              placeholder="Name of this view"
              aria-label="Name of this view"
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
            <button type="submit">Save</button>
          </form>
        </div>
      )}
    </Popover>
  );
}
