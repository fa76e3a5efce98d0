import assert from "node:assert/strict";
import { test } from "node:test";

import { cellsOf } from "../src/runs/cells.ts";
import { completions, holding, meaning, quoted, values } from "../src/runs/filter.ts";

test("a plain word is looked for, an operator makes an expression", () => {
  const texts: [string, string][] = [
    ["  ", "nothing"],
    ["resnet", "words"],
    ["resnet adam", "words"],
    ["not in the list", "words"],
    ["metrics.loss < 0.1", "expression"],
    ["lr = '0.1'", "expression"],
    ["params.opt IN ('a', 'b')", "expression"],
    ["tags.team LIKE 'v%'", "expression"],
    ["tags.team IS NULL ", "expression"],
    ["best(metrics.acc) > 0.9", "expression"],
    ["params.", "unfinished"],
    ["metrics.lo", "unfinished"],
  ];
  for (const [text, wanted] of texts) assert.equal(meaning(text), wanted, text);
});

test("every word must be somewhere: in a name, a param or a tag, or begin the id", () => {
  const names = cellsOf(["resnet-1", "cnn-2", null], false);
  const params = cellsOf(["adam", "sgd", "Adam"], false);
  const numbers = cellsOf([1, 2, 3], true);
  const ids = ["abcd1", "ef012", "abcd2"];
  const rows = (text: string): number[] => [...holding(text, [names, params, numbers], ids)];
  assert.deepEqual(rows("ADAM"), [1, 0, 1]);
  assert.deepEqual(rows("adam resnet"), [1, 0, 0]);
  assert.deepEqual(rows("abcd"), [1, 0, 1]);
  assert.deepEqual(rows("nowhere"), [0, 0, 0]);
});

const NAMES = ["params.lr", "params.layer size", "metrics.val/loss"];
const texts = (text: string, at = text.length): string[] => completions(text, at, NAMES).map((each) => each.text);

test("keys are completed: a family first, then its keys, and keys by a part of their name", () => {
  assert.deepEqual(texts("par"), ["params."]);
  assert.deepEqual(texts("params.l"), ["params.lr", "params.`layer size`"]);
  assert.deepEqual(texts("lr = '1' AND loss"), ["metrics.val/loss"]);
  assert.deepEqual(texts("params.lr"), []);
  assert.deepEqual(texts("params.lr = 'par"), []);
});

test("a completion replaces the whole word that it stands in", () => {
  const [first] = completions("params.lxx > 1", 8, NAMES);
  assert.deepEqual(first, { text: "params.lr", from: 0, to: 10 });
});

test("values are completed after an operator that compares texts", () => {
  const known: Record<string, string[]> = { "params.opt": ["adam", "adamw", "it's"], status: ["FAILED"], "params.a b": ["x"] };
  const offered = (text: string): string[] => values(text, text.length, (name) => known[name] ?? []).map((each) => each.text);
  assert.deepEqual(offered("params.opt = "), ["'adam'", "'adamw'", "'it''s'"]);
  assert.deepEqual(offered("metrics.a > 1 AND params.opt != 'ada"), ["'adam'", "'adamw'"]);
  assert.deepEqual(offered("params.opt IN ('adam', 'i"), ["'it''s'"]);
  assert.deepEqual(offered("attributes.status = 'f"), ["'FAILED'"]);
  assert.deepEqual(offered("params.`a b` = "), ["'x'"]);
  assert.deepEqual(offered("params.opt = 'adam' AND "), []);
  assert.deepEqual(offered("params.op"), []);
  assert.deepEqual(values("params.opt = 'ad' AND x = 1", 16, (name) => known[name] ?? [])[0], {
    text: "'adam'",
    from: 13,
    to: 17,
  });
});

test("keys with other letters stand in backticks", () => {
  assert.equal(quoted("params.a b"), "params.`a b`");
  assert.equal(quoted("params.a`b"), "params.`a``b`");
  assert.equal(quoted("tags.mlflow.runName"), "tags.mlflow.runName");
  assert.equal(quoted("params."), "params.");
});
