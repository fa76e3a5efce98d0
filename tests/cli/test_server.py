"""``mlff server``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.commands import mlff

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "options",
    [
        ["--host", "0.0.0.0"],
        ["--host", "0.0.0.0", "--token", "x" * 32],
        ["--host", "0.0.0.0", "--allowed-host", "ml.example.org"],
        ["--token", "short"],
        ["--port", "70000"],
        ["--workers", "0"],
    ],
)
def test_what_is_not_safe_or_cannot_be_is_refused(tmp_path: Path, options: list[str]) -> None:
    """Before the store is touched."""
    answer = mlff("server", "--store", str(tmp_path / "store"), *options)
    assert answer.code == 2
    assert answer.err
    assert not (tmp_path / "store").exists()
