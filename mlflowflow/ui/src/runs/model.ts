// What a page of runs shows, as signals: answers of the server → rows in order → lines. What was chosen is in
// the address; what is derived is made again only when what it is made of changed.

import { computed, effect, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import { Refusal, route, useAnswer, type Answer } from "../core/api.ts";
import { flagChoice, listChoice, numberChoice, textChoice, type Choice } from "../core/router.ts";
import type { ExperimentsSheet, Matching, RunsColumns, RunsSheet } from "../core/types.ts";
import { numberAt, sortKeys, textAt, type Cells } from "./cells.ts";
import {
  asked,
  askedOf,
  BASE,
  column,
  defaults,
  differs,
  isLookedAt,
  NAME,
  PARENT,
  sourceOf,
  usualWidth,
  type Column,
  type Goals,
} from "./columns.ts";
import { holding, meaning } from "./filter.ts";
import { columnsOf, keepColumns, keepWidths, widthsOf } from "./kept.ts";
import { byMean, flat, grouped, groups, nested, parentRows, type Lines } from "./lines.ts";
import { order, readSorting, writeSorting, type Sorting } from "./order.ts";
import { Sheet } from "./sheet.ts";
import { Ticked } from "./ticked.ts";

const PATIENCE_MS = 250;

/** Everything that parts of a page of runs share. */
export interface Runs {
  readonly experiments: ReadonlySignal<readonly string[]>;
  readonly names: ReadonlySignal<ReadonlyMap<string, string>>;
  readonly goals: ReadonlySignal<Goals>;
  readonly known: ReadonlySignal<Answer<RunsColumns>>;
  readonly base: ReadonlySignal<Answer<RunsSheet>>;
  readonly busy: ReadonlySignal<boolean>;
  readonly sheet: ReadonlySignal<Sheet | undefined>;
  readonly cells: (of: Column) => Cells | undefined;
  /** what is typed into the filter, before the address has it */
  readonly typed: Signal<string>;
  readonly mistake: ReadonlySignal<Error | undefined>;
  /** the rows that are shown, in order, whether unfolded or not */
  readonly rows: ReadonlySignal<Uint32Array>;
  readonly lines: ReadonlySignal<Lines>;
  /** whether any run began another */
  readonly hasNested: ReadonlySignal<boolean>;
  /** whether some lines can be unfolded, so that all names leave room for that */
  readonly hasFolds: ReadonlySignal<boolean>;
  readonly columns: ReadonlySignal<readonly Column[]>;
  readonly chosen: ReadonlySignal<readonly string[]>;
  readonly choose: (names: readonly string[]) => void;
  readonly widthOf: (of: Column) => number;
  readonly setWidth: (of: Column, width: number) => void;
  readonly sorting: ReadonlySignal<readonly Sorting[]>;
  readonly sort: (sorting: readonly Sorting[]) => void;
  readonly open: ReadonlySignal<ReadonlySet<string>>;
  readonly fold: (key: string) => void;
  readonly ticked: Ticked;
  readonly choices: Choices;
}

/** What the address keeps beside columns and order. */
export interface Choices {
  readonly filter: Choice<string>;
  readonly group: Choice<string>;
  readonly flat: Choice<boolean>;
  readonly differ: Choice<boolean>;
  readonly stage: Choice<string>;
  readonly compare: Choice<boolean>;
  readonly baseRun: Choice<string>;
  readonly dock: Choice<string>;
  readonly panel: Choice<string>;
  /** the share of the table beside what is compared, in percent */
  readonly part: Choice<number>;
}

const filter = textChoice("q");
const sortTexts = listChoice("sort");
const columnNames = listChoice("col");
const openNames = listChoice("open");
const choices: Choices = {
  filter,
  group: textChoice("group"),
  flat: flagChoice("flat"),
  differ: flagChoice("differ"),
  stage: textChoice("stage", "active"),
  compare: flagChoice("compare"),
  baseRun: textChoice("base"),
  dock: textChoice("dock"),
  panel: textChoice("panel", "values"),
  part: numberChoice("part", 50),
};

/** The runs of `experiments` (all, if there are none). A hook. */
export function useRuns(experiments: ReadonlySignal<readonly string[]>): Runs {
  const place = [...experiments.peek()].sort().join(",") || "all";
  const scope = () => ({ experiment: experiments.value, stage: choices.stage.value });
  const all = useAnswer<ExperimentsSheet>(() => route("experiments"));
  const known = useAnswer<RunsColumns>(() => route("runs/columns", scope()));
  const base = useAnswer<RunsSheet>(() => route("runs", { ...scope(), column: BASE }));
  const shape = useMemo(() => shapeOf(experiments, all, known, place), []);
  const further = useAnswer<RunsSheet>(() => {
    const names = shape.needed.value;
    return names.length === 0 ? null : route("runs", { ...scope(), column: names });
  });
  const typing = useMemo(() => typingOf(), []);
  const found = useAnswer<Matching>(() =>
    meaning(typing.settled.value) === "expression"
      ? route("runs/matching", { ...scope(), filter: typing.settled.value.trim() })
      : null,
  );
  const runs = useMemo(() => runsOf({ experiments, known, base, further, found }, shape, typing), []);
  useEffect(() => typing.watch(), []);
  useEffect(() => runs.ticked.watch(), []);
  return runs;
}

interface Shape {
  readonly names: ReadonlySignal<ReadonlyMap<string, string>>;
  readonly goals: ReadonlySignal<Goals>;
  readonly chosen: ReadonlySignal<readonly string[]>;
  readonly columns: ReadonlySignal<readonly Column[]>;
  readonly needed: ReadonlySignal<readonly string[]>;
  readonly choose: (names: readonly string[]) => void;
  readonly widthOf: (of: Column) => number;
  readonly setWidth: (of: Column, width: number) => void;
}

/** Which columns there are, in which order and width. */
function shapeOf(
  experiments: ReadonlySignal<readonly string[]>,
  all: ReadonlySignal<Answer<ExperimentsSheet>>,
  known: ReadonlySignal<Answer<RunsColumns>>,
  place: string,
): Shape {
  const lastAll = latest(all);
  const lastKnown = latest(known);
  const kept = signal(columnsOf(localStorage, place));
  const widths = signal(widthsOf(localStorage, place));
  const names = computed(() => new Map(lastAll.value?.ids.map((id, at) => [id, lastAll.value?.names[at] ?? id])));
  const goals = computed(() => goalsOf(lastAll.value, experiments.value));
  const byDefault = computed(() => {
    const { columns, runs } = lastKnown.value ?? { columns: [], runs: 0 };
    return defaults(columns, runs, experiments.value.length !== 1);
  });
  const chosen = computed(() => {
    if (columnNames.value.length > 0) return columnNames.value;
    return kept.value.length > 0 ? kept.value : byDefault.value;
  });
  const columns = computed(() => {
    const name = column(NAME) as Column;
    const { columns: there, runs } = lastKnown.value ?? { columns: [], runs: 0 };
    const same = new Set(choices.differ.value ? there.filter((each) => !differs(each, runs)).map((each) => each.name) : []);
    const others = chosen.value.map(column).filter((each) => each !== undefined && each.name !== NAME);
    return [name, ...others.filter((each) => each !== undefined).filter((each) => !same.has(plainName(each)))];
  });
  const needed = computed(() => {
    const more = [choices.group.value, ...sortTexts.value.map((text) => text.replace(/^-/, ""))].map(column);
    const wanted = [...columns.value, ...more.filter((each) => each !== undefined)];
    return askedOf(asked(wanted, goals.value), lastKnown.value);
  });
  return {
    names,
    goals,
    chosen,
    columns,
    needed: computed(() => stable(needed.value)),
    choose: (wanted) => {
      columnNames.set(wanted);
      kept.value = [...wanted];
      keepColumns(localStorage, place, wanted);
    },
    widthOf: (of) => widths.value[of.name] ?? usualWidth(of, choices.group.value !== ""),
    setWidth: (of, width) => {
      widths.value = { ...widths.value, [of.name]: Math.round(Math.max(48, Math.min(900, width))) };
      keepWidths(localStorage, place, widths.value);
    },
  };
}

function plainName(of: Column): string {
  return of.family === "metrics" ? `metrics.${of.key}` : of.name;
}

let lastNames: readonly string[] = [];

/** The same array as the last time if nothing differs, so that nobody asks again. */
function stable(names: readonly string[]): readonly string[] {
  if (names.length !== lastNames.length || names.some((name, at) => name !== lastNames[at])) lastNames = names;
  return lastNames;
}

/** The goals that the experiments agree on. */
function goalsOf(all: ExperimentsSheet | undefined, experiments: readonly string[]): Goals {
  const found: Record<string, "maximize" | "minimize"> = {};
  all?.ids.forEach((id, at) => {
    if (experiments.length === 0 || experiments.includes(id)) Object.assign(found, all.goals[at]);
  });
  return found;
}

interface Typing {
  readonly typed: Signal<string>;
  readonly settled: ReadonlySignal<string>;
  readonly watch: () => () => void;
}

/** What is typed, and a moment later what the address says. */
function typingOf(): Typing {
  const typed = signal(filter.value);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let written = filter.value;
  return {
    typed,
    settled: computed(() => filter.value),
    watch: () => {
      const stopWriting = effect(() => {
        const text = typed.value;
        clearTimeout(timer);
        if (text === written) return;
        timer = setTimeout(() => {
          written = text;
          filter.set(text);
        }, PATIENCE_MS);
      });
      const stopReading = effect(() => {
        const now = filter.value;
        if (now === written) return;
        written = now;
        typed.value = now;
      });
      return () => {
        clearTimeout(timer);
        stopWriting();
        stopReading();
      };
    },
  };
}

interface Answers {
  readonly experiments: ReadonlySignal<readonly string[]>;
  readonly known: ReadonlySignal<Answer<RunsColumns>>;
  readonly base: ReadonlySignal<Answer<RunsSheet>>;
  readonly further: ReadonlySignal<Answer<RunsSheet>>;
  readonly found: ReadonlySignal<Answer<Matching>>;
}

function runsOf(answers: Answers, shape: Shape, typing: Typing): Runs {
  const { experiments, known, base, further, found } = answers;
  const lastBase = latest(base);
  const lastFurther = latest(further);
  const lastFound = latest(found);
  const sheet = computed(() =>
    lastBase.value === undefined ? undefined : new Sheet(lastBase.value, lastFurther.value, shape.names.value, Date.now()),
  );
  const cells = (of: Column): Cells | undefined => sheet.value?.column(sourceOf(of, shape.goals.value));
  const cellsNamed = (name: string): Cells | undefined => {
    const of = column(name);
    return of === undefined ? undefined : cells(of);
  };
  const sorting = computed(() => readSorting(sortTexts.value));
  const wanted = computed(() => {
    const all = sheet.value;
    return all === undefined ? undefined : matched(all, typing.typed.value, lastFound.value);
  });
  const ordered = computed(() => {
    const keys = sorting.value.flatMap(({ name, descending }) => {
      const of = cellsNamed(name);
      return of === undefined ? [] : [{ keys: sortKeys(of), descending }];
    });
    const all = new Uint32Array(sheet.value?.ids.length ?? 0);
    for (let row = 0; row < all.length; row += 1) all[row] = row;
    return order(all, keys);
  });
  const rows = computed(() => {
    const mask = wanted.value;
    return mask === undefined ? ordered.value : ordered.value.filter((row) => mask[row] === 1);
  });
  const parents = computed(() => {
    const all = sheet.value;
    const parent = all?.column(PARENT);
    return parentRows(all?.ids ?? [], (row) => (parent === undefined ? "" : textAt(parent, row)));
  });
  const hasNested = computed(() => parents.value.some((parent) => parent >= 0));
  const open = computed(() => new Set(openNames.value));
  const lines = computed(() => {
    const group = cellsNamed(choices.group.value);
    const ids = sheet.value?.ids ?? [];
    if (group !== undefined) return underGroups(rows.value, group);
    if (choices.flat.value || !hasNested.value) return flat(rows.value);
    return nested(rows.value, parents.value, (row) => open.value.has(ids[row] ?? ""));
  });

  function underGroups(shown: Uint32Array, by: Cells): Lines {
    const all = groups(shown, (row) => textAt(by, row));
    const first = sorting.value[0];
    const keys = first === undefined ? undefined : cellsNamed(first.name);
    const inOrder =
      first === undefined || keys === undefined
        ? byMean(all, rankIn(sortKeys(by)), false)
        : byMean(all, keys === by ? rankIn(sortKeys(by)) : (row) => numberAt(keys, row), first.descending);
    return grouped(inOrder, (label) => open.value.has(label));
  }

  return {
    ...shape,
    experiments,
    known,
    base,
    busy: computed(() => base.value.busy || further.value.busy || found.value.busy || known.value.busy),
    sheet,
    cells,
    typed: typing.typed,
    mistake: computed(() => mistakeOf(found.value.error, typing.typed.value, filter.value)),
    rows,
    lines,
    hasNested,
    hasFolds: computed(() => choices.group.value !== "" || (hasNested.value && !choices.flat.value)),
    sorting,
    sort: (wanted) => sortTexts.set(writeSorting(wanted)),
    open,
    fold: (key) => {
      const now = new Set(openNames.value);
      if (!now.delete(key)) now.add(key);
      openNames.set([...now]);
    },
    ticked: new Ticked(),
    choices,
  };
}

function rankIn(keys: Float64Array): (row: number) => number {
  return (row) => keys[row] ?? NaN;
}

function mistakeOf(error: Error | undefined, typed: string, asked: string): Error | undefined {
  if (error === undefined || typed !== asked) return undefined;
  return error instanceof Refusal || error.name !== "AbortError" ? error : undefined;
}

/** Which rows the filter leaves; undefined for all. */
function matched(all: Sheet, text: string, found: Matching | undefined): Uint8Array | undefined {
  const means = meaning(text);
  if (means === "words") {
    const looked = all.names.filter(isLookedAt).map((name) => all.column(name));
    return holding(text, looked, all.ids);
  }
  if (means !== "expression" || found === undefined) return undefined;
  const ids = new Set(found.run_ids);
  return Uint8Array.from(all.ids, (id) => (ids.has(id) ? 1 : 0));
}

/** The last value that an answer had, so that a table does not vanish while another column is asked for. */
function latest<T>(answer: ReadonlySignal<Answer<T>>): ReadonlySignal<T | undefined> {
  let last: T | undefined;
  return computed(() => (last = answer.value.value ?? last));
}
