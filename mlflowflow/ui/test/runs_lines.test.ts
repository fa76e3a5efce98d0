import assert from "node:assert/strict";
import { test } from "node:test";

import { keyMove } from "../src/runs/keys.ts";
import { byMean, flat, grouped, groups, nested, parentRows } from "../src/runs/lines.ts";
import { moved } from "../src/runs/moving.ts";
import { edges, scrolledTo, seenColumns, seenLines, share } from "../src/runs/window.ts";

const all = Uint32Array.from([0, 1, 2, 3, 4]);

test("runs stand below their parents, folded until somebody unfolds them", () => {
  const ids = ["a", "b", "c", "d", "e"];
  const parent = ["", "a", "b", "a", "gone"];
  const parents = parentRows(ids, (row) => parent[row] ?? "");
  assert.deepEqual([...parents], [-1, 0, 1, 0, -1]);
  const folded = nested(all, parents, () => false);
  assert.deepEqual([...folded.rows], [0, 4]);
  assert.deepEqual([...folded.below], [2, 1, 0, 0, 0]);
  const open = nested(all, parents, () => true);
  assert.deepEqual([...open.rows], [0, 1, 2, 3, 4]);
  assert.deepEqual([...open.depths], [0, 1, 2, 1, 0]);
});

test("a run whose parent is filtered out stands by itself", () => {
  const parents = Int32Array.from([-1, 0, 0]);
  assert.deepEqual([...nested(Uint32Array.from([2, 1]), parents, () => false).rows], [2, 1]);
});

test("groups have their runs in order, and unfold to them", () => {
  const found = groups(all, (row) => (row % 2 === 0 ? "even" : "odd"));
  assert.deepEqual(found.map(({ label, rows }) => [label, [...rows]]), [["even", [0, 2, 4]], ["odd", [1, 3]]]);
  const lines = grouped(found, (label) => label === "odd");
  assert.deepEqual([...lines.rows], [-1, -2, 1, 3]);
  assert.deepEqual([...lines.depths], [0, 0, 1, 1]);
});

test("groups are ordered by their means; those without one come last", () => {
  const found = groups(all, (row) => String(row));
  const values = [2, NaN, 1, 5, 3];
  const labels = (descending: boolean): string[] =>
    byMean(found, (row) => values[row] ?? NaN, descending).map((group) => group.label);
  assert.deepEqual(labels(false), ["2", "0", "4", "3", "1"]);
  assert.deepEqual(labels(true), ["3", "4", "0", "2", "1"]);
});

test("without nesting every run has its line", () => {
  assert.deepEqual([...flat(Uint32Array.from([3, 1])).rows], [3, 1]);
});

test("only what is seen is drawn, and a little more", () => {
  assert.deepEqual(seenLines(0, 300, 30, 1000, 2), { start: 0, stop: 12 });
  assert.deepEqual(seenLines(3000, 300, 30, 1000, 2), { start: 98, stop: 112 });
  assert.deepEqual(seenLines(3000, 300, 30, 5, 2), { start: 5, stop: 5 });
  const at = edges(Array<number>(40).fill(100));
  assert.deepEqual(seenColumns(1000, 500, at), { start: 9, stop: 16 });
  assert.deepEqual(seenColumns(1000, 500, edges([100, 100])), { start: 0, stop: 2 });
});

test("neither of two panels gets too small", () => {
  assert.deepEqual([share(-5, 100), share(50, 200), share(99, 100)], [15, 25, 85]);
});

test("scrolling goes no further than it must", () => {
  assert.equal(scrolledTo(100, 130, 50, 300), 50);
  assert.equal(scrolledTo(20, 50, 50, 300), 20);
  assert.equal(scrolledTo(400, 430, 50, 300), 130);
});

test("keys move the focus and stop at the edges", () => {
  const extent = { lines: 100, columns: 5, page: 20 };
  const press = (key: string, ctrlKey = false) =>
    keyMove({ line: 10, column: 2 }, { key, ctrlKey, metaKey: false, altKey: false }, extent);
  assert.deepEqual(press("ArrowDown"), { line: 11, column: 2 });
  assert.deepEqual(press("ArrowDown", true), { line: 99, column: 2 });
  assert.deepEqual(press("PageUp"), { line: 0, column: 2 });
  assert.deepEqual(press("Home"), { line: 10, column: 0 });
  assert.deepEqual(press("End", true), { line: 99, column: 4 });
  assert.equal(press("x"), undefined);
  const first = { line: 0, column: 0 };
  const up = { key: "ArrowUp", ctrlKey: false, metaKey: false, altKey: false };
  assert.deepEqual(keyMove(first, up, extent), { line: -1, column: 0 });
});

test("a column is put at another place", () => {
  assert.deepEqual(moved(["a", "b", "c"], "a", 2), ["b", "c", "a"]);
  assert.deepEqual(moved(["a", "b", "c"], "c", 0), ["c", "a", "b"]);
  assert.deepEqual(moved(["a", "b", "c"], "b", 9), ["a", "c", "b"]);
});
