// A table of runs of which only what is seen is drawn: 50,000 rows cost no more than forty.
// One place in it has the focus; arrow keys move it, space and shift pick runs.

import { computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";

import "../style/grid.css";
import { navigate } from "../core/router.ts";
import { headByKey, HeadRow, nextAggregate } from "./head.tsx";
import { keyMove, type Place } from "./keys.ts";
import type { Runs } from "./model.ts";
import { GroupRow, RunRow } from "./row.tsx";
import { edges, scrolledTo, seenColumns, seenLines, type Span } from "./window.ts";

export const ROW = 30;
const HEAD = 44;

/** Where the table stands: sizes in pixels, and the place that has the focus (line −1 is the head). */
export interface Stand {
  readonly top: Signal<number>;
  readonly left: Signal<number>;
  readonly width: Signal<number>;
  readonly height: Signal<number>;
  readonly focus: Signal<Place>;
  readonly edges: ReadonlySignal<readonly number[]>;
  readonly seen: ReadonlySignal<Span>;
}

export function Grid({ runs }: { runs: Runs }): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const stand = useMemo(() => standOf(runs), []);
  const select = useMemo(() => selecting(runs, stand), []);
  useEffect(() => {
    const at = scroller.current;
    if (at === null) return;
    const watcher = new ResizeObserver(() => {
      stand.width.value = at.clientWidth;
      stand.height.value = at.clientHeight;
    });
    watcher.observe(at);
    return () => watcher.disconnect();
  }, []);
  const { rows, depths, groups, below } = runs.lines.value;
  const ids = runs.sheet.value?.ids ?? [];
  const span = seenLines(stand.top.value, stand.height.value, ROW, rows.length);
  const total = stand.edges.value.at(-1) ?? 0;
  const focus = stand.focus.value;

  const onKeyDown = (event: KeyboardEvent): void => {
    const isElsewhere = event.target !== scroller.current;
    if (event.target instanceof HTMLSelectElement || (isElsewhere && [" ", "Enter"].includes(event.key))) return;
    const of = runs.columns.value[focus.column];
    if (focus.line === -1 && event.altKey && of !== undefined) {
      if (headByKey(event, { runs, stand, of, at: focus.column })) event.preventDefault();
      return;
    }
    if (select.fold(event.key)) {
      event.preventDefault();
      return;
    }
    const page = Math.max(1, Math.floor((stand.height.value - HEAD) / ROW) - 1);
    const next = keyMove(focus, event, { lines: rows.length, columns: stand.edges.value.length - 1, page });
    if (next !== undefined) {
      event.preventDefault();
      if (event.shiftKey && next.line !== focus.line) select.range(next.line);
      stand.focus.value = next;
      if (scroller.current !== null) reveal(scroller.current, stand, next);
      return;
    }
    if (select.key(event)) event.preventDefault();
  };

  const lines: JSX.Element[] = [];
  for (let line = span.start; line < span.stop; line += 1) {
    const row = rows[line] ?? 0;
    const shared = { runs, stand, line, top: line * ROW, isAt: focus.line === line, select };
    if (row < 0) {
      const group = groups[-1 - row];
      if (group !== undefined) lines.push(<GroupRow key={`group ${group.label}`} {...shared} group={group} />);
    } else {
      lines.push(<RunRow key={ids[row]} {...shared} row={row} depth={depths[line] ?? 0} below={below[row] ?? 0} />);
    }
  }
  return (
    <div
      ref={scroller}
      class="grid"
      role="grid"
      tabIndex={0}
      aria-label="Runs"
      aria-multiselectable="true"
      aria-rowcount={rows.length + 1}
      aria-colcount={stand.edges.value.length - 1}
      aria-busy={runs.busy.value}
      {...(focus.line < 0 || (focus.line >= span.start && focus.line < span.stop)
        ? { "aria-activedescendant": `cell-${focus.line}-${focus.column}` }
        : {})}
      onKeyDown={onKeyDown}
      onScroll={(event) => {
        stand.top.value = event.currentTarget.scrollTop;
        stand.left.value = event.currentTarget.scrollLeft;
      }}
    >
      <div class="grid-all" style={{ width: `${total}px`, height: `${HEAD + rows.length * ROW}px` }}>
        <HeadRow runs={runs} stand={stand} />
        <div class="grid-body" role="rowgroup">
          {lines}
        </div>
      </div>
    </div>
  );
}

