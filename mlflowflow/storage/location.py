"""From an address to a store.

==========================  ===================================================================
``./mlff-data``, ``/data``  a directory; also as ``file:///data``
``memory://name``           this process's memory
``s3://bucket/prefix``      S3, or a server that speaks it (``AWS_ENDPOINT_URL``)
``gs://…``, ``az://…``      through gcsfs and adlfs, if they are installed; untested
==========================  ===================================================================
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from mlflowflow.errors import InvalidUri
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.storage.memory import MemoryBlobStore

if TYPE_CHECKING:
    from mlflowflow.storage.blob import BlobStore

#: Schemes that are handed to fsspec. Others, chained ones above all, can reach local files.
REMOTE_SCHEMES: Final = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss"})
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
_EXPECTED: Final = "a directory, file:///directory, memory://name, s3://bucket/prefix, gs://… or az://…"


def normalize(url: str | Path) -> str:
    """Return the one form of an address: absolute for directories, without a trailing slash.

    >>> normalize("s3://bucket/ml/")
    's3://bucket/ml'

    Raises:
        InvalidUri: the address is of no kind listed above.
    """
    text = str(url)
    scheme = _scheme(text)
    if scheme == "":
        return str(Path(text).expanduser().resolve())
    if scheme == "file":
        parts = urlsplit(text)
        if parts.netloc not in {"", "localhost"}:
            raise InvalidUri(text, "file:///directory, with three slashes")
        return str(Path(unquote(parts.path)).resolve())
    if (scheme in REMOTE_SCHEMES and urlsplit(text).netloc) or scheme == "memory":
        return text.rstrip("/")
    raise InvalidUri(text, _EXPECTED)


def open_store(url: str | Path) -> BlobStore:
    """Return the store at `url`; nothing is read or written yet.

    Raises:
        InvalidUri: the address is of no kind listed above.
    """
    address = normalize(url)
    scheme = _scheme(address)
    if scheme == "memory":
        return MemoryBlobStore(address.removeprefix("memory://"))
    if scheme in REMOTE_SCHEMES:
        from mlflowflow.storage.remote import (
            RemoteBlobStore,
        )  # it imports fsspec, which most runs do not need

        return RemoteBlobStore(address)
    return LocalBlobStore(address)


def _scheme(text: str) -> str:
    match = _SCHEME.match(text)
    return match[1].lower() if match else ""
