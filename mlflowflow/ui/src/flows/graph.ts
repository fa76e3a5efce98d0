// Where the steps of a flow stand: each one column after the last of those whose outputs it was given.

/** What is needed of a step. */
export interface Node {
  readonly name: string;
  readonly after: readonly string[];
}

/** A step's place: its column, and its row in that column. */
export interface Place {
  readonly column: number;
  readonly row: number;
}

/** The place of each step by name; a circle, which no plan has, ends where it began. */
export function places(steps: readonly Node[]): ReadonlyMap<string, Place> {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const columns = new Map<string, number>();
  const columnOf = (name: string, above: readonly string[]): number => {
    const known = columns.get(name);
    if (known !== undefined) return known;
    const before = (byName.get(name)?.after ?? []).filter((each) => byName.has(each) && !above.includes(each) && each !== name);
    const found = Math.max(-1, ...before.map((each) => columnOf(each, [...above, name]))) + 1;
    columns.set(name, found);
    return found;
  };
  const rows = new Map<number, number>();
  return new Map(
    steps.map(({ name }) => {
      const column = columnOf(name, []);
      const row = rows.get(column) ?? 0;
      rows.set(column, row + 1);
      return [name, { column, row }];
    }),
  );
}

/** The steps that come right before another: those that are not also before one of the others. */
export function direct(steps: readonly Node[], name: string): readonly string[] {
  const byName = new Map(steps.map((step) => [step.name, step.after]));
  const all = byName.get(name) ?? [];
  const further = (each: string, seen: Set<string>): Set<string> => {
    for (const before of byName.get(each) ?? []) {
      if (seen.has(before)) continue;
      seen.add(before);
      further(before, seen);
    }
    return seen;
  };
  const covered = new Set(all.flatMap((each) => [...further(each, new Set())]));
  return all.filter((each) => !covered.has(each));
}
