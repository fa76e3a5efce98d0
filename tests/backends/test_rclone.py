"""In a server that ignores conditions tracking works and a registry is refused."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

import mlflowflow
from mlflowflow.clock import SystemClock
from mlflowflow.config import Settings
from mlflowflow.errors import StoreUnable
from mlflowflow.ids import RandomIds
from mlflowflow.maintenance.chores import compact_all
from mlflowflow.storage.blob import Span
from mlflowflow.storage.location import open_store
from mlflowflow.storage.probe import probe
from mlflowflow.testing.blob_store import PlainStoreContract, keys
from mlflowflow.testing.rclone import rclone_server
from tests.backends.uses import look, move_a_large_file, pointed_to, track
from tests.tracking.sessions import private_session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflowflow.storage.blob import BlobStore

pytestmark = [pytest.mark.s3, pytest.mark.xdist_group("rclone")]

_places = itertools.count(1)


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a server for the tests of this file, with this process's environment pointing to it."""
    with (
        rclone_server(tmp_path_factory.mktemp("buckets")) as server,
        pointed_to(server, tmp_path_factory.mktemp("state")),
    ):
        yield server.create_bucket("tests")


@pytest.fixture
def url(bucket: str) -> str:
    """Give an empty place."""
    return f"{bucket}/place-{next(_places)}"


class TestRclone(PlainStoreContract):
    """Run the contract as far as it holds without conditions."""

    @pytest.fixture
    def store(self, url: str) -> BlobStore:
        """Give a place of its own."""
        return open_store(url)


def test_end_of_an_object_that_is_shorter_than_asked_for_is_all_of_it(url: str) -> None:
    """The server says that there is no such range; it must not look like an empty object."""
    store = open_store(url)
    store.put("a", b"short")
    assert [store.get("a", Span(start=-start)) for start in (5, 6, 1000)] == [b"short"] * 3


def test_the_probe_says_no(url: str) -> None:
    """The server lets the second of two conditional writes win; no trace of the question stays."""
    store = open_store(url)
    assert (probe(store, ids=RandomIds()), keys(store)) == (False, set())


def test_a_large_file_goes_there_and_back(url: str, tmp_path: Path) -> None:
    """In parts, whose checksums the server may give or not."""
    move_a_large_file(url, tmp_path)


def test_a_whole_tracking_session_works(url: str) -> None:
    """Runs, histories, artifacts and search need no conditions."""
    look(url, track(url))


def test_nobody_compacts_by_the_way(url: str) -> None:
    """Two who compacted at once could both win there, so crowded experiments stay as they are."""
    session = track(url, compact_at=2)
    folders = {key.split("/")[2] for key in keys(open_store(url), f"exp/{session.experiment_id}/")}
    assert folders == {"exp.json", "hot"}
    look(url, session)


def test_compacting_is_refused(url: str) -> None:
    """Asked for, it says why not and what to do; nothing is touched."""
    session = track(url)
    store = open_store(url)
    before = keys(store)
    with pytest.raises(StoreUnable, match="Nothing was compacted"):
        list(compact_all(store, clock=SystemClock(), ids=RandomIds()))
    assert keys(store) == before
    look(url, session)


def test_registering_is_refused_and_works_with_a_registry_elsewhere(url: str, tmp_path: Path) -> None:
    """The refusal names the setting that helps, and with it the same model is registered."""
    source = f"runs:/{track(url, runs=1).runs[0].info.run_id}/model"
    with private_session(Settings(tracking_uri=url)):
        with pytest.raises(StoreUnable, match=r"ignores conditional writes.*MLFLOWFLOW_REGISTRY_URI"):
            mlflowflow.register_model(source, "digits")
        assert keys(open_store(url), "registry/") == set()
    elsewhere = {"MLFLOWFLOW_TRACKING_URI": url, "MLFLOWFLOW_REGISTRY_URI": str(tmp_path)}
    with private_session(Settings.from_environ(elsewhere)):
        assert mlflowflow.register_model(source, "digits").version == 1
