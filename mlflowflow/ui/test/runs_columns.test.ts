import assert from "node:assert/strict";
import { test } from "node:test";

import { asked, askedOf, column, defaults, differs, isLookedAt, sourceOf, title, type Column } from "../src/runs/columns.ts";
import { difference, facts } from "../src/runs/compare.ts";
import { csv, python } from "../src/runs/export.ts";
import { columnsOf, keepColumns, keepView, views, type Store } from "../src/runs/kept.ts";
import { readSorting } from "../src/runs/order.ts";
import { Sheet } from "../src/runs/sheet.ts";

test("names of columns are those of the server", () => {
  assert.deepEqual(column("metrics_min.val/loss"), {
    name: "metrics_min.val/loss",
    family: "metrics",
    key: "val/loss",
    aggregate: "min",
  });
  assert.equal(column("params.a.b")?.key, "a.b");
  assert.equal(column("colour"), undefined);
  assert.equal(column("params."), undefined);
  assert.equal(title(column("tags.mlflow.source.name") as Column), "source.name");
});

test("the best of a metric is its least or its greatest value, as the experiment says", () => {
  const best = column("metrics_best.loss") as Column;
  assert.equal(sourceOf(best, { loss: "minimize" }), "metrics_min.loss");
  assert.equal(sourceOf(best, {}), "metrics_max.loss");
  assert.deepEqual(asked([best, column("duration") as Column, column("status") as Column], { loss: "minimize" }), [
    "metrics_min.loss",
  ]);
});

test("at first the metrics and the params that differ are shown", () => {
  const known = [
    { name: "params.lr", filled: 9, values: 4 },
    { name: "params.seed", filled: 10, values: 1 },
    { name: "params.extra", filled: 2, values: 1 },
    { name: "metrics.loss", filled: 10, values: 10 },
    { name: "tags.team", filled: 10, values: 2 },
  ];
  const shown = defaults(known, 10, false);
  assert.deepEqual(shown, ["status", "start_time", "duration", "metrics.loss", "params.extra", "params.lr"]);
  assert.ok(defaults(known, 10, true).includes("experiment_id"));
  assert.ok(!differs({ name: "params.seed", filled: 10, values: 1 }, 10));
});

test("of few runs everything is asked for, of many what is shown", () => {
  const few = { runs: 10, columns: [{ name: "params.lr", filled: 9, values: 4 }] };
  assert.deepEqual(askedOf(["metrics_min.loss", "params.lr", "user_id"], few), [
    "params.*",
    "metrics.*",
    "tags.*",
    "metrics_min.loss",
    "user_id",
  ]);
  assert.deepEqual(askedOf(["params.lr"], { ...few, runs: 1_000_000 }), ["params.lr"]);
  assert.deepEqual(["tags.team", "tags.mlflow.source.name", "metrics.a", "start_time", "run_name"].map(isLookedAt), [
    true,
    false,
    false,
    false,
    true,
  ]);
});

test("a sheet joins columns that came with another order of runs", () => {
  const base = { run_ids: ["a", "b"], columns: { run_name: ["A", "B"], start_time: [1000, 2000], end_time: [3000, null] } };
  const rest = { run_ids: ["c", "b", "a"], columns: { "params.lr": ["3", "2", "1"] } };
  const sheet = new Sheet(base, rest, new Map(), 9000);
  const lr = sheet.column("params.lr");
  assert.deepEqual(lr.kind === "texts" ? [...lr.codes].map((code) => lr.words[code]) : [], ["1", "2"]);
  const durations = sheet.column("duration");
  assert.deepEqual(durations.kind === "numbers" ? [...durations.values] : [], [2, 7]);
  assert.ok(!sheet.has("params.other"));
});

test("compared runs: what differs, and the best by the goal", () => {
  const sheet = {
    run_ids: ["b", "a"],
    columns: { "metrics.loss": [0.5, 0.25], "metrics.acc": [1, 1], "params.lr": ["1", null] },
  };
  const [acc, loss, lr] = facts(sheet, ["a", "b"], { loss: "minimize", acc: "maximize" });
  assert.deepEqual([acc?.differs, acc?.best.size], [false, 0]);
  assert.deepEqual([loss?.values, [...(loss?.best ?? [])]], [[0.25, 0.5], [0]]);
  assert.deepEqual([lr?.values, lr?.differs], [[null, "1"], true]);
  assert.equal(difference(0.5, 0.25), 0.25);
  assert.equal(difference("3", "1"), 2);
  assert.equal(difference("adam", "1"), undefined);
  assert.equal(difference(null, 1), undefined);
});

test("files quote what they must", () => {
  assert.equal(csv(["a", "b"], [["1,2", 'say "x"']]), 'a,b\r\n"1,2","say ""x"""\r\n');
});

test("a view can be asked for in Python", () => {
  const text = python(["digits"], "metrics.loss < 1", readSorting(["-metrics_min.val/loss", "params.lr", "duration"]), "all");
  assert.ok(text.includes('experiment_names=["digits"],'));
  assert.ok(text.includes('filter_string="metrics.loss < 1",'));
  assert.ok(text.includes('order_by=["min(metrics.val/loss) DESC", "params.lr ASC"],'), text);
  assert.ok(text.includes("run_view_type=mlflowflow.ViewType.ALL,"));
  assert.ok(python([], "it's", [], "active").includes("attributes.run_name ILIKE '%it''s%'"));
});

class Memory implements Store {
  readonly #kept = new Map<string, string>();
  getItem(key: string): string | null {
    return this.#kept.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.#kept.set(key, value);
  }
}

test("columns and views are remembered, and what is damaged is nothing", () => {
  const store = new Memory();
  keepColumns(store, "7", ["status"]);
  assert.deepEqual(columnsOf(store, "7"), ["status"]);
  assert.deepEqual(columnsOf(store, "8"), []);
  keepView(store, { name: "b", address: "/runs?q=1" });
  keepView(store, { name: "a", address: "/runs" });
  keepView(store, { name: "b", address: "/runs?q=2" });
  assert.deepEqual(views(store).map((view) => [view.name, view.address]), [["a", "/runs"], ["b", "/runs?q=2"]]);
  keepView(store, { name: "a", address: "" });
  assert.equal(views(store).length, 1);
  store.setItem("mlff-views", "{");
  assert.deepEqual(views(store), []);
});
