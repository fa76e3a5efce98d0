"""Hyperparameter sweeps: what to try next, when to stop, and what was found.

A sweep is a numbered, write-once log in the store (`log`, `entry`) and the fold of it (`history`).
The `coordinator` is a plain state machine: it asks a sampler (`suggestion`), weighs reported points
(`pruning`), keeps to the budget (`ending`), and writes down what it decided before it takes effect.
`running` drives it over any pool of workers; the pools are in :mod:`mlflowflow.orchestration`,
because only that package knows Prefect and Dask.

Whatever kills a coordinator, the next one reads the log, gives it to a fresh sampler, and goes on
with the same suggestions, the same runs and the attempts that were cut off.

Programs take the words in which a sweep is written from here, such as `choice` and `maximize`; they are
imported when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mlflowflow.sweeps.building import sweep_spec_of
    from mlflowflow.sweeps.live import should_prune
    from mlflowflow.sweeps.words import (
        asha,
        at_least,
        at_most,
        between,
        budget,
        choice,
        cmaes,
        gp,
        grid,
        hyperband,
        integer,
        maximize,
        median,
        minimize,
        nsga2,
        percentile,
        qmc,
        random_search,
        real,
        resources,
        stop_when,
        tpe,
        winner,
    )

__all__ = [
    "asha",
    "at_least",
    "at_most",
    "between",
    "budget",
    "choice",
    "cmaes",
    "gp",
    "grid",
    "hyperband",
    "integer",
    "maximize",
    "median",
    "minimize",
    "nsga2",
    "percentile",
    "qmc",
    "random_search",
    "real",
    "resources",
    "should_prune",
    "stop_when",
    "sweep_spec_of",
    "tpe",
    "winner",
]

_WORDS: Final = "mlflowflow.sweeps.words"
#: Where each public name comes from that is none of the words.
_MODULES: Final = {
    "should_prune": "mlflowflow.sweeps.live",
    "sweep_spec_of": "mlflowflow.sweeps.building",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in __all__:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(importlib.import_module(_MODULES.get(name, _WORDS)), name)
