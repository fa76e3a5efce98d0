"""From the address of an MLflow store to what reads it or writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidUri, NotFound
from mlflowflow.exchange.file_store import FileStoreSource
from mlflowflow.exchange.opening import open_source, open_target
from mlflowflow.exchange.server import ServerSource
from mlflowflow.exchange.server_target import ServerTarget
from mlflowflow.exchange.sqlite import SqliteSource
from mlflowflow.exchange.sqlite_target import SqliteTarget
from tests.exchange.stores import database, small_files, write

if TYPE_CHECKING:
    from pathlib import Path


def test_each_address_has_its_reader(tmp_path: Path) -> None:
    """A folder, a file under its path or as MLflow writes it, and a server."""
    path, folder = database(tmp_path / "mlflow.db"), write(tmp_path / "mlruns", small_files())
    assert isinstance(open_source(str(folder)), FileStoreSource)
    assert isinstance(open_source(folder.as_uri()), FileStoreSource)
    assert isinstance(open_source(str(path)), SqliteSource)
    assert isinstance(open_source(f"sqlite:///{path}"), SqliteSource)
    assert isinstance(open_source("https://host:5000/mlflow"), ServerSource)


def test_each_address_has_its_writer(tmp_path: Path) -> None:
    """A file or a server."""
    path = database(tmp_path / "mlflow.db")
    assert isinstance(open_target(f"sqlite:///{path}", origin="x"), SqliteTarget)
    assert isinstance(open_target(str(path), origin="x"), SqliteTarget)
    assert isinstance(open_target("http://host:5000", origin="x"), ServerTarget)


@pytest.mark.parametrize("uri", ["postgresql://host/db", "databricks", "mysql://x", "s3://bucket/x"])
def test_other_addresses_are_refused(uri: str, tmp_path: Path) -> None:
    """With those that can be used."""
    with pytest.raises((InvalidUri, NotFound)):
        open_source(uri)
    with pytest.raises((InvalidUri, NotFound)):
        open_target(uri, origin="x")
    with pytest.raises(InvalidUri, match=r"sqlite:///mlflow\.db"):
        open_target(str(tmp_path), origin="x")
