"""The table that the digits example hands from script to script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rows import Rows, join, read, write

if TYPE_CHECKING:
    from pathlib import Path


def tables(*, most: int = 20) -> st.SearchStrategy[Rows]:
    """Draw tables of up to `most` images."""
    image = st.tuples(
        st.integers(0, 2**40), st.integers(0, 9), st.lists(st.integers(0, 16), min_size=64, max_size=64)
    )
    return st.lists(image, max_size=most).map(_as_rows)


def _as_rows(images: list[tuple[int, int, list[int]]]) -> Rows:
    return Rows(
        row_id=np.array([image[0] for image in images], dtype=np.int64),
        label=np.array([image[1] for image in images], dtype=np.int64),
        pixels=np.array([image[2] for image in images], dtype=np.float64).reshape(-1, 64),
    )


def _same(one: Rows, other: Rows) -> bool:
    pairs = ((one.row_id, other.row_id), (one.label, other.label), (one.pixels, other.pixels))
    return all(np.array_equal(left, right) for left, right in pairs)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=tables())
def test_reading_gives_back_what_was_written(tmp_path: Path, rows: Rows) -> None:
    """A table survives the way through its file, order and types included."""
    write(rows, tmp_path / "folder" / "rows.parquet")
    found = read(tmp_path / "folder" / "rows.parquet")
    assert _same(found, rows)
    assert (found.row_id.dtype.name, found.pixels.dtype.name) == ("int64", "float64")


@given(first=tables(most=5), second=tables(most=5))
def test_joining_is_undone_by_taking(first: Rows, second: Rows) -> None:
    """Joined tables can be taken apart again."""
    both = join(first, second)
    assert len(both) == len(first) + len(second)
    assert _same(both.take(np.arange(len(first))), first)
    assert _same(both.take(np.arange(len(first), len(both))), second)


def test_a_missing_file_is_named_with_the_next_step(tmp_path: Path) -> None:
    """Whoever passes the wrong folder is told which script makes the right one."""
    with pytest.raises(FileNotFoundError, match=r"gate\.parquet'; run the entry point 'ingest'"):
        read(tmp_path / "gate.parquet")
