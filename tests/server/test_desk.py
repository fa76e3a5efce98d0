"""What a server remembers of requests."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import InvalidInput, InvalidState
from mlflowflow.server import desk as desk_module
from mlflowflow.tracking.run import Metric
from tests.server.asking import desk_in

if TYPE_CHECKING:
    from pathlib import Path


def test_the_memory_of_requests_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest are forgotten; what is forgotten is logged again, and is one point all the same."""
    monkeypatch.setattr(desk_module, "REMEMBERED", 2)
    with desk_in(tmp_path) as desk:
        run_id = desk.tracker.create_run("0").info.run_id
        for step in (0, 1, 2, 2, 0):
            desk.log(run_id, metrics=[Metric("m", 1.0, 5, step)])
        assert len(desk.tracker.metric_history(run_id, "m")) == 4
        assert [point.step for point in desk.history(run_id, "m")] == [0, 1, 2]
        assert len(desk._logged) == 2


def test_what_was_not_logged_is_not_remembered(tmp_path: Path) -> None:
    """A batch that failed may be sent again and counts then."""
    with desk_in(tmp_path) as desk:
        run_id = desk.tracker.create_run("0").info.run_id
        desk.log(run_id, params={"p": "1"})
        points = [Metric("m", 1.0, 5, 1)]
        with pytest.raises(InvalidState):
            desk.log(run_id, metrics=points, params={"p": "2"})
        with pytest.raises(InvalidInput):
            desk.log(run_id, metrics=points, tags={"k" * 251: "too long"})
        desk.log(run_id, metrics=points)
        assert len(desk.history(run_id, "m")) == 1


def test_points_that_differ_in_anything_are_two(tmp_path: Path) -> None:
    """Also in what they are linked to; NaN is equal to itself."""
    with desk_in(tmp_path) as desk:
        run_id = desk.tracker.create_run("0").info.run_id
        for value in (1.0, -1.0, math.nan, math.nan):
            desk.log(run_id, metrics=[Metric("m", value, 5, 1)])
            desk._logged.clear()
        desk.log(run_id, metrics=[Metric("m", 1.0, 5, 1, None, "wine", "f9")])
        values = [(point.value, point.dataset_name) for point in desk.history(run_id, "m")]
        assert values[:3] == [(-1.0, None), (1.0, None), (1.0, "wine")]
        assert len(values) == 4
        assert math.isnan(values[3][0])


def test_a_run_that_another_server_deleted_is_refused_soon(tmp_path: Path) -> None:
    """A run that was seen to be in use is looked at again after a while."""
    with desk_in(tmp_path) as desk:
        clock = ManualClock()
        desk._clock = clock
        run_id = desk.tracker.create_run("0").info.run_id
        desk.demand_in_use(run_id)
        desk.tracker.delete_run(run_id)
        desk.demand_in_use(run_id)
        clock.advance(desk_module.FRESH_S + 1)
        with pytest.raises(InvalidInput, match="deleted"):
            desk.demand_in_use(run_id)
