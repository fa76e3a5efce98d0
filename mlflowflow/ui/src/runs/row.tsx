// One line of a table of runs: a run, or the head of a group with what its runs come to.

import { signal } from "@preact/signals";
import type { JSX } from "preact";

import { ago, count, duration, moment, number, shortened } from "../core/format.ts";
import { hovered } from "../core/hover.ts";
import { exactAt, isNumeric, numberAt, textAt, type Cells } from "./cells.ts";
import { DURATION, TIMES, type Column } from "./columns.ts";
import type { Selecting, Stand } from "./grid.tsx";
import type { Group } from "./lines.ts";
import type { Runs } from "./model.ts";
import { summary } from "./numbers.ts";

/** What the distance of times is told from; rows that show one are drawn anew when it moves on. */
const now = signal(Date.now());
setInterval(() => (now.value = Date.now()), 10_000);

interface Shared {
  readonly runs: Runs;
  readonly stand: Stand;
  readonly line: number;
  readonly top: number;
  readonly isAt: boolean;
  readonly select: Selecting;
}

/** A run. */
export function RunRow(props: Shared & { row: number; depth: number; below: number }): JSX.Element {
  const { runs, stand, line, top, row, depth, below, select } = props;
  const id = runs.sheet.value?.ids[row] ?? "";
  const isTicked = runs.ticked.has(id);
  const isLit = hovered.value === id;
  return (
    <div
      class={`grid-row${isTicked ? " ticked" : ""}${isLit ? " lit" : ""}`}
      role="row"
      aria-rowindex={line + 2}
      aria-selected={isTicked}
      style={{ transform: `translateY(${top}px)` }}
      onPointerEnter={() => (hovered.value = id)}
      onPointerLeave={() => (hovered.value = null)}
      onMouseDown={(event) => event.shiftKey && event.preventDefault()}
      onClick={(event) => clicked(event, line, select)}
    >
      <Cell {...props} column={0} extra="first">
        <Tick isOn={isTicked} name={nameOf(runs, row)} line={line} select={select} colour={runs.ticked.colour(id)} />
        <span class="grid-indent" style={{ width: `${depth * 16}px` }} />
        {below > 0 ? (
          <Fold isOpen={runs.open.value.has(id)} onFold={() => runs.fold(id)} words={count(below, "run")} />
        ) : runs.hasFolds.value ? (
          <span class="grid-gap" />
        ) : null}
        <a class="grid-name" href={`/runs/${id}`} tabIndex={-1} title={nameOf(runs, row)}>
          {nameOf(runs, row)}
        </a>
        {below > 0 ? <span class="grid-below">{below}</span> : null}
      </Cell>
      {others(runs, stand).map(([of, column]) => (
        <ValueCell key={of.name} {...props} of={of} column={column} />
      ))}
    </div>
  );
}

function nameOf(runs: Runs, row: number): string {
  const names = runs.sheet.value?.column("run_name");
  const name = names === undefined ? "" : textAt(names, row);
  return name === "" ? (runs.sheet.value?.ids[row] ?? "").slice(0, 8) : name;
}

function clicked(event: MouseEvent, line: number, select: Selecting): void {
  if ((event.target as Element).closest("a,button,input") !== null) return;
  if (event.shiftKey) select.range(line);
  else if (event.ctrlKey || event.metaKey) select.tick(line);
}

function others(runs: Runs, stand: Stand): (readonly [Column, number])[] {
  const { start, stop } = stand.seen.value;
  return runs.columns.value.flatMap((of, at) => (at > 0 && at >= start && at < stop ? [[of, at] as const] : []));
}

interface CellProps extends Shared {
  readonly column: number;
  readonly extra?: string;
  readonly hint?: string;
  readonly children?: JSX.Element | string | null | (JSX.Element | null)[];
}

function Cell({ stand, line, column, isAt, extra = "", hint, children }: CellProps): JSX.Element {
  const [from = 0, to = 0] = [stand.edges.value[column], stand.edges.value[column + 1]];
  const here = isAt && stand.focus.value.column === column;
  return (
    <div
      id={`cell-${line}-${column}`}
      class={`grid-cell ${extra}${here ? " at" : ""}`}
      role={column === 0 ? "rowheader" : "gridcell"}
      aria-colindex={column + 1}
      style={column === 0 ? { width: `${to}px` } : { left: `${from}px`, width: `${to - from}px` }}
      onPointerDown={() => (stand.focus.value = { line, column })}
      {...(hint === undefined ? {} : { title: hint })}
    >
      {children}
    </div>
  );
}

function ValueCell(props: Shared & { row: number; of: Column; column: number }): JSX.Element {
  const { runs, of, row } = props;
  const cells = runs.cells(of);
  if (cells === undefined) return <Cell {...props} />;
  const { words, hint, extra } = written(of, cells, row);
  return (
    <Cell {...props} extra={extra} hint={hint}>
      {of.name === "status" && words !== "" ? <StateOf words={words} /> : words}
    </Cell>
  );
}

interface Written {
  readonly words: string;
  readonly hint: string;
  readonly extra: string;
}

function written(of: Column, cells: Cells, row: number): Written {
  const value = numberAt(cells, row);
  if (TIMES.includes(of.name)) {
    return Number.isNaN(value)
      ? { words: "", hint: "", extra: "number" }
      : { words: ago(value, now.value), hint: moment(value), extra: "number" };
  }
  if (of.name === DURATION) return { words: duration(value), hint: `${value} s`, extra: "number" };
  const exact = exactAt(cells, row);
  const words = textAt(cells, row);
  return isNumeric(cells) ? { words: shortened(words), hint: exact, extra: "number" } : { words, hint: exact, extra: "" };
}

