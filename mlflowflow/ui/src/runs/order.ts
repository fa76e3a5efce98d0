// The order of rows: by several columns, what has no value last, equal ones as they came.

/** One column to order by; `keys` as `sortKeys` makes them. */
export interface SortKey {
  readonly keys: Float64Array;
  readonly descending: boolean;
}

/** Order `rows` in place. */
export function order(rows: Uint32Array, by: readonly SortKey[]): Uint32Array {
  const [first, ...others] = by;
  if (first === undefined) return rows;
  return others.length === 0 ? rows.sort(compareBy(first)) : rows.sort(compareByAll(by));
}

function compareBy({ keys, descending }: SortKey): (a: number, b: number) => number {
  const sign = descending ? -1 : 1;
  return (a, b) => {
    const left = keys[a] as number;
    const right = keys[b] as number;
    if (left < right) return -sign;
    if (left > right) return sign;
    if (left === right) return a - b;
    return atTheEnd(left, right) || a - b;
  };
}

function compareByAll(by: readonly SortKey[]): (a: number, b: number) => number {
  return (a, b) => {
    for (const { keys, descending } of by) {
      const left = keys[a] as number;
      const right = keys[b] as number;
      if (left === right) continue;
      if (left < right) return descending ? 1 : -1;
      if (left > right) return descending ? -1 : 1;
      const end = atTheEnd(left, right);
      if (end !== 0) return end;
    }
    return a - b;
  };
}

/** At least one of the two is NaN: it comes after the other. */
function atTheEnd(left: number, right: number): number {
  return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
}

/** How a table is ordered, as an address says it: "-metrics.acc" is the greatest first. */
export interface Sorting {
  readonly name: string;
  readonly descending: boolean;
}

export function readSorting(texts: readonly string[]): Sorting[] {
  return texts.map((text) => ({ name: text.replace(/^-/, ""), descending: text.startsWith("-") }));
}

export function writeSorting(sorting: readonly Sorting[]): string[] {
  return sorting.map(({ name, descending }) => `${descending ? "-" : ""}${name}`);
}

/** What a click on a column makes of an order: by it, then the other way round, then as before; `more` keeps others. */
export function clicked(sorting: readonly Sorting[], name: string, more: boolean, descendingFirst: boolean): Sorting[] {
  const was = sorting.find((each) => each.name === name);
  const others = more ? sorting.filter((each) => each.name !== name) : [];
  if (was === undefined) return [...others, { name, descending: descendingFirst }];
  if (was.descending !== descendingFirst) return others;
  const turned = { name, descending: !was.descending };
  return more ? sorting.map((each) => (each.name === name ? turned : each)) : [turned];
}
