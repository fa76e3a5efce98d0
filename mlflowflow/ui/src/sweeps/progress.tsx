// How far a sweep is: its trials by state as one bar, in the list and on its page.

import type { JSX } from "preact";

import { grouped } from "../core/format.ts";
import { STATES } from "./tones.ts";

interface Props {
  readonly counts: (state: string) => number;
  /** How many trials there may be; null without a limit. */
  readonly limit: number | null;
}

export function Progress({ counts, limit }: Props): JSX.Element {
  const found = STATES.map(([state, words, tone]) => ({ words, tone, size: counts(state) })).filter(({ size }) => size > 0);
  const total = found.reduce((sum, { size }) => sum + size, 0);
  const rest = Math.max(0, (limit ?? total) - total);
  const said = found.map(({ size, words }) => `${grouped(size)} ${words}`).join(", ") || "no trial yet";
  return (
    <div class="sw-progress" role="img" aria-label={said} title={said}>
      {found.map(({ words, tone, size }) => (
        <span key={words} style={{ flexGrow: String(size), background: `var(${tone})` }} />
      ))}
      {rest > 0 ? <span class="rest" style={{ flexGrow: String(rest) }} /> : null}
    </div>
  );
}
