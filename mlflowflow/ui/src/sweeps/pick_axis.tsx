// Which axis a plot of a sweep shows.

import type { JSX } from "preact";

import type { Axis } from "./trials.ts";

interface Props {
  /** What it is the choice of, for those who hear it. */
  readonly words: string;
  readonly from: readonly Axis[];
  readonly chosen: string;
  readonly onPick: (key: string) => void;
}

export function PickAxis({ words, from, chosen, onPick }: Props): JSX.Element {
  return (
    <select class="sw-select" aria-label={words} value={chosen} onChange={(event) => onPick(event.currentTarget.value)}>
      {from.map((axis) => (
        <option key={axis.key} value={axis.key}>
          {axis.title}
        </option>
      ))}
    </select>
  );
}
