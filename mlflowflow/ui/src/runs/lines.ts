// The lines of a table of runs: runs in their order, under their parents, or under groups. Arrays, not
// objects: there may be 50,000.

import { summary } from "./numbers.ts";

/** Several runs that have the same in the column that is grouped by. */
export interface Group {
  /** what they have in common; empty for those that have nothing there */
  readonly label: string;
  readonly rows: Uint32Array;
}

/** `rows[n]` is the row of the run in line n, or −1 − g for the head of group g. */
export interface Lines {
  readonly rows: Int32Array;
  readonly depths: Uint8Array;
  readonly groups: readonly Group[];
  /** how many runs stand below a run, by row; empty unless nested */
  readonly below: Int32Array;
}

/** One line for each of `rows`. */
export function flat(rows: Uint32Array): Lines {
  return { rows: Int32Array.from(rows), depths: new Uint8Array(rows.length), groups: [], below: new Int32Array(0) };
}

/** The row of each run's parent, −1 if it has none here. */
export function parentRows(ids: readonly string[], parentOf: (row: number) => string): Int32Array {
  const places = new Map(ids.map((id, row) => [id, row]));
  const parents = new Int32Array(ids.length).fill(-1);
  for (let row = 0; row < ids.length; row += 1) {
    const parent = parentOf(row);
    const place = parent === "" ? undefined : places.get(parent);
    if (place !== undefined && place !== row) parents[row] = place;
  }
  return parents;
}

/** Runs with those below them that are unfolded; one whose parent is not among `rows` stands by itself. */
export function nested(rows: Uint32Array, parents: Int32Array, isOpen: (row: number) => boolean): Lines {
  const here = new Uint8Array(parents.length);
  for (const row of rows) here[row] = 1;
  const below = new Int32Array(parents.length);
  const children = new Map<number, number[]>();
  const roots: number[] = [];
  for (const row of rows) {
    const parent = parents[row] ?? -1;
    if (parent < 0 || here[parent] !== 1) {
      roots.push(row);
      continue;
    }
    below[parent] = (below[parent] ?? 0) + 1;
    const known = children.get(parent);
    if (known === undefined) children.set(parent, [row]);
    else known.push(row);
  }
  const found: number[] = [];
  const depths: number[] = [];
  const add = (row: number, depth: number): void => {
    found.push(row);
    depths.push(Math.min(depth, 255));
    if (isOpen(row)) for (const child of children.get(row) ?? []) add(child, depth + 1);
  };
  for (const row of roots) add(row, 0);
  return { rows: Int32Array.from(found), depths: Uint8Array.from(depths), groups: [], below };
}

/** Groups of `rows` with equal labels, in the order in which the first run of each comes. */
export function groups(rows: Uint32Array, labelOf: (row: number) => string): Group[] {
  const byLabel = new Map<string, number[]>();
  for (const row of rows) {
    const label = labelOf(row);
    const known = byLabel.get(label);
    if (known === undefined) byLabel.set(label, [row]);
    else known.push(row);
  }
  return [...byLabel].map(([label, members]) => ({ label, rows: Uint32Array.from(members) }));
}

/** Groups by the mean of what is ordered by; those without any last. */
export function byMean(found: readonly Group[], valueAt: (row: number) => number, descending: boolean): Group[] {
  const means = new Map(found.map((group) => [group, summary(Array.from(group.rows, valueAt)).mean]));
  const sign = descending ? -1 : 1;
  return [...found].sort((a, b) => {
    const [left = NaN, right = NaN] = [means.get(a), means.get(b)];
    if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return sign * (left - right);
  });
}

/** A line for each group, and one for each run of those that are unfolded. */
export function grouped(found: readonly Group[], isOpen: (label: string) => boolean): Lines {
  const rows: number[] = [];
  const depths: number[] = [];
  found.forEach((group, at) => {
    rows.push(-1 - at);
    depths.push(0);
    if (!isOpen(group.label)) return;
    for (const row of group.rows) {
      rows.push(row);
      depths.push(1);
    }
  });
  return { rows: Int32Array.from(rows), depths: Uint8Array.from(depths), groups: found, below: new Int32Array(0) };
}
