"""The fluent functions for addresses, experiments and the search for runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.errors import AlreadyExists, InvalidFilter, InvalidInput, NotFound
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.entities import ViewType
from mlflowflow.tracking.fluent import api as fluent
from tests.tracking.sessions import private_session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflowflow.tracking.fluent.session import Session


@pytest.fixture(autouse=True)
def session() -> Iterator[Session]:
    """Give every test a session of its own."""
    with private_session() as session:
        yield session


def _run(name: str, **metrics: float) -> str:
    with fluent.start_run(run_name=name) as run:
        fluent.log_metrics(metrics)
    return run.run_id


def _found(**search: Any) -> list[str]:
    return [run.info.run_name for run in fluent.search_runs(output_format="list", **search)]


def test_an_address_is_returned_for_another_process(tmp_path: Path) -> None:
    """A relative address would mean something else elsewhere."""
    fluent.set_tracking_uri(f"file://{tmp_path}/runs/")
    assert fluent.get_tracking_uri() == str(tmp_path / "runs")


def test_the_registry_has_an_address() -> None:
    """By default it is the tracking store's, and None goes back to that."""
    fluent.set_registry_uri("memory://models")
    assert fluent.get_registry_uri() == "memory://models"
    fluent.set_registry_uri(None)
    assert fluent.get_registry_uri() == fluent.get_tracking_uri()


def test_runs_go_to_the_experiment_that_was_set() -> None:
    """An experiment that is only named is created."""
    experiment = fluent.set_experiment("digits")
    with fluent.start_run() as run:
        pass
    assert run.info.experiment_id == experiment.experiment_id
    assert fluent.set_experiment(experiment_id=experiment.experiment_id).name == "digits"


@pytest.mark.parametrize("arguments", [{}, {"experiment_name": "a", "experiment_id": "1"}])
def test_an_experiment_is_set_by_name_or_id(arguments: dict[str, str]) -> None:
    """Neither and both are refused."""
    with pytest.raises(InvalidInput, match="exactly one"):
        fluent.set_experiment(**arguments)


def test_an_unknown_experiment_id_is_not_set() -> None:
    """An id is never created."""
    with pytest.raises(NotFound, match="experiment '12345'"):
        fluent.set_experiment(experiment_id="12345")


def test_experiments_live_and_are_found() -> None:
    """They are created once, tagged, searched, deleted and restored."""
    created = fluent.create_experiment("cats", tags={"team": 1})
    fluent.create_experiment("dogs")
    assert [found.name for found in fluent.search_experiments(filter_string="tags.team = '1'")] == ["cats"]
    fluent.delete_experiment(created)
    assert "cats" not in [found.name for found in fluent.search_experiments()]
    deleted = fluent.search_experiments(ViewType.DELETED_ONLY)
    assert [found.experiment_id for found in deleted] == [created]
    fluent.restore_experiment(created)
    assert fluent.get_experiment_by_name("cats") == fluent.get_experiment(created)


def test_an_experiments_name_is_taken_once() -> None:
    """A second experiment of the same name is refused."""
    fluent.create_experiment("cats")
    with pytest.raises(AlreadyExists, match="'cats'"):
        fluent.create_experiment("cats")


def test_the_current_experiment_can_be_tagged() -> None:
    """Tags go to the experiment of later runs."""
    experiment = fluent.set_experiment("cats")
    fluent.set_experiment_tag("team", "pets")
    fluent.set_experiment_tags({"size": 3})
    assert dict(fluent.get_experiment(experiment.experiment_id).tags) == {"team": "pets", "size": "3"}


def test_a_nested_run_knows_its_parent() -> None:
    """The parent is found by the tag; a run that was not nested has none."""
    with fluent.start_run() as parent, fluent.start_run(nested=True) as child:
        pass
    found = fluent.get_parent_run(child.run_id)
    assert found is not None
    assert found.info.run_id == parent.run_id
    assert fluent.get_parent_run(parent.run_id) is None


def test_deleted_runs_are_not_found_until_restored() -> None:
    """Deletion is a mark that can be taken back."""
    run_id = _run("a")
    fluent.delete_run(run_id)
    assert (_found(), _found(run_view_type=ViewType.DELETED_ONLY)) == ([], ["a"])
    fluent.restore_run(run_id)
    assert _found() == ["a"]


def test_runs_are_found_by_what_they_logged() -> None:
    """Filter, order and limit work together."""
    for name, loss in (("a", 0.3), ("b", 0.1), ("c", 0.2), ("d", 0.9)):
        _run(name, loss=loss)
    assert _found(filter_string="metrics.loss < 0.5", order_by=["metrics.loss"], max_results=2) == ["b", "c"]


def test_runs_are_looked_for_where_it_is_said() -> None:
    """In the current experiment, in named ones, or in all."""
    here = fluent.set_experiment("here").experiment_id
    _run("a")
    fluent.set_experiment("there")
    _run("b")
    assert _found() == ["b"]
    assert _found(experiment_ids=[here]) == ["a"]
    assert _found(experiment_names=["here"]) == ["a"]
    assert sorted(_found(search_all_experiments=True)) == ["a", "b"]


def test_an_unknown_experiment_name_is_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    """A mistyped name does not look like an experiment without runs."""
    assert _found(experiment_names=["nowhere"]) == []
    assert "no experiment 'nowhere'" in caplog.text


def test_mistakes_in_a_search_are_named() -> None:
    """A wrong expression, format or choice of experiments is refused with a sentence."""
    with pytest.raises(InvalidFilter, match="number"):
        _found(filter_string="metrics.m = 'x'")
    with pytest.raises(InvalidInput, match="'polars'"):
        fluent.search_runs(output_format="polars")  # type: ignore[call-overload]  # the mistake under test
    with pytest.raises(InvalidInput, match="not both"):
        _found(experiment_ids=["0"], experiment_names=["Default"])


def test_a_table_of_runs_is_the_default() -> None:
    """The runs come as a pandas table, one row each."""
    run_id = _run("a", loss=0.5)
    table = fluent.search_runs()
    assert table.loc[0, "run_id"] == run_id
    assert table.loc[0, "metrics.loss"] == 0.5


def test_another_store_has_other_runs() -> None:
    """After the address changed, searches go to the new store."""
    _run("a")
    fluent.set_tracking_uri(MemoryBlobStore().url)
    assert _found() == []
