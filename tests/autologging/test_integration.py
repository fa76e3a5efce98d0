"""Which releases of a library were tried."""

from __future__ import annotations

import pytest

from tests.autologging.library import small_library


@pytest.mark.parametrize(
    ("version", "known"),
    [("1", True), ("98.9.post1", True), ("99", False), ("0.9", False), ("unknown", False)],
)
def test_releases_are_compared_by_their_numbers(version: str, known: bool) -> None:
    """What is no version was not tried."""
    assert small_library().knows(version) is known
