// Generated from the server's own types by `make ui-types`; do not edit.

/** The points of one metric of one run, by step; `thinned` if only the extremes of each stretch are there. */
export interface Curve {
  readonly run_id: string;
  readonly metric: string;
  readonly steps: readonly number[];
  readonly times_ms: readonly number[];
  readonly values: readonly (number | "NaN" | "Infinity" | "-Infinity")[];
  readonly began_ms: number;
  readonly total: number;
  readonly thinned: boolean;
}

/** Several curves. */
export interface Curves {
  readonly curves: readonly Curve[];
}

/** All experiments, the one with the latest run first. */
export interface ExperimentsSheet {
  readonly ids: readonly string[];
  readonly names: readonly string[];
  readonly created_ms: readonly number[];
  readonly latest_ms: readonly (number | null)[];
  readonly running: readonly number[];
  readonly finished: readonly number[];
  readonly failed: readonly number[];
  readonly killed: readonly number[];
  readonly nested: readonly number[];
  readonly descriptions: readonly string[];
  readonly goals: readonly (Readonly<Record<string, "maximize" | "minimize">>)[];
}

/** The ids of the runs that a filter is true of, in no particular order. */
export interface Matching {
  readonly run_ids: readonly string[];
}

/** One column that runs have: `filled` in so many runs, with `values` different ones. */
export interface RunsColumn {
  readonly name: string;
  readonly filled: number;
  readonly values: number;
}

/** Which columns the runs of some experiments have: params, metrics and tags, in this order. */
export interface RunsColumns {
  readonly runs: number;
  readonly columns: readonly RunsColumn[];
}

/** Runs, the newest first, and the columns that were asked for, by name, each in the runs' order. */
export interface RunsSheet {
  readonly run_ids: readonly string[];
  readonly columns: Readonly<Record<string, readonly (number | "NaN" | "Infinity" | "-Infinity" | string | null)[]>>;
}
