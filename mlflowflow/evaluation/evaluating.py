"""Evaluate a model on data and log what was found: `mlflowflow.evaluate`.

Everything is checked and computed before the first file is logged; only a run that was started for the
evaluation is left behind if it fails, as a failed one.
"""

from __future__ import annotations

import logging
import tempfile
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.autologging.scope import inside
from mlflowflow.data.dataset import Dataset
from mlflowflow.data.numpy_dataset import from_numpy
from mlflowflow.data.optional import optional
from mlflowflow.data.pandas_dataset import from_pandas
from mlflowflow.data.polars_dataset import from_polars
from mlflowflow.errors import InvalidInput
from mlflowflow.evaluation.artifact import render
from mlflowflow.evaluation.examination import examine, truth_and_said
from mlflowflow.evaluation.extra import aggregates
from mlflowflow.evaluation.gallery import check_gallery, class_table, pictures
from mlflowflow.evaluation.outcomes import RowIds, read_row_ids, to_parquet
from mlflowflow.evaluation.result import EvaluationResult
from mlflowflow.evaluation.settings import Settings, read_settings
from mlflowflow.evaluation.sink import Sink, some_run
from mlflowflow.evaluation.subject import Subject, find_subject
from mlflowflow.models.inference import is_array, is_frame
from mlflowflow.tracking.logged.active import get_active_model_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mlflowflow.data.evaluation_dataset import EvaluationDataset
    from mlflowflow.evaluation.artifact import EvaluationArtifact, Rendered
    from mlflowflow.evaluation.examination import Findings
    from mlflowflow.evaluation.metric import EvaluationMetric

_LOG: Final = logging.getLogger(__name__)
_NEEDED: Final = ("sklearn", "pandas", "matplotlib")


def evaluate(
    model: Any = None,
    data: Any = None,
    *,
    model_type: str | None = None,
    targets: Any = None,
    predictions: str | None = None,
    dataset_path: str | None = None,
    feature_names: Sequence[str] | None = None,
    evaluators: str | Sequence[str] | None = None,
    evaluator_config: Mapping[str, Any] | None = None,
    extra_metrics: Sequence[EvaluationMetric] | None = None,
    custom_artifacts: Sequence[Callable[..., Any]] | None = None,
    env_manager: str = "local",
    model_config: Any = None,
    inference_params: Mapping[str, Any] | None = None,
    model_id: str | None = None,
) -> EvaluationResult:
    """Evaluate a model on data, and log metrics, pictures and what came of each row.

    It is logged to the active run, or to a new one. Beside MLflow's metrics and artifacts the run gets
    ``outcomes.parquet``, which a gate compares row by row with that of another run, and
    ``intervals.json``: confidence intervals of the main metrics.

    Args:
        model: The address of a model, a loaded one, or a function from a table of features to
            predictions; None if the data has the predictions already.
        data: A pandas or Polars table, an array or a list of rows, or a dataset of `mlflowflow.data`.
        model_type: ``classifier``, ``regressor``, or None for `extra_metrics` only.
        targets: What is to be predicted: the name of a column of a table, or an array; a dataset says
            it itself.
        predictions: The column of the predictions: of the data without a model, else of the several
            outputs of the model.
        dataset_path: Where the data lies, for the record.
        feature_names: The columns that the model gets, by default all others; of an array, their names.
        evaluators: ``default``, or the name of the type of model; for several, a list.
        evaluator_config: ``label_list``, ``pos_label``, ``average``, ``sample_weights``, ``metric_prefix``,
            ``col_mapping``, ``max_classes_for_multiclass_roc_pr``, ``calibration_n_bins``,
            ``calibration_classifier_name``; and ours: ``row_ids`` (a column's name or one id for each row,
            by default the table's index) and ``confidence_level`` (0.95).
        extra_metrics: What `make_metric` made.
        custom_artifacts: Functions of a table (``prediction``, ``target``), the metrics and a folder, that
            return files, tables, figures or values by name.
        env_manager: Only ``local``: the model is asked in this process.
        model_config: What a model that is loaded here is configured with.
        inference_params: For deployed endpoints, which are not evaluated here.
        model_id: The logged model that the metrics belong to, by default that of `model`.

    Raises:
        InvalidInput: Something does not fit; the sentence says what. Nothing was logged then.
        MissingExtra: scikit-learn, pandas or Matplotlib is not installed.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"x": [0.0, 1.0, 2.0], "y": [0.0, 1.0, 2.5]})
    >>> with mlflow.start_run():
    ...     result = evaluate(lambda rows: rows["x"], table, targets="y", model_type="regressor")
    >>> result.metrics["max_error"], result.intervals["mean_absolute_error"].method
    (0.5, 'bootstrap')
    """
    settings = read_settings(
        model_type,
        evaluators=evaluators,
        evaluator_config=evaluator_config,
        extra_metrics=extra_metrics,
        custom_artifacts=custom_artifacts,
    )
    check_gallery(settings.config)
    for package in _NEEDED:
        optional(package, extra="evaluate", purpose="An evaluation")
    output = _mapped(settings, predictions)
    dataset = _dataset(data, model, _mapped(settings, targets), output)
    row_ids, parts = _parted(dataset, settings, dataset_path, feature_names)
    if settings.kind is not None and parts.labels_data is None:
        raise InvalidInput(f"A {settings.kind} is evaluated against `targets`, and none were given.")
    subject = find_subject(
        model, env_manager=env_manager, model_config=model_config, inference_params=inference_params
    )
    linked = linked_model(subject, model_id)
    with some_run() as run:
        with inside():  # what is computed here is no training, and its metrics are logged below
            found = examine(subject, parts, settings, output=None if model is None else output)
        sink = Sink(run.tracker, run.run_id, dataset=dataset, model_id=linked, prefix=settings.prefix)
        return _logged(sink, found, parts, settings, row_ids, version=subject.version)


