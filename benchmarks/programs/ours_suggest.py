"""How long a sampler thinks about the next trial when it knows thousands."""

from __future__ import annotations

import random

from benchmarks.programs.protocol import answer
from benchmarks.programs.stopwatch import forget_peak, median_ms, peak_mib
from mlflowflow.sweeps import minimize, real, tpe
from mlflowflow.sweeps.building import sweep_spec_of
from mlflowflow.sweeps.suggestion import make_suggester
from mlflowflow.sweeps.trial import TrialState


def measure(*, known: int, dimensions: int, asks: int, multivariate: bool) -> dict[str, float]:
    """Tell TPE the results of `known` trials over `dimensions` numbers, then time `asks` suggestions."""
    space = {f"x{number}": real(0, 1) for number in range(dimensions)}
    sweep = sweep_spec_of(
        "suggest",
        entry_point="suggest",
        space=space,
        objectives=minimize("loss"),
        sampler=tpe(seed=7, multivariate=multivariate),
        budget=known + asks,
    )
    dice = random.Random(7)
    suggester = make_suggester(sweep, 7)
    for number in range(known):
        suggester.adopt({name: dice.random() for name in space})
        suggester.tell(number, TrialState.COMPLETE, values=(dice.random(),))
    forget_peak()
    ask_ms = median_ms([suggester.ask] * asks)
    return {"ask_ms": ask_ms, "peak_mib": peak_mib()}


if __name__ == "__main__":
    answer(measure)
