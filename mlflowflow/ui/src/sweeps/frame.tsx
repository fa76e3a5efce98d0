// The frame of each plot of a sweep: its name, its tools, one line about what is pointed at, and the same as a table.

import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";

import "../style/charts.css";
import { hovered } from "../core/hover.ts";
import { flip, axisOf, told, type SweepView } from "./view.ts";

/** What a plot shows, as a table. */
export interface Rows {
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

interface Props {
  readonly view: SweepView;
  readonly title: string;
  /** The axes that are drawn: they may be logarithmic, and are told of the trial that is pointed at. */
  readonly keys: readonly string[];
  /** What else is told of that trial. */
  readonly also?: readonly string[];
  /** What the plot is, while no trial is pointed at; "" if it tells that itself. */
  readonly about: string;
  readonly rows: () => Rows;
  readonly tools?: ComponentChildren;
  readonly isWide?: boolean;
  readonly children: ComponentChildren;
}

const MOST_ROWS = 500;

export function Frame({ view, title, keys, also = [], about, rows, tools, isWide = false, children }: Props): JSX.Element {
  const [isTable, setTable] = useState(false);
  return (
    <section class={isWide ? "chart sw-wide" : "chart"} aria-label={title}>
      <header>
        <h4>{title}</h4>
        <span class="chart-tools">
          {tools}
          {keys.map((key) => (
            <LogButton key={key} view={view} of={key} isAlone={keys.length === 1} />
          ))}
          <button type="button" class="plain" aria-pressed={isTable} onClick={() => setTable(!isTable)} title="Show as table">
            table
          </button>
        </span>
      </header>
      {about === "" ? null : <Reading view={view} keys={[...keys, ...also]} about={about} />}
      {isTable ? <TableOf {...rows()} /> : children}
    </section>
  );
}

/** Lets an axis be logarithmic, where it can be. */
export function LogButton({ view, of, isAlone }: { view: SweepView; of: string; isAlone: boolean }): JSX.Element | null {
  const axis = axisOf(view, of);
  if (axis.isName || of === "trial" || !axis.cells.every((cell) => typeof cell !== "number" || cell > 0)) return null;
  return (
    <button type="button" class="plain" aria-pressed={axis.log} onClick={() => flip(of)} title={`Logarithmic axis of ${axis.title}`}>
      {isAlone ? "log" : `log ${axis.title.length > 14 ? `${axis.title.slice(0, 13)}…` : axis.title}`}
    </button>
  );
}

function Reading({ view, keys, about }: { view: SweepView; keys: readonly string[]; about: string }): JSX.Element {
  const trial = hovered.value === null ? undefined : view.byId.get(hovered.value);
  return <p class="chart-reading">{trial === undefined ? about : told(view, trial, keys)}</p>;
}

function TableOf({ heads, rows }: Rows): JSX.Element {
  const shown = rows.slice(0, MOST_ROWS);
  return (
    <div class="chart-table" tabIndex={0}>
      <table class="list">
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col" class="number">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, at) => (
            <tr key={at}>
              {row.map((cell, column) => (
                <td key={column} class="number">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown.length ? <p class="soft">The first {MOST_ROWS} of {rows.length}.</p> : null}
    </div>
  );
}
