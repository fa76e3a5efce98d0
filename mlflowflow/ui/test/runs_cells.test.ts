import assert from "node:assert/strict";
import { test } from "node:test";

import { cellsOf, exactAt, isNumeric, numberAt, ranks, sortKeys, textAt } from "../src/runs/cells.ts";
import { columnNumbers, summary } from "../src/runs/numbers.ts";
import { clicked, order, readSorting, writeSorting } from "../src/runs/order.ts";

test("a column of numbers tells a logged NaN from nothing", () => {
  const cells = cellsOf([0.5, null, "NaN", "Infinity"], true);
  assert.deepEqual([0, 1, 2, 3].map((row) => textAt(cells, row)), ["0.5", "", "NaN", "∞"]);
  assert.deepEqual([0, 1, 2, 3].map((row) => exactAt(cells, row)), ["0.5", "", "NaN", "Infinity"]);
  assert.ok(Number.isNaN(numberAt(cells, 1)));
});

test("params that are all numbers are ordered as numbers and stand to the right", () => {
  const cells = cellsOf(["10", "9", null, "1e-3"], false);
  assert.ok(isNumeric(cells));
  const rows = order(Uint32Array.from([0, 1, 2, 3]), [{ keys: sortKeys(cells), descending: false }]);
  assert.deepEqual([...rows], [3, 1, 0, 2]);
  assert.ok(!isNumeric(cellsOf(["10", "adam"], false)));
  assert.ok(!isNumeric(cellsOf([null, null], false)));
});

test("texts are ordered as people count, whatever their case", () => {
  const words = ["run-10", "Run-9", "a", "run-9b"];
  const places = ranks(words);
  const sorted = [...words.keys()].sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0)).map((code) => words[code]);
  assert.deepEqual(sorted, ["a", "Run-9", "run-9b", "run-10"]);
});

test("what has no value comes last in both directions, and equal rows as they came", () => {
  const keys = Float64Array.from([NaN, 2, 1, NaN, 2]);
  for (const [descending, wanted] of [[false, [2, 1, 4, 0, 3]], [true, [1, 4, 2, 0, 3]]] as const) {
    assert.deepEqual([...order(Uint32Array.from([0, 1, 2, 3, 4]), [{ keys, descending }])], wanted);
    const twice = [{ keys: Float64Array.from([1, 1, 1, 1, 1]), descending }, { keys, descending }];
    assert.deepEqual([...order(Uint32Array.from([0, 1, 2, 3, 4]), twice)], wanted);
  }
});

test("clicks turn the order round, then let it go; with shift the others stay", () => {
  const [one] = [readSorting(["-metrics.acc"])];
  assert.deepEqual(writeSorting(clicked([], "metrics.acc", false, true)), ["-metrics.acc"]);
  assert.deepEqual(writeSorting(clicked(one, "metrics.acc", false, true)), ["metrics.acc"]);
  assert.deepEqual(writeSorting(clicked(readSorting(["metrics.acc"]), "metrics.acc", false, true)), []);
  assert.deepEqual(writeSorting(clicked(one, "params.lr", true, false)), ["-metrics.acc", "params.lr"]);
  assert.deepEqual(writeSorting(clicked(one, "params.lr", false, false)), ["params.lr"]);
  const two = readSorting(["-metrics.acc", "params.lr"]);
  assert.deepEqual(writeSorting(clicked(two, "metrics.acc", true, true)), ["metrics.acc", "params.lr"]);
});

test("the numbers of a column have the same decimals, as many as they need", () => {
  const columns: [number[], string[]][] = [
    [[0.5, 0.25], ["0.50", "0.25"]],
    [[0.98347, 0.1], ["0.9835", "0.1000"]],
    [[123.456, 7.1], ["123.5", "7.1"]],
    [[1, 20, 300], ["1", "20", "300"]],
    [[0.00001, 0.5], ["1e−5", "0.5"]],
    [[-1.5, NaN], ["−1.5", "NaN"]],
    [[1.25, -2.5, 0.75, 3, 0.00001], ["1.25", "−2.50", "0.75", "3.00", "1e−5"]],
    [[], []],
  ];
  for (const [values, written] of columns) assert.deepEqual(values.map(columnNumbers(values)), written);
});

test("means and deviations leave out what is no number", () => {
  assert.deepEqual(summary([1, NaN, 3]), { count: 2, mean: 2, std: Math.SQRT2 });
  assert.equal(summary([]).count, 0);
  assert.ok(Number.isNaN(summary([5]).std));
});

test("50,000 rows are ordered in a blink", () => {
  const column = Array.from({ length: 50_000 }, (_, row) => `run-${(row * 7919) % 50_000}`);
  const numbers = column.map((_, row) => Math.sin(row));
  const cells = cellsOf(column, false);
  const start = performance.now();
  order(Uint32Array.from(column.keys()), [{ keys: sortKeys(cellsOf(numbers, true)), descending: true }]);
  const once = performance.now() - start;
  assert.ok(sortKeys(cells).length === 50_000);
  assert.ok(once < 400, `${once} ms`); // a hundred on an idle machine
});
