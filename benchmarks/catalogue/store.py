"""What is measured of the store, and what is hoped for: a table without code."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from benchmarks.benchmark import Benchmark, Contender, Step
from benchmarks.catalogue.shared import (
    MLFLOW,
    MLFLOW_ENVIRON,
    MLFLOW_FILES_ENVIRON,
    SQLITE,
    mlflow_runs,
    our_runs,
)
from benchmarks.goal import Goal, Unit

_LOG: Final = Benchmark(
    name="log",
    contenders=(
        Contender(
            name="ours",
            measured=Step(
                program="ours_log", arguments={"folder": "{folder}", "calls": 200_000}, small={"calls": 200}
            ),
        ),
        Contender(
            name="os.write",
            measured=Step(
                program="bare_write", arguments={"folder": "{folder}", "calls": 200_000}, small={"calls": 200}
            ),
        ),
        Contender(
            name="MLflow files",
            environment=MLFLOW,
            environ=MLFLOW_FILES_ENVIRON,
            measured=Step(
                program="mlflow_log",
                arguments={"uri": "{folder}/mlruns", "calls": 2_000},
                small={"calls": 20},
            ),
        ),
        Contender(
            name="MLflow sqlite",
            environment=MLFLOW,
            environ=MLFLOW_ENVIRON,
            measured=Step(program="mlflow_log", arguments={"uri": SQLITE, "calls": 500}, small={"calls": 20}),
        ),
        Contender(
            name="Trackio",
            environment="trackio",
            environ=MappingProxyType({"TRACKIO_DIR": "{folder}/trackio"}),
            measured=Step(program="trackio_log", arguments={"calls": 50_000}, small={"calls": 200}),
        ),
    ),
    goals=(
        Goal(
            what="log_metric, survives kill -9",
            figure="call_us",
            unit=Unit.MICROSECONDS,
            peer="MLflow files",
            times_better=100,
        ),
        Goal(
            what="log_metric, survives kill -9",
            figure="call_us",
            unit=Unit.MICROSECONDS,
            peer="MLflow sqlite",
            times_better=1_000,
        ),
        Goal(
            what="log_metric, survives kill -9",
            figure="call_us",
            unit=Unit.MICROSECONDS,
            peer="Trackio",
            peer_figure="safe_us",
            times_better=5,
        ),
        Goal(
            what="… beside Trackio's call, which does not",
            figure="call_us",
            unit=Unit.MICROSECONDS,
            peer="Trackio",
        ),
        Goal(
            what="… beside a bare write",
            figure="call_us",
            unit=Unit.MICROSECONDS,
            peer="os.write",
            times_worse=3,
        ),
    ),
)

_BATCH: Final = Benchmark(
    name="batch",
    contenders=(
        Contender(
            name="ours",
            measured=Step(
                program="ours_batch",
                arguments={"folder": "{folder}", "points": 100_000},
                small={"points": 2_000},
            ),
        ),
        Contender(
            name="MLflow sqlite",
            environment=MLFLOW,
            environ=MLFLOW_ENVIRON,
            measured=Step(
                program="mlflow_batch", arguments={"uri": SQLITE, "points": 100_000}, small={"points": 2_000}
            ),
        ),
    ),
    goals=(
        Goal(
            what="log_batch of 100,000 points",
            figure="seconds",
            unit=Unit.SECONDS,
            peer="MLflow sqlite",
            times_better=50,
        ),
        Goal(what="… until stored", figure="stored_seconds", unit=Unit.SECONDS, peer="MLflow sqlite"),
    ),
    repetitions=3,
)

_RUNS: Final = Benchmark(
    name="runs",
    contenders=(
        Contender(
            name="ours",
            measured=Step(
                program="ours_runs", arguments={"folder": "{folder}", "count": 200}, small={"count": 5}
            ),
        ),
        Contender(
            name="MLflow sqlite",
            environment=MLFLOW,
            environ=MLFLOW_ENVIRON,
            measured=Step(program="mlflow_runs", arguments={"uri": SQLITE, "count": 200}, small={"count": 5}),
        ),
    ),
    goals=(
        Goal(
            what="200 runs, start to end",
            figure="seconds",
            unit=Unit.SECONDS,
            peer="MLflow sqlite",
            times_better=20,
        ),
    ),
)

_SEARCH: Final = Benchmark(
    name="search",
    contenders=(
        Contender(
            name="ours",
            preparation=our_runs(100_000),
            measured=Step(
                program="ours_search",
                arguments={"data": "{data}", "searches": 19, "colds": 5},
                small={"searches": 3, "colds": 1},
            ),
        ),
        Contender(
            name="MLflow sqlite",
            environment=MLFLOW,
            environ=MLFLOW_ENVIRON,
            preparation=mlflow_runs(100_000),
            measured=Step(
                program="mlflow_search",
                arguments={"data": "{data}", "searches": 5},
                small={"searches": 3},
            ),
        ),
    ),
    goals=(
        Goal(
            what="search of 100,000 runs, best 100",
            figure="warm_ms",
            unit=Unit.MILLISECONDS,
            peer="MLflow sqlite",
            times_better=50,
            at_most=25,
        ),
        Goal(
            what="… by a tracker that has read nothing",
            figure="cold_ms",
            unit=Unit.MILLISECONDS,
            peer="MLflow sqlite",
            peer_figure="warm_ms",
            at_most=150,
        ),
        Goal(what="… making these runs", figure="fill.seconds", unit=Unit.SECONDS),
        Goal(what="… compacting them", figure="fill.compaction_seconds", unit=Unit.SECONDS),
        Goal(what="… memory for compacting them", figure="fill.compaction_mib", unit=Unit.MEBIBYTES),
        Goal(what="… objects of the store", figure="fill.objects", unit=Unit.NUMBER),
        Goal(
            what="… bytes of the store",
            figure="fill.bytes",
            unit=Unit.NUMBER,
            peer="MLflow sqlite",
        ),
    ),
    repetitions=3,
)

_LOOKUP: Final = Benchmark(
    name="lookup",
    contenders=(
        Contender(
            name="ours",
            preparation=Step(
                program="ours_fill_points",
                arguments={"folder": "{data}", "runs": 2_000, "steps": 1_000},
                small={"runs": 10, "steps": 20},
            ),
            measured=Step(
                program="ours_lookup",
                arguments={"data": "{data}", "runs": 2_000, "steps": 1_000, "lookups": 100, "colds": 5},
                small={"runs": 10, "steps": 20, "lookups": 3, "colds": 1},
            ),
        ),
    ),
    goals=(
        Goal(
            what="one metric of one run of 10 M points",
            figure="warm_ms",
            unit=Unit.MILLISECONDS,
            at_most=10,
        ),
        Goal(what="… by a tracker that has read nothing", figure="cold_ms", unit=Unit.MILLISECONDS),
        Goal(what="… logging these points", figure="fill.seconds", unit=Unit.SECONDS),
        Goal(what="… compacting them", figure="fill.compaction_seconds", unit=Unit.SECONDS),
        Goal(what="… memory for compacting them", figure="fill.compaction_mib", unit=Unit.MEBIBYTES),
    ),
    repetitions=3,
)

_BYTES: Final = Benchmark(
    name="bytes",
    contenders=(
        Contender(
            name="ours",
            measured=Step(
                program="ours_bytes", arguments={"folder": "{folder}", "steps": 100_000}, small={"steps": 300}
            ),
            once=True,
        ),
    ),
    goals=(
        Goal(what="bytes per point, float32 values", figure="float32", unit=Unit.BYTES, at_most=5),
        Goal(what="bytes per point, noisy doubles", figure="float64", unit=Unit.BYTES, at_most=8),
    ),
)

_MEMORY: Final = Benchmark(
    name="memory",
    contenders=(
        Contender(
            name="ours",
            measured=Step(
                program="ours_memory",
                arguments={"folder": "{folder}", "points": 10_000_000},
                small={"points": 2_000},
            ),
            once=True,
        ),
    ),
    goals=(
        Goal(
            what="memory while logging 10 M points",
            figure="mib",
            unit=Unit.MEBIBYTES,
            at_most=64,
        ),
        Goal(what="… above a bare import", figure="above_import_mib", unit=Unit.MEBIBYTES),
        Goal(what="… time per log_metric", figure="call_us", unit=Unit.MICROSECONDS),
    ),
)

_REQUESTS: Final = Benchmark(
    name="requests",
    contenders=(
        Contender(
            name="ours",
            measured=Step(program="ours_requests", arguments={"count": 50}, small={"count": 3}),
            once=True,
        ),
    ),
    goals=(
        Goal(what="requests of start_run", figure="start_run", unit=Unit.NUMBER),
        Goal(what="… beside 100 unfolded segments", figure="first_start_run", unit=Unit.NUMBER),
        Goal(what="requests of log_metric", figure="log_metric", unit=Unit.NUMBER),
        Goal(what="requests of log_batch", figure="log_batch", unit=Unit.NUMBER),
        Goal(what="requests of end_run", figure="end_run", unit=Unit.NUMBER),
        Goal(what="requests of a first search", figure="search_first", unit=Unit.NUMBER),
        Goal(what="requests of another search", figure="search_again", unit=Unit.NUMBER),
        Goal(what="requests of a metric's history", figure="metric_history", unit=Unit.NUMBER),
        Goal(what="objects per run", figure="objects_per_run", unit=Unit.NUMBER),
        Goal(what="objects per run, compacted", figure="objects_per_run_compacted", unit=Unit.NUMBER),
    ),
)

_FLEET: Final = Benchmark(
    name="fleet",
    contenders=(
        Contender(
            name="ours",
            measured=Step(
                program="ours_fleet",
                arguments={"writers": 1_000, "seconds": 600, "settled_s": 100},
                small={"writers": 5, "seconds": 200},
            ),
            once=True,
        ),
        Contender(
            name="paper",
            measured=Step(program="paper_fleet", arguments={"writers": 1_000, "ceiling_s": 30}),
            once=True,
        ),
    ),
    goals=(
        Goal(
            what="writes of 1,000 writers",
            figure="writes_per_s",
            unit=Unit.PER_SECOND,
            peer="paper",
            within=0.2,
        ),
        Goal(
            what="… cost of their requests per day",
            figure="dollars_per_day",
            unit=Unit.DOLLARS,
            peer="paper",
            within=0.2,
        ),
        Goal(
            what="… segments before a folding",
            figure="hot_objects",
            unit=Unit.NUMBER,
            peer="paper",
            within=0.2,
        ),
        Goal(what="… objects after 10 minutes", figure="objects", unit=Unit.NUMBER),
    ),
)

_FILL_MLRUNS: Final = Step(
    program="fill_mlruns",
    arguments={"folder": "{data}", "runs": 1_000, "metrics": 10, "steps": 100},
    small={"runs": 5, "metrics": 2, "steps": 3},
)
_IMPORT: Final = Benchmark(
    name="import",
    contenders=(
        Contender(
            name="ours",
            preparation=_FILL_MLRUNS,
            measured=Step(program="ours_import", arguments={"data": "{data}", "folder": "{folder}/store"}),
        ),
        Contender(
            name="migrate-filestore",
            environment=MLFLOW,
            environ=MLFLOW_FILES_ENVIRON,
            preparation=_FILL_MLRUNS,
            measured=Step(program="mlflow_import", arguments={"data": "{data}", "folder": "{folder}"}),
        ),
    ),
    goals=(
        Goal(
            what="1,000 runs, 1 M points of mlruns",
            figure="seconds",
            unit=Unit.SECONDS,
            peer="migrate-filestore",
            times_better=5,
        ),
        Goal(what="… the same again, nothing new", figure="again_seconds", unit=Unit.SECONDS),
        Goal(what="… runs and points added again", figure="added_again", unit=Unit.NUMBER, at_most=0),
    ),
    repetitions=3,
)

BENCHMARKS: Final = (_LOG, _BATCH, _RUNS, _SEARCH, _LOOKUP, _BYTES, _MEMORY, _REQUESTS, _FLEET, _IMPORT)
