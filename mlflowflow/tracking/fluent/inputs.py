"""What a run used and made: datasets and logged models, and the points that are linked to them.

A dataset is anything with a name and a digest that can say itself as a dict (`to_dict`), as the
datasets of :mod:`mlflowflow.data` and of MLflow can, or a `Dataset` fact.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.fluent.active import active_or_new_run
from mlflowflow.tracking.run import Dataset, DatasetInput, InputTag, LoggedModelInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflowflow.tracking.run import LoggedModelOutput, Metric, RunOutputs
    from mlflowflow.tracking.tracker import Tracker

_CONTEXT_TAG: Final = "mlflow.data.context"


def log_input(
    dataset: Any = None,
    context: str | None = None,
    tags: Mapping[str, str] | None = None,
    model: LoggedModelInput | None = None,
) -> None:
    """Say that the active run uses `dataset`, for what (`context`, such as "training"), and a logged `model`.

    Raises `InvalidInput` for what is no dataset.

    >>> from mlflowflow.entities import Dataset
    >>> with mlflow.start_run() as run:
    ...     log_input(Dataset("wine", "f9a1", "local", '{"uri": "wine.csv"}'), context="training")
    >>> found = mlflow.get_run(run.info.run_id).inputs.dataset_inputs[0]
    >>> found.dataset.name, found.tags[0].value
    ('wine', 'training')
    """
    run = active_or_new_run()
    found = _dataset_input(dataset, context, tags) if dataset is not None else None
    run.tracker.log_inputs(run.run_id, datasets=[found] if found else [], models=[model] if model else [])


def log_inputs(
    datasets: Sequence[Any] | None = None,
    contexts: Sequence[str | None] | None = None,
    tags_list: Sequence[Mapping[str, str] | None] | None = None,
    models: Sequence[LoggedModelInput | None] | None = None,
) -> None:
    """Say that the active run uses several datasets, all or none; the lists belong together by place.

    Raises `InvalidInput` if their lengths differ, for a context or tags without a dataset, and for what is
    no dataset.

    >>> from mlflowflow.entities import Dataset
    >>> wine, beer = (Dataset(name, "f9a1", "local", "{}") for name in ("wine", "beer"))
    >>> with mlflow.start_run() as run:
    ...     log_inputs([wine, beer], contexts=["training", "test"], tags_list=[None, {"year": "2026"}])
    >>> [found.dataset.name for found in mlflow.get_run(run.info.run_id).inputs.dataset_inputs]
    ['wine', 'beer']
    """
    run = active_or_new_run()
    lists = (datasets or (), contexts or (), tags_list or ())
    if len({len(each) for each in lists}) != 1:
        raise InvalidInput(
            "log_inputs() takes datasets, contexts and tags_list of one length, with None for what is empty; "
            f"found lengths of {', '.join(str(len(each)) for each in lists)}."
        )
    found = [_dataset_input(*each) for each in zip(*lists, strict=True)]
    run.tracker.log_inputs(
        run.run_id,
        datasets=[one for one in found if one is not None],
        models=[one for one in models or () if one is not None],
    )


def log_outputs(models: Sequence[LoggedModelOutput] | None = None) -> None:
    """Say that the active run made logged `models`, each at a step of its training, counted from 0.

    >>> from mlflowflow.entities import LoggedModelOutput
    >>> with mlflow.start_run() as run:
    ...     model = mlflow.initialize_logged_model(name="wine")
    ...     log_outputs([LoggedModelOutput(model.model_id, step=3)])
    >>> mlflow.get_run(run.info.run_id).outputs.model_outputs[0].step
    3
    """
    run = active_or_new_run()
    run.tracker.log_outputs(run.run_id, list(models or ()))


def as_dataset(dataset: Any) -> Dataset:
    """Return the fact about a dataset. Raises `InvalidInput` for what is none.

    >>> as_dataset(Dataset("wine", "f9a1", "local", "{}")).digest
    'f9a1'
    """
    if isinstance(dataset, Dataset):
        return dataset
    say = getattr(dataset, "to_dict", None)
    said = say() if callable(say) else None
    if not isinstance(said, dict) or not {"name", "digest", "source_type", "source"} <= said.keys():
        raise InvalidInput(
            f"{dataset!r}, a {type(dataset).__name__}, is no dataset; make one with mlflow.data, "
            "for example mlflow.data.from_pandas(table)."
        )
    found = cast("dict[str, Any]", said)
    texts = {name: str(found[name]) for name in ("name", "digest", "source_type", "source")}
    return Dataset(**texts, schema=found.get("schema"), profile=found.get("profile"))


def linked(
    points: Sequence[Metric],
    *,
    tracker: Tracker,
    run_id: str,
    outputs: RunOutputs,
    model_id: str | None,
    dataset: Any,
) -> list[Metric]:
    """Return `points` with their links: to the dataset, and to the model or what was made at their step.

    A dataset or model that the run neither uses nor made becomes one of its inputs.
    """
    fact = None if dataset is None else as_dataset(dataset)
    if model_id is not None or fact is not None:
        made = {output.model_id for output in outputs.model_outputs}
        tracker.log_inputs(
            run_id,
            datasets=[] if fact is None else [DatasetInput(fact)],
            models=[] if model_id is None or model_id in made else [LoggedModelInput(model_id)],
        )
    return [
        replace(
            point,
            model_id=model,
            dataset_name=fact.name if fact else None,
            dataset_digest=fact.digest if fact else None,
        )
        for point in points
        for model in _models(outputs, point.step, model_id)
    ]


def _models(outputs: RunOutputs, step: int, model_id: str | None) -> Sequence[str | None]:
    if model_id is not None:
        return [model_id]
    return [output.model_id for output in outputs.model_outputs if output.step == step] or [None]


def _dataset_input(dataset: Any, context: str | None, tags: Mapping[str, str] | None) -> DatasetInput | None:
    if dataset is None:
        if context or tags:
            raise InvalidInput("A context or tags were given without the dataset they are about.")
        return None
    said = [InputTag(key, value) for key, value in (tags or {}).items()]
    if context:
        said.append(InputTag(_CONTEXT_TAG, context))
    return DatasetInput(as_dataset(dataset), tuple(said))
