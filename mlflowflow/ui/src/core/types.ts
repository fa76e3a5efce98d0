// Generated from the server's own types by `make ui-types`; do not edit.

/** Attempts by column, in the order in which they began; one that runs has no end and no outcome. */
export interface AttemptsSheet {
  readonly trials: readonly number[];
  readonly numbers: readonly number[];
  readonly began_ms: readonly number[];
  readonly ended_ms: readonly (number | null)[];
  readonly outcomes: readonly (string | null)[];
  readonly workers: readonly string[];
  readonly lanes: readonly number[];
  readonly names: readonly string[];
}

/** Every decision about every model, the latest first, and whether each log is intact. */
export interface AuditAnswer {
  readonly decisions: readonly Decision[];
  readonly logs: readonly LogCheck[];
}

/** The best value of an experiment's metric, the run that has it, and the best so far as runs began. */
export interface Best {
  readonly metric: string;
  readonly value: number;
  readonly run_id: string;
  readonly trace: readonly number[];
}

/** One check of a gate: what it came to, in words and numbers. */
export interface CheckRow {
  readonly id: string;
  readonly outcome: string;
  readonly sentence: string;
  readonly numbers: Readonly<Record<string, number | "NaN" | "Infinity" | "-Infinity">>;
}

/** One column, tensor or parameter of a signature; `side` is inputs, outputs or params. */
export interface ColumnRow {
  readonly side: string;
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
}

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

/** A dataset that the version's run read. */
export interface DataRow {
  readonly name: string;
  readonly digest: string;
  readonly source_type: string;
}

/** A dataset that a run used, and what for. */
export interface DatasetUsed {
  readonly name: string;
  readonly digest: string;
  readonly source_type: string;
  readonly source: string;
  readonly context: string;
}

/** One entry of a model's log: `what` and `why` in words, and the version and alias or stage that it is about. */
export interface Decision {
  readonly model: string;
  readonly seq: number;
  readonly at_ms: number;
  readonly actor: string;
  readonly kind: string;
  readonly what: string;
  readonly why: string;
  readonly version: number | null;
  readonly previous: number | null;
  readonly place: string | null;
  readonly verdict: string | null;
  readonly digest: string;
}

/** Something that is not the same in two versions; null where one lacks it. */
export interface DifferenceRow {
  readonly part: string;
  readonly name: string;
  readonly old: string | null;
  readonly new: string | null;
}

/** Everything in which `new` differs from `old`. */
export interface DifferencesAnswer {
  readonly old: number;
  readonly new: number;
  readonly differences: readonly DifferenceRow[];
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
  readonly best: readonly (Best | null)[];
}

/** One file of a model and its SHA-256. */
export interface FileRow {
  readonly path: string;
  readonly sha256: string;
}

/** One flow with its steps, in the order in which they began. */
export interface FlowAnswer {
  readonly flow: FlowRow;
  readonly params: Readonly<Record<string, string>>;
  readonly failure: string;
  readonly digest: string;
  readonly flow_run_id: string;
  readonly prefect: string;
  readonly dashboard: string;
  readonly report: string;
  readonly command: string;
  readonly steps: readonly FlowStep[];
}

/** One run of a plan: a pipeline, or one entry point. */
export interface FlowRow {
  readonly run_id: string;
  readonly name: string;
  readonly kind: string;
  readonly project: string;
  readonly experiment_id: string;
  readonly experiment: string;
  readonly user: string;
  readonly status: string;
  readonly begun_ms: number;
  readonly ended_ms: number | null;
  readonly steps: Readonly<Record<string, number>>;
}

/** One step of a flow. `after` names the steps whose outputs it was given. */
export interface FlowStep {
  readonly name: string;
  readonly run_id: string;
  readonly status: string;
  readonly begun_ms: number;
  readonly ended_ms: number | null;
  readonly attempts: number;
  readonly entry_point: string;
  readonly sweep: string;
  readonly trials: Readonly<Record<string, number>>;
  readonly model: string;
  readonly verdict: string;
  readonly sentence: string;
  readonly task_run_id: string;
  readonly after: readonly string[];
}

