"""A real gateway of Ceph carries everything, races included."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

import mlflowflow
from mlflowflow.clock import SystemClock
from mlflowflow.config import Settings
from mlflowflow.errors import StoreUnavailable
from mlflowflow.ids import RandomIds
from mlflowflow.storage.location import open_store
from mlflowflow.storage.probe import probe
from mlflowflow.testing.blob_store import BlobStoreContract, keys
from mlflowflow.testing.catalog import CatalogContract
from mlflowflow.testing.ceph import ceph_server, missing_packages
from mlflowflow.testing.versions import VersionsContract
from mlflowflow.tracking.table.collection import collect
from mlflowflow.tracking.table.compaction import compact
from tests.backends.uses import look, move_a_large_file, pointed_to, track
from tests.tracking.sessions import private_session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflowflow.storage.blob import BlobStore

pytestmark = [pytest.mark.s3real, pytest.mark.xdist_group("ceph")]

_places = itertools.count(1)


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a cluster for the tests of this file, with this process's environment pointing to it."""
    missing = missing_packages()
    if missing:
        pytest.skip(f"Ceph is not installed: {', '.join(missing)}")
    with (
        ceph_server(bucket="tests") as server,
        pointed_to(server, tmp_path_factory.mktemp("state")),
    ):
        yield "s3://tests"


@pytest.fixture
def url(bucket: str) -> str:
    """Give an empty place."""
    return f"{bucket}/place-{next(_places)}"


@pytest.fixture
def store(url: str) -> BlobStore:
    """Give a store in it."""
    return open_store(url)


class TestCeph(BlobStoreContract):
    """Run the contract, with more races than elsewhere."""

    races = 40


class TestCephRegistry(CatalogContract, VersionsContract):
    """Run the registry's contract: threads and processes that contend for the same model."""


def test_the_probe_says_yes(store: BlobStore) -> None:
    """The gateway refuses the second of two conditional writes, in its own words."""
    assert (probe(store, ids=RandomIds()), keys(store)) == (True, set())


def test_new_credentials_are_taken_by_the_next_call(
    store: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Credentials that the gateway does not know are named, and a store goes on with good ones."""
    with monkeypatch.context() as wrong:
        wrong.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
        with pytest.raises(StoreUnavailable, match=r"denied .* check the credentials"):
            store.get("a")
    assert store.get("a") is None


def test_a_large_file_goes_there_and_back(url: str, tmp_path: Path) -> None:
    """In parts, whose checksums the server may give or not."""
    move_a_large_file(url, tmp_path)


def test_a_whole_tracking_session_works(url: str) -> None:
    """Runs, histories, artifacts and search."""
    look(url, track(url))


def test_compacted_and_collected_runs_are_the_same(url: str, store: BlobStore) -> None:
    """The gateway's clock says what may go: nothing within the grace, every folded segment after it."""
    session = track(url)
    clock, ids = SystemClock(), RandomIds()
    hot = len(keys(store, f"exp/{session.experiment_id}/hot/"))
    compact(store, session.experiment_id, clock=clock, ids=ids)
    assert collect(store, session.experiment_id, ids=ids).segments == 0
    look(url, session)
    assert collect(store, session.experiment_id, ids=ids, hot_grace_s=0.0).segments == hot
    look(url, session)


def test_a_logged_model_is_registered(url: str) -> None:
    """A version beside the runs, from the model's own address."""
    source = f"runs:/{track(url, runs=1).runs[0].info.run_id}/model"
    with private_session(Settings(tracking_uri=url)):
        assert mlflowflow.register_model(source, "digits").version == 1
