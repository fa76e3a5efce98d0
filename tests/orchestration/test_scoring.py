"""Scoring folders of Parquet: here, on workers, after a kill, and in less memory than the data takes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import StandardScaler

from mlflowflow import models, sklearn
from mlflowflow.clock import ManualClock
from mlflowflow.errors import InvalidInput, InvalidState, StepFailed
from mlflowflow.orchestration.cluster import DescribedCluster, OpenCluster
from mlflowflow.orchestration.scoring import ScoringProgress, predict_parquet
from mlflowflow.tracking.fluent.active import start_run
from tests.models.sessions import session_at

if TYPE_CHECKING:
    from pathlib import Path

TABLE = pd.DataFrame({"x": [0.0, 1.0, 2.0]})


def _model(folder: Path) -> Path:
    """Save the model ``y = 2x + 1`` with a signature."""
    fitted = LinearRegression().fit(TABLE, 2 * TABLE["x"] + 1)
    sklearn.save_model(fitted, folder / "model", input_example=TABLE)
    return folder / "model"


def _data(folder: Path, files: int = 3, rows: int = 40, group: int = 10) -> Path:
    """Write files whose ids count on from one to the next."""
    place = folder / "data"
    place.mkdir()
    for number in range(files):
        ids = np.arange(number * rows, (number + 1) * rows)
        table = pa.table({"id": ids, "x": ids.astype("float64"), "note": [f"n{i}" for i in ids]})
        pq.write_table(table, place / f"f{number}.parquet", row_group_size=group)
    return place


def _expect(output: Path, rows: int) -> None:
    """Every row once, in order, beside its key."""
    found = pq.read_table(output)
    assert found["id"].to_pylist() == list(range(rows))
    np.testing.assert_allclose(found["prediction"].to_numpy(), 2 * np.arange(rows) + 1, rtol=1e-9)


def test_every_row_is_answered_once_in_order(tmp_path: Path) -> None:
    """Small data needs no cluster; the sums and the note say what was done."""
    seen: list[ScoringProgress] = []
    found = predict_parquet(
        _model(tmp_path),
        _data(tmp_path),
        tmp_path / "out",
        keep="id",
        batch_rows=7,
        rows_per_task=20,
        progress=seen.append,
        clock=ManualClock(),
    )
    _expect(tmp_path / "out", 120)
    assert (found.rows, found.parts, found.skipped, found.input_files) == (120, 6, 0, 3)
    assert found.columns == ("id", "prediction")
    assert found.output_bytes == sum(path.stat().st_size for path in (tmp_path / "out").glob("part-*"))
    assert [one.done_rows for one in seen] == [20, 40, 60, 80, 100, 120]
    note = json.loads((tmp_path / "out" / "_scoring.json").read_text())
    assert note["columns"] == {"id": "int64", "prediction": "double"}
    assert note["finished"]["rows"] == 120


def test_workers_answer_the_same(tmp_path: Path, cluster: OpenCluster) -> None:
    """Who runs the parts changes no answer."""
    model, data = _model(tmp_path), _data(tmp_path)
    for name, where in (("here", None), ("there", cluster)):
        predict_parquet(model, data, tmp_path / name, keep=["id"], rows_per_task=20, cluster=where)
    _expect(tmp_path / "there", 120)
    assert pq.read_table(tmp_path / "here").equals(pq.read_table(tmp_path / "there"))


def test_a_registered_model_is_found_by_the_workers(tmp_path: Path, cluster: OpenCluster) -> None:
    """An alias is resolved once; addresses of the store travel to the workers."""
    with session_at(str(tmp_path / "store"), tmp_path / "spool") as session:
        with start_run():
            model = LinearRegression().fit(TABLE, 2 * TABLE["x"] + 1)
            sklearn.log_model(model, name="m", registered_model_name="price", input_example=TABLE)
        session.tracker().flush()
        found = predict_parquet(
            "models:/price/1", _data(tmp_path), tmp_path / "out", keep="id", rows_per_task=20, cluster=cluster
        )
    assert found.parts == 6
    _expect(tmp_path / "out", 120)


def test_a_job_goes_on_where_it_was(tmp_path: Path) -> None:
    """Finished parts are kept as they are, the others are made, and nothing is doubled."""
    model, data, out = _model(tmp_path), _data(tmp_path), tmp_path / "out"

    def score(**more: Any) -> Any:
        return predict_parquet(model, data, out, keep="id", rows_per_task=20, **more)

    def stop(progress: ScoringProgress) -> None:
        if progress.done_parts == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score(progress=stop)
    before = {path.name: path.stat().st_mtime_ns for path in out.glob("part-*")}
    assert len(before) == 2
    found = score()
    assert (found.parts, found.skipped) == (6, 2)
    assert {name: (out / name).stat().st_mtime_ns for name in before} == before
    _expect(out, 120)
    assert score().skipped == 6
    with pytest.raises(InvalidState, match="another job"):
        predict_parquet(model, data, out, rows_per_task=20)


_KILLED = """
import sys
from mlflowflow.orchestration.scoring import predict_parquet
if __name__ == "__main__":
    predict_parquet(*sys.argv[1:4], keep="id", rows_per_task=2000, batch_rows=50, cluster="local:2")
