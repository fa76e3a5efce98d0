"""Crash points tell whoever listens, and nobody else."""

from __future__ import annotations

import pytest

from mlflowflow.crash import crash_point, listening


def test_nobody_is_told_in_production() -> None:
    """Without a listener a place is passed in silence."""
    crash_point("nowhere")


def test_a_listener_is_told_inside_its_block_only() -> None:
    """A test that has ended is not told of what later ones reach."""
    reached: list[str] = []
    with listening(reached.append):
        crash_point("inside")
    crash_point("outside")
    assert reached == ["inside"]


def test_what_a_listener_raises_ends_the_caller_there() -> None:
    """A test can end the code under test between two of its steps."""

    def dying(name: str) -> None:
        raise KeyboardInterrupt(name)

    with listening(dying), pytest.raises(KeyboardInterrupt, match="here"):
        crash_point("here")
    crash_point("here")
