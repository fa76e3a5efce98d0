"""What an evaluation returns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from mlflowflow.errors import CorruptData, NotFound
from mlflowflow.evaluation.artifact import CsvEvaluationArtifact, JsonEvaluationArtifact
from mlflowflow.evaluation.intervals import wilson
from mlflowflow.evaluation.result import EvaluationResult

if TYPE_CHECKING:
    from pathlib import Path


def _result() -> EvaluationResult:
    rows = b'{"columns": ["a"], "data": [[1], [2]]}'
    return EvaluationResult(
        {"accuracy_score": 0.9},
        {
            "per_class": CsvEvaluationArtifact("s3://bucket/run/per_class.csv", read=lambda: b"a\n1\n"),
            "eval_results_table": JsonEvaluationArtifact("s3://bucket/run/t.json", read=lambda: rows),
            "values": JsonEvaluationArtifact("s3://bucket/run/v.json", read=lambda: b"[1]"),
        },
        run_id="abc",
        intervals={"accuracy_score": wilson(9, 10)},
    )


def test_a_result_survives_its_folder(tmp_path: Path) -> None:
    """Numbers, files and intervals are read back as they were, in MLflow's form."""
    _result().save(tmp_path / "new" / "folder")
    read = EvaluationResult.load(tmp_path / "new" / "folder")
    assert (read.metrics, read.intervals) == (_result().metrics, _result().intervals)
    assert read.artifacts["per_class"].content["a"].tolist() == [1]
    places = json.loads((tmp_path / "new" / "folder" / "artifacts_metadata.json").read_text())
    assert places["per_class"] == {
        "uri": "s3://bucket/run/per_class.csv",
        "class_name": "mlflow.models.evaluation.artifacts.CsvEvaluationArtifact",
    }


def test_tables_are_the_artifacts_of_rows() -> None:
    """Other JSON and other files are none."""
    tables = _result().tables
    assert list(tables) == ["eval_results_table"]
    pd.testing.assert_frame_equal(tables["eval_results_table"], pd.DataFrame({"a": [1, 2]}))
    assert (_result().run_id, _result().outcomes) == ("abc", None)


def test_a_folder_of_mlflow_has_no_intervals(tmp_path: Path) -> None:
    """What only we write may be absent."""
    _result().save(tmp_path)
    (tmp_path / "intervals.json").unlink()
    assert EvaluationResult.load(tmp_path).intervals == {}


def test_a_damaged_folder_is_named(tmp_path: Path) -> None:
    """What is missing, what is no JSON, and a class that is no artifact: none of it runs code."""
    with pytest.raises(NotFound, match=r"artifacts_metadata\.json"):
        EvaluationResult.load(tmp_path)
    _result().save(tmp_path)
    (tmp_path / "artifacts" / "per_class.csv").unlink()
    with pytest.raises(NotFound, match=r"per_class\.csv"):
        EvaluationResult.load(tmp_path).artifacts["per_class"].content  # noqa: B018 - reading is the act
    for text in ("{", '{"a": 1}', '{"a": {"uri": "x"}}', '{"a": {"uri": "x", "class_name": "os.system"}}'):
        (tmp_path / "artifacts_metadata.json").write_text(text)
        with pytest.raises(CorruptData):
            EvaluationResult.load(tmp_path)
