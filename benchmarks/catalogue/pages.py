"""What is measured of the web pages, and what is hoped for: a table without code."""

from __future__ import annotations

from typing import Final

from benchmarks.benchmark import Benchmark, Contender, Step
from benchmarks.catalogue.shared import MLFLOW, MLFLOW_ENVIRON, mlflow_runs, our_runs
from benchmarks.goal import Goal, Unit

_PEER: Final = "MLflow pages"

_TABLE: Final = Benchmark(
    name="pages",
    contenders=(
        Contender(
            name="ours",
            preparation=our_runs(50_000),
            measured=Step(
                program="ours_pages", arguments={"data": "{data}", "openings": 5}, small={"openings": 1}
            ),
        ),
    ),
    goals=(
        Goal(what="first rows of 50,000 runs in Chromium", figure="rows_s", unit=Unit.SECONDS, at_most=1.0),
        Goal(what="… from a server just started", figure="first_s", unit=Unit.SECONDS),
        Goal(what="… another order", figure="sort_ms", unit=Unit.MILLISECONDS, at_most=100),
        Goal(what="… a word in the filter", figure="filter_ms", unit=Unit.MILLISECONDS, at_most=100),
        Goal(what="… the server's memory then", figure="peak_mib", unit=Unit.MEBIBYTES),
    ),
    repetitions=3,
)


def _opened(server: str) -> Step:
    return Step(
        program="server_pages",
        arguments={"server": server, "python": "{python}", "data": "{data}", "openings": 3},
        small={"openings": 1},
        from_outside=True,
    )


_BESIDE: Final = Benchmark(
    name="pages-mlflow",
    contenders=(
        Contender(name="ours", preparation=our_runs(5_000), measured=_opened("mlff")),
        Contender(
            name=_PEER,
            environment=MLFLOW,
            environ=MLFLOW_ENVIRON,
            preparation=mlflow_runs(5_000),
            measured=_opened("mlflow"),
        ),
    ),
    goals=(
        Goal(
            what="first rows of 5,000 runs in Chromium",
            figure="rows_s",
            unit=Unit.SECONDS,
            peer=_PEER,
            times_better=5,
        ),
        Goal(what="… what is sent until then", figure="sent_kb", unit=Unit.KILOBYTES, peer=_PEER),
    ),
    repetitions=3,
)

_BUNDLE: Final = Benchmark(
    name="bundle",
    contenders=(Contender(name="ours", measured=Step(program="ours_bundle", arguments={}), once=True),),
    goals=(
        Goal(
            what="programs and styles of all pages, sent",
            figure="zipped_kb",
            unit=Unit.KILOBYTES,
            at_most=150,
        ),
        Goal(what="… unpacked", figure="bundle_kb", unit=Unit.KILOBYTES),
    ),
)

_VIEWERS: Final = Benchmark(
    name="viewers",
    contenders=(
        Contender(
            name="ours",
            preparation=our_runs(5_000),
            measured=Step(
                program="ours_viewers", arguments={"data": "{data}", "viewers": 100}, small={"viewers": 10}
            ),
        ),
    ),
    goals=(
        Goal(
            what="the server's time for one of 100 viewers",
            figure="cpu_ms",
            unit=Unit.MILLISECONDS,
            at_most=10,
        ),
        Goal(what="… its memory for one", figure="held_kb", unit=Unit.KILOBYTES, at_most=100),
        Goal(what="… until all were served", figure="took_s", unit=Unit.SECONDS),
        Goal(what="… requests of one", figure="requests", unit=Unit.NUMBER),
    ),
    repetitions=3,
)

_CHART: Final = Benchmark(
    name="chart",
    contenders=(
        Contender(
            name="ours",
            preparation=Step(
                program="ours_fill_points",
                arguments={"folder": "{data}", "runs": 10, "steps": 100_000, "metrics": 1},
                small={"steps": 2_000},
            ),
            measured=Step(
                program="ours_chart",
                arguments={"data": "{data}", "runs": 10, "openings": 5},
                small={"openings": 1},
            ),
        ),
    ),
    goals=(
        Goal(
            what="chart of 10 x 100,000 points, after its data",
            figure="drawn_ms",
            unit=Unit.MILLISECONDS,
            at_most=300,
        ),
        Goal(what="… its data", figure="answer_ms", unit=Unit.MILLISECONDS),
        Goal(what="… its data, of which nothing was read", figure="first_answer_ms", unit=Unit.MILLISECONDS),
        Goal(what="… its data, sent", figure="sent_kb", unit=Unit.KILOBYTES),
    ),
    repetitions=3,
)

_LIVE: Final = Benchmark(
    name="live",
    contenders=(
        Contender(
            name="ours",
            measured=Step(
                program="ours_live", arguments={"folder": "{folder}", "points": 20}, small={"points": 2}
            ),
        ),
    ),
    goals=(
        Goal(
            what="from log_metric to the screen",
            figure="median_ms",
            unit=Unit.MILLISECONDS,
            at_most=1_000,
        ),
        Goal(
            what="… the longest of 20",
            figure="longest_ms",
            unit=Unit.MILLISECONDS,
            at_most=1_000,
        ),
    ),
    repetitions=3,
)

BENCHMARKS: Final = (_TABLE, _BESIDE, _BUNDLE, _VIEWERS, _CHART, _LIVE)
