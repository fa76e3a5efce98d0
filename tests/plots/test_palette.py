"""Colours and dashes."""

from __future__ import annotations

import re

from mlflowflow.plots.palette import COLOURS, DASHES


def test_no_two_lines_look_alike_before_all_pairs_are_used() -> None:
    """Every colour is one, and none comes twice; neither does a dash."""
    assert all(re.fullmatch(r"#[0-9A-F]{6}", colour) for colour in COLOURS)
    assert len({*COLOURS}) == len(COLOURS)
    assert len({*DASHES}) == len(DASHES)
