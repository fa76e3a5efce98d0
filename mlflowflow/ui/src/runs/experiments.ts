// The list of experiments: which are shown, in which order.

import type { ExperimentsSheet } from "../core/types.ts";

export const STATES = ["running", "finished", "failed", "killed"] as const;

export type Order = "name" | "runs" | "nested" | "latest";

/** How many runs each experiment has. */
export function totals(sheet: ExperimentsSheet): number[] {
  return sheet.ids.map((_, row) => STATES.reduce((sum, state) => sum + (sheet[state][row] ?? 0), 0));
}

/** The rows whose name or description holds all of the words. */
export function matching(sheet: ExperimentsSheet, text: string): number[] {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== "");
  return [...sheet.ids.keys()].filter((row) => {
    const said = `${sheet.names[row]} ${sheet.descriptions[row]} ${sheet.ids[row]}`.toLowerCase();
    return words.every((word) => said.includes(word));
  });
}

/** Rows in order: by name from A, else the most or the newest first; the server's order breaks ties. */
export function inOrder(sheet: ExperimentsSheet, rows: readonly number[], order: Order): number[] {
  if (order === "name") {
    const names = new Intl.Collator(undefined, { numeric: true });
    return [...rows].sort((a, b) => names.compare(sheet.names[a] ?? "", sheet.names[b] ?? ""));
  }
  const all = totals(sheet);
  const keys: Readonly<Record<string, readonly (number | null)[]>> = { runs: all, nested: sheet.nested };
  const by = keys[order] ?? sheet.latest_ms;
  return [...rows].sort((a, b) => (by[b] ?? 0) - (by[a] ?? 0));
}

/** Values as the path of a line of steps, in a box of `width` and `height`: what was best stays until it is beaten. */
export function sparkline(values: readonly number[], width: number, height: number): string {
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const y = (value: number): string =>
    (greatest === least ? height / 2 : height - 2 - ((value - least) / (greatest - least)) * (height - 4)).toFixed(1);
  const x = (at: number): string => ((at / values.length) * width).toFixed(1);
  const steps = values.slice(1).map((value, at) => `H${x(at + 1)}V${y(value)}`);
  return values[0] === undefined ? "" : `M0 ${y(values[0])}${steps.join("")}H${width}`;
}
