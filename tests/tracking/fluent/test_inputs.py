"""What runs used and made, and the points that are linked to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.fluent.active import start_run
from mlflowflow.tracking.fluent.inputs import as_dataset, log_input, log_inputs, log_outputs
from mlflowflow.tracking.fluent.logs import log_metric, log_metrics
from mlflowflow.tracking.fluent.session import current_tracker
from mlflowflow.tracking.logged.fluent import initialize_logged_model
from mlflowflow.tracking.run import Dataset, LoggedModelInput, LoggedModelOutput
from tests.tracking.sessions import private_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.tracking.fluent.session import Session
    from mlflowflow.tracking.run import Metric, Run

_WINE = Dataset("wine", "f9a1", "local", "{}")


class _Table:
    """A dataset as mlflow.data makes them."""

    def to_dict(self) -> dict[str, str]:
        return {"name": "table", "digest": "d1", "source_type": "code", "source": "{}", "extra": "x"}


@pytest.fixture(autouse=True)
def session() -> Iterator[Session]:
    """Give every test a session of its own."""
    with private_session() as session:
        yield session


def _run(run_id: str) -> Run:
    return current_tracker().get_run(run_id)


def _points(run_id: str, key: str) -> list[Metric]:
    return current_tracker().metric_history(run_id, key)


def test_a_dataset_is_an_input_with_its_context_and_tags() -> None:
    """Facts and whatever can say itself as a dict are datasets; twice the same is one."""
    with start_run() as run:
        log_input(_WINE, context="training", tags={"split": "a"})
        log_input(_Table())
        log_input(_Table())
    first, second = _run(run.run_id).inputs.dataset_inputs
    assert {tag.key: tag.value for tag in first.tags} == {"split": "a", "mlflow.data.context": "training"}
    assert (first.dataset.name, second.dataset.name, second.tags) == ("wine", "table", ())


@pytest.mark.parametrize("thing", ["wine.csv", 3, {"name": "x"}, object()])
def test_what_is_no_dataset_is_refused(thing: Any) -> None:
    """The mistake names what was given and what makes a dataset; nothing is logged."""
    with start_run() as run, pytest.raises(InvalidInput, match="is no dataset"):
        log_input(thing)
    assert _run(run.run_id).inputs.dataset_inputs == ()
    with pytest.raises(InvalidInput, match=r"mlflow\.data"):
        as_dataset(thing)


def test_several_datasets_are_told_together() -> None:
    """The lists belong together by place; None is nothing."""
    model = initialize_logged_model(name="m")
    with start_run() as run:
        log_inputs([_WINE, None], ["test", None], [None, None], [LoggedModelInput(model.model_id), None])
    inputs = _run(run.run_id).inputs
    assert [one.dataset.name for one in inputs.dataset_inputs] == ["wine"]
    assert [one.model_id for one in inputs.model_inputs] == [model.model_id]


def test_lists_of_different_lengths_are_refused() -> None:
    """A context that might be another dataset's is not guessed."""
    with start_run():
        with pytest.raises(InvalidInput, match="lengths of 1, 2, 1"):
            log_inputs([_WINE], ["a", "b"], [None])
        with pytest.raises(InvalidInput, match="without the dataset"):
            log_inputs([None], ["training"], [None])


def test_a_point_is_linked_to_dataset_and_model_which_become_inputs() -> None:
    """Who measures a model on a dataset has used both."""
    model = initialize_logged_model(name="m")
    with start_run() as run:
        log_metric("acc", 0.5, model_id=model.model_id, dataset=_WINE)
    (point,) = _points(run.run_id, "acc")
    assert (point.model_id, point.dataset_name, point.dataset_digest) == (model.model_id, "wine", "f9a1")
    inputs = _run(run.run_id).inputs
    assert [one.model_id for one in inputs.model_inputs] == [model.model_id]
    assert [one.dataset.digest for one in inputs.dataset_inputs] == ["f9a1"]


def test_what_the_run_made_is_no_input_of_it() -> None:
    """A model is measured by the run that made it, at the step it was made, without being named."""
    model = initialize_logged_model(name="m")
    with start_run() as run:
        log_outputs([LoggedModelOutput(model.model_id, 3)])
    log_metrics({"acc": 0.5}, step=3, run_id=run.run_id)
    log_metrics({"acc": 0.6}, step=4, run_id=run.run_id)
    with start_run(run_id=run.run_id):
        log_metric("loss", 0.5, step=3, model_id=model.model_id)
    assert [point.model_id for point in _points(run.run_id, "acc")] == [model.model_id, None]
    assert _run(run.run_id).inputs.model_inputs == ()
