import assert from "node:assert/strict";
import { test } from "node:test";

import type { SweepSheet } from "../src/core/types.ts";
import { axesOf, barsOf, bestSoFar, meant, read, shares, trialsOf, withBrush, written, type Brush } from "../src/sweeps/trials.ts";

const STATES = ["COMPLETE", "FAILED", "INFEASIBLE", "COMPLETE", "PRUNED", "COMPLETE"];
const SHEET = {
  selecting: "loss",
  objectives: [{ metric: "loss", goal: "minimize", prune: true }],
  dimensions: [
    { name: "lr", kind: "float", log: true, low: 0.001, high: 1, options: [], when: {} },
    { name: "model", kind: "choice", log: false, low: null, high: null, options: ["tree", "net"], when: {} },
  ],
  begun_ms: 0,
  trials: {
    run_ids: STATES.map((_, at) => `run${at}`),
    states: STATES,
    values: { loss: [0.5, null, 0.1, 0.3, null, "NaN"] },
    params: { lr: [0.1, 0.2, 0.3, null, 0.5, 0.6], model: ["tree", "net", "net", "tree", "tree", "net"] },
    seconds: [1, 2, 3, 4, 5, 6],
  },
  attempts: { trials: [0, 1, 1, 2], numbers: [1, 1, 2, 1], began_ms: [0, 5, 30, 10], ended_ms: [10, 20, null, 25], outcomes: ["completed", "error", null, "completed"], workers: ["", "", "", ""], lanes: [0, 1, 0, 2], names: ["?", "", ""] },
} as unknown as SweepSheet;

test("the best come first, what is outside of a constraint last, and what has no value has no place", () => {
  assert.deepEqual(
    trialsOf(SHEET).map((trial) => trial.rank),
    [2, undefined, 3, 1, undefined, undefined],
  );
});

test("axes are the dimensions, the objectives, the number and the time; what is no number is nothing", () => {
  const axes = axesOf(SHEET, ["params.lr"]);
  assert.deepEqual(
    axes.map((axis) => [axis.key, axis.log]),
    [["params.lr", false], ["params.model", false], ["metrics.loss", false], ["trial", false], ["seconds", false]],
  );
  assert.equal(axesOf(SHEET)[0]?.log, true);
  assert.deepEqual(axes[2]?.cells, [0.5, null, 0.1, 0.3, null, null]);
});

test("a brush survives the address, whatever its names are", () => {
  const brushes: Brush[] = [
    { key: "params.lr", low: 0.01, high: 2.5, names: [] },
    { key: "params.a,b", low: -Infinity, high: Infinity, names: ["x,y", "in", "50 %"] },
  ];
  assert.deepEqual(brushes.map((brush) => read(written(brush))), brushes);
  for (const text of ["", "params.lr", "params.lr,1", "params.lr,low,high", "%"]) assert.equal(read(text), undefined);
});

test("meant are the trials inside of every brush that are among the best", () => {
  const [trials, axes] = [trialsOf(SHEET), axesOf(SHEET)];
  const tree: Brush = { key: "params.model", low: -Infinity, high: Infinity, names: ["tree"] };
  const low: Brush = { key: "params.lr", low: 0, high: 0.4, names: [] };
  assert.deepEqual([...meant(trials, axes, [], 0)], [0, 1, 2, 3, 4, 5]);
  assert.deepEqual([...meant(trials, axes, [tree], 0)], [0, 3, 4]);
  assert.deepEqual([...meant(trials, axes, [tree, low], 0)], [0]);
  assert.deepEqual([...meant(trials, axes, [], 2)], [0, 3]);
  assert.deepEqual([...meant(trials, axes, [{ ...low, key: "params.gone" }], 1)], [3]);
});

test("a brush replaces the one of its axis, null takes it away", () => {
  const one: Brush = { key: "a", low: 0, high: 1, names: [] };
  const other: Brush = { key: "b", low: 0, high: 1, names: [] };
  assert.deepEqual(withBrush([one, other], "a", { ...one, high: 2 }), [other, { ...one, high: 2 }]);
  assert.deepEqual(withBrush([one, other], "a", null), [other]);
});

test("the best so far never counts a trial outside of a constraint", () => {
  assert.deepEqual(bestSoFar(trialsOf(SHEET), false), [{ number: 0, value: 0.5 }, { number: 3, value: 0.3 }]);
  assert.deepEqual(bestSoFar(trialsOf(SHEET), true), [{ number: 0, value: 0.5 }]);
});

test("attempts are bars in their lanes, and one that runs lasts until it was last known to", () => {
  assert.deepEqual(
    barsOf(SHEET, 99).map((bar) => [bar.trial, bar.attempt, bar.lane, bar.to, bar.outcome]),
    [[0, 1, 0, 10, "completed"], [1, 1, 1, 20, "error"], [1, 2, 0, 99, "running"], [2, 1, 2, 25, "completed"]],
  );
});

test("shares grow to one", () => {
  assert.deepEqual(shares([3, 1]), [{ value: 1, share: 0.5 }, { value: 3, share: 1 }]);
});