/** A state as a dot and a word: calmer than a badge in each of forty rows. */
function StateOf({ words }: { words: string }): JSX.Element {
  return (
    <span class="grid-state">
      <span class={`grid-dot ${words.toLowerCase()}`} />
      {words.toLowerCase()}
    </span>
  );
}

function Tick(props: { isOn: boolean; name: string; line: number; select: Selecting; colour: number }): JSX.Element {
  const { isOn, name, line, select, colour } = props;
  return (
    <label class="grid-tick" {...(colour < 0 ? {} : { style: { "--run": `var(--series-${(colour % 8) + 1})` } })}>
      <input
        type="checkbox"
        tabIndex={-1}
        aria-label={`Pick ${name}`}
        checked={isOn}
        onClick={(event) => {
          if (event.shiftKey) select.range(line);
          else select.tick(line);
        }}
      />
    </label>
  );
}

function Fold({ isOpen, onFold, words }: { isOpen: boolean; onFold: () => void; words: string }): JSX.Element {
  return (
    <button type="button" class="grid-fold" tabIndex={-1} aria-expanded={isOpen} aria-label={words} onClick={onFold}>
      <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
        <path d="M3 1l4 4-4 4" fill="none" stroke="currentColor" stroke-width="1.6" />
      </svg>
    </button>
  );
}

/** The head of a group: how many runs, the means of their numbers. */
export function GroupRow(props: Shared & { group: Group }): JSX.Element {
  const { runs, stand, line, top, group, select } = props;
  const ids = runs.sheet.value?.ids ?? [];
  const isTicked = group.rows.every((row) => runs.ticked.has(ids[row] ?? ""));
  const said = runs.choices.group.value === "status" ? group.label.toLowerCase() : group.label;
  const label = said === "" ? "none" : said;
  return (
    <div
      class="grid-row group"
      role="row"
      aria-rowindex={line + 2}
      aria-selected={isTicked}
      style={{ transform: `translateY(${top}px)` }}
      onClick={(event) => clicked(event, line, select)}
    >
      <Cell {...props} column={0} extra="first">
        <Tick isOn={isTicked} name={`all of ${label}`} line={line} select={select} colour={-1} />
        <Fold isOpen={runs.open.value.has(group.label)} onFold={() => runs.fold(group.label)} words={`Runs of ${label}`} />
        <span class={group.label === "" ? "grid-name soft" : "grid-name"}>{label}</span>
        <span class="grid-below">{group.rows.length}</span>
      </Cell>
      {others(runs, stand).map(([of, column]) => {
        const { words, hint, extra } = cameTo(of, runs.cells(of), group.rows);
        return (
          <Cell key={of.name} {...props} column={column} extra={extra} hint={hint}>
            {of.name === "status" ? <StatesOf cells={runs.cells(of)} rows={group.rows} /> : words}
          </Cell>
        );
      })}
    </div>
  );
}

/** The states of a group: in a word if they are one, else as a bar. */
function StatesOf({ cells, rows }: { cells: Cells | undefined; rows: Uint32Array }): JSX.Element | null {
  const counts = new Map<string, number>();
  for (const row of cells === undefined ? [] : rows) {
    const state = textAt(cells as Cells, row);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  const all = [...counts].sort(([, a], [, b]) => b - a);
  const [only] = all;
  if (only === undefined) return null;
  if (all.length === 1) return <StateOf words={only[0]} />;
  const said = all.map(([state, size]) => `${size} ${state.toLowerCase()}`).join(", ");
  return (
    <span class="grid-states" role="img" aria-label={said} title={said}>
      {all.map(([state, size]) => (
        <span key={state} class={`grid-dot ${state.toLowerCase()}`} style={{ flexGrow: String(size) }} />
      ))}
    </span>
  );
}

function cameTo(of: Column, cells: Cells | undefined, rows: Uint32Array): Written {
  if (cells === undefined) return { words: "", hint: "", extra: "" };
  if (TIMES.includes(of.name)) {
    const newest = rows.reduce((most, row) => Math.max(most, numberAt(cells, row) || 0), 0);
    return newest === 0
      ? { words: "", hint: "", extra: "number" }
      : { words: ago(newest, now.value), hint: `newest: ${moment(newest)}`, extra: "number" };
  }
  if (of.family === "metrics" || of.name === DURATION) {
    const { count: many, mean, std } = summary(Array.from(rows, (row) => numberAt(cells, row)));
    if (many === 0) return { words: "", hint: "", extra: "number" };
    const write = of.name === DURATION ? duration : cells.kind === "numbers" ? cells.write : number;
    const spread = Number.isNaN(std) || of.name === DURATION ? "" : ` ± ${write(std)}`;
    return { words: write(mean) + spread, hint: `mean ${mean}, deviation ${std}, of ${many}`, extra: "number" };
  }
  const different = new Set(Array.from(rows, (row) => textAt(cells, row)));
  const only = different.size === 1 ? [...different][0] : undefined;
  const words = only ?? `${different.size} values`;
  return { words, hint: words, extra: `${isNumeric(cells) ? "number" : ""}${only === undefined ? " soft" : ""}` };
}
