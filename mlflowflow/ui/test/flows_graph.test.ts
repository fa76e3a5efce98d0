import assert from "node:assert/strict";
import { test } from "node:test";

import { direct, places } from "../src/flows/graph.ts";

const STEPS = [
  { name: "ingest", after: [] },
  { name: "tune", after: ["ingest"] },
  { name: "train", after: ["ingest", "tune"] },
  { name: "other", after: ["ingest"] },
];

test("each step stands one column after the last of those before it", () => {
  assert.deepEqual(Object.fromEntries([...places(STEPS)].map(([name, { column, row }]) => [name, [column, row]])), {
    ingest: [0, 0],
    tune: [1, 0],
    train: [2, 0],
    other: [1, 1],
  });
});

test("a step that is not there and a circle stop nothing", () => {
  const found = places([
    { name: "a", after: ["b", "gone"] },
    { name: "b", after: ["a"] },
    { name: "c", after: ["c"] },
  ]);
  assert.equal(found.size, 3);
  assert.equal(found.get("c")?.column, 0);
});

test("an arrow is left out where another way leads", () => {
  assert.deepEqual(direct(STEPS, "train"), ["tune"]);
  assert.deepEqual(direct(STEPS, "other"), ["ingest"]);
  assert.deepEqual(direct(STEPS, "gone"), []);
});
