"""R14: the disk of the spool is full while the store is away, in each of the three modes."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import SpoolFull
from mlflowflow.tracking.run import Metric, RunStatus
from mlflowflow.tracking.tracker import Tracker
from mlflowflow.tracking.writing.lost import REFUSED_TAG
from tests.proofs.scale import scale
from tests.tracking.stores import SwitchedStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.proofs.report import Tally

_WHAT: Final = "a full disk under the spool, mode"
_DISK_BYTES: Final = 4 * 1024 * 1024
#: What is left for the spool and its reserve when the logging begins.
_ROOM_BYTES: Final = (1_100_000, 1_500_000)
#: How many calls are made after the first that was refused.
_INSISTING: Final = 60
_RECORDS: Final = 200_000


class Patient(ManualClock):
    """A clock on which somebody frees space when a call has waited a while."""

    def __init__(self) -> None:
        """Free nothing yet."""
        super().__init__()
        self.waits = 0
        self.free: Callable[[], None] = lambda: None

    def sleep(self, seconds: float) -> None:
        """Advance, and at last free the space."""
        super().sleep(seconds)
        self.waits += 1
        if self.waits >= 3:
            self.free()


@dataclass(slots=True, kw_only=True)
class Told:
    """What the calls said: the steps that were `acknowledged` and those that were `refused`."""

    acknowledged: list[int] = field(default_factory=list[int])
    refused: list[int] = field(default_factory=list[int])


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of four megabytes, which only root can."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES}", "tmpfs", str(place)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount program")
    if done.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


class Client:
    """A run over a store that is away and a disk that is almost full."""

    def __init__(self, disk: Path, mode: str, chance: random.Random) -> None:
        """Begin the run, then let the store go away and the disk fill up."""
        self.clock = Patient()
        self.store = SwitchedStore()
        self.disk = disk
        self.told = Told()
        self.late: list[list[Metric]] = []
        self._chance = chance
        self.tracker = Tracker(
            self.store,
            clock=self.clock,
            spool_dir=disk / "spool",
            flush_intervals=(),
            on_spool_full=mode,
            heartbeat_s=0.0,
        )
        self.run_id = self.tracker.create_run("0").info.run_id
        self.store.away = True
        self._fill(chance.randint(*_ROOM_BYTES))
        self.clock.free = self.free

    def _fill(self, room: int) -> None:
        space = os.statvfs(self.disk)
        with (self.disk / "filler").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, space.f_bavail * space.f_frsize - room)

    def free(self) -> None:
        """Remove what fills the disk."""
        (self.disk / "filler").unlink(missing_ok=True)

    def log(self, first: int, count: int) -> None:
        """Log points with the steps from `first` on, one by one or together, and note what was said."""
        step = first
        while step < first + count:
            steps = list(range(step, step + self._chance.choice((1, 1, 1, 40))))
            points = [
                Metric(key="m" * self._chance.randint(1, 60), value=0.5, timestamp=0, step=each)
                for each in steps
            ]
            try:
                self.send(points)
                self.told.acknowledged += steps
            except SpoolFull:
                self.told.refused += steps
            step = steps[-1] + 1

    @property
    def is_full(self) -> bool:
        """Whether a call was refused or had to wait, or there is no room for another."""
        space = os.statvfs(self.disk)
        return bool(self.told.refused or self.clock.waits or space.f_bavail < 2)

    def end(self) -> None:
        """End the run."""
        self.tracker.end_run(self.run_id, RunStatus.FINISHED)

    def send(self, points: list[Metric]) -> None:
        """Make one call."""
        self.tracker.log_batch(self.run_id, metrics=points)

    def read(self) -> tuple[Counter[int], str, int]:
        """Return the steps that are in the store, the run's status and the number said to be refused."""
        self.store.away = False
        self.tracker.flush()
        reader = Tracker(self.store.inner, flush_intervals=())
        run = reader.get_run(self.run_id)
        seen = Counter(
            point.step for key in run.data.metrics for point in reader.metric_history(self.run_id, key)
        )
        return seen, run.info.status, int(run.data.tags.get(REFUSED_TAG, 0))


