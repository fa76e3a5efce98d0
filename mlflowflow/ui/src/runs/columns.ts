// The columns of a table of runs: how the server names them, what they are called, which are shown at first.

import type { RunsColumn, RunsColumns } from "../core/types.ts";
import { naturally } from "./cells.ts";

export type Family = "attributes" | "params" | "metrics" | "tags";

/** Which value of a metric a column shows. */
export type Aggregate = "last" | "min" | "max" | "best";

export const AGGREGATES: readonly Aggregate[] = ["last", "min", "max", "best"];

export type Goal = "maximize" | "minimize";

export type Goals = Readonly<Record<string, Goal>>;

/** One column: `name` stands in addresses and is the server's, but that the best of a metric is ours. */
export interface Column {
  readonly name: string;
  readonly family: Family;
  /** the key of the param, metric or tag; the name of an attribute */
  readonly key: string;
  readonly aggregate?: Aggregate;
}

/** The name of the run: always the first column. */
export const NAME = "run_name";
export const DURATION = "duration";
export const PARENT = "tags.mlflow.parentRunId";

const ATTRIBUTES: Readonly<Record<string, string>> = {
  run_name: "Run",
  status: "State",
  start_time: "Started",
  duration: "Duration",
  user_id: "User",
  experiment_id: "Experiment",
  end_time: "Ended",
  run_id: "Id",
};
const METRIC: Readonly<Record<string, Aggregate>> = {
  metrics: "last",
  metrics_min: "min",
  metrics_max: "max",
  metrics_best: "best",
};

/** Columns of times, in milliseconds. */
export const TIMES: readonly string[] = ["start_time", "end_time"];

/** What every table of runs asks for first: enough for names, states, times and nesting. */
export const BASE: readonly string[] = [NAME, "status", "start_time", "end_time", PARENT];

/** The column that `name` means, if any. */
export function column(name: string): Column | undefined {
  if (name in ATTRIBUTES) return { name, family: "attributes", key: name };
  const dot = name.indexOf(".");
  const [first, key] = [name.slice(0, dot), name.slice(dot + 1)];
  if (dot < 1 || key === "") return undefined;
  const aggregate = METRIC[first];
  if (aggregate !== undefined) return { name, family: "metrics", key, aggregate };
  if (first === "params" || first === "tags") return { name, family: first, key };
  return undefined;
}

/** The column of a metric that shows another of its values. */
export function aggregated(key: string, aggregate: Aggregate): string {
  return `${aggregate === "last" ? "metrics" : `metrics_${aggregate}`}.${key}`;
}

/** What stands over a column. */
export function title(of: Column): string {
  return of.family === "attributes" ? (ATTRIBUTES[of.key] ?? of.key) : of.key.replace(/^mlflow\./, "");
}

/** Which values of a metric a column shows when "best" is told apart; without a goal the best is the greatest. */
export function sourceOf(of: Column, goals: Goals): string {
  if (of.aggregate === "best") return aggregated(of.key, goals[of.key] === "minimize" ? "min" : "max");
  return of.name;
}

/** What must be asked of the server beside `BASE` to show `columns`, in a stable order. */
export function asked(columns: readonly Column[], goals: Goals): string[] {
  const names = columns.filter((each) => each.name !== DURATION).map((each) => sourceOf(each, goals));
  return [...new Set(names)].filter((name) => !BASE.includes(name)).sort();
}

/** So many values are worth having all at once: columns then come and go without waiting, and words find everything. */
const FEW_VALUES = 100_000;
const WHOLE: readonly string[] = ["params.*", "metrics.*", "tags.*"];

/** What must be asked for `wanted`, or whole families if the runs have few values. */
export function askedOf(wanted: readonly string[], known: RunsColumns | undefined): readonly string[] {
  if (known === undefined || known.runs * known.columns.length > FEW_VALUES) return wanted;
  const others = wanted.filter((name) => !WHOLE.some((family) => name.startsWith(family.slice(0, -1))));
  return [...WHOLE, ...others];
}

/** Whether words are looked for in a column: what people say of their runs, not what programs note. */
export function isLookedAt(name: string): boolean {
  const of = column(name);
  if (of === undefined || of.family === "metrics" || TIMES.includes(name)) return false;
  return of.family !== "tags" || !of.key.startsWith("mlflow.") || of.key === "mlflow.user" || of.key === "mlflow.note.content";
}

/** Whether the runs do not all have the same in this column. */
export function differs(of: RunsColumn, runs: number): boolean {
  return of.values > 1 || (of.values === 1 && of.filled < runs);
}

const MOST_PARAMS = 8;
const MOST_METRICS = 8;

/** What is shown until somebody chooses: names, states, times, metrics, and the params that differ. */
export function defaults(known: readonly RunsColumn[], runs: number, several: boolean): string[] {
  const of = (family: string): RunsColumn[] => known.filter((each) => each.name.startsWith(family));
  const common = of("metrics.").sort((a, b) => b.filled - a.filled);
  const metrics = common.slice(0, MOST_METRICS).map((each) => each.name);
  const params = of("params.").filter((each) => differs(each, runs));
  return [
    "status",
    "start_time",
    DURATION,
    ...(several ? ["experiment_id"] : []),
    ...naturally(metrics),
    ...naturally(params.map((each) => each.name)).slice(0, MOST_PARAMS),
  ];
}

const TEXTS = 40;
const WIDTHS: Readonly<Record<string, number>> = {
  run_name: 250,
  status: 96,
  start_time: 104,
  duration: 112,
  user_id: 100,
  experiment_id: 140,
  end_time: 104,
  run_id: 270,
};

/** How wide a column is until somebody drags it: enough for its title and its usual values, in groups with a deviation. */
export function usualWidth(of: Column, isGrouped = false): number {
  const fixed = WIDTHS[of.name];
  if (fixed !== undefined) return fixed;
  const letters = Math.min(title(of).length, TEXTS);
  return Math.max(of.family === "tags" ? 120 : isGrouped && of.family === "metrics" ? 156 : 92, Math.min(220, letters * 7.6 + 34));
}
