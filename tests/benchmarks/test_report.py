"""The table and the JSON say the same, one line per goal."""

from __future__ import annotations

import json

from benchmarks.benchmark import Benchmark
from benchmarks.goal import Goal, Line, Unit
from benchmarks.report import as_json, table
from benchmarks.runner import Outcome


def outcome() -> Outcome:
    """One missed goal and one figure that only informs."""
    missed = Goal(what="search", figure="ms", unit=Unit.MILLISECONDS, peer="peer", times_better=50)
    plain = Goal(what="objects", figure="n", unit=Unit.NUMBER)
    return Outcome(
        benchmark=Benchmark(name="search", contenders=(), goals=(missed, plain)),
        lines=(Line(goal=missed, ours=2.0, theirs=66.0), Line(goal=plain, ours=12345.0, theirs=None)),
        answers={"ours": ({"ms": 2.0},)},
    )


def test_the_table_is_aligned_and_says_what_was_missed() -> None:
    """Numbers end in the same column, and a missed goal stands out."""
    assert table([outcome()]).splitlines() == [
        "what       ours  peer  theirs  ratio  target        met?",
        "-------  ------  ----  ------  -----  ------------  ----",
        "search     2 ms  peer   66 ms    33x  ≥ 50x better  NO",
        "objects  12,345",
    ]


def test_json_has_every_line_and_every_answer() -> None:
    """A program can compute anything else from what was measured."""
    found = json.loads(as_json([outcome()]))
    assert [(line["what"], line["ratio"], line["met"]) for line in found[0]["lines"]] == [
        ("search", 33.0, False),
        ("objects", None, None),
    ]
    assert found[0]["answers"] == {"ours": [{"ms": 2.0}]}
