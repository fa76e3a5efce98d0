import assert from "node:assert/strict";
import { test } from "node:test";

import { address, match } from "../src/core/router.ts";

const ROUTES = [
  { path: "/", page: "start" },
  { path: "/runs", page: "runs" },
  { path: "/runs/:id", page: "run" },
  { path: "/models/:name/:version", page: "version" },
];

test("an address is one page, with its parts", () => {
  assert.deepEqual(match(ROUTES, "/"), { page: "start", parts: {} });
  assert.deepEqual(match(ROUTES, "/runs/"), { page: "runs", parts: {} });
  assert.deepEqual(match(ROUTES, "/models/a%2Fb%20c/3"), { page: "version", parts: { name: "a/b c", version: "3" } });
  assert.equal(match(ROUTES, "/nowhere"), undefined);
});

test("a broken escape is taken as it is", () => {
  assert.deepEqual(match(ROUTES, "/runs/%zz"), { page: "run", parts: { id: "%zz" } });
});

test("an address leads back to its parts", () => {
  const written = address(["models", "a/b c", "3"], { tab: "files", empty: "", pick: ["1", "2"] });
  assert.equal(written, "/models/a%2Fb%20c/3?tab=files&pick=1&pick=2");
  assert.deepEqual(match(ROUTES, written.split("?")[0] ?? "")?.parts, { name: "a/b c", version: "3" });
});
