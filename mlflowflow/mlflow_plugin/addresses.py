"""The addresses by which MLflow finds a store of this library, and how they become a store's own.

=============================== =================================================================
``mlff:``                       the store that this library's settings name
``mlff:runs``, ``mlff:///runs`` a directory
``mlff+file:///runs``           the same
``mlff+s3://bucket/prefix``     a bucket; likewise ``mlff+gs:`` and ``mlff+az:``
=============================== =================================================================

MLflow chooses a plugin by the text before the colon, so each kind of place has a name of its own.
"""

from __future__ import annotations

from typing import Final

from mlflowflow.config import Settings
from mlflowflow.storage.address import for_mlflow as uri_of
from mlflowflow.storage.address import normalize

__all__ = ["PREFIX", "address_of", "is_ours", "uri_of"]

PREFIX: Final = "mlff"


def is_ours(uri: str | None) -> bool:
    """Tell whether an address is one of ours.

    >>> is_ours("mlff+s3://bucket/ml"), is_ours("sqlite:///mlflow.db"), is_ours(None)
    (True, False, False)
    """
    return uri is not None and uri.startswith((f"{PREFIX}:", f"{PREFIX}+"))


def address_of(uri: str, settings: Settings | None = None) -> str:
    """Return the store's own address. Raises `InvalidUri`.

    >>> address_of("mlff+s3://bucket/ml"), address_of("mlff+file:///data/my%20runs"), address_of("mlff:///data")
    ('s3://bucket/ml', '/data/my runs', '/data')
    """
    if uri.rstrip("/") == f"{PREFIX}:":
        return address_of((settings or Settings.from_environ(without_mlflow=True)).tracking_uri)
    return normalize(uri)
