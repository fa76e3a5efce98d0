// What can be asked of a sweep: to stop, to go further, and what to do with its best trial.

import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";

import { news, post, route } from "../core/api.ts";
import type { SweepAsked, SweepSheet } from "../core/types.ts";
import { Copy } from "../parts/basics.tsx";
import { Popover } from "../parts/popover.tsx";

interface Props {
  readonly sheet: SweepSheet;
  readonly onSaid: (sentence: string, isBad: boolean) => void;
}

export function Deeds({ sheet, onSaid }: Props): JSX.Element {
  const isRunning = sheet.phase === "RUNNING" || sheet.phase === "ENDING";
  const ask = async (deed: string, body: unknown): Promise<void> => {
    try {
      onSaid((await post<SweepAsked>(route(`sweeps/${sheet.run_id}/${deed}`), body)).sentence, false);
    } catch (error) {
      onSaid((error as Error).message, true);
    }
    news.value += 1;
  };
  const best = sheet.best === null ? undefined : sheet.trials.run_ids[sheet.best];
  return (
    <>
      {isRunning ? (
        <Popover words="Stop" label="Stop the sweep" alignRight>
          {(close) => (
            <Question text="No more trials are started. It can be resumed later.">
              <button type="button" class="primary" onClick={() => void ask("stop", {}).then(close)}>
                Finish the running trials
              </button>
              <button type="button" onClick={() => void ask("stop", { now: true }).then(close)}>
                End them now
              </button>
            </Question>
          )}
        </Popover>
      ) : null}
      {sheet.uses.some((use) => use.limit !== null) ? (
        <Popover words="Extend" label="Give a larger budget" alignRight>
          {(close) => <Extend sheet={sheet} onAsk={(body) => void ask("extend", body).then(close)} />}
        </Popover>
      ) : null}
      {sheet.phase === "STOPPED" || sheet.phase === "INTERRUPTED" ? <Command words="Resume" text={`mlff sweep resume ${sheet.run_id}`} /> : null}
      {best === undefined ? null : <Command words="Register the best" text={`mlff models register runs:/${best}/model NAME`} />}
    </>
  );
}

function Question({ text, children }: { text: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="sw-dialog">
      <p>{text}</p>
      {children}
    </div>
  );
}

function Command({ words, text }: { words: string; text: string }): JSX.Element {
  return (
    <Popover words={words} label={words} alignRight>
      {() => (
        <Question text="This does it, where the project and the store are at hand:">
          <Copy text={text} />
        </Question>
      )}
    </Popover>
  );
}

const LIMITS: Readonly<Record<string, readonly [field: string, words: string, unit: number]>> = {
  trials: ["trials", "Trials in all", 1],
  wall: ["wall_s", "Hours in all", 3600],
  cost: ["cost", "Cost in all", 1],
};

function Extend({ sheet, onAsk }: { sheet: SweepSheet; onAsk: (body: Record<string, number>) => void }): JSX.Element {
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const fields = sheet.uses.flatMap((use) => {
    const found = LIMITS[use.name];
    return found === undefined || use.limit === null ? [] : [{ field: found[0], words: found[1], unit: found[2], limit: use.limit / found[2] }];
  });
  const wanted = fields.filter(({ field, limit }) => Number(typed[field] ?? limit) > limit);
  return (
    <form
      class="sw-dialog"
      onSubmit={(event) => {
        event.preventDefault();
        onAsk(Object.fromEntries(wanted.map(({ field, unit }) => [field, Number(typed[field]) * unit])));
      }}
    >
      {fields.map(({ field, words, limit }) => (
        <label key={field}>
          {words}
          <input
            type="number"
            min={limit}
            step={field === "trials" ? 1 : "any"}
            value={typed[field] ?? String(limit)}
            onInput={(event) => setTyped({ ...typed, [field]: event.currentTarget.value })}
          />
        </label>
      ))}
      <button type="submit" class="primary" disabled={wanted.length === 0}>
        Give it more
      </button>
    </form>
  );
}
