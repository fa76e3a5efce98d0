"""``mlff runs watch``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mlflowflow.cli.runs.watch import changes
from mlflowflow.clock import ManualClock
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.run import RunStatus
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.commands import Terminal
    from tests.cli.conftest import Small


class _Busy(ManualClock):
    """A clock during whose sleeps somebody works."""

    def __init__(self, *deeds: Callable[[], object]) -> None:
        super().__init__()
        self._deeds = list(deeds)

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if self._deeds:
            self._deeds.pop(0)()


def test_every_change_is_seen_once_and_the_end_is_the_last() -> None:
    """A look that finds nothing new shows nothing."""
    with Tracker(MemoryBlobStore()) as tracker:
        run_id = tracker.create_run("0").info.run_id
        clock = _Busy(
            lambda: tracker.log_metric(run_id, "loss", 0.5, step=1),
            lambda: None,
            lambda: tracker.log_metric(run_id, "loss", 0.25, step=2),
            lambda: tracker.end_run(run_id),
        )
        seen = [
            (run.info.status, run.data.metrics.get("loss"))
            for run in changes(tracker, run_id, every=1, clock=clock)
        ]
    assert seen == [
        (RunStatus.RUNNING, None),
        (RunStatus.RUNNING, 0.5),
        (RunStatus.RUNNING, 0.25),
        (RunStatus.FINISHED, 0.25),
    ]


def test_a_run_that_has_ended_is_shown_and_not_waited_for(terminal: Terminal, small: Small) -> None:
    """The exit code says how it went, so that a script can go on."""
    assert terminal.mlff("runs", "watch", small.run_id).lines == ["FINISHED accuracy=0.9375"]
    failed = terminal.mlff("runs", "watch", small.failed_id)
    assert (failed.code, failed.out) == (1, "FAILED\n")


def test_machines_get_a_json_line_per_change(terminal: Terminal, small: Small) -> None:
    """Only what is new is in it."""
    assert json.loads(terminal.mlff("runs", "watch", small.run_id, "--json").out) == {
        "run_id": small.run_id,
        "status": "FINISHED",
        "metrics": {"accuracy": 0.9375},
    }


def test_only_the_wanted_metrics_are_shown(terminal: Terminal, small: Small) -> None:
    """A run may log hundreds."""
    assert terminal.mlff("runs", "watch", small.run_id, "--metric", "loss").lines == ["FINISHED"]