"""


@pytest.mark.system
def test_a_killed_job_neither_loses_nor_doubles_rows(tmp_path: Path) -> None:
    """The process is killed while workers write; started again, the output is as if nothing had been."""
    model, data, out = _model(tmp_path), _data(tmp_path, files=4, rows=20_000, group=1000), tmp_path / "out"
    (tmp_path / "job.py").write_text(_KILLED)
    job = subprocess.Popen([sys.executable, tmp_path / "job.py", model, data, out], start_new_session=True)
    deadline = time.monotonic() + 60
    while not list(out.glob("part-*")) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(job.pid, signal.SIGKILL)
    job.wait()
    done = len(list(out.glob("part-*")))
    assert 0 < done < 40
    found = predict_parquet(model, data, out, keep="id", rows_per_task=2000, batch_rows=50)
    assert found.skipped >= done
    _expect(out, 80_000)
    assert {path.name for path in out.iterdir()} == {
        "_scoring.json",
        *(f"part-{index:06d}.parquet" for index in range(40)),
    }


def test_a_row_that_does_not_fit_is_named_also_from_a_worker(tmp_path: Path, cluster: OpenCluster) -> None:
    """The error has crossed the network; no other part's file is half there."""
    data = _data(tmp_path)
    ids = np.arange(40)
    bad = pa.table({"id": ids, "x": [str(one) for one in ids], "note": ["n"] * 40})
    pq.write_table(bad, data / "f9.parquet", row_group_size=10)
    with pytest.raises(InvalidInput, match=r"f9\.parquet', row \d+: The column 'x'"):
        predict_parquet(_model(tmp_path), data, tmp_path / "out", rows_per_task=20, cluster=cluster)
    assert list((tmp_path / "out").glob(".part*")) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"keep": "key"}, "lacks the columns 'key'"),
        ({"columns": ["x", "y"]}, "lacks the columns 'y'"),
        ({"batch_rows": 0}, "'batch_rows' is 0"),
        ({"params": {"depth": 1}}, "'depth'"),
    ],
)
def test_a_job_that_cannot_be_done_writes_nothing(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    """The question is held against the files before the model is asked."""
    data = _data(tmp_path, files=1)
    with pytest.raises(InvalidInput, match=said):
        predict_parquet(_model(tmp_path), data, tmp_path / "out", **change)
    assert list(tmp_path.glob("out/part-*")) == []


def test_a_model_that_cannot_predict_says_so(tmp_path: Path) -> None:
    """A transformer's error is told with the rows it was asked about."""
    sklearn.save_model(StandardScaler().fit(TABLE), tmp_path / "scaler")
    with pytest.raises((StepFailed, InvalidState), match="predict"):
        predict_parquet(tmp_path / "scaler", _data(tmp_path, files=1), tmp_path / "out", columns=["x"])


def test_input_without_rows_is_refused(tmp_path: Path) -> None:
    """There is nothing to ask, so the answer's columns are not known."""
    data = _data(tmp_path, files=1, rows=0)
    with pytest.raises(InvalidInput, match="no rows"):
        predict_parquet(_model(tmp_path), data, tmp_path / "out")


def test_a_file_without_rows_among_others_has_its_empty_part(tmp_path: Path) -> None:
    """Nothing is lost by it, and it has the columns of the others."""
    data = _data(tmp_path)
    empty = pa.table(
        {"id": pa.array([], pa.int64()), "x": pa.array([], pa.float64()), "note": pa.array([], pa.string())}
    )
    pq.write_table(empty, data / "a-empty.parquet")
    assert predict_parquet(_model(tmp_path), data, tmp_path / "out", keep="id").parts == 4
    _expect(tmp_path / "out", 120)


def test_the_name_is_offered_beside_the_models() -> None:
    """`mlflowflow.models` offers it without bringing Dask before it is used."""
    assert models.predict_parquet is predict_parquet


@pytest.mark.system
def test_data_larger_than_a_workers_memory(tmp_path: Path) -> None:
    """Row groups that are each larger than a worker's memory are answered, and no worker dies of it.

    Dask ends a worker at 95 % of its limit, so coming to an end at all is the proof.
    """
    columns, rows, files = 24, 3_500_000, 3
    data = tmp_path / "data"
    data.mkdir()
    values = np.random.default_rng(1).integers(0, 50, rows).astype("float64")
    for number in range(files):
        table = pa.table({f"x{place}": values for place in range(columns)})
        pq.write_table(table, data / f"f{number}.parquet", row_group_size=rows)
    names = [f"x{place}" for place in range(columns)]
    example = pd.DataFrame([[float(place)] * columns for place in range(3)], columns=names)
    sklearn.save_model(LinearRegression().fit(example, [0, 1, 2]), tmp_path / "model", input_example=example)
    limit = 600 * 2**20
    assert rows * columns * 8 > limit
    kwargs = {"n_workers": 1, "threads_per_worker": 1, "memory_limit": limit, "dashboard_address": None}
    spec = DescribedCluster(class_name="distributed.LocalCluster", kwargs=kwargs)
    found = predict_parquet(tmp_path / "model", data, tmp_path / "out", cluster=spec)
    assert (found.rows, found.parts) == (rows * files, files)
    assert sum(pq.read_metadata(path).num_rows for path in (tmp_path / "out").glob("part-*")) == rows * files
