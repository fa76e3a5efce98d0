"""MLflow's functions for logged models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.tracking.fluent.active import start_run
from mlflowflow.tracking.fluent.logs import log_metric
from mlflowflow.tracking.fluent.session import current_tracker, set_current_experiment
from mlflowflow.tracking.logged import fluent as api
from mlflowflow.tracking.logged.active import get_active_model_id
from mlflowflow.tracking.logged.model import LoggedModelStatus
from tests.tracking.sessions import private_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.tracking.fluent.session import Session


@pytest.fixture(autouse=True)
def session() -> Iterator[Session]:
    """Give every test a session of its own."""
    with private_session() as session:
        yield session


def test_a_model_is_made_by_the_active_run_and_in_its_experiment() -> None:
    """Whoever finds the model finds what made it."""
    elsewhere = current_tracker().create_experiment("elsewhere")
    with start_run(experiment_id=elsewhere) as run:
        model = api.initialize_logged_model(name="wine", tags={"team": "a"}, params={"depth": "3"})
    assert (model.source_run_id, model.experiment_id) == (run.run_id, elsewhere)
    assert (model.tags["team"], model.tags["mlflow.user"], dict(model.params)) == ("a", "ada", {"depth": "3"})


def test_a_model_of_a_named_run_is_in_that_runs_experiment() -> None:
    """The experiment follows the run, not the moment."""
    elsewhere = current_tracker().create_experiment("elsewhere")
    source = current_tracker().create_run(elsewhere).info.run_id
    assert api.create_external_model(source_run_id=source).experiment_id == elsewhere


@pytest.mark.parametrize("status", ["DONE", "PENDING", "UNSPECIFIED", ""])
def test_a_model_ends_ready_or_failed(status: str) -> None:
    """Anything else leaves it pending."""
    model = api.initialize_logged_model(name="wine")
    with pytest.raises(InvalidInput, match="expected READY or FAILED"):
        api.finalize_logged_model(model.model_id, status)  # type: ignore[arg-type]
    assert api.get_logged_model(model.model_id).status is LoggedModelStatus.PENDING


def test_a_search_goes_over_all_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """However small the pages are, everything is found, or as much as was wanted, as list or table."""
    monkeypatch.setattr(api, "_PAGE", 2)
    for number in range(5):
        api.initialize_logged_model(name=f"m{number}")
    found = [model.name for model in api.search_logged_models(output_format="list")]
    assert sorted(found) == [f"m{number}" for number in range(5)]
    assert len(api.search_logged_models(max_results=3, output_format="list")) == 3
    assert sorted(api.search_logged_models()["name"]) == sorted(found)
    with pytest.raises(InvalidInput, match="output_format 'json'"):
        api.search_logged_models(output_format="json")  # type: ignore[call-overload]


def test_the_active_model_gets_the_metrics() -> None:
    """Inside the block only, and the model is made once."""
    with api.set_active_model(name="agent") as model, start_run():
        log_metric("inside", 1.0)
    with start_run():
        log_metric("outside", 1.0)
    with api.set_active_model(name="agent") as again:
        assert again.model_id == model.model_id
    assert get_active_model_id() is None
    assert [point.key for point in api.get_logged_model(model.model_id).metrics or ()] == ["inside"]


def test_an_active_model_must_be_known() -> None:
    """A wrong id or name changes nothing."""
    model = api.initialize_logged_model(name="wine")
    with pytest.raises(InvalidInput, match="takes a name or a model_id"):
        api.set_active_model()
    with pytest.raises(InvalidInput, match="called 'wine', not 'beer'"):
        api.set_active_model(name="beer", model_id=model.model_id)
    with pytest.raises(NotFound):
        api.set_active_model(model_id="m-" + "f" * 32)
    with pytest.raises(InvalidInput, match="no model is active"):
        api.log_model_params({"a": "1"})
    assert get_active_model_id() is None


def test_tags_are_set_and_removed() -> None:
    """Models are described like runs."""
    set_current_experiment("wine")
    model = api.initialize_logged_model(name="wine")
    api.set_logged_model_tags(model.model_id, {"a": 1, "b": 2})
    api.delete_logged_model_tag(model.model_id, "a")
    tags = api.get_logged_model(model.model_id).tags
    assert ("a" in tags, tags["b"]) == (False, "2")
    last = api.last_logged_model()
    assert last is not None
    assert last.model_id == model.model_id
