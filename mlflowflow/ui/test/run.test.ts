import assert from "node:assert/strict";
import { test } from "node:test";

import { again, quoted } from "../src/run/again.ts";
import { imageSeries, pretty, viewer } from "../src/run/files.ts";

test("the command that repeats a step of a project", () => {
  const tags = { "mlflow.source.name": "examples/digits", "mlflow.project.entryPoint": "train" };
  assert.equal(again({ params: { C: "0.1", name: "it's here" }, tags }), `mlff run examples/digits -e train -P C=0.1 -P 'name=it'"'"'s here'`);
});

test("a project at a commit, a program, and what nobody can repeat", () => {
  const tags = { "mlflow.source.type": "PROJECT", "mlflow.source.name": "https://example.org/p.git", "mlflow.source.git.commit": "abc" };
  assert.equal(again({ params: {}, tags }), "mlff run https://example.org/p.git --version abc");
  assert.equal(again({ params: { a: "1" }, tags: { "mlflow.source.name": "my train.py" } }), "python 'my train.py'");
  assert.equal(again({ params: {}, tags: { "mlflow.source.name": "notebook" } }), undefined);
});

test("a word that a shell would take apart is quoted", () => {
  assert.deepEqual(["a=1", "a b", "$x", ""].map(quoted), ["a=1", "'a b'", "'$x'", "''"]);
});

test("files are shown by what their names say", () => {
  assert.deepEqual(
    ["a/b.PNG", "x.parquet", "MLmodel", "report.html", "model.pkl", "noname", "c.json"].map(viewer),
    ["image", "table", "text", "page", "none", "none", "text"],
  );
});

test("images of one key are a series by step, their small copies left out", () => {
  const series = imageSeries([
    "images/a~b+step+10+timestamp+5+ab.png",
    "images/a~b+step+2+timestamp+9+cd.png",
    "images/a~b+step+2+timestamp+9+cd+compressed.webp",
    "images/other%step%-1%timestamp%1%ef.png",
    "images/plain.png",
  ]);
  assert.deepEqual([...series].map(([key, steps]) => [key, steps.map((each) => each.step)]), [["a/b", [2, 10]], ["other", [-1]]]);
});

test("JSON is written out, and what is none stays", () => {
  assert.equal(pretty("a.json", '{"a":[1]}'), '{\n  "a": [\n    1\n  ]\n}');
  assert.equal(pretty("a.json", "{"), "{");
  assert.equal(pretty("a.txt", "{}"), "{}");
});
