// The rows that a plot shows, as a table: folded until somebody wants it.

import type { JSX } from "preact";

import { hovered } from "../core/hover.ts";
import { columnOf, type Frame } from "./frame.ts";
import { isNumeric } from "./scale.ts";
import { tail } from "./parallel.tsx";
import { written } from "./scatter.tsx";

const MOST = 200;

export function FrameTable({ frame, rows, name }: { frame: Frame; rows: readonly number[]; name: (id: string) => string }): JSX.Element {
  const columns = frame.columns.map((column) => ({ ...column, isNumber: isNumeric(columnOf(frame, column.name)?.values ?? []) }));
  return (
    <details>
      <summary>Show as table</summary>
      <div class="chart-table" tabIndex={0} role="region" aria-label="The runs of the plot">
        <table class="list">
          <thead>
            <tr>
              <th scope="col">run</th>
              {columns.map((column) => (
                <th key={column.name} scope="col" class={column.isNumber ? "number" : ""}>
                  {tail(column.name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MOST).map((row) => {
              const id = frame.ids[row] ?? "";
              return (
                <tr key={id} onMouseEnter={() => (hovered.value = id)} onMouseLeave={() => (hovered.value = null)}>
                  <th scope="row">
                    <a href={`/runs/${encodeURIComponent(id)}`}>{name(id)}</a>
                  </th>
                  {columns.map((column) => (
                    <td key={column.name} class={column.isNumber ? "number" : ""}>
                      {written(column.values[row])}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
        {rows.length > MOST ? <p class="soft">The first {MOST} of {rows.length}.</p> : null}
      </div>
    </details>
  );
}
