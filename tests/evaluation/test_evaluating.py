"""Evaluations from end to end."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from mlflowflow import sklearn
from mlflowflow.data import from_pandas
from mlflowflow.data.http_dataset_source import HTTPDatasetSource
from mlflowflow.data.meta_dataset import MetaDataset
from mlflowflow.errors import InvalidInput, MissingExtra
from mlflowflow.evaluation import MetricValue, evaluate, make_metric
from mlflowflow.evaluation.evaluating import linked_model
from mlflowflow.evaluation.subject import Subject
from mlflowflow.gates.collect import read_evaluations
from mlflowflow.gates.outcomes import Outcomes
from mlflowflow.tracking.fluent.active import active_run, end_run, start_run
from mlflowflow.tracking.fluent.session import current_tracker
from mlflowflow.tracking.run import RunStatus
from tests.evaluation.sessions import TABLE, constant, two_labels
from tests.models.sessions import session_at

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    import pandas as pd

    from mlflowflow.evaluation import EvaluationResult

CLASSES: Any = TABLE[["a", "b", "label"]]
SIZES: Any = TABLE[["a", "b", "size"]]


@pytest.fixture(autouse=True)
def _session(tmp_path: Path) -> Generator[None]:
    with session_at(str(tmp_path / "store"), tmp_path / "spool"):
        yield


def _files(result: EvaluationResult) -> set[str]:
    assert result.run_id is not None
    return {one.path for one in current_tracker().artifacts(result.run_id).list()}


def test_two_versions_are_evidence_for_a_gate() -> None:
    """The runs name the versions, and their rows can be compared one by one."""
    runs: list[str] = []
    for name in ("first", "second"):
        sklearn.log_model(two_labels(), name=name, registered_model_name="wine")
    end_run()
    for version in (1, 2):
        config = {"row_ids": [f"row {place}" for place in range(60)]}
        result = evaluate(
            f"models:/wine/{version}",
            CLASSES,
            targets="label",
            model_type="classifier",
            evaluator_config=config,
        )
        runs.append(str(result.run_id))
    evidence = read_evaluations(runs, model="wine", runs=current_tracker())
    first, second = evidence[1], evidence[2]
    assert first.outcomes is not None
    assert first.outcomes == second.outcomes
    assert sum(first.outcomes.right) / 60 == pytest.approx(first.metrics["accuracy_score"])


def test_a_classifier_leaves_mlflows_files_and_ours() -> None:
    """Pictures, what came of each row, and how sure the numbers are."""
    uri = sklearn.log_model(two_labels(), name="m").model_uri
    result = evaluate(uri, CLASSES, targets="label", model_type="classifier")
    pictures = {
        "roc_curve_plot",
        "precision_recall_curve_plot",
        "lift_curve_plot",
        "calibration_curve_plot",
        "confusion_matrix",
    }
    assert set(result.artifacts) == pictures
    assert _files(result) >= {f"{name}.png" for name in pictures} | {"outcomes.parquet", "intervals.json"}
    outcomes = result.outcomes
    assert outcomes["loss"].mean() == pytest.approx(result.metrics["log_loss"])
    assert outcomes["right"].mean() == pytest.approx(result.metrics["accuracy_score"])
    stored = json.loads(current_tracker().artifacts(str(result.run_id)).read("intervals.json"))
    assert stored == {name: one.to_dict() for name, one in result.intervals.items()}


def test_metrics_belong_to_the_model_and_the_dataset() -> None:
    """Each point names both, and the run has both as inputs."""
    model = current_tracker().logged_models.create("0", name="wine")
    dataset = from_pandas(CLASSES, targets="label", name="wine")
    result = evaluate(constant(1), dataset, model_type="classifier", model_id=model.model_id)
    run = current_tracker().get_run(str(result.run_id))
    (point,) = current_tracker().metric_history(str(result.run_id), "accuracy_score")
    assert (point.model_id, point.dataset_name, point.dataset_digest) == (
        model.model_id,
        "wine",
        dataset.digest,
    )
    assert [one.dataset.name for one in run.inputs.dataset_inputs] == ["wine"]
    assert [one.model_id for one in run.inputs.model_inputs] == [model.model_id]
    assert run.data.metrics["accuracy_score"] == result.metrics["accuracy_score"]


def test_a_function_is_a_model_and_a_new_run_is_ended() -> None:
    """Without an active run the evaluation has one of its own."""
    result = evaluate(lambda rows: rows["a"], SIZES, targets="size", model_type="regressor")
    assert active_run() is None
    assert current_tracker().get_run(str(result.run_id)).info.status is RunStatus.FINISHED
    assert result.outcomes["loss"].mean() == pytest.approx(result.metrics["mean_squared_error"])
    assert "roc_curve_plot" not in result.artifacts


@pytest.mark.parametrize(
    ("data", "targets"),
    [
        (SIZES, "size"),
        (pl.from_pandas(SIZES), "size"),
        (SIZES[["a", "b"]].to_numpy(), SIZES["size"].to_numpy()),
        (SIZES[["a", "b"]].to_numpy().tolist(), SIZES["size"].tolist()),
        (from_pandas(SIZES, targets="size"), None),
    ],
)
def test_data_comes_in_many_forms(data: Any, targets: Any) -> None:
    """Tables, arrays, lists and datasets of the same rows say the same."""
    result = evaluate(lambda rows: rows.iloc[:, 0], data, targets=targets, model_type="regressor")
    assert result.metrics["max_error"] == pytest.approx((SIZES["size"] - SIZES["a"]).abs().max())


def test_a_flat_list_is_a_list_of_rows() -> None:
    """Each element is one row of one feature."""
    result = evaluate(lambda rows: rows.iloc[:, 0], [1.0, 2.0], targets=[1.0, 3.0], model_type="regressor")
    assert result.metrics["max_error"] == 1.0


@pytest.mark.parametrize("whole", [True, False])
def test_predictions_may_come_with_the_data(whole: bool) -> None:
    """Named in the call, or by the dataset."""
    table = CLASSES.assign(p=CLASSES["label"])
    if whole:
        result = evaluate(data=table, targets="label", predictions="p", model_type="classifier")
    else:
        dataset = from_pandas(table, targets="label", predictions="p")
        result = evaluate(data=dataset, model_type="classifier")
    assert result.metrics["accuracy_score"] == 1.0
    assert set(result.artifacts) == {"confusion_matrix"}


def test_a_prefix_is_in_all_names() -> None:
    """Two evaluations fit into one run; the artifacts keep their plain names."""
    config = {"metric_prefix": "val_"}
    result = evaluate(constant(1), CLASSES, targets="label", model_type="classifier", evaluator_config=config)
    assert {name for name in result.metrics if not name.startswith("val_")} == set()
    assert set(result.intervals) <= set(result.metrics)
    assert set(result.artifacts) == {"confusion_matrix"}
    assert _files(result) == {"val_confusion_matrix.png", "val_outcomes.parquet", "val_intervals.json"}


def test_a_column_of_row_ids_is_no_feature() -> None:
    """The model does not see it, and the outcomes do."""
    seen: list[list[str]] = []

    def model(rows: pd.DataFrame) -> Any:
        seen.append(list(rows))
        return rows["a"]

    table = SIZES.assign(key=[f"k{place:02d}" for place in range(60)])
    config = {"row_ids": "key"}
    result = evaluate(model, table, targets="size", model_type="regressor", evaluator_config=config)
    assert seen == [["a", "b"]]
    assert result.outcomes["row_id"].tolist() == table["key"].tolist()


def test_scores_of_rows_are_a_table_and_part_of_the_outcomes() -> None:
    """Under MLflow's names, beside the rows they are about."""

    def far(predictions: Any, targets: Any) -> MetricValue:
        return MetricValue(scores=(predictions - targets).abs().tolist(), justifications=["why"] * 60)

    metric = make_metric(eval_fn=far, greater_is_better=False, version="v1")
    result = evaluate(
        lambda rows: rows["a"], SIZES, targets="size", model_type="regressor", extra_metrics=[metric]
    )
    table = result.tables["eval_results_table"]
    assert list(table) == ["a", "b", "size", "outputs", "far/v1/score", "far/v1/justification"]
    assert result.metrics["far/v1/mean"] == pytest.approx(result.metrics["mean_absolute_error"])
    assert result.outcomes["far/v1/score"].tolist() == pytest.approx(table["far/v1/score"].tolist())