function standOf(runs: Runs): Stand {
  const at = computed(() => edges(runs.columns.value.map(runs.widthOf)));
  const [left, width] = [signal(0), signal(1200)];
  return {
    top: signal(0),
    left,
    width,
    height: signal(700),
    focus: signal({ line: 0, column: 0 }),
    edges: at,
    seen: computed(() => seenColumns(left.value, width.value, at.value)),
  };
}

function reveal(at: HTMLElement, stand: Stand, place: Place): void {
  if (place.line >= 0) {
    const top = place.line * ROW;
    at.scrollTop = scrolledTo(top, top + ROW, at.scrollTop, at.clientHeight - HEAD);
  }
  const sticky = stand.edges.value[1] ?? 0;
  const [from = 0, to = 0] = [stand.edges.value[place.column], stand.edges.value[place.column + 1]];
  if (place.column > 0) at.scrollLeft = scrolledTo(from - sticky, to - sticky, at.scrollLeft, at.clientWidth - sticky);
}

/** What picks runs: a tick, a stretch up to a line, a key. */
export interface Selecting {
  readonly tick: (line: number) => void;
  readonly range: (line: number) => void;
  /** right unfolds, left folds, while the name of a run or group has the focus */
  readonly fold: (key: string) => boolean;
  readonly key: (event: KeyboardEvent) => boolean;
}

function selecting(runs: Runs, stand: Stand): Selecting {
  let from: number | undefined;

  const idsOf = (line: number): string[] => {
    const { rows, groups } = runs.lines.value;
    const row = rows[line];
    const ids = runs.sheet.value?.ids ?? [];
    if (row === undefined) return [];
    const members = row < 0 ? [...(groups[-1 - row]?.rows ?? [])] : [row];
    return members.map((member) => ids[member]).filter((id) => id !== undefined);
  };
  const tick = (line: number): void => {
    const ids = idsOf(line);
    runs.ticked.set(ids, !ids.every((id) => runs.ticked.has(id)));
    from = line;
  };
  const range = (line: number): void => {
    const start = from ?? stand.focus.value.line;
    const [first, last] = [Math.min(start, line), Math.max(start, line)];
    const ids: string[] = [];
    for (let each = Math.max(0, first); each <= last; each += 1) ids.push(...idsOf(each));
    runs.ticked.set(ids, true);
    from = start;
  };
  const enter = (): boolean => {
    const { line, column } = stand.focus.value;
    const of = runs.columns.value[column];
    if (line < 0) {
      document.querySelector<HTMLElement>(`#cell-${line}-${column} .grid-sort`)?.click();
      return of !== undefined;
    }
    const row = runs.lines.value.rows[line];
    if (row === undefined) return false;
    if (row < 0) runs.fold(runs.lines.value.groups[-1 - row]?.label ?? "");
    else navigate(`/runs/${runs.sheet.value?.ids[row] ?? ""}`);
    return true;
  };
  const fold = (pressed: string): boolean => {
    const { line, column } = stand.focus.value;
    const { rows, groups, below } = runs.lines.value;
    const row = rows[line];
    if (column !== 0 || row === undefined || !["ArrowRight", "ArrowLeft"].includes(pressed)) return false;
    const name = row < 0 ? groups[-1 - row]?.label : (below[row] ?? 0) > 0 ? runs.sheet.value?.ids[row] : undefined;
    if (name === undefined || runs.open.value.has(name) !== (pressed === "ArrowLeft")) return false;
    runs.fold(name);
    return true;
  };
  const everything = (): boolean => {
    const ids = runs.sheet.value?.ids ?? [];
    runs.ticked.set(Array.from(runs.rows.value, (row) => ids[row] ?? ""), true);
    return true;
  };
  const key = (event: KeyboardEvent): boolean => {
    const { line } = stand.focus.value;
    if (event.key === " " && line < 0) {
      nextAggregate(runs, runs.columns.value[stand.focus.value.column]);
      return true;
    }
    if (event.key === " " && line >= 0) {
      if (event.shiftKey) range(line);
      else tick(line);
      return true;
    }
    if (event.key === "a" && (event.ctrlKey || event.metaKey)) return everything();
    if (event.key === "Escape" && runs.ticked.count > 0) {
      runs.ticked.clear();
      return true;
    }
    return event.key === "Enter" && enter();
  };
  return { tick, range, fold, key };
}
