// What the parts of a sweep's page share: the trials, which of them are meant, and how to mean others.

import type { Frame as Columns } from "../charts/frame.ts";
import { numeric } from "../charts/scale.ts";
import { number } from "../core/format.ts";
import { listChoice, numberChoice } from "../core/router.ts";
import type { SweepSheet } from "../core/types.ts";
import { axesOf, meant, read, trialsOf, withBrush, written, type Axis, type Brush, type Trial } from "./trials.ts";

const brushTexts = listChoice("brush");
const flips = listChoice("flip");
/** Among how many of the best trials those that are meant are; 0 for all. */
export const top = numberChoice("top", 0);

/** One sweep as it is looked at. */
export interface SweepView {
  readonly sheet: SweepSheet;
  readonly trials: readonly Trial[];
  readonly byId: ReadonlyMap<string, Trial>;
  readonly axes: readonly Axis[];
  readonly kept: ReadonlySet<number>;
  readonly brushes: readonly Brush[];
  readonly isAll: boolean;
}

/** Put together what the address and the server say. */
export function viewOf(sheet: SweepSheet): SweepView {
  const trials = trialsOf(sheet);
  const axes = axesOf(sheet, flips.value);
  const brushes = brushTexts.value.map(read).filter((each): each is Brush => each !== undefined);
  const isAll = brushes.length === 0 && top.value <= 0;
  const kept = meant(trials, axes, brushes, top.value);
  return { sheet, trials, byId: new Map(trials.map((each) => [each.id, each])), axes, kept, brushes, isAll };
}

/** Mean only trials inside of `brush` on its axis; null means all of that axis again. */
export function setBrush(changes: readonly (readonly [key: string, brush: Brush | null])[]): void {
  const now = brushTexts.value.map(read).filter((each): each is Brush => each !== undefined);
  brushTexts.set(changes.reduce((found, [key, brush]) => withBrush(found, key, brush), now as readonly Brush[]).map(written));
}

/** Mean all trials again. */
export function meanAll(): void {
  brushTexts.set([]);
  top.set(0);
}

/** Let an axis be logarithmic, or no longer. */
export function flip(key: string): void {
  flips.set(flips.value.includes(key) ? flips.value.filter((each) => each !== key) : [...flips.value, key]);
}

/** The axes as columns, for the charts that runs have too. */
export function columnsOf(view: SweepView): Columns {
  return { ids: view.trials.map((each) => each.id), columns: view.axes.map((axis) => ({ name: axis.key, values: axis.cells })) };
}

/** The axis with a key; the first one if there is none. */
export function axisOf(view: SweepView, key: string): Axis {
  const found = view.axes.find((each) => each.key === key) ?? view.axes[0];
  if (found === undefined) throw new Error(`no axis ${key}`);
  return found;
}

/** The key of the objective by which the winner is picked. */
export function mainKey(view: SweepView): string {
  return `metrics.${view.sheet.selecting}`;
}

/** A value as it is written. */
export function cellText(cell: string | number | null | undefined): string {
  if (cell === null || cell === undefined) return "–";
  return typeof cell === "number" ? number(cell) : cell;
}

/** A trial in one line: its number, its state, and its values on some axes. */
export function told(view: SweepView, trial: Trial, keys: readonly string[]): string {
  const parts = keys.filter((key) => key !== "trial").map((key) => {
    const axis = axisOf(view, key);
    const cell = axis.cells[trial.number] ?? null;
    return `${axis.title} ${cellText(numeric(cell) ?? cell)}`;
  });
  return [`trial ${trial.number}`, trial.state.toLowerCase(), ...parts].join(" · ");
}
