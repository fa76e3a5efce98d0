// The runs of a page as the tab holds them: ids, and columns that are read when somebody looks at them.

import type { RunsSheet } from "../core/types.ts";
import { cellsOf, type Cell, type Cells, type Numbers, type Texts } from "./cells.ts";
import { DURATION, TIMES } from "./columns.ts";

/** All runs of some experiments. */
export class Sheet {
  readonly ids: readonly string[];
  readonly #raw: ReadonlyMap<string, readonly Cell[]>;
  readonly #cells = new Map<string, Cells>();
  readonly #now: number;
  readonly #names: ReadonlyMap<string, string>;

  /** Join what was asked first with further columns; `names` are those of experiments by id. */
  constructor(base: RunsSheet, rest: RunsSheet | undefined, names: ReadonlyMap<string, string>, now: number) {
    this.ids = base.run_ids;
    this.#now = now;
    this.#names = names;
    this.#raw = new Map([...Object.entries(rest === undefined ? {} : joined(base, rest)), ...Object.entries(base.columns)]);
  }

  /** Whether the column has arrived. */
  has(name: string): boolean {
    return name === DURATION || name === "run_id" || this.#raw.has(name);
  }

  /** The names of the columns that have arrived. */
  get names(): readonly string[] {
    return [...this.#raw.keys()];
  }

  /** A column; empty if it has not arrived or no run has it. */
  column(name: string): Cells {
    let found = this.#cells.get(name);
    if (found === undefined) {
      found = this.#read(name);
      this.#cells.set(name, found);
    }
    return found;
  }

  #read(name: string): Cells {
    if (name === DURATION) return this.#durations();
    if (name === "run_id") return cellsOf(this.ids, false);
    const raw = this.#raw.get(name) ?? Array<null>(this.ids.length).fill(null);
    const cells = cellsOf(raw, name.startsWith("metrics") || TIMES.includes(name));
    return name === "experiment_id" ? renamed(cells as Texts, this.#names) : cells;
  }

  #durations(): Numbers {
    const starts = (this.column("start_time") as Numbers).values;
    const ends = (this.column("end_time") as Numbers).values;
    const values = starts.map((start, row) => ((ends[row] || this.#now) - start) / 1000);
    return { kind: "numbers", values, notNumbers: new Set(), write: String };
  }
}

function joined(base: RunsSheet, rest: RunsSheet): Record<string, readonly Cell[]> {
  const isSame = base.run_ids.length === rest.run_ids.length && base.run_ids.every((id, row) => id === rest.run_ids[row]);
  if (isSame) return rest.columns;
  // Something happened between the two answers; the next ones will agree.
  const places = new Map(rest.run_ids.map((id, row) => [id, row]));
  const rows = base.run_ids.map((id) => places.get(id) ?? -1);
  return Object.fromEntries(Object.entries(rest.columns).map(([name, cells]) => [name, rows.map((row) => cells[row] ?? null)]));
}

function renamed(cells: Texts, names: ReadonlyMap<string, string>): Texts {
  return { ...cells, words: cells.words.map((id) => names.get(id) ?? id), numeric: undefined, ranks: undefined };
}
