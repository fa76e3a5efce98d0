"""The registry that the session names, and any other by its address."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING

from mlflowflow.registry.catalog import Catalog
from mlflowflow.storage.address import normalize
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.fluent.session import current_registry_uri, current_session

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.tracking.fluent.session import Session


def current_catalog() -> Catalog:
    """Return the registry that module-level functions use here and now. Raises `InvalidUri`.

    >>> [model.name for model in current_catalog().list_models()]
    []
    """
    return catalog_at(None)


def catalog_at(uri: str | Path | None) -> Catalog:
    """Return the registry at `uri`, by default the current one."""
    address = current_registry_uri() if uri is None else normalize(uri)
    return _opened(address, current_session(), os.getpid())


@lru_cache(maxsize=64)  # a catalog remembers how far it has read each log, so it is worth keeping
def _opened(uri: str, session: Session, _pid: int) -> Catalog:
    return Catalog(open_store(uri), clock=session.clock, actor=session.settings.user)
