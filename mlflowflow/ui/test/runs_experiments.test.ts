import assert from "node:assert/strict";
import { test } from "node:test";

import { inOrder, matching, sparkline, totals } from "../src/runs/experiments.ts";

const sheet = {
  ids: ["1", "2", "3"],
  names: ["run-10", "Run-9", "other"],
  created_ms: [1, 2, 3],
  latest_ms: [300, null, 500],
  running: [1, 0, 0],
  finished: [2, 0, 9],
  failed: [0, 1, 0],
  killed: [0, 0, 1],
  nested: [0, 7, 0],
  descriptions: ["", "digits", ""],
  goals: [{}, {}, {}],
  best: [null, null, null],
};

test("experiments are found by words in their names and descriptions", () => {
  assert.deepEqual(matching(sheet, ""), [0, 1, 2]);
  assert.deepEqual(matching(sheet, "RUN"), [0, 1]);
  assert.deepEqual(matching(sheet, "run digits"), [1]);
});

test("experiments come in the order that was chosen", () => {
  assert.deepEqual(totals(sheet), [3, 1, 10]);
  assert.deepEqual(inOrder(sheet, [0, 1, 2], "runs"), [2, 0, 1]);
  assert.deepEqual(inOrder(sheet, [0, 1, 2], "latest"), [2, 0, 1]);
  assert.deepEqual(inOrder(sheet, [0, 1, 2], "nested"), [1, 0, 2]);
  assert.equal(inOrder(sheet, [0, 1, 2], "name")[0], 2);
});

test("a spark line has a step for each value and stays in its box", () => {
  assert.equal(sparkline([1, 2, 3], 60, 18), "M0 16.0H20.0V9.0H40.0V2.0H60");
  assert.equal(sparkline([5], 60, 18), "M0 9.0H60");
  assert.equal(sparkline([], 60, 18), "");
});