def _violations(client: Client, mode: str, chance: random.Random) -> list[str]:
    """Fill the disk, insist, make room or not, end the run, and compare what is there with what was said."""
    step = 0
    while not client.is_full and step < _RECORDS:
        client.log(step, 200)
        step += 1_000
    client.log(step, _INSISTING)
    resumed = range(step + 1_000, step + 1_000)
    if chance.random() < 0.5:
        client.free()
        client.clock.advance(60.0)
        before = len(client.told.refused)
        resumed = range(resumed.start, resumed.start + _INSISTING)
        client.log(resumed.start, _INSISTING)
        if len(client.told.refused) > before:
            return ["a record was refused although there is room again"]
    client.end()
    seen, status, reported = client.read()
    told = client.told
    lost = set(told.acknowledged) - set(seen)
    refused = len(lost) if mode == "drop" else len(told.refused)
    found = {
        "nothing filled the disk": step >= _RECORDS,
        f"acknowledged and lost: {sorted(lost)[:5]}": bool(lost) and mode != "drop",
        "refused in a mode that does not refuse": bool(told.refused) and mode != "raise",
        f"refused and visible: {sorted(set(told.refused) & set(seen))[:5]}": bool(
            set(told.refused) & set(seen)
        ),
        f"{refused} records were refused, and {reported} reported": refused != reported,
        "a record is there twice": any(count > 1 for count in seen.values()),
        "dropped although there was room again": mode == "drop" and bool(lost & set(resumed)),
        f"the run is {status}": status != "FINISHED",
    }
    return [sentence for sentence, holds in found.items() if holds]


@pytest.mark.parametrize("mode", ["raise", "block", "drop"])
def test_a_full_disk_costs_nothing_that_was_acknowledged(disk: Path, tally: Tally, mode: str) -> None:
    """Earlier records stay, refused ones are counted, the end of the run is told, and logging goes on."""
    count = scale(5, 100)
    violations = [
        f"seed {seed}: {each}" for seed in range(count) for each in _tried(Client, disk, mode, seed)
    ]
    tally.add(check="R14", what=f"{_WHAT} {mode}", count=count, violations=violations)


def _tried(kind: type[Client], disk: Path, mode: str, seed: int) -> list[str]:
    chance = random.Random(seed)
    client = kind(disk, mode, chance)
    try:
        return _violations(client, mode, chance)
    finally:
        client.tracker.close()
        for path in disk.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()


class AcknowledgesAnyway(Client):
    """Says that a refused record was taken."""

    def send(self, points: list[Metric]) -> None:
        """Swallow the error."""
        with suppress(SpoolFull):
            super().send(points)


class TriesLater(Client):
    """Logs a refused record when there is room again."""

    def send(self, points: list[Metric]) -> None:
        """Keep what was refused."""
        try:
            super().send(points)
        except SpoolFull:
            self.late.append(points)
            raise

    def end(self) -> None:
        """Log it now."""
        self.free()
        self.clock.advance(60.0)
        for points in self.late:
            super().send(points)
        super().end()


class ForgetsTheEnd(Client):
    """Does not store the end of the run."""

    def end(self) -> None:
        """Do nothing."""


class ForgetsTheCount(Client):
    """Reports nothing of what was refused."""

    def read(self) -> tuple[Counter[int], str, int]:
        """Say that it was nothing."""
        seen, status, _ = super().read()
        return seen, status, 0


#: Wrong clients, and a mode in which each must show itself.
_MUTANTS: Final[dict[str, tuple[type[Client], str]]] = {
    "acknowledges anyway": (AcknowledgesAnyway, "raise"),
    "tries later": (TriesLater, "raise"),
    "forgets the end": (ForgetsTheEnd, "raise"),
    "forgets the count": (ForgetsTheCount, "drop"),
}


def test_clients_that_hide_a_full_disk_are_noticed(disk: Path, tally: Tally) -> None:
    """Each planted mistake shows in a few trials."""
    noticed = {
        name: any(_tried(kind, disk, mode, seed) for seed in range(3))
        for name, (kind, mode) in _MUTANTS.items()
    }
    tally.add(check="R14", what=f"{_WHAT} raise", count=0, mutants=noticed)
