"""Threads that name files in one folder share its syncs, and nobody goes on before one that is his."""

from __future__ import annotations

import errno
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from mlflowflow.storage.syncing import NO_SYNC, Rounds, SharedSync, Syncing

if TYPE_CHECKING:
    from pathlib import Path


def nothing() -> None:
    """Sync as a disk without anything to write."""


def full() -> None:
    """Sync as a full disk."""
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_sync_that_runs_serves_nobody_who_comes_meanwhile() -> None:
    """It may have passed the folder already; the next one serves all of them."""
    rounds = Rounds()
    seen: list[int] = []
    rounds.run(lambda: seen.extend([rounds.begun, rounds.begun]))
    assert not any(map(rounds.has_served, seen))
    rounds.run(nothing)
    assert all(map(rounds.has_served, seen))


def test_a_failed_sync_fails_for_all_whom_it_was_for() -> None:
    """A later one says that all is well, though what the first left out is nowhere."""
    rounds = Rounds()
    seen = rounds.begun
    with pytest.raises(OSError, match="No space left"):
        rounds.run(full)
    late = rounds.begun
    rounds.run(nothing)
    with pytest.raises(OSError, match="No space left"):
        rounds.has_served(seen)
    assert rounds.has_served(late)


def test_nobody_returns_before_a_sync_that_began_after_the_call(tmp_path: Path) -> None:
    """Whatever the threads do: each file is in the folder when a sync of it begins, and then it returns."""
    synced: set[str] = set()

    def sync(_: int) -> None:
        synced.update([path.name for path in tmp_path.iterdir()])

    shared = SharedSync(sync)

    def name(number: int) -> bool:
        (tmp_path / str(number)).touch()
        shared(tmp_path)
        return str(number) in synced

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(name, range(400)))


def test_a_child_does_not_wait_for_a_thread_of_its_parent(tmp_path: Path) -> None:
    """The thread that was syncing is not in the child, and its lock is."""
    parent = os.getpid()
    ended: list[int] = []

    def forking(_: int) -> None:
        if os.getpid() != parent:
            return
        child = os.fork()
        if child == 0:
            signal.alarm(30)  # else a child that waits would wait for ever
            shared(tmp_path)
            os._exit(7)
        ended.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

    shared = SharedSync(forking)
    shared(tmp_path)
    assert ended == [7]


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    """Its owner knows whether that matters."""
    with pytest.raises(FileNotFoundError):
        SharedSync(os.fsync)(tmp_path / "none")


def test_files_and_folders_are_synced_if_that_is_wanted(tmp_path: Path) -> None:
    """By descriptor or by name; what is gone needs no sync."""
    synced: list[int] = []
    (tmp_path / "f").touch()
    for syncing in (Syncing(synced.append), Syncing(synced.append, wanted=False), NO_SYNC):
        syncing.file(0)
        for name in ("f", "gone"):
            syncing.path(tmp_path / name)
        for folder in (tmp_path, tmp_path / "gone"):
            syncing.folder(folder)
    assert len(synced) == 3
