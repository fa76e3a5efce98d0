// The trials that are meant, as a table: by any column, the best first.

import type { JSX } from "preact";

import { numeric } from "../charts/scale.ts";
import { duration, grouped, number } from "../core/format.ts";
import { hovered } from "../core/hover.ts";
import { address, numberChoice, textChoice } from "../core/router.ts";
import { State } from "../parts/basics.tsx";
import { axisOf, cellText, type SweepView } from "./view.ts";
import type { Trial } from "./trials.ts";

const sorted = textChoice("sort", "rank");
const shown = numberChoice("rows", 100);

export function TrialsTable({ view }: { view: SweepView }): JSX.Element {
  const axes = view.axes.filter((axis) => axis.key !== "trial" && axis.key !== "seconds");
  const ordered = inOrder(view, view.trials.filter((trial) => view.kept.has(trial.number)));
  const rows = ordered.slice(0, shown.value);
  const heads: [string, string][] = [["rank", "#"], ["trial", "Trial"], ["state", "State"], ...axes.map((axis): [string, string] => [axis.key, axis.title]), ["seconds", "Took"]];
  return (
    <section aria-label="Trials">
      <div class="sw-table" tabIndex={0}>
        <table class="list">
          <thead>
            <tr>
              {heads.map(([key, title]) => (
                <Head key={key} of={key} title={title} />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((trial) => (
              <Row key={trial.id} view={view} trial={trial} keys={axes.map((axis) => axis.key)} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="bar sw-under">
        {grouped(rows.length)} of {grouped(view.trials.length)} trials
        {ordered.length > rows.length ? (
          <button type="button" onClick={() => shown.set(shown.value * 5)}>
            Show more
          </button>
        ) : null}
      </p>
    </section>
  );
}

function Head({ of, title }: { of: string; title: string }): JSX.Element {
  const [key, isDown] = sorted.value.startsWith("-") ? [sorted.value.slice(1), true] : [sorted.value, false];
  const isMine = key === of;
  return (
    <th scope="col" class={of === "state" ? "" : "number"} {...(isMine ? { "aria-sort": isDown ? "descending" : "ascending" } : {})}>
      <button type="button" class="plain" onClick={() => sorted.set(isMine && !isDown ? `-${of}` : of)}>
        {title}
        {isMine ? (isDown ? " ▼" : " ▲") : ""}
      </button>
    </th>
  );
}

function Row({ view, trial, keys }: { view: SweepView; trial: Trial; keys: readonly string[] }): JSX.Element {
  const marks = [hovered.value === trial.id ? "sw-lit" : "", trial.number === view.sheet.best ? "sw-winner" : ""].join(" ");
  return (
    <tr class={marks} onMouseEnter={() => (hovered.value = trial.id)} onMouseLeave={() => (hovered.value = null)}>
      <td class="number soft">{trial.rank ?? "–"}</td>
      <td class="number">
        <a href={address(["runs", trial.id])}>{trial.number}</a>
      </td>
      <td>
        <State of={trial.state} />
      </td>
      {keys.map((key) => {
        const cell = axisOf(view, key).cells[trial.number] ?? null;
        return (
          <td key={key} class="number">
            {cell === null ? <span class="soft">–</span> : typeof cell === "number" ? number(cell) : cellText(cell)}
          </td>
        );
      })}
      <td class="number">{trial.seconds > 0 ? duration(trial.seconds) : <span class="soft">–</span>}</td>
    </tr>
  );
}

function inOrder(view: SweepView, trials: readonly Trial[]): Trial[] {
  const [key, sign] = sorted.value.startsWith("-") ? [sorted.value.slice(1), -1] : [sorted.value, 1];
  const axis = view.axes.find((each) => each.key === key);
  const of = (trial: Trial): number | string | undefined => {
    if (key === "rank") return trial.rank;
    if (key === "state") return trial.state;
    const cell = axis?.cells[trial.number] ?? null;
    return numeric(cell) ?? cell ?? undefined;
  };
  return [...trials].sort((one, other) => {
    const [left, right] = [of(one), of(other)];
    if (left === right) return one.number - other.number;
    if (left === undefined || right === undefined) return left === undefined ? 1 : -1; // what is missing comes last
    return sign * (left < right ? -1 : 1);
  });
}
