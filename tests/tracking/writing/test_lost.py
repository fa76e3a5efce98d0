"""What is said of lost runs, and how it is taken back."""

from __future__ import annotations

from dataclasses import replace

from mlflowflow.tracking.record import Kind, Record, Whose
from mlflowflow.tracking.run import RunStatus
from mlflowflow.tracking.table.fold import ExperimentState, fold
from mlflowflow.tracking.writing.lost import LOST_TAG, found_again, lost_records


def state_after(*writers: tuple[str, list[Record]]) -> tuple[str, int | None, str | None]:
    """Return the status, the end and the tag of the run r after what several writers said."""
    state = ExperimentState()
    for writer, records in writers:
        fold(state, records, writer=writer)
    run = state.run("r").to_run(experiment_id="0", artifact_uri="")
    return run.info.status, run.info.end_time, run.data.tags.get(LOST_TAG)


RUNNING = Record(run_id="r", kind=Kind.STATUS, at=10, text=RunStatus.RUNNING)
MARKS = lost_records([Whose("r")], last_at=10, ended_ms=7, seen="It was seen.")


def test_a_lost_run_failed_at_its_last_sign_of_life() -> None:
    """And a tag says what was seen."""
    assert state_after(("w", [RUNNING]), ("reaper", MARKS)) == ("FAILED", 7, "It was seen.")


def test_whatever_is_said_later_wins() -> None:
    """The process lives after all, or a successor ends the run: in any order of arrival."""
    ended = Record(run_id="r", kind=Kind.STATUS, at=12, text=RunStatus.FINISHED, timestamp=9)
    for order in ((("w", [ended]), ("a", MARKS)), (("a", MARKS), ("w", [ended]))):
        assert state_after(*order)[:2] == ("FINISHED", 9)


def test_a_run_that_is_found_again_bears_no_mark() -> None:
    """It is running, and the tag is gone."""
    again = [replace(record, at=12 + number) for number, record in enumerate(found_again("r"))]
    assert state_after(("w", [RUNNING, *again]), ("reaper", MARKS)) == ("RUNNING", None, None)
