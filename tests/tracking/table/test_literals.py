"""Python's values as Arrow's: the same values, and no pandas on the way."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.clock import SystemClock
from mlflowflow.ids import RandomIds
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.table import literals
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from pathlib import Path


@given(st.lists(st.text()))
def test_texts_are_kept(values: list[str]) -> None:
    """Letters of all sizes, and none."""
    assert literals.texts(values).equals(pa.array(values, pa.string()))


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_whole_numbers_are_kept(values: list[int]) -> None:
    """To the last of 64 bits."""
    assert literals.wholes(values).equals(pa.array(values, pa.int64()))


@given(st.lists(st.none() | st.booleans()))
def test_truths_are_kept(values: list[bool | None]) -> None:
    """None of three is another one."""
    assert literals.truths(values).equals(pa.array(values, pa.bool_()))


@pytest.mark.parametrize("value", [0.5, -0.0, math.inf, 5e-324])
def test_a_double_is_kept(value: float) -> None:
    """Also one that no whole number is near."""
    assert repr(literals.number(value).as_py()) == repr(value)


@pytest.mark.parametrize("chunks", [[], [["a"]], [["a"], [], ["b", "c"]]])
def test_chunks_become_one_piece(chunks: list[list[str]]) -> None:
    """Also where there are none."""
    column = pa.chunked_array([literals.texts(each) for each in chunks], pa.string())
    whole = literals.in_one_piece(column)
    assert whole.type == pa.string()
    assert whole.to_pylist() == [text for each in chunks for text in each]


_SEARCH = """
import sys
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.tracking.tracker import Tracker

with Tracker(LocalBlobStore(sys.argv[1])) as tracker:
    found = tracker.search_runs(
        ["0"],
        filter_string="metrics.loss > 3 and params.lr IN ('1', '2') and tags.team LIKE 't%' and status = 'RUNNING'",
        order_by=["metrics.loss DESC", "start_time"],
        max_results=4,
    )
    assert len(tracker.reader.latest_points("0", [run.info.run_id for run in found])) == 4
    assert all(len(tracker.metric_history(run.info.run_id, "loss")) == 3 for run in found)
sys.exit("pandas" in sys.modules)
"""


def test_a_search_imports_no_pandas(tmp_path: Path) -> None:
    """A server would wait for it at its first search, and keep it in memory for ever."""
    store = LocalBlobStore(tmp_path, fsync=False)
    with Tracker(store, owns_runs=False, flush_intervals=()) as tracker:
        for number in range(30):
            run_id = tracker.create_run("0", tags={"team": f"t{number % 3}"}).info.run_id
            points = [Metric("loss", float(value), 1, step) for step, value in enumerate((99, -1, number))]
            tracker.log_batch(run_id, params={"lr": str(number % 5)}, metrics=points)
            tracker.flush()
            if number in {9, 19}:  # two parts, and segments behind them
                compact(store, "0", clock=SystemClock(), ids=RandomIds())
    done = subprocess.run([sys.executable, "-c", _SEARCH, str(tmp_path)], check=False)
    assert done.returncode == 0
