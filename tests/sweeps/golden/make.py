"""Make the golden logs anew: `python -m tests.sweeps.golden.make`.

Only when a release of Optuna, NumPy or SciPy suggests otherwise on purpose. Sweeps that were begun
with the release before then go on with suggestions that it would not have made.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Final

from mlflowflow.events.canonical import to_bytes
from mlflowflow.projects.sweep_spec import Pruner, PrunerName
from tests.sweeps.lives import SAMPLERS, Life, sweep_of

_FOLDER: Final = Path(__file__).parent
_TRIALS: Final = 36


def lives() -> dict[str, Life]:
    """Return a life per log: every sampler, and every kind of space, objective and pruner with some of them."""
    return {
        "grid": Life(sweep=sweep_of(SAMPLERS["grid"]), dice=random.Random(1)),
        "random": Life(sweep=sweep_of(SAMPLERS["random"], conditional=True), dice=random.Random(2)),
        "tpe": Life(sweep=sweep_of(SAMPLERS["tpe"], conditional=True), dice=random.Random(3)),
        "tpe-multivariate": Life(
            sweep=sweep_of(SAMPLERS["tpe-multivariate"], conditional=True, constraints=1),
            dice=random.Random(4),
            start=({"model": "svc", "C": 10.0},),
        ),
        "tpe-objectives": Life(
            sweep=sweep_of(SAMPLERS["tpe"], objectives=2, constraints=2), dice=random.Random(5), parallel=8
        ),
        "cmaes": Life(
            sweep=sweep_of(SAMPLERS["cmaes"], constraints=1, pruner=Pruner()), dice=random.Random(6)
        ),
        "nsga2": Life(
            sweep=sweep_of(
                SAMPLERS["nsga2"],
                objectives=2,
                constraints=1,
                conditional=True,
                pruner=Pruner(name=PrunerName.HYPERBAND, max_resource=9),
            ),
            dice=random.Random(7),
        ),
        "qmc": Life(
            sweep=sweep_of(
                SAMPLERS["qmc"], conditional=True, pruner=Pruner(name=PrunerName.MEDIAN, startup=2)
            ),
            dice=random.Random(8),
        ),
    }


def main() -> None:
    """Write one log per life, a batch a line."""
    for name, life in lives().items():
        lines = [to_bytes(batch) for batch in life.live(_TRIALS)]
        (_FOLDER / f"{name}.jsonl").write_bytes(b"\n".join(lines) + b"\n")


if __name__ == "__main__":
    main()
