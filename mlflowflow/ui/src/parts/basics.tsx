// Small parts that every page uses.

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Answer } from "../core/api.ts";
import { ago, moment } from "../core/format.ts";
import type { Choice } from "../core/router.ts";

/** The tone of each state that a run, a trial, a step or a verdict can have. */
const TONES: Readonly<Record<string, string>> = {
  FINISHED: "good",
  COMPLETE: "good",
  COMPLETED: "good",
  PASSED: "good",
  READY: "good",
  FAILED: "bad",
  ERROR: "bad",
  CRASHED: "bad",
  KILLED: "warn",
  STOPPED: "warn",
  INTERRUPTED: "warn",
  DAMAGED: "bad",
  ENDING: "busy",
  CANCELLED: "warn",
  INFEASIBLE: "warn",
  HELD: "warn",
  ANNOUNCED: "busy",
  INCONCLUSIVE: "warn",
  PRUNED: "quiet",
  RUNNING: "busy",
  QUEUED: "quiet",
  SCHEDULED: "quiet",
  PENDING: "quiet",
  DELETED: "quiet",
};

/** A state, in words and in a colour that repeats them. */
export function State({ of }: { of: string }): JSX.Element {
  return <span class={`badge ${TONES[of.toUpperCase()] ?? "quiet"}`}>{of.toLowerCase()}</span>;
}

const listeners = new Set<() => void>();
setInterval(() => listeners.forEach((tell) => tell()), 10_000);

/** A time as its distance from now, the whole of it in the tooltip. */
export function Time({ ms }: { ms: number | null | undefined }): JSX.Element {
  const [, again] = useState(0);
  useEffect(() => {
    const tell = (): void => again((count) => count + 1);
    listeners.add(tell);
    return () => void listeners.delete(tell);
  }, []);
  if (ms === null || ms === undefined) return <span class="soft">–</span>;
  return (
    <time dateTime={new Date(ms).toISOString()} title={moment(ms)}>
      {ago(ms, Date.now())}
    </time>
  );
}

/** Text that a click copies, such as an id: shown as `children`, or whole. */
export function Copy({ text, children }: { text: string; children?: ComponentChildren }): JSX.Element {
  const [done, setDone] = useState(false);
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(() => {
      setDone(true);
      setTimeout(() => setDone(false), 1_200);
    });
  };
  return (
    <button type="button" class="plain mono" title={`Copy ${text}`} onClick={copy}>
      {children ?? text}
      <span class="soft" aria-live="polite">
        {done ? "copied" : ""}
      </span>
    </button>
  );
}

/** What is looked for in a list, which is the caller's to keep, in the address. */
export function Find({ what, words }: { what: string; words: Choice<string> }): JSX.Element {
  return (
    <input
      type="search"
      placeholder={`Find ${what}`}
      aria-label={`Find ${what}`}
      value={words.value}
      onInput={(event) => words.set(event.currentTarget.value)}
    />
  );
}

/** What to do where there is nothing yet: a sentence, and the command that would fill the page. */
export function Empty({ children, command }: { children: ComponentChildren; command?: string }): JSX.Element {
  return (
    <div class="empty">
      <p>{children}</p>
      {command === undefined ? null : <pre>{command}</pre>}
    </div>
  );
}

/** Why something cannot be shown. */
export function Failure({ error }: { error: Error }): JSX.Element {
  return (
    <div class="note bad" role="alert">
      {error.message}
    </div>
  );
}

/** An answer of the server: a line while it is asked for, the error, or what `children` makes of it. */
export function Shown<T>({
  answer,
  children,
}: {
  answer: Answer<T>;
  children: (value: T) => ComponentChildren;
}): JSX.Element {
  return (
    <>
      {answer.busy ? <div class="busy-line" role="progressbar" aria-label="Loading" /> : null}
      {answer.error === undefined ? null : <Failure error={answer.error} />}
      {answer.value === undefined ? null : children(answer.value)}
    </>
  );
}

/** Tabs over panels; the chosen one is the caller's to keep, in the address. */
export function Tabs({
  names,
  chosen,
  onChoose,
}: {
  names: readonly (readonly [id: string, words: string])[];
  chosen: string;
  onChoose: (id: string) => void;
}): JSX.Element {
  const step = (event: KeyboardEvent): void => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (move === undefined) return;
    const at = names.findIndex(([id]) => id === chosen);
    const next = names[(at + move + names.length) % names.length];
    if (next === undefined) return;
    onChoose(next[0]);
    document.getElementById(`tab-${next[0]}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" onKeyDown={step}>
      {names.map(([id, words]) => (
        <button
          key={id}
          id={`tab-${id}`}
          type="button"
          role="tab"
          aria-selected={id === chosen}
          tabIndex={id === chosen ? 0 : -1}
          onClick={() => onChoose(id)}
        >
          {words}
        </button>
      ))}
    </div>
  );
}
