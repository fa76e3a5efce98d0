// Runs side by side: their params and metrics as rows, what differs, which value is the best.

import type { RunsSheet } from "../core/types.ts";
import type { Goals } from "./columns.ts";

/** One param or metric of all compared runs. */
export interface Fact {
  readonly name: string;
  readonly key: string;
  readonly family: "params" | "metrics";
  readonly values: readonly (number | string | null)[];
  readonly differs: boolean;
  /** the places of the best values of a metric with a goal; empty if all are equally good */
  readonly best: ReadonlySet<number>;
}

/** The facts of the runs `ids`, in this order; a run that the sheet lacks has nothing. */
export function facts(sheet: RunsSheet, ids: readonly string[], goals: Goals): Fact[] {
  const places = new Map(sheet.run_ids.map((id, row) => [id, row]));
  const rows = ids.map((id) => places.get(id));
  const found: Fact[] = [];
  for (const name of Object.keys(sheet.columns).sort()) {
    const family = name.startsWith("params.") ? "params" : name.startsWith("metrics.") ? "metrics" : undefined;
    if (family === undefined) continue;
    const column = sheet.columns[name] ?? [];
    const values = rows.map((row) => (row === undefined ? null : (column[row] ?? null)));
    const key = name.slice(name.indexOf(".") + 1);
    const differs = new Set(values).size > 1;
    const best = family === "metrics" && differs ? bestOf(values, goals[key]) : new Set<number>();
    found.push({ name, key, family, values, differs, best });
  }
  return found;
}

function bestOf(values: readonly (number | string | null)[], goal: "maximize" | "minimize" | undefined): Set<number> {
  const numbers = values.filter((value) => typeof value === "number");
  if (goal === undefined || numbers.length < 2) return new Set();
  const best = goal === "maximize" ? Math.max(...numbers) : Math.min(...numbers);
  return new Set(values.flatMap((value, place) => (value === best ? [place] : [])));
}

/** A value less that of the base, if both are numbers: of params also if they are written as ones. */
export function difference(value: number | string | null, base: number | string | null): number | undefined {
  const [left, right] = [asNumber(value), asNumber(base)];
  return left === undefined || right === undefined ? undefined : left - right;
}

function asNumber(value: number | string | null): number | undefined {
  if (value === null || value === "") return undefined;
  const found = Number(value);
  return Number.isFinite(found) ? found : undefined;
}