def test_scores_are_one_for_each_row() -> None:
    """Another number of them is told, and nothing is logged."""
    metric = make_metric(
        eval_fn=lambda predictions: MetricValue(scores=[1.0]),  # noqa: ARG005
        greater_is_better=True,
        name="short",
    )
    with (
        start_run() as run,
        pytest.raises(InvalidInput, match="60 rows, and the metric 'short' gives 1 of them"),
    ):
        evaluate(
            lambda rows: rows["a"], SIZES, targets="size", model_type="regressor", extra_metrics=[metric]
        )
    found = current_tracker().get_run(run.run_id)
    assert (found.data.metrics, found.inputs.dataset_inputs) == ({}, ())


def test_extra_metrics_alone_need_no_labels() -> None:
    """A model of no type is measured by what the user brings; there are no outcomes then."""

    def rows(predictions: Any) -> int:
        return len(predictions)

    metric = make_metric(eval_fn=rows, greater_is_better=True)
    result = evaluate(constant("x"), SIZES, extra_metrics=[metric])
    assert (result.metrics, result.outcomes, result.intervals) == ({"rows": 60.0}, None, {})


def test_custom_artifacts_are_stored_and_read(caplog: pytest.LogCaptureFixture) -> None:
    """A function gets the rows, the metrics and a folder; one that returns nothing is told."""

    def mine(rows: pd.DataFrame, metrics: Mapping[str, MetricValue], folder: str) -> dict[str, Any]:
        path = Path(folder) / "note.txt"
        path.write_text(f"{len(rows)} rows")
        number = dict(metrics["max_error"].aggregate_results or {})["max_error"]
        return {"note": str(path), "first": rows.head(1), "number": number}

    def nothing(*_: Any) -> None:
        return None

    with caplog.at_level(logging.WARNING):
        result = evaluate(
            lambda rows: rows["a"],
            SIZES,
            targets="size",
            model_type="regressor",
            custom_artifacts=[mine, nothing],
        )
    assert result.artifacts["note"].content == "60 rows"
    assert result.artifacts["number"].content == result.metrics["max_error"]
    assert list(result.artifacts["first"].content) == ["prediction", "target"]
    assert "'nothing' of custom_artifacts returned nothing" in caplog.text
    with pytest.raises(InvalidInput, match="Two custom artifacts are called 'note'"):
        evaluate(
            lambda rows: rows["a"],
            SIZES,
            targets="size",
            model_type="regressor",
            custom_artifacts=[mine, mine],
        )


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"data": None}, "NoneType cannot be evaluated on"),
        ({"data": SIZES, "targets": "none"}, "'none'"),
        ({"data": SIZES}, "against `targets`"),
        ({"data": SIZES[["a"]].to_numpy(), "targets": "size"}, "must be an array"),
        ({"data": SIZES[["a"]].to_numpy(), "targets": [1.0]}, "60 rows and 1 targets"),
        ({"data": [[1], [1, 2]], "targets": [1, 2]}, "different lengths"),
        ({"data": from_pandas(SIZES, targets="size"), "targets": "size"}, "leave `targets` out"),
        ({"data": from_pandas(SIZES, targets="size", predictions="a")}, "only one of them"),
        ({"data": MetaDataset(HTTPDatasetSource("https://example.org/a"))}, "holds no rows"),
        ({"data": SIZES, "targets": "size", "model": 3}, "A int cannot be evaluated"),
        ({"data": SIZES, "targets": "size", "evaluator_config": {"row_ids": [1]}}, "row ids"),
    ],
)
def test_a_wrong_call_starts_nothing(arguments: dict[str, Any], word: str) -> None:
    """Not even a run."""
    call: dict[str, Any] = {"model": constant(1.0), "model_type": "regressor", **arguments}
    with pytest.raises(InvalidInput, match=word):
        evaluate(**call)
    assert current_tracker().search_runs(["0"]) == []


