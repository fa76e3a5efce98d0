"""Where sweeps over functions live, if nobody says it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import distributed
import pytest
from prefect import flow

import mlflowflow
from mlflowflow.config import Settings
from mlflowflow.errors import ClusterUnavailable, InvalidInput
from mlflowflow.orchestration.cluster import task_runner
from mlflowflow.orchestration.function_place import Client, flow_tags, workplace_of
from tests.tracking.sessions import private_session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflowflow.orchestration.cluster import OpenCluster


@pytest.fixture(autouse=True)
def session(tmp_path: Path) -> Iterator[None]:
    """Give every test a session with a store of its own."""
    settings = Settings(
        tracking_uri=str(tmp_path / "store"), registry_uri=str(tmp_path / "models"), user="ada"
    )
    with private_session(settings):
        yield


def address_of(where: Any, *, parallel: int = 1) -> str:
    """Return the scheduler that `where` leads to."""
    with ExitStack() as stack:
        client = Client(stack, where, parallel)
        found = client.get()
        assert client.get() is found
        assert found.scheduler is not None
        return str(found.scheduler.address)


def test_the_place_is_the_one_that_is_set(tmp_path: Path) -> None:
    """Store, registry, experiment and user are those of fluent calls."""
    mlflowflow.set_experiment("digits")
    place = workplace_of(None, None)
    assert place.tracker().get_experiment(place.experiment_id).name == "digits"
    assert place.tracking_uri == str(tmp_path / "store")
    assert (place.registry_uri, place.user) == (str(tmp_path / "models"), "ada")


def test_a_store_and_an_experiment_may_be_given(tmp_path: Path) -> None:
    """Another store has other experiments, and its own registry."""
    mlflowflow.set_experiment("digits")
    other = workplace_of(tmp_path / "other", None)
    assert (other.tracking_uri, other.experiment_id, other.registry_uri) == (
        str(tmp_path / "other"),
        "0",
        None,
    )
    named = workplace_of(tmp_path / "other", "letters")
    assert named.tracker().get_experiment(named.experiment_id).name == "letters"


def test_a_store_in_memory_is_refused() -> None:
    """Workers would each have one of their own."""
    mlflowflow.set_tracking_uri("memory://place")
    with pytest.raises(InvalidInput, match="visible to this process only"):
        workplace_of(None, None)


def test_a_client_that_is_given_stays_open(cluster: OpenCluster) -> None:
    """It is its owner's."""
    with distributed.Client(cluster.address, set_as_default=False) as client:
        assert address_of(client) == cluster.address
        assert client.status == "running"


def test_an_address_or_a_cluster_is_reached(cluster: OpenCluster) -> None:
    """Both lead to the same scheduler."""
    assert address_of(cluster.address) == cluster.address


def test_what_is_no_cluster_is_refused() -> None:
    """With the forms that are understood."""
    with pytest.raises(InvalidInput, match="expected 'local'"):
        address_of("somewhere")
    with pytest.raises(ClusterUnavailable, match="No Dask scheduler answers"):
        address_of("tcp://127.0.0.1:1")


def test_dasks_default_client_is_taken_before_workers_are_started(cluster: OpenCluster) -> None:
    """As in a notebook that begins with `client = Client()`."""
    with distributed.Client(cluster.address):
        assert address_of(None) == cluster.address


def test_without_any_cluster_workers_are_started_here(cluster: OpenCluster) -> None:
    """As many as trials may run at once."""
    with ExitStack() as stack:
        client: Any = Client(stack, None, 1).get()
        assert str(client.scheduler.address) != cluster.address
        assert len(client.scheduler_info()["workers"]) == 1


def test_in_a_flow_its_cluster_is_taken_and_its_run_named(cluster: OpenCluster, prefect_api: str) -> None:
    """The flow's client, so that its cluster file and its certificates count."""
    del prefect_api  # runs, and is in use

    @flow(task_runner=task_runner(cluster))
    def retrain() -> tuple[str, dict[str, str]]:
        return address_of(None), flow_tags()

    address, tags = retrain()
    assert address == cluster.address
    assert list(tags) == ["prefect.flow_run_id"]
    assert flow_tags() == {}


def test_in_a_flow_without_dask_workers_are_started_here(prefect_api: str) -> None:
    """Prefect's own threads are no place for trials."""
    del prefect_api  # runs, and is in use

    @flow
    def retrain() -> str:
        return address_of(None)

    assert retrain().startswith("tcp://127.0.0.1:")
