"""What is measured of the web pages, and what is hoped for: a table without code."""

from __future__ import annotations

from typing import Final

from benchmarks.benchmark import Benchmark, Contender, Step
from benchmarks.catalogue.shared import our_runs
from benchmarks.goal import Goal, Unit

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
        Goal(what="first rows from a server just started", figure="first_s", unit=Unit.SECONDS),
        Goal(what="another order", figure="sort_ms", unit=Unit.MILLISECONDS, at_most=100),
        Goal(what="a word in the filter", figure="filter_ms", unit=Unit.MILLISECONDS, at_most=100),
        Goal(what="the server's memory then", figure="peak_mib", unit=Unit.MEBIBYTES),
    ),
    repetitions=3,
)

BENCHMARKS: Final = (_TABLE,)
