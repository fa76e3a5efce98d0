"""An address leads to one store, and carries nothing secret."""

from __future__ import annotations

import pickle

import pytest

from mlflowflow.storage.address import normalize
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.storage.location import open_store
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.storage.remote import RemoteBlobStore


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/data/runs", LocalBlobStore),
        ("file:///data/runs", LocalBlobStore),
        ("memory://a", MemoryBlobStore),
        ("s3://bucket/a", RemoteBlobStore),
        ("gs://bucket/a", RemoteBlobStore),
    ],
)
def test_scheme_chooses_the_store(address: str, kind: type) -> None:
    """Each scheme has its store, which is opened without any request."""
    assert type(open_store(address)) is kind


@pytest.mark.parametrize("address", ["/data/runs", "memory://a", "s3://bucket/a"])
def test_store_is_reopened_by_its_url(address: str) -> None:
    """The url a store shows opens the same place, and its pickle holds no more than that."""
    store = open_store(address)
    again = pickle.loads(pickle.dumps(store))
    assert open_store(store.url).url == again.url == normalize(address)
