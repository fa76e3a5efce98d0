// The value of the main objective over two dimensions, interpolated between the trials.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";

import { Contour } from "../charts/contour.tsx";
import type { Frame as Columns } from "../charts/frame.ts";
import { textChoice } from "../core/router.ts";
import { Frame } from "./frame.tsx";
import { PickAxis } from "./pick_axis.tsx";
import type { Axis } from "./trials.ts";
import { axisOf, cellText, mainKey, type SweepView } from "./view.ts";

const across = textChoice("cx");
const up = textChoice("cy");

export function Surface({ view, byDefault }: { view: SweepView; byDefault: readonly [string, string] }): JSX.Element {
  const main = axisOf(view, mainKey(view));
  const [x, y] = [axisOf(view, across.value || byDefault[0]), axisOf(view, up.value || byDefault[1])];
  const frame = useMemo(() => named(view, [x, y, main]), [view, x.key, y.key]);
  const active = useMemo(() => view.trials.filter((each) => each.rank !== undefined && view.kept.has(each.number)).map((each) => each.number), [view]);
  const dimensions = view.axes.filter((axis) => axis.key.startsWith("params."));
  return (
    <Frame
      view={view}
      title={`${view.sheet.selecting} over`}
      keys={[]}
      about=""
      rows={() => ({ heads: ["trial", x.title, y.title, main.title], rows: active.map((at) => [String(at), ...[x, y, main].map((axis) => cellText(axis.cells[at]))]) })}
      tools={
        <>
          <PickAxis words="Dimension at the left" from={dimensions} chosen={y.key} onPick={up.set} />
          <span class="soft">and</span>
          <PickAxis words="Dimension below" from={dimensions} chosen={x.key} onPick={across.set} />
        </>
      }
    >
      <Contour frame={frame} x={x.title} y={y.title} value={main.title} name={(id) => `trial ${view.byId.get(id)?.number ?? ""}`} active={active} height={260} />
    </Frame>
  );
}

/** Some axes as columns with the names that people know. */
function named(view: SweepView, axes: readonly Axis[]): Columns {
  return { ids: view.trials.map((each) => each.id), columns: axes.map((axis) => ({ name: axis.title, values: axis.cells })) };
}
