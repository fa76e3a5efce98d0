"""From an address to a store; :mod:`mlflowflow.storage.address` says which addresses there are.

Stores are imported when they are opened: most runs need one kind, and S3's is heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.storage.address import normalize

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore


def open_store(url: str | Path, *, ids: Ids | None = None) -> BlobStore:
    """Open the store at `url`; nothing is read or written yet.

    >>> store = open_store("memory://example")
    >>> store.url
    'memory://example'

    Raises `InvalidUri` for an address of an unknown kind.
    """
    address = normalize(url)
    scheme, _, rest = address.partition("://")
    if not rest:
        from mlflowflow.storage.local import LocalBlobStore

        return LocalBlobStore(address, ids=ids)
    if scheme == "memory":
        from mlflowflow.storage.memory import MemoryBlobStore

        return MemoryBlobStore(rest)
    from mlflowflow.storage.remote import RemoteBlobStore

    return RemoteBlobStore(address)
