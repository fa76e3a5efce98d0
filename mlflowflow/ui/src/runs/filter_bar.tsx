// The bar in which runs are looked for: words at once, expressions as the server reads them, with keys
// completed and a mistake marked where it is.

import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";

import { Refusal } from "../core/api.ts";
import { completions, meaning, values, type Completion } from "./filter.ts";
import { naturally } from "./cells.ts";
import type { Runs } from "./model.ts";

/** So many values are read through for each letter that is typed. */
const MOST_VALUES = 5_000;

/** The texts in a column, in order, if the tab has it. */
function valuesOf(runs: Runs, name: string): readonly string[] {
  const sheet = runs.sheet.value;
  if (sheet === undefined || !sheet.has(name)) return [];
  const cells = sheet.column(name);
  return cells.kind === "texts" && cells.words.length <= MOST_VALUES ? naturally(cells.words) : [];
}

export function FilterBar({ runs }: { runs: Runs }): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const at = useSignal(0);
  const isOpen = useSignal(false);
  const chosen = useSignal(-1);
  const shift = useSignal(0);
  const names = useComputed(() => (runs.known.value.value?.columns ?? []).map((each) => each.name));
  const offered = useComputed(() => {
    const text = runs.typed.value;
    if (!isOpen.value || meaning(text) === "nothing") return [];
    const texts = values(text, at.value, (name) => valuesOf(runs, name));
    return texts.length > 0 ? texts : completions(text, at.value, names.value);
  });
  useSignalEffect(() => {
    offered.value;
    chosen.value = -1;
  });

  const take = (completion: Completion): void => {
    const text = runs.typed.value;
    const field = input.current;
    runs.typed.value = text.slice(0, completion.from) + completion.text + text.slice(completion.to);
    at.value = completion.from + completion.text.length;
    isOpen.value = completion.text.endsWith(".");
    requestAnimationFrame(() => field?.setSelectionRange(at.value, at.value));
    field?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const all = offered.value;
    const pick = all[chosen.value] ?? (event.key === "Tab" ? all[0] : undefined);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && all.length > 0) {
      chosen.value = (chosen.value + step + all.length) % all.length;
      event.preventDefault();
    } else if ((event.key === "Enter" || event.key === "Tab") && pick !== undefined) {
      take(pick);
      event.preventDefault();
    } else if (event.key === "Escape") {
      if (all.length > 0) isOpen.value = false;
      else runs.typed.value = "";
    }
  };
  const follow = (event: { currentTarget: HTMLInputElement }): void => {
    at.value = event.currentTarget.selectionStart ?? 0;
    shift.value = event.currentTarget.scrollLeft;
  };
  const mistake = runs.mistake.value;
  const place = mistake instanceof Refusal ? mistake.mistake?.position : undefined;
  return (
    <div class="filter grow" role="search">
      <input
        ref={input}
        type="search"
        class="mono"
        role="combobox"
        list={undefined}
        aria-label="Filter runs"
        aria-autocomplete="list"
        aria-expanded={offered.value.length > 0}
        aria-controls="filter-offered"
        aria-invalid={mistake !== undefined}
        aria-describedby="filter-said"
        {...(chosen.value >= 0 ? { "aria-activedescendant": `filter-${chosen.value}` } : {})}
        autocomplete="off"
        spellcheck={false}
        placeholder="words, or  metrics.loss < 0.1 AND params.optimizer = 'adam'"
        value={runs.typed.value}
        onInput={(event) => {
          runs.typed.value = event.currentTarget.value;
          isOpen.value = true;
          follow(event);
        }}
        onKeyUp={follow}
        onClick={follow}
        onScroll={follow}
        onBlur={() => (isOpen.value = false)}
        onKeyDown={onKeyDown}
      />
      {place === undefined ? null : (
        <span class="filter-mark mono" aria-hidden="true" style={{ left: `calc(${place}ch + 9px - ${shift.value}px)` }} />
      )}
      <ul id="filter-offered" class="filter-offered" role="listbox" aria-label="Keys" hidden={offered.value.length === 0}>
        {offered.value.map((each, place) => (
          <li
            key={each.text}
            id={`filter-${place}`}
            class="mono"
            role="option"
            aria-selected={place === chosen.value}
            onPointerDown={(event) => {
              event.preventDefault();
              take(each);
            }}
          >
            {each.text}
          </li>
        ))}
      </ul>
      <p id="filter-said" class="filter-said" role="status" hidden={mistake === undefined || offered.value.length > 0}>
        {mistake instanceof Refusal ? (mistake.mistake?.reason ?? mistake.message) : mistake?.message}
      </p>
    </div>
  );
}
