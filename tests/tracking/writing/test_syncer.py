"""The background sync: soon after the first record, once for many, and never in vain."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from mlflowflow.errors import NotStored
from mlflowflow.tracking.writing.syncer import Syncer

if TYPE_CHECKING:
    import pytest


class Syncs:
    """Count syncs, and let a test wait for some number of them."""

    def __init__(self) -> None:
        """Begin with none."""
        self.count = 0
        self.error: NotStored | None = None
        self._changed = threading.Condition()

    def __call__(self) -> None:
        """Sync."""
        with self._changed:
            self.count += 1
            self._changed.notify_all()
        if self.error is not None:
            raise self.error

    def reach(self, count: int) -> bool:
        """Wait until there were so many."""
        with self._changed:
            return self._changed.wait_for(lambda: self.count >= count, timeout=10)


def test_what_was_logged_is_synced_soon_and_then_there_is_peace() -> None:
    """One sync for a burst; an idle process syncs nothing until it is woken again."""
    syncs = Syncs()
    syncer = Syncer(syncs, is_busy=lambda: False, every_s=0.01)
    for _ in range(100):
        syncer.wake()
    assert syncs.reach(1)
    threading.Event().wait(0.1)
    assert syncs.count <= 2
    before = syncs.count
    syncer.wake()
    assert syncs.reach(before + 1)
    syncer.close()


def test_while_records_may_come_unsaid_it_goes_on() -> None:
    """As long as a flush is due anyway, records do not wake anybody."""
    syncs = Syncs()
    busy = [True]
    syncer = Syncer(syncs, is_busy=lambda: busy[0], every_s=0.01)
    syncer.wake()
    assert syncs.reach(5)
    busy[0] = False
    syncer.close()


def test_a_failing_sync_is_told_and_repeated(caplog: pytest.LogCaptureFixture) -> None:
    """The thread lives on."""
    syncs = Syncs()
    syncs.error = NotStored(1, "the disk is broken")
    syncer = Syncer(syncs, is_busy=lambda: True, every_s=0.01)
    with caplog.at_level(logging.WARNING):
        syncer.wake()
        assert syncs.reach(3)
        syncer.close()
    assert "would not survive a power failure" in caplog.text


def test_a_closed_syncer_starts_again_when_woken() -> None:
    """A record that comes after the end of the background work is synced too."""
    syncs = Syncs()
    syncer = Syncer(syncs, is_busy=lambda: False, every_s=0.01)
    syncer.close()
    syncer.wake()
    assert syncs.reach(1)
    syncer.close()
    before = syncs.count
    syncer.wake()
    assert syncs.reach(before + 1)
    syncer.close()
