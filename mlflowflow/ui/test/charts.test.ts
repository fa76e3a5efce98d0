import assert from "node:assert/strict";
import { test } from "node:test";

import { aligned, grouped, line, nearest, smoothed } from "../src/charts/curves.ts";
import { isNumeric, numbers, scaleOf, steps, wantsLog } from "../src/charts/scale.ts";
import type { Curve } from "../src/core/types.ts";

function curve(steps: number[], values: Curve["values"], times = steps.map((step) => 5_000 + step * 1_000)): Curve {
  return { run_id: "r", metric: "m", steps, times_ms: times, values, began_ms: Math.min(...times), total: steps.length, thinned: false };
}

test("a curve along steps, along seconds since its first point, and along the time of day", () => {
  const one = curve([0, 2], [1, "NaN"]);
  assert.deepEqual(line(one, "step"), { id: "r", xs: [0, 2], ys: [1, null] });
  assert.deepEqual(line(one, "relative").xs, [0, 2]);
  assert.deepEqual(line(one, "wall").xs, [5, 7]);
});

test("points that were logged out of order are in order along time", () => {
  assert.deepEqual(line(curve([0, 1, 2], [10, 11, 12], [3_000, 1_000, 2_000]), "wall"), { id: "r", xs: [1, 2, 3], ys: [11, 12, 10] });
});

test("along another metric each point stands at the value that was the last until then", () => {
  const epochs = curve([0, 10], [1, 2]);
  assert.deepEqual(line(curve([0, 5, 10], [7, 8, 9]), "metric", epochs), { id: "r", xs: [1, 1, 2], ys: [7, 8, 9] });
  assert.deepEqual(line(curve([0], [7]), "metric").xs, []);
});

test("smoothing begins at the first value, goes over gaps, and is nothing without weight", () => {
  assert.deepEqual(smoothed([1, null, 3], 0), [1, null, 3]);
  const [first, gap, third] = smoothed([1, null, 3], 0.5);
  assert.equal(first, 1);
  assert.equal(gap, null);
  assert.ok(Math.abs((third ?? 0) - (0.25 + 1.5) / 0.75) < 1e-12);
  assert.ok(smoothed([5, 5, 5], 0.9).every((value) => Math.abs((value ?? 0) - 5) < 1e-9));
});

test("lines share one axis, and a gap is another thing than no point", () => {
  assert.deepEqual(
    aligned([
      { id: "a", xs: [0, 2], ys: [1, null] },
      { id: "b", xs: [1, 2], ys: [5, 6] },
    ]).map((each) => Array.from(each, (value) => (value === undefined ? "none" : value))),
    [[0, 1, 2], [1, "none", null], ["none", 5, 6]],
  );
});

test("metrics are grouped by what is before their last slash, those that would be alone together", () => {
  assert.deepEqual(grouped(["val/loss", "loss", "val/a/b", "val/acc"]), [["", ["loss", "val/a/b"]], ["val", ["val/acc", "val/loss"]]]);
  assert.deepEqual(grouped(["a/x", "a/y"]), [["a", ["a/x", "a/y"]]]);
});

test("the nearest point", () => {
  assert.deepEqual([-5, 0.4, 0.6, 9].map((x) => nearest([0, 1, 2], x)), [0, 0, 1, 2]);
  assert.equal(nearest([], 1), -1);
});

test("round numbers on an axis", () => {
  assert.deepEqual(steps(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(steps(-3, 12, 3), [0, 5, 10]);
});

test("an axis leads to the screen and back", () => {
  for (const log of [false, true]) {
    const scale = numbers([0.01, 100], 300, 0, log);
    for (const value of [0.01, 0.5, 100]) assert.ok(Math.abs(scale.value(scale.place(value) ?? NaN) / value - 1) < 1e-9);
  }
});

test("what cannot be shown has no place", () => {
  const scale = numbers([1, 10], 0, 100, true);
  assert.deepEqual([0, -1, null, "", "NaN"].map((value) => scale.place(value)), Array(5).fill(undefined));
});

test("one value alone stands in the middle", () => {
  assert.equal(scaleOf([3, 3], 0, 100).place(3), 50);
});

test("params are numbers if all of them are", () => {
  assert.ok(isNumeric(["1", "2.5", null, "1e-3"]));
  assert.ok(!isNumeric(["1", "adam"]));
  assert.ok(!isNumeric([null]));
});

test("names stand side by side in their order", () => {
  const scale = scaleOf(["b", "a", "a10", "a9"], 0, 80);
  assert.deepEqual(scale.ticks.map((tick) => tick.text), ["a", "a9", "a10", "b"]);
  assert.equal(scale.place("a"), 10);
  assert.equal(scale.value(75), 3);
});

test("many powers of ten want a logarithmic axis", () => {
  assert.ok(wantsLog(["0.0001", "0.001", "0.01", "0.1"]));
  assert.ok(!wantsLog([0, 0.1, 10, 1000]));
  assert.ok(!wantsLog([16, 32, 64, 128]));
});
