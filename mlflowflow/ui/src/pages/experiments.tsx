// All experiments: how many runs in which state, and when something last happened.

import type { JSX } from "preact";

import { route, useAnswer } from "../core/api.ts";
import { Empty, Shown } from "../parts/basics.tsx";

interface Experiments {
  readonly names: readonly string[];
}

export function Experiments(): JSX.Element {
  const answer = useAnswer<Experiments>(() => route("experiments"));
  return (
    <>
      <div class="head">
        <h1>Experiments</h1>
      </div>
      <Shown answer={answer.value}>
        {({ names }) =>
          names.length === 0 ? <Empty command="mlff run examples/digits -e retrain">No experiment yet.</Empty> : <p />
        }
      </Shown>
    </>
  );
}
