"""From the address of an MLflow store to what reads it or writes it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mlflowflow.config import ServerCredentials
from mlflowflow.errors import InvalidUri
from mlflowflow.exchange.file_store import FileStoreSource
from mlflowflow.exchange.places import local_path
from mlflowflow.exchange.rest import Rest
from mlflowflow.exchange.server import ServerSource
from mlflowflow.exchange.server_target import ServerTarget
from mlflowflow.exchange.sqlite import SqliteSource
from mlflowflow.exchange.sqlite_target import SqliteTarget

if TYPE_CHECKING:
    from mlflowflow.exchange.source import Source
    from mlflowflow.exchange.target import Target

_EXPECTED_OF_TARGET = "sqlite:///mlflow.db or http://host:port"
_EXPECTED = "a folder such as ./mlruns, sqlite:///mlflow.db, or http://host:port"


def open_source(uri: str) -> Source:
    """Return what reads the MLflow store at `uri`. Raises `InvalidUri`, `NotFound`, `StoreUnavailable`."""
    scheme = urlsplit(uri).scheme
    if scheme in {"http", "https"}:
        return ServerSource(_rest(uri))
    if scheme == "sqlite":
        return SqliteSource(Path(uri.removeprefix("sqlite:///")))
    path = local_path(uri)
    if path is None:
        raise InvalidUri(uri, _EXPECTED)
    return SqliteSource(path) if path.is_file() else FileStoreSource(path)


def open_target(uri: str, *, origin: str, files_to: Path | None = None) -> Target:
    """Return what writes the MLflow store at `uri`, a server or a SQLite file.

    `origin` is the address of the store that is exported; files go to the folder `files_to` beside a
    SQLite file. Raises `InvalidUri`, `NotFound` for a file without MLflow's tables, `StoreUnavailable`.
    """
    scheme = urlsplit(uri).scheme
    if scheme in {"http", "https"}:
        return ServerTarget(_rest(uri), origin=origin)
    path = Path(uri.removeprefix("sqlite:///")) if scheme == "sqlite" else local_path(uri)
    if path is None or (scheme != "sqlite" and path.is_dir()):
        raise InvalidUri(uri, _EXPECTED_OF_TARGET)
    return SqliteTarget(path, files_to=files_to, origin=origin)


def _rest(uri: str) -> Rest:
    return Rest(uri, credentials=ServerCredentials.from_environ())
