"""An object as a file: every byte where it is, and no request for what is there already."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.tracking.table.pieces import Pieces

BODY = bytes(range(40))


class Fetched:
    """Fetch ranges, and list them."""

    def __init__(self) -> None:
        """Begin with none."""
        self.ranges: list[tuple[int, int]] = []

    def __call__(self, start: int, stop: int) -> bytes:
        """Return the bytes of a range."""
        self.ranges.append((start, stop))
        return BODY[start:stop]


_moves = st.tuples(st.just("seek"), st.integers(0, 45)) | st.tuples(st.just("read"), st.integers(-1, 45))


@given(st.lists(_moves, max_size=8), st.integers(0, 40))
def test_it_reads_as_a_file_does(moves: list[tuple[str, int]], kept: int) -> None:
    """Wherever one goes, with or without a tail; what is fetched is never empty nor in the tail."""
    fetched = Fetched()
    file, real = Pieces(fetched, len(BODY), tail=BODY[len(BODY) - kept :]), io.BytesIO(BODY)
    for what, number in moves:
        assert getattr(file, what)(number) == getattr(real, what)(number)
        assert file.tell() == real.tell()
    assert all(start < min(stop, len(BODY) - kept) for start, stop in fetched.ranges)


def test_places_count_from_all_three() -> None:
    """The beginning, where one is, and the end."""
    file = Pieces(Fetched(), len(BODY))
    assert (file.readable(), file.seekable()) == (True, True)
    assert [file.seek(*each) for each in ((3, io.SEEK_SET), (4, io.SEEK_CUR), (-1, io.SEEK_END))] == [
        3,
        7,
        39,
    ]
