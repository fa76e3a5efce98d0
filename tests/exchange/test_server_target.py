"""Writing to a running MLflow server; that everything arrives once is in the tests of exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.exchange.server_target import RUN_TAG, ServerTarget
from mlflowflow.tracking.run import Metric, RunStatus
from tests.exchange.fake_server import FakeServer
from tests.exchange.stores import RUN, a_run, an_experiment

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.tracking.tracker import Tracker


def test_our_id_is_in_a_tag() -> None:
    """A server gives ids of its own."""
    server = FakeServer()
    target = ServerTarget(server.rest())
    target.experiment(an_experiment(), [a_run()])
    (there,) = server.runs.values()
    assert {"key": RUN_TAG, "value": RUN} in there["data"]["tags"]
    assert there["info"]["start_time"] == 7


def test_a_run_that_was_begun_and_cut_off_is_completed() -> None:
    """Points that came to the server before are not sent again."""
    server, points = FakeServer(), [Metric("loss", step / 2, step, step) for step in range(5)]
    first = ServerTarget(server.rest())
    first.experiment(an_experiment(), [a_run()])
    (run_id,) = server.runs
    first._log(run_id, points[:3], {}, {})
    again = ServerTarget(server.rest())
    again.experiment(an_experiment(), [a_run()])
    assert again.run(a_run(), points).points == 2
    assert [point["step"] for point in server.points[run_id]] == [0, 1, 2, 3, 4]
    assert server.runs[run_id]["info"]["status"] == "FINISHED"


def test_many_points_go_in_parts_that_a_server_takes() -> None:
    """The fake refuses more than a thousand."""
    server, points = FakeServer(), [Metric("loss", 0.5, step, step) for step in range(2500)]
    target = ServerTarget(server.rest())
    target.experiment(an_experiment(), [a_run()])
    assert target.run(a_run(), points).points == 2500
    assert [len(each) for each in server.points.values()] == [2500]


def test_a_run_that_goes_on_goes_on_there() -> None:
    """It is not ended."""
    server = FakeServer()
    target = ServerTarget(server.rest())
    running = a_run(status=RunStatus.RUNNING, end_time=None)
    target.experiment(an_experiment(), [running])
    target.run(running, [])
    (there,) = server.runs.values()
    assert there["info"]["status"] == "RUNNING"


def test_files_go_where_the_server_says(tracker: Tracker, tmp_path: Path) -> None:
    """A folder of this machine is written; what is out of reach is said."""
    server = FakeServer()
    target = ServerTarget(server.rest())
    target.experiment(an_experiment(), [a_run()])
    files = tracker.artifacts(tracker.create_run("0").info.run_id)
    files.put_bytes(b"hello", "a/b.txt")
    from dataclasses import replace

    there = target._runs[RUN]
    for place in (str(tmp_path / "out"), "s3x://bucket/y"):
        target._runs[RUN] = replace(there, info=replace(there.info, artifact_uri=place))
        if place.startswith("s3x"):
            with pytest.raises(InvalidInput, match="--serve-artifacts"):
                target.files(a_run(), files)
        else:
            assert target.files(a_run(), files).bytes == 5
    assert (tmp_path / "out" / "a" / "b.txt").read_bytes() == b"hello"
