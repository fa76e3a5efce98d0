import assert from "node:assert/strict";
import { test } from "node:test";

import { box, brushed, interpolated, quantile, readBrushes, top, writeBrushes, type Brushes, type Frame } from "../src/charts/frame.ts";

const frame: Frame = {
  ids: ["a", "b", "c", "d"],
  columns: [
    { name: "lr", values: ["0.1", "0.01", null, "1"] },
    { name: "kind", values: ["svm", "tree", "svm", null] },
    { name: "loss", values: [0.5, 0.25, "NaN", 0.75] },
  ],
};

test("rows are kept that every brush holds, and what is missing is in no range", () => {
  assert.deepEqual(brushed(frame, {}), [0, 1, 2, 3]);
  assert.deepEqual(brushed(frame, { lr: [0.05, 2] }), [0, 3]);
  assert.deepEqual(brushed(frame, { lr: [2, 0.05] }), [0, 3]);
  assert.deepEqual(brushed(frame, { kind: ["svm"] }), [0, 2]);
  assert.deepEqual(brushed(frame, { kind: ["svm"], lr: [0, 1] }), [0]);
  assert.deepEqual(brushed(frame, { nothing: [0, 1] }), [0, 1, 2, 3]);
});

test("the best few by a goal; without a number a row is none of them", () => {
  assert.deepEqual(top(frame, [0, 1, 2, 3], "loss", "minimize", 2), [1, 0]);
  assert.deepEqual(top(frame, [0, 1, 2, 3], "loss", "maximize", 9), [3, 0, 1]);
});

test("a box has quartiles, and whiskers that leave outliers out", () => {
  assert.deepEqual(box([1, 2, 3, 4, 100]), { low: 1, first: 2, median: 3, third: 4, high: 4 });
  assert.equal(box([]), undefined);
  assert.equal(quantile([1, 2], 0.5), 1.5);
});

test("between points a value is near that of the nearest", () => {
  const grid = interpolated([[0, 0, 0], [1, 1, 1]], 4);
  assert.ok((grid[0]?.[0] ?? 1) < 0.1);
  assert.ok((grid[3]?.[3] ?? 0) > 0.9);
});

test("brushes come back from the address as they were", () => {
  const brushes: Brushes = { "params.lr": [1e-7, -2.5], "params.kind": ["svm", "tree"], "params.a=b": [0, 1], "tags.x": ["a=1:2"] };
  assert.deepEqual(readBrushes(writeBrushes(brushes)), brushes);
  assert.deepEqual(readBrushes(["", "x", "%", "a=b:c"]), {});
});
