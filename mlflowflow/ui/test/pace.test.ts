import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Pace } from "../src/core/pace.ts";

function paced(): { pace: Pace; asked: () => number; pass: (ms: number) => void } {
  let now = 0;
  let count = 0;
  const pace = new Pace(
    () => {
      count += 1;
      pace.began();
    },
    () => now,
  );
  pace.began();
  return {
    pace,
    asked: () => count,
    pass: (ms) => {
      now += ms;
      mock.timers.tick(ms);
    },
  };
}

test("a fast answer is asked for again at once", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { pace, asked, pass } = paced();
  pass(20);
  pace.ended();
  pace.again();
  assert.equal(asked(), 1);
  mock.timers.reset();
});

test("an answer that is waited for is never given up for news, and asked for once more after a rest", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { pace, asked, pass } = paced();
  for (let beat = 0; beat < 4; beat += 1) {
    pass(250);
    pace.again();
  }
  assert.equal(asked(), 0);
  pace.ended(); // it took a second
  assert.equal(asked(), 0);
  pass(3_900);
  assert.equal(asked(), 0);
  pass(200);
  assert.equal(asked(), 1);
  mock.timers.reset();
});

test("who stopped is not asked again", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { pace, asked, pass } = paced();
  pass(1_000);
  pace.ended();
  pace.again();
  pace.stop();
  pass(60_000);
  assert.equal(asked(), 0);
  mock.timers.reset();
});
