"""The cluster runs for the length of a block, and what it lacks is named."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from mlflowflow.testing.ceph import PROGRAMS, ceph_server, missing_packages


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Ceph the sentence says what to install, and nothing is started."""
    monkeypatch.setenv("PATH", "")
    assert missing_packages() == sorted(set(PROGRAMS.values()))
    with pytest.raises(RuntimeError, match="install ceph-common, ceph-mon, ceph-osd, radosgw"):
        ceph_server(bucket="b").__enter__()


def test_packages_to_install_are_printed_for_a_shell() -> None:
    """The list is separated by blanks, and empty where nothing is missing."""
    command = [sys.executable, "-m", "mlflowflow.testing.ceph"]
    printed = subprocess.run(
        command, env={"PATH": ""}, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert printed.stdout.split() == ["ceph-common", "ceph-mon", "ceph-osd", "radosgw"]


@pytest.mark.s3real
@pytest.mark.xdist_group("ceph")
def test_cluster_ends_with_its_block(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing listens and no file is left after the block."""
    if missing_packages():
        pytest.skip("Ceph is not installed")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with ceph_server(bucket="tests") as server:
        during = server.answers()
    assert (during, server.answers(), list(tmp_path.iterdir())) == (True, False, [])