/** Flows, the newest first; `total` is how many there are. */
export interface FlowsAnswer {
  readonly flows: readonly FlowRow[];
  readonly total: number;
}

/** A run that nothing else began: it runs, or failed of late. `kind` is flow, sweep or run. */
export interface GoingOn {
  readonly run_id: string;
  readonly name: string;
  readonly kind: string;
  readonly experiment_id: string;
  readonly experiment: string;
  readonly user: string;
  readonly begun_ms: number;
  readonly ended_ms: number | null;
  readonly failure: string;
}

/** A version held an alias or a stage from one moment to another, or until now. */
export interface Holding {
  readonly place: string;
  readonly version: number;
  readonly from_ms: number;
  readonly to_ms: number | null;
  readonly actor: string;
  readonly seq: number;
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

/** Whether a model's log is the one that was written: `error` says what is wrong, null if nothing is. */
export interface LogCheck {
  readonly model: string;
  readonly entries: number;
  readonly head: string;
  readonly error: string | null;
}

/** The ids of the runs that a filter is true of, in no particular order. */
export interface Matching {
  readonly run_ids: readonly string[];
}

/** One model: its versions, the newest first, who held which place when, and every decision, the latest first. */
export interface ModelSheet {
  readonly name: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly versions: readonly VersionRow[];
  readonly holdings: readonly Holding[];
  readonly decisions: readonly Decision[];
}

/** A logged model that a run used or made; one that cannot be read has no name. */
export interface ModelUsed {
  readonly model_id: string;
  readonly name: string;
  readonly status: string;
}

/** All registered models by column, the one with the latest decision first. */
export interface ModelsSheet {
  readonly names: readonly string[];
  readonly descriptions: readonly string[];
  readonly versions: readonly number[];
  readonly latest: readonly number[];
  readonly updated_ms: readonly number[];
  readonly aliases: readonly Readonly<Record<string, number>>[];
  readonly stages: readonly Readonly<Record<string, number>>[];
  readonly moved: readonly (Decision | null)[];
}

/** What runs, and what failed of late, the latest first; so many at most, and how many there are. */
export interface NowAnswer {
  readonly running: readonly GoingOn[];
  readonly running_total: number;
  readonly failed: readonly GoingOn[];
  readonly failed_total: number;
}

/** What waits, the latest first, then the refusals that stand. */
export interface PendingAnswer {
  readonly waiting: readonly PendingRow[];
  readonly refused: readonly PendingRow[];
}

/** Something about a version that waits for a decision, or a refusal that is the last word about its alias. `outcome` is the verdict's word, or ``ANNOUNCED`` for a candidate that no gate has weighed yet. */
export interface PendingRow {
  readonly model: string;
  readonly version: number;
  readonly place: string;
  readonly outcome: string;
  readonly sentence: string;
  readonly at_ms: number;
  readonly command: string;
}

/** One input: a value is required where there is no default. With choices it is one of them. */
export interface PlanParameter {
  readonly name: string;
  readonly type: string;
  readonly default: string | null;
  readonly choices: readonly string[];
}

/** Something that can be run: ``pipeline``, ``sweep`` or ``entry_point``. */
export interface PlanSheet {
  readonly name: string;
  readonly kind: string;
  readonly parameters: readonly PlanParameter[];
}

/** It was begun, and what comes of it. */
export interface PlanStarted {
  readonly sentence: string;
}

/** A project with what can be run of it; `problem` says why nothing can. */
export interface ProjectSheet {
  readonly name: string;
  readonly folder: string;
  readonly problem: string;
  readonly plans: readonly PlanSheet[];
}

/** The projects that pages may run; none unless whoever started the server named some. */
export interface ProjectsAnswer {
  readonly projects: readonly ProjectSheet[];
}

/** A run beside the one that is shown. */
export interface RunBeside {
  readonly run_id: string;
  readonly name: string;
  readonly status: string;
  readonly start_ms: number;
  readonly end_ms: number | null;
}

/** A run that led to the version, the outermost first. */
export interface RunLink {
  readonly run_id: string;
  readonly name: string;
  readonly experiment_id: string;
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
  readonly parent: RunBeside | null;
  readonly children: readonly RunBeside[];
  readonly children_total: number;
  readonly datasets: readonly DatasetUsed[];
  readonly models_used: readonly ModelUsed[];
  readonly models_made: readonly ModelUsed[];
  readonly versions: readonly VersionMade[];
  readonly prefect_ui: string | null;
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

/** A store: where it is, and what it says of itself. Without a description only the place is known. */
export interface StoreFacts {
  readonly url: string;
  readonly kind: string;
  readonly uuid: string;
  readonly format: number | null;
  readonly created_ms: number | null;
  readonly conditional_create: boolean | null;
}

/** A request was written down; a `sentence` says what comes of it. */
export interface SweepAsked {
  readonly sentence: string;
}

/** What is searched: a range, or `options`. It exists in trials where `when` holds. */
export interface SweepDimension {
  readonly name: string;
  readonly kind: "float" | "int" | "choice";
  readonly log: boolean;
  readonly low: number | null;
  readonly high: number | null;
  readonly options: readonly string[];
  readonly when: Readonly<Record<string, string>>;
}

/** Attempts that ended badly in the same way. */
export interface SweepError {
  readonly outcome: string;
  readonly sentence: string;
  readonly attempts: number;
  readonly trials: readonly number[];
  readonly latest_ms: number;
}

/** How much each dimension mattered for one objective; no `shares` while too few trials are done. */
export interface SweepImportance {
  readonly metric: string;
  readonly names: readonly string[];
  readonly shares: readonly number[];
}

/** How much each dimension mattered, told from so many `trials`; at least `fewest` are needed. */
export interface SweepImportances {
  readonly method: string;
  readonly trials: number;
  readonly fewest: number;
  readonly objectives: readonly SweepImportance[];
}

/** What trials must keep to. */
export interface SweepLimit {
  readonly metric: string;
  readonly min: number | null;
  readonly max: number | null;
}

/** A metric that the sweep improves; `prune` if its points decide about pruning. */
export interface SweepObjective {
  readonly metric: string;
  readonly goal: "maximize" | "minimize";
  readonly prune: boolean;
}

/** The points that trials reported, by trial; `thinned` if only a part of each trial's is there. */
export interface SweepPoints {
  readonly metric: string;
  readonly trials: readonly number[];
  readonly steps: readonly (readonly number[])[];
  readonly values: readonly (readonly (number | "NaN" | "Infinity" | "-Infinity")[])[];
  readonly thinned: boolean;
}

/** All that is known of one sweep, but its points and what mattered. */
export interface SweepSheet {
  readonly run_id: string;
  readonly name: string;
  readonly experiment_id: string;
  readonly experiment: string;
  readonly entry_point: string;
  readonly phase: string;
  readonly ended: string;
  readonly held_by: string;
  readonly begun_ms: number;
  readonly changed_ms: number;
  readonly elapsed_s: number;
  readonly sampler: string;
  readonly pruner: string;
  readonly seed: number;
  readonly parallel: number;
  readonly params: Readonly<Record<string, string>>;
  readonly objectives: readonly SweepObjective[];
  readonly selecting: string;
  readonly constraints: readonly SweepLimit[];
  readonly dimensions: readonly SweepDimension[];
  readonly uses: readonly SweepUse[];
  readonly counts: Readonly<Record<string, number>>;
  readonly pace: number | null;
  readonly rest_s: number | null;
  readonly best: number | null;
  readonly front: readonly number[];
  readonly trials: TrialsSheet;
  readonly attempts: AttemptsSheet;
  readonly errors: readonly SweepError[];
  readonly spent: SweepSpent;
}

/** What all attempts come to; `wasted` is the part of the cost that led to no result. */
export interface SweepSpent {
  readonly attempts: number;
  readonly seconds: number;
  readonly cost: number;
  readonly wasted: number;
}

/** What was used of one part of the budget; no limit is null. */
export interface SweepUse {
  readonly name: "trials" | "wall" | "cost" | "failed_trials";
  readonly used: number;
  readonly limit: number | null;
}

/** All sweeps, the newest first. Of a damaged one only the run is known, and its phase is ``DAMAGED``. */
export interface SweepsSheet {
  readonly run_ids: readonly string[];
  readonly names: readonly string[];
  readonly experiment_ids: readonly string[];
  readonly experiments: readonly string[];
  readonly phases: readonly string[];
  readonly begun_ms: readonly (number | null)[];
  readonly changed_ms: readonly (number | null)[];
  readonly counts: Readonly<Record<string, readonly number[]>>;
  readonly limits: readonly (number | null)[];
  readonly shares: readonly number[];
  readonly rest_s: readonly (number | null)[];
  readonly metrics: readonly string[];
  readonly goals: readonly string[];
  readonly best: readonly (number | "NaN" | "Infinity" | "-Infinity" | null)[];
  readonly best_trials: readonly (number | null)[];
  readonly cost: readonly number[];
}

/** What this server is, what it serves, and how much of it there is. */
export interface SystemAnswer {
  readonly version: string;
  readonly python: string;
  readonly platform: string;
  readonly packages: Readonly<Record<string, string>>;
  readonly store: StoreFacts;
  readonly registry: StoreFacts;
  readonly is_registry_apart: boolean;
  readonly experiments: number;
  readonly runs: number;
  readonly running: number;
  readonly sweeps: number;
  readonly models: number;
  readonly prefect: string;
  readonly viewers: number;
}

/** The first rows of a table, by column. */
export interface TableSheet {
  readonly columns: readonly string[];
  readonly data: readonly (readonly (number | "NaN" | "Infinity" | "-Infinity" | string | null)[])[];
  readonly rows: number | null;
}

/** All trials by column; the number of a trial is its place. */
export interface TrialsSheet {
  readonly run_ids: readonly string[];
  readonly states: readonly string[];
  readonly given: readonly boolean[];
  readonly same_as: readonly (number | null)[];
  readonly values: Readonly<Record<string, readonly (number | "NaN" | "Infinity" | "-Infinity" | null)[]>>;
  readonly params: Readonly<Record<string, readonly (number | "NaN" | "Infinity" | "-Infinity" | string | null)[]>>;
  readonly asked_ms: readonly number[];
  readonly ended_ms: readonly (number | null)[];
  readonly seconds: readonly number[];
  readonly cost: readonly number[];
  readonly excesses: readonly (number | "NaN" | "Infinity" | "-Infinity" | null)[];
}

/** What a gate said of a version, when, and by which policy. */
export interface VerdictRow {
  readonly digest: string;
  readonly at_ms: number;
  readonly gate: string;
  readonly outcome: string;
  readonly sentence: string;
  readonly champion: number | null;
  readonly policy: string;
  readonly evaluations: readonly string[];
  readonly checks: readonly CheckRow[];
}

/** A version of a registered model that came from a run. */
export interface VersionMade {
  readonly name: string;
  readonly version: string;
  readonly stage: string;
  readonly aliases: readonly string[];
}

/** One version in the list of a model's. */
export interface VersionRow {
  readonly version: number;
  readonly created_ms: number;
  readonly stage: string;
  readonly aliases: readonly string[];
  readonly run_id: string | null;
  readonly metrics: Readonly<Record<string, number | "NaN" | "Infinity" | "-Infinity">>;
  readonly description: string;
}

/** One version with everything that led to it and was decided about it. */
export interface VersionSheet {
  readonly name: string;
  readonly version: number;
  readonly created_ms: number;
  readonly updated_ms: number;
  readonly stage: string;
  readonly aliases: readonly string[];
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly source: string;
  readonly digest: string | null;
  readonly model_id: string | null;
  readonly copied_from: string | null;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number | "NaN" | "Infinity" | "-Infinity">>;
  readonly signature: readonly ColumnRow[];
  readonly files: readonly FileRow[];
  readonly data: readonly DataRow[];
  readonly runs: readonly RunLink[];
  readonly verdicts: readonly VerdictRow[];
  readonly decisions: readonly Decision[];
  readonly champion: number | null;
}
