"""The pictures of the pages: README shows those that are there, and none of them is large."""

from __future__ import annotations

import io
import random
import re
from pathlib import Path
from typing import Final

import pytest
from pictures import MOST_BYTES, small
from PIL import Image

ROOT: Final = Path(__file__).parents[2]


def test_what_readme_shows_is_there() -> None:
    """And nothing else lies beside it."""
    shown = set(re.findall(r"\((examples/pictures/[^)]*)\)", (ROOT / "README.md").read_text()))
    there = {str(each.relative_to(ROOT)) for each in (ROOT / "examples" / "pictures").iterdir()}
    assert shown == there
    assert all((ROOT / each).stat().st_size <= MOST_BYTES for each in shown)


def _noise(side: int) -> bytes:
    body = io.BytesIO()
    Image.frombytes("RGB", (side, side), random.Random(1).randbytes(3 * side * side)).save(body, "PNG")
    return body.getvalue()


def test_a_picture_is_made_small_enough() -> None:
    """At the cost of its quality, not of its size."""
    found = small(_noise(400))
    assert len(found) <= MOST_BYTES
    assert Image.open(io.BytesIO(found)).size == (400, 400)


def test_a_picture_that_cannot_be_small_is_refused() -> None:
    """Rather than be shown as a blur."""
    with pytest.raises(SystemExit, match="does not fit"):
        small(_noise(1200))
