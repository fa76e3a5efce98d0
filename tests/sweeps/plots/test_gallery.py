"""All kinds of pictures, of sweeps that are hard to draw."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from mlflowflow.errors import InvalidInput, MissingExtra
from mlflowflow.sweeps.plots import (
    PAGE,
    PLOT_FORMATS,
    PLOT_KINDS,
    picture_of,
    pictures_of,
    write_plots,
)
from tests.sweeps.plots.sweeps import SWEEPS, complete, conditional, several
from tests.sweeps.stories import mixed

if TYPE_CHECKING:
    from pathlib import Path


def _importance(name: str) -> dict[str, float] | None:
    space = SWEEPS[name]().sweep.space
    return {each.name: 0.5**at for at, each in enumerate(space)} if len(space) > 2 else None


@pytest.mark.parametrize("kind", PLOT_KINDS)
@pytest.mark.parametrize("name", SWEEPS)
def test_every_sweep_can_be_drawn(name: str, kind: str) -> None:
    """As a picture or as a sentence, without a warning, and a whole document."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        text = picture_of(SWEEPS[name](), kind, importance=_importance(name)).svg()
    assert ET.fromstring(text).tag.endswith("svg")
    assert ">nan<" not in text.lower()
    assert "NaN" not in text


@pytest.mark.parametrize("kind", PLOT_KINDS)
def test_the_same_sweep_is_the_same_picture(kind: str) -> None:
    """To the last byte: there is no date in it, and nothing of chance."""
    one, other = (picture_of(mixed().history, kind, importance={"C": 1.0}).svg() for _ in range(2))
    assert one == other


@pytest.mark.parametrize("kind", PLOT_KINDS)
def test_every_picture_says_what_it_shows(kind: str) -> None:
    """In a title and a whole sentence, for who cannot see it."""
    for history in (conditional(), several(20, 2), complete()):
        drawn = picture_of(history, kind, importance={"lr": 0.9, "x": 0.1})
        assert drawn.name == kind
        assert drawn.title[0].isupper() or drawn.title.startswith(history.sweep.objectives[0].metric)
        assert drawn.about.endswith(".")


def test_without_kinds_a_picture_has_something_to_show() -> None:
    """A front needs two objectives, curves need reports; but there is always a page."""
    kinds = [each.name for each in pictures_of(complete(1.0, 2.0))]
    assert kinds == ["history", "slice", "contour", "parallel", "edf", "timeline"]
    assert [each.name for each in pictures_of(complete())] == ["history"]
    assert {"pareto", "importance"} <= {
        each.name for each in pictures_of(several(9, 2), importance={"x": 1.0})
    }


def test_asked_for_by_name_a_picture_is_there_in_any_case() -> None:
    """A sentence takes its place; the same name twice is one picture."""
    (drawn,) = pictures_of(complete(1.0), ["pareto", "pareto"])
    assert drawn.empty == "The sweep has one objective, loss; a trade-off needs two."


def test_each_format_is_a_file(tmp_path: Path) -> None:
    """One per picture, and one page of all; the folder is made."""
    folder = tmp_path / "new" / "plots"
    files = write_plots(complete(1.0, 2.0), folder, kinds=["history", "edf"], formats=PLOT_FORMATS)
    names = ["history.svg", "history.png", "edf.svg", "edf.png", PAGE]
    assert [each.relative_to(folder).as_posix() for each in files] == names
    assert sorted(each.name for each in folder.iterdir()) == sorted(names)


@pytest.mark.parametrize(
    ("kinds", "formats", "message"),
    [
        (["pie"], ["svg"], "'pie' is not a picture of a sweep; expected one of history, "),
        (["edf"], ["gif"], "'gif' is not a format of pictures; expected one of svg, png, html."),
    ],
)
def test_what_is_not_known_is_refused(
    tmp_path: Path, kinds: list[str], formats: list[str], message: str
) -> None:
    """Before anything is written."""
    with pytest.raises(InvalidInput, match=message):
        write_plots(complete(1.0), tmp_path / "plots", kinds=kinds, formats=formats)
    assert not list(tmp_path.iterdir())


def test_without_matplotlib_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even the folder is made."""
    monkeypatch.setitem(sys.modules, "mlflowflow.plots.drawing", None)
    monkeypatch.delattr("mlflowflow.plots.drawing", raising=False)
    with pytest.raises(MissingExtra, match=r"pip install 'mlflowflow\[plot\]'"):
        write_plots(complete(1.0), tmp_path / "plots", formats=["html"])
    assert not list(tmp_path.iterdir())


def test_every_kind_is_drawn_by_something() -> None:
    """The list of names and the pictures are the same."""
    assert len(PLOT_KINDS) == len(set(PLOT_KINDS)) == 9
    assert [picture_of(complete(1.0), kind).name for kind in PLOT_KINDS] == list(PLOT_KINDS)
