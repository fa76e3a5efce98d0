// The curves of some runs, one chart for each metric, grouped by the metrics' prefixes.
//
//   <Charts runIds={ids} name={nameOf} colour={colourOf} />
//
// `runIds` is a signal; `colour` gives the number of a run's colour, from 0. How the charts look is kept in
// the address: plot, axis, smooth, logx, logy, zoom. Pointing at a line sets `hovered` of core/hover.ts, and the
// other way round.

import { computed, type ReadonlySignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";

import { route, useAnswer } from "../core/api.ts";
import { hovered } from "../core/hover.ts";
import { flagChoice, listChoice, numberChoice, textChoice } from "../core/router.ts";
import type { RunsSheet } from "../core/types.ts";
import { Empty, Shown } from "../parts/basics.tsx";
import "../style/charts.css";
import { grouped, type Along } from "./curves.ts";
import type { Zoom, Zooming } from "./line_chart.tsx";
import { MetricChart, type Asked } from "./metric_chart.tsx";
import { Plots, type Kind } from "./plots.tsx";
import { Swatch } from "./swatch.tsx";

export interface ChartsProps {
  readonly runIds: ReadonlySignal<readonly string[]>;
  readonly name: (id: string) => string;
  readonly colour: (id: string) => number;
  /** The experiments of the runs, if they are known: less is read then. */
  readonly experiments?: ReadonlySignal<readonly string[]>;
  /** Which metrics are shown; all by default. */
  readonly only?: (metric: string) => boolean;
}

const AXES: readonly (readonly [Along, string])[] = [
  ["step", "step"],
  ["relative", "time since its start"],
  ["wall", "time of day"],
];
const KINDS: readonly (readonly [Kind | "", string])[] = [
  ["", "Curves"],
  ["parallel", "Parallel axes"],
  ["scatter", "Scatter"],
  ["box", "Boxes"],
  ["contour", "Contour"],
];
const MOST_RUNS = 100;
const LEGEND = 12;
/** What the machine did is folded until somebody wants it. */
const SYSTEM = "system";

const kind = textChoice("plot");
const axis = textChoice("axis", "step");
const smooth = numberChoice("smooth", 0);
const logX = flagChoice("logx");
const logY = listChoice("logy");
const zoomed = textChoice("zoom");

export function Charts({ runIds, name, colour, experiments, only }: ChartsProps): JSX.Element {
  const shownIds = computed(() => runIds.value.slice(0, MOST_RUNS));
  const sheet = useAnswer<RunsSheet>(() =>
    shownIds.value.length === 0
      ? null
      : route("runs", { run: shownIds.value, experiment: experiments?.value ?? [], column: ["metrics.*"], stage: "all" }),
  );
  const ids = shownIds.value;
  if (ids.length === 0) return <Empty>Pick runs to see their curves.</Empty>;
  const more = runIds.value.length - ids.length;
  const chosen = KINDS.find(([each]) => each === kind.value)?.[0];
  if (ids.length > 1 && chosen !== undefined && chosen !== "") {
    return (
      <div class="charts">
        <Kinds />
        <Plots kind={chosen} runIds={runIds} name={name} {...(experiments === undefined ? {} : { experiments })} />
      </div>
    );
  }
  return (
    <div class="charts">
      {ids.length > 1 ? <Kinds /> : null}
      <Shown answer={sheet.value}>
        {(found) => {
          const metrics = logged(found).filter(only ?? (() => true));
          if (metrics.length === 0) return <Empty>These runs have logged no metric yet.</Empty>;
          return (
            <>
              <Bar metrics={metrics} />
              {ids.length > 1 ? <Legend ids={ids} name={name} colour={colour} /> : null}
              {more > 0 ? <p class="soft">The first {MOST_RUNS} of {runIds.value.length} picked runs are drawn.</p> : null}
              <Groups metrics={metrics} asked={{ runIds: ids, name, colour }} />
            </>
          );
        }}
      </Shown>
    </div>
  );
}

function Kinds(): JSX.Element {
  return (
    <div class="bar charts-kinds" role="group" aria-label="What is drawn">
      {KINDS.map(([each, words]) => (
        <button key={each} type="button" aria-pressed={kind.value === each} onClick={() => kind.set(each)}>
          {words}
        </button>
      ))}
    </div>
  );
}

/** The metrics that some run has. */
function logged(sheet: RunsSheet): string[] {
  return Object.entries(sheet.columns)
    .filter(([, values]) => values.some((value) => value !== null))
    .map(([column]) => column.slice("metrics.".length));
}

function Bar({ metrics }: { metrics: readonly string[] }): JSX.Element {
  return (
    <div class="bar charts-bar" role="group" aria-label="How curves are shown">
      <label>
        <span class="soft">along</span>
        <select
          value={axis.value}
          onChange={(event) => {
            zoomed.set("");
            axis.set(event.currentTarget.value);
          }}
        >
          {AXES.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
          <optgroup label="a metric">
            {metrics.map((metric) => (
              <option key={metric} value={`metric:${metric}`}>
                {metric}
              </option>
            ))}
          </optgroup>
        </select>
      </label>
      <label>
        <span class="soft">smooth</span>
        <input
          type="range"
          min="0"
          max="0.99"
          step="0.01"
          value={smooth.value}
          onInput={(event) => smooth.set(Number(event.currentTarget.value))}
        />
        <output class="number charts-smooth">{smooth.value === 0 ? "off" : smooth.value.toFixed(2)}</output>
      </label>
      <label>
        <input type="checkbox" checked={logX.value} onChange={(event) => logX.set(event.currentTarget.checked)} />
        log axis below
      </label>
      <span class="soft charts-hint">{zoomed.value === "" ? "Draw over a chart to zoom into all" : null}</span>
      <button type="button" disabled={zoomed.value === ""} onClick={() => zoomed.set("")}>
        Whole length
      </button>
    </div>
  );
}

function Legend({ ids, name, colour }: { ids: readonly string[]; name: (id: string) => string; colour: (id: string) => number }): JSX.Element {
  const [all, setAll] = useState(false);
  const shown = all ? ids : ids.slice(0, LEGEND);
  return (
    <ul class="charts-legend" aria-label="Runs">
      {shown.map((id) => (
        <li
          key={id}
          class={hovered.value === id ? "lit" : ""}
          onMouseEnter={() => (hovered.value = id)}
          onMouseLeave={() => (hovered.value = null)}
        >
          <Swatch index={colour(id)} />
          <a href={`/runs/${encodeURIComponent(id)}`}>{name(id)}</a>
        </li>
      ))}
      {ids.length > LEGEND ? (
        <li>
          <button type="button" class="plain" onClick={() => setAll(!all)}>
            {all ? "fewer" : `and ${ids.length - LEGEND} more`}
          </button>
        </li>
      ) : null}
    </ul>
  );
}

function Groups({ metrics, asked }: { metrics: readonly string[]; asked: Asked }): JSX.Element {
  const zoom = useMemo(zoomInAddress, []);
  const found = axis.value;
  const along: Along = found.startsWith("metric:") ? "metric" : ((AXES.find(([each]) => each === found) ?? AXES[0])?.[0] ?? "step");
  const groups = grouped(metrics);
  const other = along === "metric" ? found.slice("metric:".length) : undefined;
  return (
    <>
      {groups.map(([group, members]) => (
        <details key={group} class="charts-group" open={group !== SYSTEM || groups.length === 1}>
          <summary>
            <h3>{group === "" ? "Metrics" : group}</h3>
            <span class="soft">{members.length}</span>
          </summary>
          <div class="charts-grid">
            {members.map((metric) => (
              <MetricChart
                key={metric}
                metric={metric}
                other={other}
                asked={asked}
                look={{ along, smooth: smooth.value, logX: logX.value, logY: logY.value.includes(metric) }}
                zoom={zoom}
                onLog={() => logY.set(toggled(logY.value, metric))}
              />
            ))}
          </div>
        </details>
      ))}
    </>
  );
}

function toggled(list: readonly string[], item: string): readonly string[] {
  return list.includes(item) ? list.filter((each) => each !== item) : [...list, item];
}

/** The zoom that the address keeps as "from:to". */
function zoomInAddress(): Zooming {
  const found = computed<Zoom>(() => {
    const [from, to] = zoomed.value.split(":").map(Number);
    return zoomed.value === "" || from === undefined || to === undefined || !(from < to) ? null : [from, to];
  });
  return {
    found,
    set: (zoom) => zoomed.set(zoom === null ? "" : zoom.map((each) => Number(each.toPrecision(10))).join(":")),
  };
}
