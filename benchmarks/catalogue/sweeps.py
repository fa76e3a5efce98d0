"""What is measured of sweeps, and what is hoped for: a table without code."""

from __future__ import annotations

from typing import Final

from benchmarks.benchmark import Benchmark, Contender, Step
from benchmarks.catalogue.shared import MLFLOW, MLFLOW_ENVIRON, SQLITE
from benchmarks.goal import Goal, Unit

_SWEEP: Final = Benchmark(
    name="sweep",
    contenders=(
        Contender(
            name="ours",
            measured=Step(
                program="ours_sweep",
                arguments={"folder": "{folder}", "count": 1_000, "sampler": "random"},
                small={"count": 8},
            ),
        ),
        Contender(
            name="Prefect's map",
            guest=True,
            measured=Step(program="prefect_map", arguments={"count": 200}, small={"count": 4}),
        ),
        Contender(
            name="Optuna + MLflow",
            environment=MLFLOW,
            environ=MLFLOW_ENVIRON,
            measured=Step(
                program="optuna_mlflow",
                arguments={"uri": SQLITE, "count": 200, "sampler": "random"},
                small={"count": 4},
            ),
        ),
    ),
    goals=(
        Goal(
            what="trivial trial, all in",
            figure="trial_ms",
            unit=Unit.MILLISECONDS,
            peer="Prefect's map",
            times_better=15,
            at_most=10,
        ),
        Goal(
            what="… beside one after the other",
            figure="trial_ms",
            unit=Unit.MILLISECONDS,
            peer="Optuna + MLflow",
            times_better=1,
        ),
        Goal(what="… trials that are no run", figure="missing", unit=Unit.NUMBER, at_most=0),
    ),
    repetitions=3,
)

_MANY_TRIALS: Final = Benchmark(
    name="many trials",
    contenders=(
        Contender(
            name="ours",
            measured=Step(
                program="ours_sweep",
                arguments={"folder": "{folder}", "count": 10_000, "sampler": "random"},
                small={"count": 8},
            ),
            once=True,
        ),
    ),
    goals=(
        Goal(what="coordinator of 10,000 trials", figure="peak_mib", unit=Unit.MEBIBYTES, at_most=300),
        Goal(what="… a trial of them", figure="trial_ms", unit=Unit.MILLISECONDS),
        Goal(what="… trials that are no run", figure="missing", unit=Unit.NUMBER, at_most=0),
    ),
)


def _suggest(name: str, *, multivariate: bool) -> Benchmark:
    return Benchmark(
        name=name,
        contenders=(
            Contender(
                name="ours",
                measured=Step(
                    program="ours_suggest",
                    arguments={"known": 3_000, "dimensions": 8, "asks": 20, "multivariate": multivariate},
                    small={"known": 20, "asks": 2},
                ),
            ),
        ),
        goals=(
            Goal(what="suggestion at 3,000 trials", figure="ask_ms", unit=Unit.MILLISECONDS, at_most=200),
        ),
        repetitions=3,
    )


_ASHA: Final = Benchmark(
    name="asha",
    contenders=(
        Contender(
            name="ours",
            measured=Step(
                program="ours_asha", arguments={"folder": "{folder}", "trials": 40}, small={"trials": 3}
            ),
        ),
    ),
    goals=(
        Goal(
            what="epochs run of all, ASHA on digits", figure="epochs_percent", unit=Unit.PERCENT, at_most=60
        ),
        Goal(what="… best accuracy", figure="best_accuracy", unit=Unit.NUMBER, at_least=0.96),
    ),
    repetitions=3,
)


def _prune(name: str, *, isolated: bool) -> Benchmark:
    return Benchmark(
        name=name,
        contenders=(
            Contender(
                name="ours",
                measured=Step(
                    program="ours_prune",
                    arguments={"folder": "{folder}", "trials": 20, "isolated": isolated},
                    small={"trials": 2},
                ),
            ),
        ),
        goals=(
            Goal(
                what="from a point to the request to end",
                figure="median_ms",
                unit=Unit.MILLISECONDS,
                at_most=1_000,
            ),
            Goal(what="… the longest of 20", figure="longest_ms", unit=Unit.MILLISECONDS, at_most=1_000),
            Goal(what="… never heard", figure="missing", unit=Unit.NUMBER, at_most=0),
        ),
        repetitions=3,
    )


BENCHMARKS: Final = (
    _SWEEP,
    _MANY_TRIALS,
    _suggest("tpe", multivariate=False),
    _suggest("tpe, multivariate", multivariate=True),
    _ASHA,
    _prune("prune, in a process", isolated=True),
    _prune("prune, in a thread", isolated=False),
)
