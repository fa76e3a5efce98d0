"""Where the built pages lie."""

from __future__ import annotations

from mlflowflow.ui import STATIC


def test_pages_lie_inside_the_package() -> None:
    """So that an installed wheel finds them."""
    assert STATIC.parent.name == "ui"
