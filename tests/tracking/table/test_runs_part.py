"""Parts of runs: a state is the same after being stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.tracking.table.fold import UNSTARTED, ExperimentState, RunState, fold, point
from mlflowflow.tracking.table.ranges import UNKNOWN, Range
from mlflowflow.tracking.table.runs_part import decode_runs, encode_runs, rows_of
from mlflowflow.tracking.table.segment import encode_table
from tests.tracking.stores import records

if TYPE_CHECKING:
    from mlflowflow.tracking.record import Record


@given(st.lists(records(), max_size=15))
def test_states_are_the_same_after_being_stored(logged: list[Record]) -> None:
    """A runs part keeps all that the fold needs to go on, deleted tags and unstarted runs included."""
    state = ExperimentState()
    fold(state, logged, writer="w")
    back = decode_runs(encode_runs(state.runs.values(), inputs=""), key="k")
    assert {run.run_id: run for run in back} == state.runs


def test_no_runs_are_a_part_of_no_rows() -> None:
    """An empty part can be written and read."""
    nobody: list[RunState] = []
    assert decode_runs(encode_runs(nobody, inputs=""), key="k") == []


def test_of_a_part_that_does_not_know_ranges_they_are_unknown() -> None:
    """Releases before this one kept the latest value only; it must not be taken for both ends."""
    rows = rows_of([RunState(run_id="r", started=UNSTARTED, metrics={"m": point(1, 1, 0.5)})])
    (old,) = decode_runs(encode_table(rows, metadata={"inputs": ""}), key="k")
    (new,) = decode_runs(
        encode_runs([RunState(run_id="r", metrics={"m": point(1, 1, 0.5)})], inputs=""), key="k"
    )
    assert (old.ranges, new.ranges["m"].known) == ({"m": UNKNOWN}, True)


def test_what_an_older_release_merged_keeps_the_ends_it_has_and_guesses_none() -> None:
    """It passes on columns that it does not know, beside rows of its own that have none."""
    ends = {"m": Range(0.1, 0.9)}
    ours = RunState(run_id="a", started=UNSTARTED, metrics={"m": point(1, 1, 0.5)}, ranges=ends)
    its = RunState(run_id="b", started=UNSTARTED, metrics={"m": point(1, 1, 0.7)})
    merged = encode_table(rows_of([ours, its]), metadata={"inputs": ""})
    assert [run.ranges["m"] for run in decode_runs(merged, key="k")] == [Range(0.1, 0.9), UNKNOWN]
