"""Opening writers: within the bounds, with a reserve, or straight into the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import SpoolFull
from mlflowflow.ids import SequentialIds
from mlflowflow.tracking.writing.opener import Opener
from mlflowflow.tracking.writing.policy import Durability, Writing
from mlflowflow.tracking.writing.spool import FileSpool
from tests.tracking.stores import SwitchedStore

if TYPE_CHECKING:
    from pathlib import Path


def an_opener(writing: Writing) -> Opener:
    """Return the opener of a process."""
    return Opener(
        SwitchedStore(),
        clock=ManualClock(),
        ids=SequentialIds(),
        writing=writing,
        open_spool=FileSpool,
        stored=lambda _writer, _experiment_id: None,
    )


def test_a_writer_gets_a_file_and_the_process_a_reserve(tmp_path: Path) -> None:
    """One reserve for all of its writers."""
    opener = an_opener(Writing(spool_dir=tmp_path))
    writers = [opener.open(after=0, waiting=0, vital=False) for _ in range(2)]
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".reserve", ".wal", ".wal"]
    for writer in writers:
        assert not writer.volatile
        writer.close()
    opener.release_reserve()
    assert list(tmp_path.iterdir()) == []


def test_beyond_the_bound_only_what_is_vital_gets_a_file(tmp_path: Path) -> None:
    """The end of a run is not kept out by what waits."""
    opener = an_opener(Writing(spool_dir=tmp_path, spool_bytes=100))
    with pytest.raises(SpoolFull, match="no more than 100 may"):
        opener.open(after=0, waiting=100, vital=False)
    opener.open(after=0, waiting=100, vital=True).close()
    opener.open(after=0, waiting=99, vital=False).close()


@pytest.mark.parametrize(
    "writing", [Writing(), Writing(spool_dir=None, durability=Durability.MEMORY)], ids=["no folder", "memory"]
)
def test_without_a_folder_records_wait_in_memory(writing: Writing) -> None:
    """For a store that dies with the process, or by choice."""
    opener = an_opener(writing)
    assert opener.folder is None
    assert opener.open(after=0, waiting=0, vital=False).volatile


def test_a_chosen_lack_of_durability_needs_no_file(tmp_path: Path) -> None:
    """Though there is a folder."""
    opener = an_opener(Writing(spool_dir=tmp_path, durability=Durability.MEMORY))
    assert opener.open(after=0, waiting=0, vital=False).volatile
    assert list(tmp_path.iterdir()) == []


def test_a_direct_writer_takes_one_call(tmp_path: Path) -> None:
    """Then it is relieved, so that nothing follows that would wait in memory."""
    writer = an_opener(Writing(spool_dir=tmp_path)).open_direct(after=7)
    run = writer.bind("0", "r")
    assert writer.metric(run, "m", 0.5, step=0, timestamp=0)
    assert writer.retired
    assert writer.last_at > 7


def test_names_sort_in_the_order_of_opening() -> None:
    """What is equal in step and time is read in the order of names, which is then the order logged."""
    opener = an_opener(Writing())
    names = [opener.open(after=0, waiting=0, vital=False).name for _ in range(300)]
    names.append(opener.open_direct(after=0).name)
    assert names == sorted(set(names))
