"""Colours and dashes."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mlflowflow.plots.palette import COLOURS, DASHES, RAMP, TONES, Tone, ramp


def test_no_two_lines_look_alike_before_all_pairs_are_used() -> None:
    """Every colour is one, and none comes twice; neither does a dash."""
    assert all(re.fullmatch(r"#[0-9A-F]{6}", colour) for colour in COLOURS)
    assert len({*COLOURS}) == len(COLOURS)
    assert len({*DASHES}) == len(DASHES)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_a_colour_tells_its_tone() -> None:
    """A file in light can be turned dark, because no two tones are the same; nor are they in the dark."""
    for paper in (0, 1):
        colours = [pair[paper] for pair in TONES.values()]
        assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in colours)
        assert len({*colours}) == len(TONES) == len(Tone)


@pytest.mark.parametrize("paper", [0, 1])
def test_letters_can_be_read_on_either_paper(paper: int) -> None:
    """With the contrast of 4.5 that WCAG asks for."""
    for tone in (Tone.INK, Tone.MUTED):
        assert _contrast(TONES[tone][paper], TONES[Tone.PAPER][paper]) >= 4.5


@pytest.mark.parametrize("paper", [0, 1])
def test_the_ramp_goes_from_the_paper_to_the_ink(paper: int) -> None:
    """Each step stands out more from the paper, so that who sees no colours sees the order."""
    steps = [_contrast(TONES[tone][paper], TONES[Tone.PAPER][paper]) for tone in RAMP]
    assert len(steps) == 9
    assert steps == sorted(steps)
    assert all(later / earlier > 1.1 for earlier, later in pairwise(steps))


@given(st.floats())
def test_every_share_has_a_tone(share: float) -> None:
    """Also one that is beyond the ends."""
    assume(not math.isnan(share) and not math.isinf(share))
    assert ramp(share) in RAMP
