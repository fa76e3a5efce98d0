"""Dividing Parquet files into parts."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import CorruptData, InvalidInput, NotFound
from mlflowflow.models.scoring.plan import InputFile, Plan, describe_file, find_files, make_plan
from tests.models.scoring.data import ALL, write

if TYPE_CHECKING:
    from pathlib import Path


def _file(name: str, *groups: int) -> InputFile:
    return InputFile(path=name, size=1, stamp=1, group_rows=groups, columns=("id", "x"))


def _plan(*files: InputFile, rows: int = 10) -> Plan:
    return make_plan(files, model="m", question=ALL, rows_per_part=rows)


@given(
    st.lists(st.lists(st.integers(0, 30), max_size=8), max_size=5),
    st.integers(1, 40),
)
def test_every_row_is_in_one_part_in_order(groups: list[list[int]], limit: int) -> None:
    """Parts follow one another without gap or overlap, and their names sort as they do."""
    files = [_file(f"f{index}", *counts) for index, counts in enumerate(groups)]
    plan = _plan(*files, rows=limit)
    for file in files:
        mine = [part for part in plan.parts if part.path == file.path]
        assert [group for part in mine for group in part.groups] == list(range(len(file.group_rows)))
        ends = [0, *(part.first_row + part.rows for part in mine)]
        assert [part.first_row for part in mine] == ends[:-1]
        assert ends[-1] == file.rows
        assert all(part.rows <= limit or len(part.groups) == 1 or part.rows == 0 for part in mine)
    assert [part.path for part in plan.parts] == sorted(part.path for part in plan.parts)
    assert [part.name for part in plan.parts] == sorted(part.name for part in plan.parts)
    assert plan.rows == sum(map(sum, groups))


def test_the_fingerprint_is_of_what_decides_the_answers() -> None:
    """The same job has the same; a file that changed, another model or column has another."""
    first = _plan(_file("f", 3))
    assert _plan(_file("f", 3)).fingerprint == first.fingerprint
    others = [
        _plan(replace(_file("f", 3), stamp=2)),
        _plan(_file("f", 3), rows=2),
        make_plan([_file("f", 3)], model="n", question=ALL, rows_per_part=10),
        make_plan([_file("f", 3)], model="m", question=replace(ALL, keep=("id",)), rows_per_part=10),
        make_plan([_file("f", 3)], model="m", question=replace(ALL, params={"a": 1}), rows_per_part=10),
        make_plan([_file("f", 3)], model="m", question=replace(ALL, prediction="p"), rows_per_part=10),
    ]
    assert len({first.fingerprint, *(plan.fingerprint for plan in others)}) == 1 + len(others)
    slower = make_plan([_file("f", 3)], model="m", question=replace(ALL, batch_rows=1), rows_per_part=10)
    assert slower.fingerprint == first.fingerprint


def test_a_folder_a_pattern_and_a_list_mean_files(tmp_path: Path) -> None:
    """What is hidden, and what is no data, is left out; a folder's files are sorted."""
    names = ["b.parquet", "a.parquet", "deep/c.parquet", "_note.parquet", ".hidden/d.parquet", "e.txt"]
    for name in names:
        write(tmp_path / name, [1])
    relative = [path.relative_to(tmp_path).as_posix() for path in find_files(tmp_path)]
    assert relative == ["a.parquet", "b.parquet", "deep/c.parquet"]
    assert find_files(f"{tmp_path}/?.parquet") == (tmp_path / "a.parquet", tmp_path / "b.parquet")
    both: list[str | Path] = [tmp_path / "b.parquet", str(tmp_path / "a.parquet")]
    assert find_files(both) == (tmp_path / "b.parquet", tmp_path / "a.parquet")
    assert find_files(f"file://{tmp_path}/a.parquet") == (tmp_path / "a.parquet",)


def test_what_names_no_files_is_refused(tmp_path: Path) -> None:
    """Nothing, twice the same, and another machine's address."""
    file = write(tmp_path / "a.parquet", [1])
    with pytest.raises(NotFound, match="Parquet file"):
        find_files(tmp_path / "nothing")
    with pytest.raises(NotFound, match="Parquet file"):
        find_files(f"{tmp_path}/*.parq")
    with pytest.raises(InvalidInput, match="twice"):
        find_files([file, tmp_path])
    with pytest.raises(InvalidInput, match="empty list"):
        find_files([])
    with pytest.raises(InvalidInput, match="not on this machine"):
        find_files("s3://bucket/data")


def test_a_file_is_described_by_its_footer(tmp_path: Path) -> None:
    """Row groups, columns and a stamp that changes with the file."""
    path = write(tmp_path / "a.parquet", [1] * 7, group=3)
    described = describe_file(path)
    assert (described.group_rows, described.columns, described.rows) == ((3, 3, 1), ("id", "x"), 7)
    os.utime(path, ns=(1, 1))
    assert describe_file(path).stamp != described.stamp
    path.write_bytes(b"no parquet")
    with pytest.raises(CorruptData, match=r"a\.parquet"):
        describe_file(path)


def test_a_missing_column_is_named_before_anything_is_done() -> None:
    """The error names the file and what it has."""
    wanted = replace(ALL, columns=("x", "y"), keep=("key",))
    with pytest.raises(InvalidInput, match=r"'f' lacks the columns 'y', 'key'; it has 'id', 'x'"):
        make_plan([_file("f", 1)], model="m", question=wanted, rows_per_part=1)
