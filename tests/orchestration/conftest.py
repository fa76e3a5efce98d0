"""One Prefect API and one Dask cluster for all tests of this folder, started when first needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dask.config
import distributed
import pytest
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings

from mlflowflow.orchestration.cluster import LocalCluster, OpenCluster, open_cluster
from mlflowflow.orchestration.prefect_api import one_api
from tests.orchestration.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def prefect_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a temporary Prefect server with a home of its own, in use for the rest of the session."""
    home = tmp_path_factory.mktemp("prefect-home")
    with (
        temporary_settings({PREFECT_HOME: home}, restore_defaults={PREFECT_API_URL}),
        one_api() as url,
    ):
        yield url
        # What is still on its way must arrive before the server goes, or its senders try for a minute.
        APILogWorker.drain_all()
        EventsWorker.drain_all()


@pytest.fixture(scope="session")
def cluster() -> Iterator[OpenCluster]:
    """Run two workers; a task that costs a worker its life is not tried again."""
    once: dict[str, Any] = {"distributed.scheduler.allowed-failures": 0}
    with dask.config.set(once), open_cluster(LocalCluster(workers=2)) as opened:
        yield opened


@pytest.fixture
def client(cluster: OpenCluster) -> Iterator[distributed.Client]:
    """Give a client of the cluster."""
    with distributed.Client(cluster.address, set_as_default=False) as connected:
        yield connected


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Give an empty folder with a store."""
    return Place(folder=tmp_path)


@pytest.fixture
def flows(place: Place, prefect_api: str, cluster: OpenCluster) -> Place:
    """Give an empty folder with a store, where flows can run."""
    del prefect_api  # runs, and is in use
    return place.on(cluster)
