// All dimensions and objectives side by side, one line for each trial that came to a result.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";

import type { Brushes } from "../charts/frame.ts";
import { Parallel } from "../charts/parallel.tsx";
import { wantsLog } from "../charts/scale.ts";
import { Frame } from "./frame.tsx";
import type { Brush } from "./trials.ts";
import { cellText, columnsOf, flip, mainKey, setBrush, top, type SweepView } from "./view.ts";

export function SideBySide({ view }: { view: SweepView }): JSX.Element {
  const main = mainKey(view);
  const axes = view.axes.filter((axis) => axis.key !== "trial" && axis.key !== "seconds");
  const keys = [...axes.filter((axis) => axis.key !== main), ...axes.filter((axis) => axis.key === main)].map((axis) => axis.key);
  const columns = useMemo(() => columnsOf(view), [view]);
  const rows = useMemo(() => view.trials.filter((each) => each.rank !== undefined && (top.value <= 0 || each.rank <= top.value)).map((each) => each.number), [view]);
  const brushes = useMemo(() => asBrushes(view.brushes), [view]);
  return (
    <Frame
      view={view}
      title={`All side by side, coloured by ${view.sheet.selecting}`}
      keys={[]}
      about=""
      rows={() => ({
        heads: ["trial", ...axes.map((axis) => axis.title)],
        rows: rows.filter((at) => view.kept.has(at)).map((at) => [String(at), ...axes.map((axis) => cellText(axis.cells[at]))]),
      })}
      isWide
    >
      <Parallel
        frame={columns}
        axes={keys}
        by={main}
        brushes={brushes}
        onBrush={(found) => setBrush(changes(brushes, found))}
        name={(id) => `trial ${view.byId.get(id)?.number ?? ""}`}
        rows={rows}
        turned={axes.filter((axis) => axis.log !== wantsLog(axis.cells)).map((axis) => axis.key)}
        onTurn={flip}
        height={300}
      />
    </Frame>
  );
}

function asBrushes(brushes: readonly Brush[]): Brushes {
  return Object.fromEntries(brushes.map(({ key, low, high, names }) => [key, names.length > 0 ? names : [low, high]]));
}

/** What is other in `after` than it was `before`. */
function changes(before: Brushes, after: Brushes): [key: string, brush: Brush | null][] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => before[key] !== after[key])
    .map((key) => [key, brushOf(key, after[key])]);
}

function brushOf(key: string, found: Brushes[string] | undefined): Brush | null {
  if (found === undefined) return null;
  const [low, high] = found;
  if (typeof low === "number" && typeof high === "number") return { key, low, high, names: [] };
  return { key, low: -Infinity, high: Infinity, names: found as readonly string[] };
}
