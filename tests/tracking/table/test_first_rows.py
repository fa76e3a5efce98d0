"""The first rows of several parts are those of all rows sorted together."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.tracking.table.first_rows import contenders, first_rows

_row = st.tuples(st.none() | st.sampled_from([1.0, 2.0, 3.0]), st.none() | st.sampled_from(["a", "b"]))
_parts = st.lists(st.lists(_row, max_size=6), min_size=1, max_size=3).filter(any)


def place(value: object, *, down: bool) -> tuple[bool, float]:
    """Return where a value comes, nothing last in either direction."""
    number = 0.0 if value is None else float(ord(value) if isinstance(value, str) else value)  # type: ignore[arg-type]
    return value is None, -number if down else number


@given(_parts, st.lists(st.booleans(), min_size=2, max_size=2), st.integers(0, 8))
def test_the_first_rows_are_those_of_everything_sorted(
    parts: list[list[tuple[float | None, str | None]]], descending: list[bool], limit: int
) -> None:
    """The row's own number is the last key here, so there are no ties."""
    rows = [pa.array(range(len(part)), pa.uint64()) for part in parts]
    ranks = [[part_number * 10 + row for row in range(len(part))] for part_number, part in enumerate(parts)]
    keys = [
        [
            pa.array([number for number, _ in part], pa.float64()),
            pa.array([text for _, text in part], pa.string()),
            pa.array(rank, pa.int64()),
        ]
        for part, rank in zip(parts, ranks, strict=True)
    ]
    found = first_rows(rows, keys, [*descending, False], limit)
    everything = sorted(
        (
            (place(number, down=descending[0]), place(text, down=descending[1]), part_number * 10 + row)
            for part_number, part in enumerate(parts)
            for row, (number, text) in enumerate(part)
        ),
    )
    expected = sorted(rank for _, _, rank in everything[:limit])
    assert sorted(n * 10 + row for n, part in enumerate(found) for row in part.to_pylist()) == expected


@given(_parts, st.booleans(), st.integers(0, 8))
def test_contenders_are_all_that_the_first_key_leaves(
    parts: list[list[tuple[float | None, str | None]]], down: bool, limit: int
) -> None:
    """None of the first is ruled out, whatever the other keys say; nothing is where nothing is known."""
    rows = [pa.array(range(len(part)), pa.uint64()) for part in parts]
    keys = [pa.array([number for number, _ in part], pa.float64()) for part in parts]
    found = contenders(rows, keys, limit, descending=down)
    places = sorted(place(number, down=down) for part in parts for number, _ in part)
    worst = places[limit - 1 : limit]
    needed = [
        [row for row, (number, _) in enumerate(part) if worst and place(number, down=down) <= worst[0]]
        for part in parts
    ]
    assert all(set(rows) <= set(kept.to_pylist()) for rows, kept in zip(needed, found, strict=True))
    if worst and not worst[0][0] and len(places) > limit:
        assert [kept.to_pylist() for kept in found] == needed