def _logged(
    sink: Sink,
    found: Findings,
    data: EvaluationDataset,
    settings: Settings,
    row_ids: RowIds,
    *,
    version: str | None,
) -> EvaluationResult:
    metrics = {f"{settings.prefix}{name}": value for name, value in aggregates(found.values).items()}
    outcomes = None
    if found.columns is not None:
        scores = {f"{name}/score": one.scores for name, one in found.values.items() if one.scores is not None}
        outcomes = to_parquet(row_ids, data.labels_data, found.said, {**found.columns, **scores})
    custom = _custom(found, data, settings)
    sink.inputs(version=version)
    sink.metrics(metrics)
    for name, rendered in custom.items():
        sink.custom(name, rendered)
    _log_scores(sink, found, data, settings.prefix)
    if found.answers is not None:
        if not found.answers.labels.is_binary:
            sink.table("per_class_metrics", class_table(found.answers, settings.config))
        for name, figure in pictures(found.answers, settings.config):
            sink.figure(name, figure)
    kept: EvaluationArtifact | None = None
    if outcomes is not None:
        kept = sink.outcomes(outcomes)
        sink.intervals({f"{settings.prefix}{name}": one for name, one in found.intervals.items()})
    intervals = {f"{settings.prefix}{name}": one for name, one in found.intervals.items()}
    return EvaluationResult(metrics, sink.artifacts, sink.run_id, intervals=intervals, outcomes=kept)


def _custom(found: Findings, data: EvaluationDataset, settings: Settings) -> dict[str, Rendered]:
    """Return what users' functions make, as files by name. Raises `InvalidInput` for a name given twice."""
    made: dict[str, Rendered] = {}
    for function in settings.custom_artifacts:
        with tempfile.TemporaryDirectory() as folder:
            returned = function(truth_and_said(found.said, data), dict(found.values), folder)
            if not isinstance(returned, dict) or not all(isinstance(key, str) for key in returned):
                name = getattr(function, "__name__", repr(function))
                kind = "nothing" if returned is None else f"a {type(returned).__name__}"
                _LOG.warning("'%s' of custom_artifacts returned %s, no artifacts by name.", name, kind)
                continue
            for key, artifact in returned.items():
                if key in made:
                    raise InvalidInput(f"Two custom artifacts are called '{key}'; give each its own name.")
                made[key] = render(key, artifact)
    return made


