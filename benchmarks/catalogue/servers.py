"""What is measured of servers, and what is hoped for: a table without code."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from benchmarks.benchmark import Benchmark, Contender, Step
from benchmarks.catalogue.shared import MLFLOW, MLFLOW_ENVIRON, mlflow_runs, our_runs
from benchmarks.goal import Goal, Unit

_PEER: Final = "mlflow server"
_LOAD: Final = MappingProxyType({"folder": "{folder}", "clients": 8, "batches": 20, "creates": 40})
_SMALL: Final = MappingProxyType({"clients": 2, "batches": 2, "creates": 2})

_SERVER: Final = Benchmark(
    name="server",
    contenders=(
        Contender(
            name="ours",
            measured=Step(program="server_load", arguments={"server": "mlff", **_LOAD}, small=_SMALL),
        ),
        Contender(
            name=_PEER,
            environment=MLFLOW,
            environ=MLFLOW_ENVIRON,
            measured=Step(program="server_load", arguments={"server": "mlflow", **_LOAD}, small=_SMALL),
        ),
    ),
    goals=(
        Goal(
            what="log-batch of 1,000 points, 8 clients",
            figure="batch_ms",
            unit=Unit.MILLISECONDS,
            peer=_PEER,
            times_better=5,
        ),
        Goal(
            what="runs/create, 8 clients",
            figure="create_ms",
            unit=Unit.MILLISECONDS,
            peer=_PEER,
            times_better=5,
        ),
        Goal(what="the server's memory then", figure="peak_mib", unit=Unit.MEBIBYTES, at_most=300),
    ),
    repetitions=3,
)

_SEARCHES: Final = Benchmark(
    name="server-search",
    contenders=(
        Contender(
            name="ours",
            preparation=our_runs(100_000),
            measured=Step(
                program="server_search",
                arguments={"server": "mlff", "data": "{data}", "searches": 10},
                small={"searches": 3},
            ),
        ),
        Contender(
            name=_PEER,
            environment=MLFLOW,
            environ=MLFLOW_ENVIRON,
            preparation=mlflow_runs(100_000),
            measured=Step(
                program="server_search",
                arguments={"server": "mlflow", "data": "{data}", "searches": 5},
                small={"searches": 3},
            ),
        ),
    ),
    goals=(
        Goal(
            what="runs/search of 100,000 runs over HTTP, best 100",
            figure="warm_ms",
            unit=Unit.MILLISECONDS,
            peer=_PEER,
            times_better=20,
        ),
        Goal(
            what="the first one of a server that has just begun",
            figure="first_ms",
            unit=Unit.MILLISECONDS,
            peer=_PEER,
            times_better=20,
        ),
        Goal(what="the server's memory then", figure="peak_mib", unit=Unit.MEBIBYTES, at_most=300),
    ),
    repetitions=3,
)

BENCHMARKS: Final = (_SERVER, _SEARCHES)
