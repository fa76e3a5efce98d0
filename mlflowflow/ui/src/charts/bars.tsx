// One value for each of some runs or params, as bars that can be compared at a glance.

import type { JSX } from "preact";

import { number } from "../core/format.ts";
import { hovered } from "../core/hover.ts";
import { series } from "./palette.ts";

interface Props {
  readonly items: readonly { readonly id: string; readonly value: number | null }[];
  readonly name: (id: string) => string;
  readonly colour: (id: string) => number;
  /** How a value is written. */
  readonly write?: (value: number) => string;
}

export function Bars({ items, name, colour, write = (value) => number(value, 4) }: Props): JSX.Element {
  const values = items.map(({ value }) => value ?? 0);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const size = high - low || 1;
  return (
    <table class="chart-bars">
      <tbody>
        {items.map(({ id, value }) => (
          <tr
            key={id}
            class={hovered.value === id ? "lit" : ""}
            onMouseEnter={() => (hovered.value = id)}
            onMouseLeave={() => (hovered.value = null)}
          >
            <th scope="row" title={name(id)}>
              {name(id)}
            </th>
            <td class="chart-bar">
              <span
                style={{
                  left: `${((Math.min(0, value ?? 0) - low) / size) * 100}%`,
                  width: `${(Math.abs(value ?? 0) / size) * 100}%`,
                  background: `var(${series(colour(id))})`,
                }}
              />
            </td>
            <td class="number">{value === null ? "–" : write(value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
