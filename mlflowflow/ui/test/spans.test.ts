import assert from "node:assert/strict";
import { test } from "node:test";

import type { Decision, Holding } from "../src/core/types.ts";
import { heldAt, lanes, placeOf, spanOf, ticks } from "../src/models/spans.ts";

const SPAN = { from: 0, to: 100 };

function held(place: string, version: number, from: number, to: number | null): Holding {
  return { place, version, from_ms: from, to_ms: to, actor: "ann", seq: from };
}

test("a lane for each place, aliases first, in the order of time", () => {
  const found = lanes([held("Production", 1, 0, null), held("b", 1, 20, null), held("a", 1, 10, null)], SPAN);
  assert.deepEqual(found.map((lane) => lane.place), ["a", "b", "Production"]);
});

test("one after the other is one row, side by side are two", () => {
  const [lane] = lanes([held("a", 1, 0, 50), held("a", 2, 50, null)], SPAN);
  assert.deepEqual(lane?.rows.map((row) => row.map((bar) => [bar.start, bar.end])), [[[0, 0.5], [0.5, 1]]]);
  const [stage] = lanes([held("Production", 1, 0, null), held("Production", 2, 50, null)], SPAN);
  assert.equal(stage?.rows.length, 2);
});

test("what was held at a moment", () => {
  const all = [held("a", 1, 0, 50), held("a", 2, 50, null)];
  assert.deepEqual(heldAt(all, 49).map((each) => each.version), [1]);
  assert.deepEqual(heldAt(all, 50).map((each) => each.version), [2]);
  assert.deepEqual(heldAt(all, -1), []);
});

test("times lie within the span", () => {
  assert.equal(placeOf(-5, SPAN), 0);
  assert.equal(placeOf(25, SPAN), 0.25);
  assert.equal(placeOf(500, SPAN), 1);
});

test("a span is never empty", () => {
  assert.equal(spanOf([], 5), null);
  const span = spanOf([{ at_ms: 1_000 } as Decision], 1_000);
  assert.ok(span !== null && span.to - span.from >= 60_000 && span.from < 1_000);
});

test("marks are few and round", () => {
  const day = 86_400_000;
  for (const length of [60_000, 3_600_000, day, 30 * day, 900 * day]) {
    const found = ticks({ from: 5, to: 5 + length }, 8);
    assert.ok(found.length >= 1 && found.length <= 9, `${length}: ${found.length}`);
    assert.ok(found.every((each) => each % 10_000 === 0));
  }
});
