// Every decision about every model, and whether the logs are the ones that were written.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import "../style/models.css";
import { route, useAnswer } from "../core/api.ts";
import { count } from "../core/format.ts";
import { textChoice } from "../core/router.ts";
import type { AuditAnswer, Decision, LogCheck } from "../core/types.ts";
import { Decisions } from "../models/decisions.tsx";
import { Copy, Empty, Shown } from "../parts/basics.tsx";

const words = textChoice("q");
const model = textChoice("model");
const actor = textChoice("actor");
const kind = textChoice("kind");
const seq = textChoice("seq");
const MOST = 1000;

export function AuditPage(): JSX.Element {
  const answer = useAnswer<AuditAnswer>(() => route("audit"));
  useEffect(() => {
    document.title = "Audit · mlflowflow";
  }, []);
  return (
    <>
      <div class="head">
        <h1>Audit</h1>
      </div>
      <Shown answer={answer.value}>{(found) => <Found found={found} />}</Shown>
    </>
  );
}

function Found({ found }: { found: AuditAnswer }): JSX.Element {
  if (found.decisions.length === 0) {
    return <Empty command="mlff run examples/digits -e retrain">No decision was taken yet.</Empty>;
  }
  const wanted = words.value.toLowerCase();
  const shown = found.decisions.filter(
    (each) =>
      (model.value === "" || each.model === model.value) &&
      (actor.value === "" || each.actor === actor.value) &&
      (kind.value === "" || each.kind === kind.value) &&
      (seq.value === "" || String(each.seq) === seq.value) &&
      `${each.what} ${each.why}`.toLowerCase().includes(wanted),
  );
  return (
    <>
      <Logs logs={found.logs} />
      <div class="bar">
        <input
          class="grow"
          type="search"
          placeholder="Find in what was decided, and why"
          aria-label="Find decisions"
          value={words.value}
          onInput={(event) => words.set(event.currentTarget.value)}
        />
        <Pick words="Model" choice={model} from={found.decisions.map((each) => each.model)} />
        <Pick words="Who" choice={actor} from={found.decisions.map((each) => each.actor)} />
        <Pick words="Kind" choice={kind} from={found.decisions.map((each) => each.kind)} />
        {seq.value === "" ? null : (
          <button type="button" onClick={() => seq.set("")}>
            Only no. {seq.value} ✕
          </button>
        )}
        <button type="button" onClick={() => download(shown)}>
          Download CSV
        </button>
      </div>
      <p class="soft">
        {count(shown.length, "decision")}
        {shown.length > MOST ? `, the latest ${MOST} are shown` : ""}
      </p>
      <Decisions decisions={shown.slice(0, MOST)} withModel chosen={`${model.value} ${seq.value}`} />
    </>
  );
}

function Logs({ logs }: { logs: readonly LogCheck[] }): JSX.Element {
  const broken = logs.filter((each) => each.error !== null);
  if (broken.length > 0) {
    return (
      <div class="note bad" role="alert">
        {broken.map((each) => (
          <p key={each.model}>
            <b>{each.model}</b>: {each.error}
          </p>
        ))}
      </div>
    );
  }
  return (
    <details class="intact">
      <summary>
        <span class="badge good">✓ intact</span> {count(logs.length, "log")} replayed from the first entry; every
        entry names the digest of the one before
      </summary>
      <table class="list">
        <thead>
          <tr>
            <th>Model</th>
            <th class="number">Entries</th>
            <th>Digest of the last</th>
          </tr>
        </thead>
        <tbody>
          {logs.map((each) => (
            <tr key={each.model}>
              <td>{each.model}</td>
              <td class="number">{each.entries}</td>
              <td>
                <Copy text={each.head} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function Pick({
  words: label,
  choice,
  from,
}: {
  words: string;
  choice: { readonly value: string; set(value: string): void };
  from: readonly string[];
}): JSX.Element {
  return (
    <label>
      {label}
      <select value={choice.value} onChange={(event) => choice.set(event.currentTarget.value)}>
        <option value="">all</option>
        {[...new Set(from)].sort().map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
}

const COLUMNS = ["at_ms", "model", "seq", "actor", "kind", "version", "previous", "place", "what", "why", "verdict", "digest"] as const;

function download(decisions: readonly Decision[]): void {
  const cell = (value: string | number | null): string => {
    // A spreadsheet would run a cell that begins with one of these.
    const text = String(value ?? "").replace(/^(?=[=+\-@])/, "'");
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [COLUMNS.join(","), ...decisions.map((each) => COLUMNS.map((name) => cell(each[name])).join(","))];
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([lines.join("\n")], { type: "text/csv" }));
  link.download = "decisions.csv";
  link.click();
  URL.revokeObjectURL(link.href);
}
