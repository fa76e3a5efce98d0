// The points of a chart as a table, for those who cannot see it, and to read values off.

import type { JSX } from "preact";

import { number } from "../core/format.ts";
import { aligned, type Along, type Line } from "./curves.ts";
import { placeName } from "./metric_chart.tsx";

const MOST_ROWS = 400;

interface Props {
  readonly lines: readonly Line[];
  readonly name: (id: string) => string;
  readonly along: Along;
  readonly metric: string;
}

export function CurveTable({ lines, name, along, metric }: Props): JSX.Element {
  const [xs, ...columns] = aligned(lines);
  const every = Math.max(1, Math.ceil(xs.length / MOST_ROWS));
  const rows = xs.map((_, index) => index).filter((index) => index % every === 0 || index === xs.length - 1);
  return (
    <div class="chart-table" tabIndex={0} role="region" aria-label={`${metric} as a table`}>
      <table class="list">
        <thead>
          <tr>
            <th scope="col">{along === "metric" ? "value" : "at"}</th>
            {lines.map((each) => (
              <th key={each.id} scope="col" class="number">
                {name(each.id)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((index) => (
            <tr key={index}>
              <th scope="row">{placeName(xs[index] ?? 0, along)}</th>
              {columns.map((column, place) => (
                <td key={place} class="number">
                  {written(column[index])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {every > 1 ? <p class="soft">Every {every}th of {xs.length} rows.</p> : null}
    </div>
  );
}

function written(value: number | null | undefined): string {
  return value === undefined ? "" : value === null ? "NaN" : number(value, 5);
}
