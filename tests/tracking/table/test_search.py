"""What a search asks of one run, and how several answers become one."""

from __future__ import annotations

from dataclasses import replace

from mlflowflow.tracking.query import parse_filter, parse_order_by
from mlflowflow.tracking.run import LifecycleStage
from mlflowflow.tracking.table.search import Search
from tests.tracking.query.strategies import run

BEST = Search(
    wanted=parse_filter("metrics.m > 1"),
    order=parse_order_by(["metrics.m DESC"]),
    stages=(LifecycleStage.ACTIVE,),
    limit=2,
)


def test_a_run_is_wanted_if_it_matches_and_is_in_the_right_stage() -> None:
    """A deleted run is not found by what it has."""
    found = run(metrics={"m": 2.0})
    deleted = replace(found, info=replace(found.info, lifecycle_stage=LifecycleStage.DELETED))
    assert [BEST.wants(each) for each in (found, deleted, run(metrics={"m": 1.0}), run())] == [
        True,
        False,
        False,
        False,
    ]


def test_the_first_are_in_order_and_no_more_than_asked_for() -> None:
    """Runs from several places are put in order together."""
    runs = [run(str(value), metrics={"m": value}) for value in (2.0, 4.0, 3.0)]
    assert [each.info.run_id for each in BEST.first(runs)] == ["4.0", "3.0"]
