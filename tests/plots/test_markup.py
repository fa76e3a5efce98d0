"""SVG that is fit for a page."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from mlflowflow.plots.markup import dark_sheet
from mlflowflow.plots.palette import TONES
from tests.plots.pictures import every_mark, picture, points

if TYPE_CHECKING:
    from mlflowflow.plots.picture import Picture

SVG = "{http://www.w3.org/2000/svg}"


def _root(drawn: Picture, *, sheet: bool = True) -> ET.Element:
    return ET.fromstring(drawn.svg(sheet=sheet))


def test_a_picture_says_what_it_is() -> None:
    """To who cannot see it: a title and a sentence, by which the image is labelled."""
    root = _root(every_mark())
    texts = {each.get("id"): each.text for each in root if each.tag in {f"{SVG}title", f"{SVG}desc"}}
    assert root.get("role") == "img"
    names = (root.get("aria-labelledby") or "").split()
    assert [texts[name] for name in names] == ["A & B", "Marks <of> every kind."]


def test_every_colour_is_a_class_as_well() -> None:
    """A style sheet can turn the whole picture dark, and without one it is light."""
    light = {colour for colour, _ in TONES.values()}
    for element in _root(every_mark()).iter():
        assert "style" not in element.attrib
        for paint, short in (("fill", "f"), ("stroke", "s")):
            value = element.get(paint)
            if value is not None and value.startswith("#"):
                assert value in light
                assert re.search(rf"\b{short}-\w+", element.get("class", ""))


def test_the_sheet_has_a_rule_for_each_tone() -> None:
    """For what is filled with it and what is drawn with it."""
    for tone, (_, dark) in TONES.items():
        assert f".f-{tone}{{fill:{dark}}}" in dark_sheet()
        assert f".s-{tone}{{stroke:{dark}}}" in dark_sheet()


@pytest.mark.parametrize("sheet", [True, False])
def test_a_picture_on_a_page_leaves_the_sheet_to_the_page(sheet: bool) -> None:
    """One is enough for all of them."""
    assert (_root(every_mark(), sheet=sheet).find(f"{SVG}style") is not None) is sheet


def test_points_say_what_they_are() -> None:
    """Each has its title, in the order of the points."""
    root = _root(picture(points(5)))
    titled = [each.findtext(f"{SVG}title") for each in root.iter(f"{SVG}use")]
    assert [each for each in titled if each] == [f"Trial {at}" for at in range(5)]


def test_titles_that_may_be_anothers_are_left_out() -> None:
    """What Matplotlib did not draw cannot be counted off."""
    drawn = picture(points(2), name="few")
    mark = points(3)
    wrong = replace(mark, xs=(0.0, float("nan"), 2.0))
    assert "Trial" not in replace(drawn, panels=(replace(drawn.panels[0], marks=(wrong,)),)).svg()


def test_names_begin_with_the_pictures() -> None:
    """Several pictures fit on a page: each name is given once, and every reference finds its own."""
    text = every_mark().svg()
    names = re.findall(r'\bid="([^"]+)"', text)
    assert len(names) == len(set(names))
    assert all(name.startswith("all-") for name in names)
    wanted = {*re.findall(r"url\(#([^)]+)\)", text), *re.findall(r'xlink:href="#([^"]+)"', text)}
    assert wanted
    assert wanted <= set(names)


def test_what_all_points_share_is_said_once() -> None:
    """A thousand points are a small file."""
    text = picture(points(1000)).svg()
    assert len(text) < 100_000
    assert text.count("f-blue") <= 3


def test_nothing_is_asked_of_the_network() -> None:
    """The only addresses are the names of XML's own vocabularies."""
    addresses = set(re.findall(r"https?://[^\"' <]+", every_mark().svg()))
    assert addresses == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "<script" not in every_mark().svg()
