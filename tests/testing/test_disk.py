"""Disks fail as the script says, and die as disks of real machines do."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import SpoolFull
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.disk import FailingDisk, SimulatedDisk, SpoolCall
from mlflowflow.testing.simulation import Restless, SimulatedClock, SimulatedIds, Simulation
from mlflowflow.tracking.writing.frame import Header
from mlflowflow.tracking.writing.policy import Writing
from mlflowflow.tracking.writing.recovery import recover
from mlflowflow.tracking.writing.spool import orphans
from mlflowflow.tracking.writing.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEADER = Header(writer="w", host="h", store="memory://s")


def failing(verb: str, number: int = errno.EIO) -> FailingDisk:
    """Return a disk on which one verb fails."""
    return FailingDisk(lambda call: number if call.verb == verb else None)


def test_without_a_script_nothing_fails(tmp_path: Path) -> None:
    """The file holds what was appended, and goes when it is removed."""
    disk = FailingDisk()
    spool = disk.open(tmp_path, HEADER)
    spool.append(b"frames")
    spool.sync()
    assert (spool.path.read_bytes()[-6:], spool.synced_size) == (b"frames", spool.size)
    spool.remove()
    assert (list(tmp_path.iterdir()), disk.calls) == ([], 4)


def test_calls_are_told_to_the_script(tmp_path: Path) -> None:
    """Numbers go on over all spools of the disk."""
    told: list[SpoolCall] = []
    disk = FailingDisk(told.append)
    for writer in ("a", "b"):
        spool = disk.open(tmp_path, Header(writer=writer, host="h", store="s"))
        spool.append(b"x")
        spool.close()
    assert [(call.number, call.verb, call.writer) for call in told] == [
        (1, "create", "a"),
        (2, "append", "a"),
        (3, "create", "b"),
        (4, "append", "b"),
    ]


def test_a_disk_may_refuse_a_new_file(tmp_path: Path) -> None:
    """Nothing is left of the attempt."""
    with pytest.raises(SpoolFull, match="No space left"):
        failing("create", errno.ENOSPC).open(tmp_path, HEADER)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("verb", ["append", "sync"])
def test_each_verb_may_fail(tmp_path: Path, verb: str) -> None:
    """A call that fails says so and changes nothing."""
    spool = failing(verb).open(tmp_path, HEADER)
    before = spool.path.read_bytes()
    with pytest.raises(SpoolFull, match="'w' failed: Input/output error"):
        {"append": lambda: spool.append(b"x"), "sync": spool.sync}[verb]()
    assert spool.path.read_bytes() == before
    spool.close()


def test_a_file_that_cannot_be_removed_stays(tmp_path: Path) -> None:
    """Its writer goes on, and a recovery may have the file."""
    spool = failing("remove").open(tmp_path, HEADER)
    spool.remove()
    assert [path.name for path in orphans(tmp_path)] == ["w.wal"]


def test_a_replaced_spool_fails_too(tmp_path: Path) -> None:
    """A file that takes the place of a broken one lies on the same disk."""
    spool = failing("append").open(tmp_path, HEADER).replaced([b"frames"])
    with pytest.raises(SpoolFull):
        spool.append(b"x")
    assert spool.reading().read(spool.size - 6, spool.size) == b"frames"
    spool.close()


def logging_for_ever(simulation: Simulation, disk: SimulatedDisk, folder: Path) -> list[int]:
    """Start a process that logs until it is killed; the list counts what was acknowledged and synced."""
    counts = [0, 0]

    def work() -> None:
        writing = Writing(spool_dir=folder, flush_intervals=())
        clock, ids = SimulatedClock(simulation), SimulatedIds(simulation, "victim")
        stream = Stream(MemoryBlobStore(), clock=clock, ids=ids, writing=writing, open_spool=disk.open)
        run = stream.bind("0", "r")
        while True:
            run.writer.metric(run, "m", 1.0, step=counts[0], timestamp=0)
            counts[0] += 1
            if counts[0] % 7 == 0:
                stream.sync()
                counts[1] = counts[0]

    simulation.spawn("victim", work)
    return counts


def kill_after(simulation: Simulation, steps: int, end: Callable[[], None]) -> None:
    """Call `end` from outside of all processes after some steps."""
    with pytest.raises(Restless):
        simulation.run(steps=steps)
    end()


def recovered(folder: Path) -> int:
    """Return how many points the spools in `folder` still hold."""
    return recover(MemoryBlobStore(), folder).records


@pytest.mark.parametrize("seed", range(10))
def test_a_kill_takes_nothing_that_was_acknowledged(tmp_path: Path, seed: int) -> None:
    """The file is there, and its lock can be taken."""
    simulation = Simulation(seed)
    counts = logging_for_ever(simulation, SimulatedDisk(simulation), tmp_path)
    kill_after(simulation, 100 + seed, lambda: simulation.kill(simulation.processes[0]))
    assert recovered(tmp_path) - counts[0] in {0, 1}


def test_a_living_process_keeps_its_lock(tmp_path: Path) -> None:
    """Nobody recovers what is still being written."""
    simulation = Simulation(0)
    logging_for_ever(simulation, SimulatedDisk(simulation), tmp_path)
    kill_after(simulation, 100, lambda: None)
    assert recovered(tmp_path) == 0
    simulation.kill(simulation.processes[0])


def test_lost_power_takes_what_was_not_synced_and_no_more(tmp_path: Path) -> None:
    """What was synced is there; in some cases something behind it is lost."""
    losses: list[int] = []
    for seed in range(20):
        simulation = Simulation(seed)
        disk = SimulatedDisk(simulation)
        counts = logging_for_ever(simulation, disk, tmp_path / str(seed))
        kill_after(simulation, 120 + seed, disk.lose_power)
        kept = recovered(tmp_path / str(seed))
        assert kept >= counts[1]
        losses.append(counts[0] - kept)
    assert max(losses) > 0


def test_files_are_dated_by_simulated_time(tmp_path: Path) -> None:
    """So their order is the same in every replay."""
    simulation = Simulation(0)
    spool = SimulatedDisk(simulation).open(tmp_path, HEADER)
    simulation.now_us += 5_000_000
    spool.append(b"x")
    spool.close()
    assert spool.path.stat().st_mtime_ns == simulation.now_us * 1000
