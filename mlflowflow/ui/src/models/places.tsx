// The aliases and stages of a model's versions, as links to the versions that hold them.

import type { JSX } from "preact";

import { address } from "../core/router.ts";

/** One badge for each place that a version holds. */
export function Places({
  model,
  aliases,
  stages,
}: {
  model: string;
  aliases: Readonly<Record<string, number>>;
  stages: Readonly<Record<string, number>>;
}): JSX.Element {
  const held = [
    ...Object.entries(aliases).map(([place, version]) => ({ place: `@${place}`, version, tone: "good" })),
    ...Object.entries(stages).map(([place, version]) => ({ place, version, tone: "busy" })),
  ];
  if (held.length === 0) return <span class="soft">–</span>;
  return (
    <span class="places">
      {held.map(({ place, version, tone }) => (
        <a key={place} class={`badge ${tone}`} href={address(["models", model, String(version)])}>
          {place} → {version}
        </a>
      ))}
    </span>
  );
}
