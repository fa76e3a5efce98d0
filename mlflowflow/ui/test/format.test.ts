import assert from "node:assert/strict";
import { test } from "node:test";

import { ago, count, duration, grouped, number, shortened, size } from "../src/core/format.ts";

test("numbers keep the digits that tell something", () => {
  const written: [number, string][] = [
    [0, "0"],
    [1, "1"],
    [-3, "−3"],
    [0.98347, "0.9835"],
    [0.5, "0.5"],
    [0.00001234, "1.234e−5"],
    [-1.5e9, "−1.5e9"],
    [123456.789, "123500"],
    [9999999, "9999999"],
    [NaN, "NaN"],
    [-Infinity, "−∞"],
  ];
  for (const [value, text] of written) assert.equal(number(value), text);
});

test("durations have two units at most", () => {
  const written: [number, string][] = [
    [0, "0 s"],
    [1.26, "1.3 s"],
    [61, "1 min 1 s"],
    [3600, "1 h"],
    [3661, "1 h 1 min"],
    [90_061, "1 d 1 h"],
  ];
  for (const [seconds, text] of written) assert.equal(duration(seconds), text);
});

test("times are told by their distance", () => {
  assert.equal(ago(0, 2_000), "just now");
  assert.equal(ago(0, 59_000), "59 s ago");
  assert.equal(ago(0, 3_600_000), "1 h ago");
  assert.equal(ago(0, 200_000_000), "2 d ago");
});

test("bytes and counts", () => {
  assert.equal(size(999), "999 B");
  assert.equal(size(1_400_000), "1.4 MB");
  assert.equal(grouped(1234567), "1,234,567");
  assert.equal(count(1, "run"), "1 run");
  assert.equal(count(2000, "entry", "entries"), "2,000 entries");
});

test("a text is shortened if it is a number with many digits, and only then", () => {
  assert.equal(shortened("952.4996618024019"), "952.5");
  assert.equal(shortened("0.0009596391275017976"), "0.000959639");
  assert.equal(shortened("10.0"), "10.0");
  assert.equal(shortened("a long name of a thing"), "a long name of a thing");
  assert.equal(shortened("             "), "             ");
});
