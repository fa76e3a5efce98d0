"""Where spools lie, and that forks and the end of the process are noticed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mlflowflow.errors import NotStored
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.lifetime import _close_all, spool_folder, watch

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


class Thing:
    """Something to be watched."""

    def __init__(self) -> None:
        """Be untouched."""
        self.renewed = 0
        self.closed = 0

    def renew_after_fork(self) -> None:
        """Count."""
        self.renewed += 1

    def close(self) -> None:
        """Count, and fail as a tracker without its store does."""
        self.closed += 1
        raise NotStored(1, "the store is away")


def test_a_child_renews_what_its_parent_made() -> None:
    """In the child, and only there."""
    thing = Thing()
    watch(thing)
    child = os.fork()
    if child == 0:
        os._exit(thing.renewed)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 1
    assert thing.renewed == 0


def test_one_failing_close_does_not_keep_the_others_open(caplog: pytest.LogCaptureFixture) -> None:
    """At the end all are closed, and trouble is told."""
    things = [Thing(), Thing()]
    for thing in things:
        watch(thing)
    _close_all()
    assert [thing.closed for thing in things] == [1, 1]
    assert "kept on this machine" in caplog.text


def test_spools_lie_where_a_recovery_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a directory store; in the state directory for a remote one; nowhere for memory."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    class RemoteStore(MemoryBlobStore):
        @property
        def shared(self) -> bool:
            return True

        @property
        def url(self) -> str:
            return "s3://bucket"

    assert spool_folder(LocalBlobStore(tmp_path / "store")) == tmp_path / "store" / "spool"
    assert spool_folder(MemoryBlobStore()) is None
    remote = spool_folder(RemoteStore())
    assert remote is not None
    assert remote.parent == tmp_path / "mlflowflow"
