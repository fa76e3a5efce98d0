"""Requests are sent once, a client too old for conditions is noticed, and other packages fit in."""

from __future__ import annotations

import sys
import uuid
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock, SystemClock
from mlflowflow.errors import MissingExtra, StoreUnable
from mlflowflow.ids import RandomIds
from mlflowflow.storage.blob import Created, Span
from mlflowflow.storage.location import open_store
from mlflowflow.storage.probe import probe
from mlflowflow.storage.remote import RemoteBlobStore
from mlflowflow.storage.wires import FsspecWire, S3Wire, require_condition
from mlflowflow.testing.blob_store import keys
from tests.storage.proxy import Accident, proxy

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.testing.s3 import S3Server


@pytest.fixture
def store() -> RemoteBlobStore:
    """Give a store on the general verbs of an fsspec package: its in-memory one stands for Google's."""
    place = f"gs://bucket/{uuid.uuid4().hex}"
    return RemoteBlobStore(place, clock=ManualClock(), connect=lambda _: FsspecWire("memory", "bucket"))


def test_package_creates_once(store: RemoteBlobStore) -> None:
    """A package's exclusive mode is understood, and our own bytes are recognised."""
    outcomes = [store.create("a", body) for body in (b"first", b"second", b"first")]
    assert outcomes == [Created.CREATED, Created.EXISTS, Created.CREATED]


def test_package_keeps_objects(store: RemoteBlobStore) -> None:
    """Writing, reading, listing and deleting go through a package's verbs."""
    store.put("a/b", b"0123456789")
    store.put("a/bc/d", b"")
    spans = (Span(start=2, stop=4), Span(start=-3), Span(start=8))
    assert [store.get("a/b", span) for span in spans] == [b"23", b"789", b"89"]
    assert (keys(store, "a/b"), store.get("a")) == ({"a/b", "a/bc/d"}, None)
    store.delete("a/b")
    store.delete("a/b")
    assert keys(store) == {"a/bc/d"}


def test_package_moves_files(store: RemoteBlobStore, tmp_path: Path) -> None:
    """Files go through a package's own transfer."""
    (tmp_path / "up").write_bytes(b"content")
    store.put_file(tmp_path / "up", "a")
    store.get_file("a", tmp_path / "down")
    assert (tmp_path / "down").read_bytes() == b"content"


def test_package_tells_times(store: RemoteBlobStore) -> None:
    """What a package says of the last write is understood under its own name for it."""
    before = SystemClock().now_us()
    store.put("a", b"x")
    told = next(store.list("a")).modified_us
    assert told is not None
    assert before <= told <= SystemClock().now_us()


@pytest.mark.parametrize(
    ("address", "package", "extra"),
    [
        ("gs://bucket/a", "gcsfs", "gcs"),
        ("gcs://bucket", "gcsfs", "gcs"),
        ("abfs://runs/a", "adlfs", "azure"),
    ],
)
def test_missing_package_is_named(
    monkeypatch: pytest.MonkeyPatch, address: str, package: str, extra: str
) -> None:
    """An address whose package is not there is accepted, and its first use says what to install."""
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    store = open_store(address)
    said = rf"A store at \w+:// needs the package '{package}'.* pip install 'mlflowflow\[{extra}\]'"
    for call in (lambda: store.get("a"), lambda: probe(store, ids=RandomIds()), lambda: keys(store)):
        with pytest.raises(MissingExtra, match=said):
            call()


def test_old_client_is_noticed() -> None:
    """A botocore that does not know the condition would drop it; it is refused instead."""
    old = SimpleNamespace(input_shape=SimpleNamespace(members={"Body": None, "Key": None}))
    with pytest.raises(StoreUnable, match="install botocore"):
        require_condition(old)


@pytest.mark.s3
def test_request_is_sent_once(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """No layer below repeats a request: what is lost is lost, and the caller knows of every attempt."""
    with proxy(s3.endpoint) as network:
        monkeypatch.setenv("AWS_ENDPOINT_URL", network.endpoint)
        wire = S3Wire("tests")
        for accident in (Accident.LOST_ANSWER, Accident.LOST_REQUEST, Accident.BUSY, Accident.CONFLICT):
            network.script = [None, accident]
            wire.delete("a")
            with pytest.raises(wire.errors):
                wire.create("a", b"x")
    assert network.methods == ["DELETE", "PUT"] * 4
