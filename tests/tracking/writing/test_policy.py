"""The choices of a tracker: words become levels, and bounds fit together."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflowflow.config import Settings
from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.writing.policy import (
    ROTATE_BYTES,
    SPOOL_BYTES,
    VOLATILE_BYTES,
    Durability,
    OnSpoolFull,
    Writing,
    chosen,
)


def test_settings_become_choices() -> None:
    """What the environment said is what the tracker does."""
    settings = Settings(spool_dir=Path("s"), spool_bytes=5, on_spool_full="drop", durability="disk")
    assert Writing.of(settings) == Writing(
        spool_dir=Path("s"), spool_bytes=5, on_spool_full=OnSpoolFull.DROP, durability=Durability.DISK
    )
    assert Writing.of(Settings()) == Writing()


@pytest.mark.parametrize("settings", [Settings(durability="very"), Settings(on_spool_full="very")])
def test_an_unknown_word_is_refused_with_the_words_there_are(settings: Settings) -> None:
    """A typing mistake must not weaken a promise."""
    with pytest.raises(InvalidInput, match=r"'very' is no .*; expected one of "):
        Writing.of(settings)


def test_choices_are_changed_one_by_one() -> None:
    """Words and levels mean the same."""
    changed = Writing().changed(durability="store", on_spool_full=OnSpoolFull.BLOCK, flush_intervals=(1.0,))
    assert (changed.durability, changed.on_spool_full, changed.flush_intervals) == (
        Durability.STORE,
        OnSpoolFull.BLOCK,
        (1.0,),
    )


def test_the_bound_is_smaller_where_there_is_no_file() -> None:
    """Memory is dearer than disk; what is said wins."""
    assert (Writing().bound, Writing(spool_dir=Path("s")).bound) == (VOLATILE_BYTES, SPOOL_BYTES)
    assert Writing(spool_bytes=7).bound == 7


def test_a_small_bound_is_shared_by_several_files() -> None:
    """The first can be given up before the bound is reached."""
    assert Writing(spool_dir=Path("s")).rotate_at == ROTATE_BYTES
    assert Writing(spool_dir=Path("s"), spool_bytes=1000).rotate_at == 250
    assert Writing(spool_bytes=0).rotate_at == 1


def test_words_are_looked_up() -> None:
    """By their value."""
    assert chosen(Durability, "memory", name="durability") is Durability.MEMORY
