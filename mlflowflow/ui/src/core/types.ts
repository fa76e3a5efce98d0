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

/** A dataset that a run used, and what for. */
export interface DatasetUsed {
  readonly name: string;
  readonly digest: string;
  readonly source_type: string;
  readonly source: string;
  readonly context: string;
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

/** A metric of a run: its latest point, and its least and greatest value if they are known. */
export interface LatestMetric {
  readonly name: string;
  readonly value: number | "NaN" | "Infinity" | "-Infinity";
  readonly step: number;
  readonly time_ms: number;
  readonly least: number | "NaN" | "Infinity" | "-Infinity" | null;
  readonly greatest: number | "NaN" | "Infinity" | "-Infinity" | null;
}

/** The ids of the runs that a filter is true of, in no particular order. */
export interface Matching {
  readonly run_ids: readonly string[];
}

/** A logged model that a run used or made; one that cannot be read has no name. */
export interface ModelUsed {
  readonly model_id: string;
  readonly name: string;
  readonly status: string;
}

/** A run beside the one that is shown. */
export interface RunLink {
  readonly run_id: string;
  readonly name: string;
  readonly status: string;
  readonly start_ms: number;
  readonly end_ms: number | null;
}

/** All that is known of one run but its curves and files. */
export interface RunSheet {
  readonly run_id: string;
  readonly name: string;
  readonly experiment_id: string;
  readonly experiment: string;
  readonly goals: Readonly<Record<string, string>>;
  readonly status: string;
  readonly stage: string;
  readonly user: string;
  readonly start_ms: number;
  readonly end_ms: number | null;
  readonly attempt: number;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: readonly LatestMetric[];
  readonly tags: Readonly<Record<string, string>>;
  readonly parent: RunLink | null;
  readonly children: readonly RunLink[];
  readonly children_total: number;
  readonly datasets: readonly DatasetUsed[];
  readonly models_used: readonly ModelUsed[];
  readonly models_made: readonly ModelUsed[];
  readonly versions: readonly VersionMade[];
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

/** The first rows of a table, by column. */
export interface TableSheet {
  readonly columns: readonly string[];
  readonly data: readonly (readonly (number | "NaN" | "Infinity" | "-Infinity" | string | null)[])[];
  readonly rows: number | null;
}

/** A version of a registered model that came from a run. */
export interface VersionMade {
  readonly name: string;
  readonly version: string;
  readonly stage: string;
  readonly aliases: readonly string[];
}
