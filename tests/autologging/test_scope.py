"""The mark of being inside of a call that is logged."""

from __future__ import annotations

import threading

import pytest

from mlflowflow.autologging.scope import inside, is_inside


def test_a_block_is_inside_until_it_ends() -> None:
    """Also an error ends it."""
    with inside():
        assert is_inside()
    with pytest.raises(ValueError, match="no"), inside():
        raise ValueError("no")
    assert not is_inside()


def test_a_transparent_block_changes_nothing() -> None:
    """It neither hides calls nor shows those that are hidden."""
    with inside(hidden=False):
        assert not is_inside()
    with inside(), inside(hidden=False):
        assert is_inside()


def test_another_thread_is_not_inside() -> None:
    """Two trainings at a time are both logged."""
    seen: list[bool] = []
    with inside():
        thread = threading.Thread(target=lambda: seen.append(is_inside()))
        thread.start()
        thread.join()
    assert seen == [False]
