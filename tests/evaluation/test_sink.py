"""Where evaluations are logged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mlflowflow.data import from_numpy
from mlflowflow.evaluation.artifact import Rendered
from mlflowflow.evaluation.intervals import wilson
from mlflowflow.evaluation.plots import blank
from mlflowflow.evaluation.sink import Sink, some_run
from mlflowflow.gates.collect import MODEL_TAG
from mlflowflow.tracking.fluent.active import active_run, start_run
from tests.models.sessions import session_at

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

DATASET = from_numpy(np.zeros(2), name="wine")


@pytest.fixture(autouse=True)
def _session(tmp_path: Path) -> Generator[None]:
    with session_at(str(tmp_path / "store"), tmp_path / "spool"):
        yield


def _sink(prefix: str = "") -> Sink:
    run = active_run() or start_run()
    return Sink(run.tracker, run.run_id, dataset=DATASET, prefix=prefix)


def test_metrics_name_their_dataset() -> None:
    """Two datasets' numbers under one name can be told apart."""
    sink = _sink()
    sink.metrics({"accuracy_score": 0.5})
    run = active_run()
    assert run is not None
    (point,) = run.tracker.metric_history(sink.run_id, "accuracy_score")
    assert (point.value, point.dataset_name, point.dataset_digest) == (0.5, "wine", DATASET.digest)


@pytest.mark.parametrize(("prefix", "tagged", "tags"), [("", True, []), ("val_", False, ["val_"])])
def test_what_a_run_used(prefix: str, tagged: bool, tags: list[str]) -> None:
    """A prefix says that this is one evaluation of several, so it does not speak for the whole run."""
    sink = _sink(prefix)
    sink.inputs(version="models:/wine/1")
    run = active_run()
    assert run is not None
    found = run.tracker.get_run(sink.run_id)
    (used,) = found.inputs.dataset_inputs
    assert (used.dataset.name, [tag.value for tag in used.tags]) == ("wine", tags)
    assert (MODEL_TAG in found.data.tags) is tagged


def test_files_are_artifacts_under_their_names() -> None:
    """A prefix is part of the file's name where MLflow has it there, and never of the artifact's."""
    sink = _sink("val_")
    sink.figure("roc", blank()[0])
    sink.table("per_class_metrics", pd.DataFrame({"a": [1]}))
    sink.custom("mine", Rendered(suffix=".json", data=b"[1]"))
    sink.rows(pd.DataFrame({"a": [1, 2]}))
    kept = sink.outcomes(b"PAR1")
    sink.intervals({"m": wilson(1, 2)})
    assert {name: one.file_name for name, one in sink.artifacts.items()} == {
        "roc": "val_roc.png",
        "per_class_metrics": "per_class_metrics.csv",
        "mine": "mine.json",
        "eval_results_table": "val_eval_results_table.json",
    }
    assert (kept.file_name, kept.to_bytes()) == ("val_outcomes.parquet", b"PAR1")
    assert sink.artifacts["eval_results_table"].content["data"] == [[1], [2]]
    run = active_run()
    assert run is not None
    stored = json.loads(run.tracker.artifacts(sink.run_id).read("val_intervals.json"))
    assert stored["m"]["method"] == "wilson"


def test_the_active_run_is_used_and_stays_open() -> None:
    """Without one a new run is started, and ended."""
    with some_run() as fresh:
        assert active_run() is fresh
    assert active_run() is None
    with start_run() as mine:
        with some_run() as used:
            assert used is mine
        assert active_run() is mine
