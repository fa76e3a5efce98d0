// The promotion timeline: a lane for each alias and stage, a bar for each version that held it.
// Pointing at a moment tells what was held then, and by which address it can still be loaded.

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

import { moment } from "../core/format.ts";
import { address } from "../core/router.ts";
import type { Decision, Holding } from "../core/types.ts";
import { Copy } from "../parts/basics.tsx";
import { heldAt, lanes, placeOf, spanOf, ticks, type Bar, type Span } from "./spans.ts";

const HOURS_24 = 86_400_000;
/** A share of the track that a finger can hit; the tables below lead to what held less. */
const ENOUGH_TO_HIT = 0.04;

export function Timeline({
  model,
  holdings,
  decisions,
}: {
  model: string;
  holdings: readonly Holding[];
  decisions: readonly Decision[];
}): JSX.Element {
  const pointed = useSignal<number | null>(null);
  const span = spanOf(decisions, Date.now());
  if (span === null || holdings.length === 0) {
    return (
      <p class="soft">
        No version holds an alias or a stage yet. A gate gives one, or <code>mlff models alias {model} champion 1</code>.
      </p>
    );
  }
  const point = (event: MouseEvent): void => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    pointed.value = span.from + ((event.clientX - box.left) / box.width) * (span.to - span.from);
  };
  return (
    <div class="timeline">
      {lanes(holdings, span).map((lane) => (
        <div key={lane.place} class="lane">
          <div class="place">{lane.place}</div>
          <div class="track" onMouseMove={point} onMouseLeave={() => (pointed.value = null)}>
            {lane.rows.map((row, at) => (
              <div key={at} class="bars">
                {row.map((bar) => (
                  <HeldBar key={bar.holding.seq} model={model} bar={bar} />
                ))}
              </div>
            ))}
            <Marks place={lane.place} decisions={decisions} span={span} />
            {pointed.value === null ? null : (
              <div class="pointer" style={{ left: `${100 * placeOf(pointed.value, span)}%` }} />
            )}
          </div>
        </div>
      ))}
      <Axis span={span} />
      <Then model={model} holdings={holdings} at={pointed.value} />
    </div>
  );
}

function HeldBar({ model, bar }: { model: string; bar: Bar }): JSX.Element {
  const { holding } = bar;
  const until = holding.to_ms === null ? "now" : moment(holding.to_ms);
  const title = `Version ${holding.version} from ${moment(holding.from_ms)} until ${until}, by ${holding.actor}`;
  const shape = {
    class: `held tone-${1 + (holding.version % 6)}`,
    title,
    "aria-label": title,
    style: { left: `${100 * Math.min(bar.start, 0.994)}%`, width: `${100 * Math.max(bar.end - bar.start, 0.006)}%` },
  };
  if (bar.end - bar.start < ENOUGH_TO_HIT) return <span role="img" {...shape} />;
  return (
    <a href={address(["models", model, String(holding.version)])} {...shape}>
      {holding.version}
    </a>
  );
}

/** Refusals and holds of a place, which changed nothing and are part of its story. */
function Marks({
  place,
  decisions,
  span,
}: {
  place: string;
  decisions: readonly Decision[];
  span: Span;
}): JSX.Element {
  const refused = decisions.filter((each) => each.kind === "gate.evaluated" && each.place === place);
  return (
    <>
      {refused.map((each) => (
        <span
          key={each.seq}
          class="mark"
          title={`${each.what}, ${moment(each.at_ms)}: ${each.why}`}
          style={{ left: `${100 * placeOf(each.at_ms, span)}%` }}
        />
      ))}
    </>
  );
}

function Axis({ span }: { span: Span }): JSX.Element {
  const short = span.to - span.from < 2 * HOURS_24;
  return (
    <div class="lane axis" aria-hidden="true">
      <div class="place" />
      <div class="track">
        {ticks(span, 6).map((at) => (
          <span key={at} class="tick" style={{ left: `${100 * placeOf(at, span)}%` }}>
            {short ? moment(at).slice(11, 16) : moment(at).slice(0, 10)}
          </span>
        ))}
      </div>
    </div>
  );
}

/** What was held at the moment that is pointed at. */
function Then({
  model,
  holdings,
  at,
}: {
  model: string;
  holdings: readonly Holding[];
  at: number | null;
}): JSX.Element {
  if (at === null) return <p class="soft then">Point at a moment to see what was held then.</p>;
  const held = heldAt(holdings, at);
  const then = new Date(at).toISOString().slice(0, 19);
  return (
    <p class="then" aria-live="polite">
      <span class="soft">{moment(at)}:</span>{" "}
      {held.length === 0
        ? "no version held anything"
        : held.map((each) => `${each.place} was version ${each.version}`).join(", ")}
      {held.some((each) => !STAGES.has(each.place)) ? (
        <>
          {" · "}
          <Copy text={`models:/${model}@${held.find((each) => !STAGES.has(each.place))?.place ?? ""}?at=${then}Z`} />
        </>
      ) : null}
    </p>
  );
}

const STAGES: ReadonlySet<string> = new Set(["Production", "Staging"]);
