"""The folder of answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlflowflow.errors import AlreadyExists, CorruptData, InvalidState
from mlflowflow.models.scoring.output import NOTE, Output
from mlflowflow.models.scoring.plan import Part, Plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMA = pa.schema({"x": pa.int64()})
PART = Part(index=1, path="in.parquet", groups=(0,), first_row=0, rows=3)
PLAN = Plan(parts=(PART,), rows=3, size=9, fingerprint="f")


def _tables(*counts: int) -> Iterator[Any]:
    return (pa.table({"x": pa.array(range(count), pa.int64())}) for count in counts)


def test_a_part_appears_whole_and_is_known_again(tmp_path: Path) -> None:
    """Its file says which part of which job it is."""
    output = Output(tmp_path, "f")
    assert not output.has(PART)
    size = output.write(PART, _tables(2, 1), SCHEMA)
    assert [path.name for path in tmp_path.iterdir()] == [PART.name]
    assert size == (tmp_path / PART.name).stat().st_size
    assert output.has(PART)
    assert not Output(tmp_path, "g").has(PART)


def test_a_file_that_is_cut_off_is_not_taken_for_the_part(tmp_path: Path) -> None:
    """It is written again."""
    output = Output(tmp_path, "f")
    output.write(PART, _tables(3), SCHEMA)
    path = tmp_path / PART.name
    path.write_bytes(path.read_bytes()[:-9])
    assert not output.has(PART)


def test_a_part_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """Neither its file nor a half-written one, whatever it was that failed."""

    def failing() -> Iterator[Any]:
        yield from _tables(2)
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        Output(tmp_path, "f").write(PART, failing(), SCHEMA)
    with pytest.raises(CorruptData, match="has 2 rows where its footer said 3"):
        Output(tmp_path, "f").write(PART, _tables(2), SCHEMA)
    assert list(tmp_path.iterdir()) == []


def test_the_columns_are_decided_once(tmp_path: Path) -> None:
    """A continued job goes on with the columns it began with."""
    output = Output(tmp_path / "new" / "out", "f")
    with output.opened():
        assert output.schema() is None
        output.note(PLAN, model_uri="models:/m/1", schema=SCHEMA)
    with Output(tmp_path / "new" / "out", "f").opened():
        assert output.schema() == SCHEMA


def test_another_jobs_folder_is_refused(tmp_path: Path) -> None:
    """Answers of two models are not mixed; the error names the other."""
    with Output(tmp_path, "f").opened():
        Output(tmp_path, "f").note(PLAN, model_uri="models:/m/1", schema=SCHEMA)
    with (
        pytest.raises(InvalidState, match="another job, of the model 'models:/m/1'"),
        Output(tmp_path, "g").opened(),
    ):
        pass


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    """Nothing is written among somebody's files."""
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(AlreadyExists, match="new or empty"), Output(tmp_path, "f").opened():
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_two_jobs_do_not_write_at_once(tmp_path: Path) -> None:
    """The second is refused while the first runs, and may begin when it ended."""
    first = Output(tmp_path, "f").opened()
    with first, pytest.raises(InvalidState, match="just now"), Output(tmp_path, "f").opened():
        pass
    with Output(tmp_path, "f").opened():
        pass


def test_what_was_half_written_is_cleared_away(tmp_path: Path) -> None:
    """A killed job's temporary files go; finished parts stay, and readers see those only."""
    output = Output(tmp_path, "f")
    with output.opened():
        output.note(PLAN, model_uri="m", schema=SCHEMA)
        output.write(PART, _tables(3), SCHEMA)
    left = tmp_path / ".part-000000.parquet.abc.tmp"
    left.write_bytes(b"half")
    assert pq.read_table(tmp_path).num_rows == 3
    with output.opened():
        assert not left.exists()
    assert output.has(PART)


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 2}'])
def test_a_note_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    """Nothing is guessed about a folder whose note cannot be read."""
    (tmp_path / NOTE).write_text(text)
    with pytest.raises(CorruptData, match=NOTE), Output(tmp_path, "f").opened():
        pass
