// The head of a table of runs: a click orders, a drag moves or widens a column; all of it works by keys too.

import type { JSX } from "preact";
import { useRef } from "preact/hooks";

import { isNumeric } from "./cells.ts";
import { AGGREGATES, aggregated, sourceOf, title, type Aggregate, type Column } from "./columns.ts";
import type { Stand } from "./grid.tsx";
import { moved } from "./moving.ts";
import type { Runs } from "./model.ts";
import { clicked } from "./order.ts";

const A_DRAG = 6;
const A_STEP = 16;

export function HeadRow({ runs, stand }: { runs: Runs; stand: Stand }): JSX.Element {
  const { start, stop } = stand.seen.value;
  return (
    <div class="grid-head" role="rowgroup">
      <div class="grid-row" role="row" aria-rowindex={1}>
        {runs.columns.value.map((of, at) =>
          at === 0 || (at >= start && at < stop) ? <Head key={of.name} runs={runs} stand={stand} of={of} at={at} /> : null,
        )}
      </div>
    </div>
  );
}

interface HeadProps {
  readonly runs: Runs;
  readonly stand: Stand;
  readonly of: Column;
  readonly at: number;
}

function Head({ runs, stand, of, at }: HeadProps): JSX.Element {
  const [from = 0, to = 0] = [stand.edges.value[at], stand.edges.value[at + 1]];
  const sorting = runs.sorting.value;
  const place = sorting.findIndex((each) => each.name === of.name);
  const by = sorting[place];
  const isFocused = stand.focus.value.line === -1 && stand.focus.value.column === at;
  const drag = useDrag({ runs, stand, of, at });
  const sort = (more: boolean): void => runs.sort(clicked(sorting, of.name, more, bestFirst(runs, of)));
  return (
    <div
      id={`cell--1-${at}`}
      class={`grid-cell head${at === 0 ? " first" : ""}${isFocused ? " at" : ""}${isRight(runs, of) ? " number" : ""}`}
      role="columnheader"
      aria-colindex={at + 1}
      aria-sort={by === undefined ? "none" : by.descending ? "descending" : "ascending"}
      style={at === 0 ? { width: `${to}px` } : { left: `${from}px`, width: `${to - from}px` }}
    >
      {at === 0 ? <TickAll runs={runs} /> : null}
      <div class="grid-titles">
        <button
          type="button"
          class="grid-sort"
          title={`${title(of)}: click to order by it, shift-click for one more; drag to move it (alt and arrow keys)`}
          onClick={(event) => !drag.moved() && sort(event.shiftKey)}
          tabIndex={-1}
          onPointerDown={(event) => {
            stand.focus.value = { line: -1, column: at };
            if (at > 0) drag.begin(event);
          }}
        >
          <span class="grid-title">{title(of)}</span>
          {by === undefined ? null : (
            <span class="grid-order" aria-hidden="true">
              {by.descending ? "▼" : "▲"}
              {sorting.length > 1 ? <sub>{place + 1}</sub> : null}
            </span>
          )}
        </button>
        {of.family === "metrics" ? <AggregateOf runs={runs} of={of} /> : <span class="grid-kind">{KINDS[of.family]}</span>}
      </div>
      <span class="grid-grip" aria-hidden="true" onPointerDown={drag.widen} />
    </div>
  );
}

const KINDS: Readonly<Record<string, string>> = { params: "param", tags: "tag", attributes: "" };

/** Whether the values of a column stand to the right. */
function isRight(runs: Runs, of: Column): boolean {
  const cells = of.family === "metrics" ? undefined : runs.cells(of);
  return of.family === "metrics" || (cells !== undefined && isNumeric(cells));
}

/** Whether the first click should put the greatest on top. */
function bestFirst(runs: Runs, of: Column): boolean {
  if (of.family === "metrics") return runs.goals.value[of.key] !== "minimize";
  return of.name === "start_time" || of.name === "end_time" || of.name === "duration";
}

function AggregateOf({ runs, of }: { runs: Runs; of: Column }): JSX.Element {
  return (
    <select
      class="grid-aggregate"
      tabIndex={-1}
      aria-label={`Which value of ${of.key}`}
      value={of.aggregate ?? "last"}
      onChange={(event) => aggregate(runs, of, event.currentTarget.value as Aggregate)}
    >
      {aggregates(runs, of).map((each) => (
        <option key={each} value={each}>
          {each}
          {each === "best" ? ` (${sourceOf({ ...of, aggregate: "best" }, runs.goals.value).includes("_min") ? "least" : "greatest"})` : ""}
        </option>
      ))}
    </select>
  );
}

