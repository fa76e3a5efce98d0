"""Tables of runs: logged piece by piece, found by their tag, read together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.tracking.artifacts.images import Image
from mlflowflow.tracking.artifacts.tables import TABLES_TAG, load_table, store_table
from tests.tracking.sessions import private_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.tracking.tracker import Tracker


@pytest.fixture
def tracker() -> Iterator[Tracker]:
    """Give the tracker of a fresh store."""
    with private_session() as session:
        yield session.tracker()


def _run(tracker: Tracker, name: str) -> str:
    return tracker.create_run("0", run_name=name).info.run_id


def test_rows_of_several_runs_are_read_together(tracker: Tracker) -> None:
    """With columns that say of which run each row is; a column of that name keeps its own."""
    runs = {_run(tracker, name): name for name in ("first", "second")}
    for run_id, name in runs.items():
        store_table(tracker, run_id, {"x": [1, 2], "status": [name, name]}, "sub/t.json")
    found = load_table(tracker, "0", "sub/t.json", extra_columns=["run_id", "status"])
    assert found["x"].tolist() == [1, 2, 1, 2]
    assert [runs[run_id] for run_id in found["run_id"]] == found["status"].tolist()
    assert set(found["status_"]) == {"RUNNING"}
    one = load_table(tracker, "0", "sub/t.json", run_ids=list(runs)[:1])
    assert one["status"].tolist() == ["first", "first"]


def test_the_tag_names_each_table_once(tracker: Tracker) -> None:
    """In MLflow's form, with what others wrote into it kept."""
    run_id = _run(tracker, "r")
    other = {"path": "model", "type": "model"}
    tracker.log_batch(run_id, tags={TABLES_TAG: json.dumps([other])})
    for path in ("b.json", "a.parquet", "b.json"):
        store_table(tracker, run_id, {"x": [1]}, path)
    assert json.loads(tracker.get_run(run_id).data.tags[TABLES_TAG]) == [
        other,
        {"path": "b.json", "type": "table"},
        {"path": "a.parquet", "type": "table"},
    ]


def test_a_table_that_another_writer_forgot_in_the_tag_is_noted(tracker: Tracker) -> None:
    """Two writers that write the tag at once lose no table."""
    run_id = _run(tracker, "r")
    store_table(tracker, run_id, {"x": [1]}, "a.json")
    tracker.log_batch(run_id, tags={TABLES_TAG: "not JSON"})
    store_table(tracker, run_id, {"x": [1]}, "b.json")
    assert load_table(tracker, "0", "a.json")["x"].tolist() == [1]


def test_images_in_columns_become_files(tracker: Tracker) -> None:
    """In full and small; the row has MLflow's reference to them."""
    run_id = _run(tracker, "r")
    image = Image(np.zeros((2, 2), dtype=np.uint8))
    store_table(tracker, run_id, {"name": ["a"], "image": [image]}, "t.json")
    (cell,) = load_table(tracker, "0", "t.json")["image"]
    assert cell["type"] == "image"
    assert tracker.artifacts(run_id).read(cell["filepath"]).startswith(b"\x89PNG")
    assert tracker.artifacts(run_id).read(cell["compressed_filepath"]).startswith(b"RIFF")


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"a": [Image([[0]]), "text"]}, "t.json"),
        ({"a": [1, "x"]}, "t.parquet"),
        ({"a": [1]}, "t.csv"),
        ({"a": [1]}, "../t.json"),
        ([1], "t.json"),
    ],
)
def test_what_cannot_be_logged_changes_nothing(tracker: Tracker, data: Any, path: str) -> None:
    """No file, no tag."""
    run_id = _run(tracker, "r")
    with pytest.raises(InvalidInput):
        store_table(tracker, run_id, data, path)
    assert list(tracker.artifacts(run_id).walk()) == []
    assert TABLES_TAG not in tracker.get_run(run_id).data.tags


def test_what_is_not_there_is_named(tracker: Tracker, caplog: pytest.LogCaptureFixture) -> None:
    """A table nobody has, a column no run has, and a run without the table, which is left out."""
    run_id, empty = _run(tracker, "r"), _run(tracker, "empty")
    with pytest.raises(NotFound, match=r"no run with the table 't\.json'"):
        load_table(tracker, "0", "t.json")
    store_table(tracker, run_id, pd.DataFrame({"a": [1]}), "t.json")
    with pytest.raises(InvalidInput, match="'nothing' is no column of runs"):
        load_table(tracker, "0", "t.json", extra_columns=["nothing"])
    assert len(load_table(tracker, "0", "t.json", run_ids=[run_id, empty])) == 1
    assert "Not all of the runs" in caplog.text
    tracker.artifacts(run_id).delete("t.json")
    with pytest.raises(NotFound, match="was deleted"):
        load_table(tracker, "0", "t.json")
