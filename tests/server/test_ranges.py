"""Range headers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.server.ranges import Part, part_of


@given(st.text(max_size=20) | st.from_regex(r"bytes=\d{0,3}-\d{0,3}", fullmatch=True), st.integers(0, 50))
def test_a_part_lies_in_the_file(header: str, size: int) -> None:
    """Whatever the header says; only a partial one is ever refused."""
    part = part_of(header, size)
    if part is None:
        assert header.startswith("bytes=")
        return
    assert 0 <= part.start <= part.stop <= size
    assert part.is_partial or (part.start, part.stop) == (0, size)


def test_no_header_means_all() -> None:
    """Also of an empty file."""
    assert part_of(None, 0) == Part(0, 0, is_partial=False)
    assert part_of("bytes=-0", 5) is None