/** Which values of a metric can be shown: the best only where it is known what is better. */
function aggregates(runs: Runs, of: Column): readonly Aggregate[] {
  return AGGREGATES.filter((each) => each !== "best" || runs.goals.value[of.key] !== undefined || of.aggregate === "best");
}

/** Show another value of a metric, and order by it if it was ordered by. */
function aggregate(runs: Runs, of: Column, wanted: Aggregate): void {
  const name = aggregated(of.key, wanted);
  runs.choose(runs.chosen.value.map((each) => (each === of.name ? name : each)));
  runs.sort(runs.sorting.value.map((each) => (each.name === of.name ? { ...each, name } : each)));
}

/** Show the next of the values of a metric: what space does on a head. */
export function nextAggregate(runs: Runs, of: Column | undefined): void {
  if (of?.aggregate === undefined) return;
  const all = aggregates(runs, of);
  const next = all[(all.indexOf(of.aggregate) + 1) % all.length];
  if (next !== undefined) aggregate(runs, of, next);
}

function TickAll({ runs }: { runs: Runs }): JSX.Element {
  const ids = runs.sheet.value?.ids ?? [];
  const count = runs.ticked.count;
  const all = count > 0 && runs.rows.value.every((row) => runs.ticked.has(ids[row] ?? ""));
  return (
    <label class="grid-tick">
      <input
        type="checkbox"
        tabIndex={-1}
        aria-label="Pick all runs that are shown"
        checked={all}
        indeterminate={count > 0 && !all}
        onChange={() => {
          if (count > 0) runs.ticked.clear();
          else runs.ticked.set(Array.from(runs.rows.value, (row) => ids[row] ?? ""), true);
        }}
      />
    </label>
  );
}

/** Move a column with alt and an arrow key, widen it with shift as well; answers whether it was such a key. */
export function headByKey(event: KeyboardEvent, { runs, stand, of, at }: HeadProps): boolean {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step === undefined) return false;
  const last = stand.edges.value.length - 2;
  if (event.shiftKey) runs.setWidth(of, runs.widthOf(of) + step * A_STEP);
  else if (at > 0) {
    const to = Math.max(1, Math.min(last, at + step));
    move(runs, of, to);
    stand.focus.value = { line: -1, column: to };
  }
  return true;
}

/** Put a column at another place; the first place is the name's. */
function move(runs: Runs, of: Column, to: number): void {
  const shown = runs.columns.value.slice(1).map((each) => each.name);
  const hidden = runs.chosen.value.filter((name) => !shown.includes(name));
  runs.choose([...moved(shown, of.name, Math.max(0, to - 1)), ...hidden]);
}

interface Drag {
  readonly begin: (event: PointerEvent) => void;
  readonly widen: (event: PointerEvent) => void;
  readonly moved: () => boolean;
}

/** Follow the pointer from where it went down. */
function follow(event: PointerEvent, move: (by: number) => void, end: (by: number) => void): void {
  const start = event.clientX;
  const control = new AbortController();
  const by = (now: PointerEvent): number => now.clientX - start;
  addEventListener("pointermove", (now) => move(by(now)), { signal: control.signal });
  for (const kind of ["pointerup", "pointercancel"] as const) {
    addEventListener(
      kind,
      (now) => {
        control.abort();
        end(by(now));
      },
      { signal: control.signal },
    );
  }
}

function useDrag({ runs, stand, of, at }: HeadProps): Drag {
  const wasMoved = useRef(false);
  const begin = (event: PointerEvent): void => {
    const cell = (event.currentTarget as Element).closest<HTMLElement>(".grid-cell");
    wasMoved.current = false;
    if (event.button !== 0 || cell === null) return;
    follow(
      event,
      (by) => {
        if (Math.abs(by) > A_DRAG) wasMoved.current = true;
        if (!wasMoved.current) return;
        cell.classList.add("dragged");
        cell.style.translate = `${by}px 0`;
      },
      (by) => {
        cell.classList.remove("dragged");
        cell.style.translate = "";
        if (wasMoved.current) move(runs, of, target(stand.edges.value, at, by));
      },
    );
  };
  const widen = (event: PointerEvent): void => {
    event.preventDefault();
    const width = runs.widthOf(of);
    follow(event, (by) => runs.setWidth(of, width + by), () => undefined);
  };
  return { begin, widen, moved: () => wasMoved.current };
}

/** The place of the column over which the middle of the dragged one is. */
function target(at: readonly number[], from: number, by: number): number {
  const middle = ((at[from] ?? 0) + (at[from + 1] ?? 0)) / 2 + by;
  const found = at.findIndex((edge) => edge > middle) - 1;
  return found < 0 ? at.length - 2 : Math.max(1, found);
}
