"""Requests are sent once, a client too old for conditions is noticed, and other packages fit in."""

from __future__ import annotations

import uuid
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock, SystemClock
from mlflowflow.errors import StoreUnable
from mlflowflow.storage.blob import Created, Span
from mlflowflow.storage.remote import RemoteBlobStore
from mlflowflow.storage.wires import FsspecWire, S3Wire, connect, require_condition
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


def test_missing_package_is_named() -> None:
    """A scheme whose package is not there says what to install."""
    with pytest.raises(StoreUnable, match="pip install gcsfs"):
        connect("gs://bucket/a")


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
