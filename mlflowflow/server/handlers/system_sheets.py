"""What this server is and what it serves: facts that cost little, for somebody who asks why something does not work."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of_package
from typing import TYPE_CHECKING, Final

from mlflowflow import __version__
from mlflowflow.config import prefect_pages
from mlflowflow.errors import CorruptData, StoreTooNew
from mlflowflow.ids import digest
from mlflowflow.registry.search import search_models
from mlflowflow.server.handlers.sheets import experiments, version_of_all
from mlflowflow.storage.format import KEY, decode_info

if TYPE_CHECKING:
    from mlflowflow.server.desk import Desk
    from mlflowflow.server.message import Message
    from mlflowflow.server.system_sheets import StoreFacts, SystemAnswer
    from mlflowflow.storage.blob import BlobStore

_PACKAGES: Final = ("pyarrow", "fsspec", "s3fs", "fastapi", "uvicorn", "prefect", "dask", "optuna", "duckdb")


def version(desk: Desk, asked: Message) -> str:
    """Return what changes with any run, any sweep, and with who looks."""
    marks = sorted(desk.sweeps.marks())
    said = f"{version_of_all(desk, asked)} {marks} {len(desk.catalog.list_models())} {desk.news.viewers}"
    return digest(said.encode())


def system(desk: Desk, asked: Message) -> SystemAnswer:
    """Return what this server is and what it serves."""
    sheet = experiments(desk, asked)
    running = sum(sheet["running"])
    store, registry = desk.tracker.store, desk.catalog.store
    return {
        "version": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "packages": {name: _installed(name) for name in _PACKAGES},
        "store": _facts(store),
        "registry": _facts(registry),
        "is_registry_apart": registry.url != store.url,
        "experiments": len(sheet["ids"]),
        "runs": running + sum(sum(sheet[state]) for state in ("finished", "failed", "killed")),
        "running": running,
        "sweeps": len(desk.sweeps.marks()),
        "models": len(search_models(desk.catalog.list_models())),
        "prefect": prefect_pages(),
        "viewers": desk.news.viewers,
    }


def _installed(name: str) -> str:
    try:
        return version_of_package(name)
    except PackageNotFoundError:
        return ""


def _facts(store: BlobStore) -> StoreFacts:
    scheme, is_url, _ = store.url.partition("://")
    place: StoreFacts = {
        "url": store.url,
        "kind": scheme if is_url else "file",
        "uuid": "",
        "format": None,
        "created_ms": None,
        "conditional_create": None,
    }
    body = store.get(KEY)
    if body is None:
        return place
    try:
        info = decode_info(body, url=store.url)
    except (CorruptData, StoreTooNew):
        return place
    return {
        **place,
        "uuid": info.uuid,
        "format": info.format,
        "created_ms": info.created_us // 1000,
        "conditional_create": info.conditional_create,
    }
