"""A server in this process, on a store of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.server.asking import Asking, asking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Programs for MLflow's environment.
collect_ignore_glob = ["scripts/*"]


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Asking]:
    """Give the server."""
    with asking(tmp_path / "store") as server:
        yield server
