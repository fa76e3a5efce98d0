// The colours of runs, as a canvas needs them: resolved, and again when the system turns dark or light.

import { signal } from "@preact/signals";

const COLOURS = 8;
const DASHES: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [9, 3, 2, 3]];

/** Counts up when the system turns dark or light; who draws on a canvas draws again. */
export const look = signal(0);

let probe: HTMLElement | undefined;
const known = new Map<string, string>();

globalThis.matchMedia?.("(prefers-color-scheme: dark)").addEventListener("change", () => {
  known.clear();
  look.value += 1;
});

/** A colour of base.css, such as `--line`, as a canvas takes it. */
export function resolved(variable: string): string {
  const found = known.get(variable);
  if (found !== undefined) return found;
  if (probe === undefined) {
    probe = document.createElement("span");
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `var(${variable})`;
  const colour = getComputedStyle(probe).color;
  known.set(variable, colour);
  return colour;
}

/** The variable of the colour of the run with this number, from 0. */
export function series(index: number): string {
  return `--series-${(Math.max(0, index) % COLOURS) + 1}`;
}

/** The dashes that tell runs of the same colour apart. */
export function dash(index: number): readonly number[] {
  return DASHES[Math.floor(Math.max(0, index) / COLOURS) % DASHES.length] ?? [];
}

/** `colour`, more or less transparent. */
export function faded(colour: string, alpha: number): string {
  const parts = colour.match(/[\d.]+/g);
  return parts === null ? colour : `rgb(${parts.slice(0, 3).join(" ")} / ${alpha})`;
}

/** A colour between two ends, for a third dimension: `at` from 0 to 1. */
export function between(at: number): string {
  const [from, to] = ["--series-6", "--series-2"].map((name) => (resolved(name).match(/[\d.]+/g) ?? []).map(Number));
  const share = Math.min(1, Math.max(0, at));
  const parts = [0, 1, 2].map((index) => Math.round((from?.[index] ?? 0) * (1 - share) + (to?.[index] ?? 0) * share));
  return `rgb(${parts.join(" ")})`;
}
