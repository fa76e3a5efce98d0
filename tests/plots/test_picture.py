"""Pictures as values, and the forms they are given."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput, MissingExtra
from mlflowflow.plots.picture import Picture
from tests.plots.pictures import every_mark, picture, points

if TYPE_CHECKING:
    from pathlib import Path


def test_a_picture_is_saved_as_its_name_says(tmp_path: Path) -> None:
    """The suffix is the format, in any case."""
    drawn = picture(points())
    assert drawn.save(tmp_path / "a.svg").read_text(encoding="utf-8") == drawn.svg()
    assert drawn.save(tmp_path / "a.PNG").read_bytes().startswith(b"\x89PNG")


def test_another_format_is_refused(tmp_path: Path) -> None:
    """Nothing is written."""
    with pytest.raises(InvalidInput, match=r"cannot be written as 'a\.bmp'; .* \.svg or \.png"):
        picture().save(tmp_path / "a.bmp")
    assert not list(tmp_path.iterdir())


def test_a_picture_shows_itself_in_a_notebook() -> None:
    """As SVG where that is shown, and no wider than the notebook where HTML is."""
    drawn = picture(points())
    assert drawn._repr_svg_() == drawn.svg()
    assert drawn._repr_html_().startswith('<svg style="max-width:100%;height:auto" ')


def test_the_same_picture_is_the_same_file() -> None:
    """There is no date in it, and nothing of chance."""
    assert every_mark().svg() == every_mark().svg()
    assert every_mark().png() == every_mark().png()


def test_a_sentence_takes_the_place_of_a_picture() -> None:
    """It is in the file, and the file is small."""
    drawn = Picture(name="none", title="Nothing", about="There is nothing.", empty="There is nothing yet.")
    assert drawn.is_empty
    assert "There is nothing yet." in drawn.svg()
    assert len(drawn.png()) < 20_000


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture can be made without it, but not be drawn."""
    monkeypatch.setitem(sys.modules, "mlflowflow.plots.drawing", None)
    monkeypatch.delattr("mlflowflow.plots.drawing", raising=False)
    with pytest.raises(MissingExtra, match=r"pip install 'mlflowflow\[plot\]'"):
        picture(points()).svg()
