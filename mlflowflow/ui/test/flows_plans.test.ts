import assert from "node:assert/strict";
import { test } from "node:test";

import { commandLine, given, planOf, plansOf, written } from "../src/flows/plans.ts";

const parameters = [
  { name: "rows", type: "int", default: "1200", choices: [] },
  { name: "note", type: "string", default: null, choices: [] },
];
const PLANS = plansOf({
  projects: [
    { name: "digits", folder: "/srv/digits", problem: "", plans: [{ name: "retrain", kind: "pipeline", parameters }, { name: "tune", kind: "sweep", parameters: [] }] },
    { name: "broken", folder: "/srv/broken", problem: "It has no file.", plans: [] },
  ],
});

test("plans are told apart by project and name", () => {
  assert.deepEqual(PLANS.map((each) => each.key), ["digits/retrain", "digits/tune"]);
  assert.equal(planOf(PLANS, "digits/tune")?.kind, "sweep");
  assert.equal(planOf(PLANS, "digits/gone"), undefined);
});

test("values are written as they are read, and those of other plans are left out", () => {
  const [retrain, tune] = PLANS;
  assert.ok(retrain !== undefined && tune !== undefined);
  const params = { rows: "900", note: "a=b" };
  assert.deepEqual(given(written(params), retrain), params);
  assert.deepEqual(given(written(params), tune), {});
});

test("the command is a line for a shell", () => {
  const [retrain] = PLANS;
  assert.ok(retrain !== undefined);
  assert.equal(commandLine(retrain, {}, ""), "mlff run /srv/digits -e retrain");
  assert.equal(commandLine(retrain, { note: "it's" }, "night ly"), `mlff run /srv/digits -e retrain --experiment 'night ly' -P 'note=it'"'"'s'`);
});