def _log_scores(sink: Sink, found: Findings, data: EvaluationDataset, prefix: str) -> None:
    if all(value.scores is None and value.justifications is None for value in found.values.values()):
        return
    table = data.frame().reset_index(drop=True)
    if data.labels_data is not None:
        table[data.targets_name or "target"] = data.labels_data
    table[data.predictions_name or "outputs"] = found.said
    for name, value in found.values.items():
        for kind, column in (("score", value.scores), ("justification", value.justifications)):
            if column is not None:
                table[f"{prefix}{name}/{kind}"] = list(column)
    sink.rows(table)


def _dataset(data: Any, model: Any, targets: Any, predictions: str | None) -> Dataset:
    if isinstance(data, Dataset):
        _check_dataset(data, model, targets, predictions)
        return data
    expected = predictions if model is None else None
    if is_frame(data):
        return from_pandas(data, targets=targets, predictions=expected)
    if hasattr(data, "hash_rows"):
        return from_polars(data, targets=targets, predictions=expected)
    if expected is not None:
        raise InvalidInput("`predictions` names a column, so the data must be a table.")
    if isinstance(data, list):
        data = _array_of_rows(data)
    if is_array(data):
        return from_numpy(data, targets=_array(targets))
    raise InvalidInput(
        f"A {type(data).__name__} cannot be evaluated on; expected a table, an array, a list of rows or a dataset."
    )


def _check_dataset(data: Dataset, model: Any, targets: Any, predictions: str | None) -> None:
    if targets is not None:
        raise InvalidInput("The dataset says itself what its targets are; leave `targets` out.")
    if model is None and predictions is not None:
        raise InvalidInput("The dataset says itself what its predictions are; leave `predictions` out.")
    if model is not None and getattr(data, "predictions", None) is not None:
        raise InvalidInput("There is a model, and the dataset has predictions too; give only one of them.")
    if not hasattr(data, "to_evaluation_dataset"):
        raise InvalidInput(f"A {type(data).__name__} holds no rows to evaluate on.")


def _parted(
    dataset: Any, settings: Settings, path: str | None, feature_names: Sequence[str] | None
) -> tuple[RowIds, EvaluationDataset]:
    """Part the data, leaving out a column of row ids, which is no feature."""
    wanted = settings.config.get("row_ids")
    parts: EvaluationDataset = dataset.to_evaluation_dataset(path, feature_names)
    table = getattr(dataset, "df", None)
    if not is_frame(table):
        table = parts.features_data if is_frame(parts.features_data) else None
    row_ids = read_row_ids(wanted, table, len(parts))
    if row_ids.column is not None and row_ids.column in parts.feature_names:
        names = [name for name in parts.features_data.columns if name != row_ids.column]
        parts = dataset.to_evaluation_dataset(path, names)
    return row_ids, parts


def linked_model(subject: Subject, given: str | None) -> str | None:
    """Return the logged model that the numbers belong to: the given one, the model's own, or the active one.

    Raises `InvalidInput` if the given one contradicts the model's own.

    >>> linked_model(Subject(model_id="m-1"), None)
    'm-1'
    """
    if given is not None and subject.model_id is not None and given != subject.model_id:
        raise InvalidInput(
            f"The model_id is '{given}', and the model's own is '{subject.model_id}'; leave model_id out."
        )
    return given or subject.model_id or get_active_model_id()


def _mapped(settings: Settings, name: Any) -> Any:
    mapping = settings.config.get("col_mapping") or {}
    return mapping.get(name, name) if isinstance(name, str) else name


def _array_of_rows(data: list[Any]) -> Any:
    import numpy as np

    rows = data if data and isinstance(data[0], list | np.ndarray) else [[one] for one in data]
    try:
        return np.array(rows)
    except ValueError as error:
        raise InvalidInput(f"The rows of the data have different lengths ({error}).") from error


def _array(targets: Any) -> Any:
    import numpy as np

    if isinstance(targets, str):
        raise InvalidInput("The data has no columns with names, so `targets` must be an array.")
    return None if targets is None else np.asarray(targets)