@pytest.mark.parametrize("argument", ["predictions", "model"])
def test_a_dataset_without_a_model_names_its_predictions_itself(argument: str) -> None:
    """And predictions beside arrays have no column to be in."""
    data: Any = from_pandas(SIZES, targets="size") if argument == "predictions" else SIZES.to_numpy()
    with pytest.raises(InvalidInput, match="predictions"):
        evaluate(data=data, predictions="a", model_type="regressor")


def test_a_model_has_one_id() -> None:
    """A given one that contradicts the model's own is refused."""
    with pytest.raises(InvalidInput, match="leave model_id out"):
        linked_model(Subject(model_id="m-1"), "m-2")
    assert linked_model(Subject(model_id="m-1"), "m-1") == "m-1"
    assert linked_model(Subject(), "m-2") == "m-2"
    assert linked_model(Subject(), None) is None


@pytest.mark.parametrize("package", ["sklearn", "matplotlib"])
def test_a_missing_package_is_named_before_anything_is_done(
    monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    """The extra installs all that an evaluation needs."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=r"mlflowflow\[evaluate\]"):
        evaluate(constant(1.0), SIZES, targets="size", model_type="regressor")
    assert current_tracker().search_runs(["0"]) == []


def test_a_run_that_fails_has_no_numbers() -> None:
    """A model that fails leaves a failed run, if it was ours, and nothing in it."""

    def fails(rows: Any) -> Any:
        raise RuntimeError(f"cannot predict {len(rows)} rows")

    with pytest.raises(RuntimeError, match="60 rows"):
        evaluate(fails, SIZES, targets="size", model_type="regressor")
    (run,) = current_tracker().search_runs(["0"])
    assert (run.info.status, run.data.metrics) == (RunStatus.FAILED, {})


def test_labels_may_be_texts() -> None:
    """The outcomes keep them as they are."""
    table = CLASSES.assign(label=np.where(CLASSES["label"] == 1, "yes", "no"))
    result = evaluate(constant("yes"), table, targets="label", model_type="classifier")
    data = current_tracker().artifacts(str(result.run_id)).read("outcomes.parquet")
    assert set(Outcomes.from_parquet(data).labels) == {"yes", "no"}
