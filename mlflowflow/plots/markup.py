"""Matplotlib's SVG made fit for a page: small, readable aloud, in light and dark.

Colours become classes beside plain attributes, so that a style sheet turns a picture dark and what
knows none still shows it in light. What points stand for becomes their titles. Names of elements
begin with the picture's, so several pictures fit on one page.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from mlflowflow.plots.palette import TONES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.plots.picture import Picture

FONTS: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_SVG: Final = "http://www.w3.org/2000/svg"
_LINK: Final = "{http://www.w3.org/1999/xlink}href"
_BY_COLOUR: Final = {light: tone for tone, (light, _) in TONES.items()}
_PAINTS: Final = {"fill": "f", "stroke": "s"}
_REFERENCE: Final = re.compile(r"url\(#([^)]+)\)")
_LONG_NUMBER: Final = re.compile(r"-?\d+\.\d{3,}")
_SHORTENED: Final = ("d", "x", "y", "width", "height", "transform", "points", "viewBox")
_TITLED: Final = {"use", "path"}
_INHERITED: Final = ("class", "fill", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray")


def dark_sheet() -> str:
    """Return the style sheet by which pictures are dark where their reader's screen is.

    >>> ".f-ink{fill:#e6eaee}" in dark_sheet()
    True
    """
    rules = "".join(
        f".{short}-{tone}{{{paint}:{dark}}}"
        for tone, (_, dark) in TONES.items()
        for paint, short in _PAINTS.items()
    )
    return f"@media (prefers-color-scheme:dark){{{rules}}}"


def dressed(text: str, picture: Picture, *, sheet: bool = True) -> str:
    """Return Matplotlib's SVG `text` of `picture`; with a `sheet` it turns dark by itself."""
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ET.fromstring(text)  # noqa: S314 - it was written by Matplotlib a moment ago
    _drop(root)
    _titles(root, picture)
    for element in root.iter():
        _plain(element)
    for group in root.iter(f"{{{_SVG}}}g"):
        _hoist(group)
    _names(root, picture.name)
    _head(root, picture, sheet=sheet)
    return ET.tostring(root, encoding="unicode") + "\n"


def _drop(root: ET.Element) -> None:
    """Take out what Matplotlib says of itself, and the sheet that the root's own attributes replace."""
    for child in list(root):
        is_sheet = child.tag == f"{{{_SVG}}}defs" and child.find(f"{{{_SVG}}}style") is not None
        if is_sheet or child.tag == f"{{{_SVG}}}metadata":
            root.remove(child)


def _titles(root: ET.Element, picture: Picture) -> None:
    groups = {element.get("id"): element for element in root.iter(f"{{{_SVG}}}g")}
    for at, panel in enumerate(picture.panels):
        for number, mark in enumerate(panel.marks):
            titles: tuple[str, ...] = getattr(mark, "titles", ())
            group = groups.get(f"m{at}-{number}")
            if not titles or group is None:
                continue
            drawn = list(_drawn(group))
            if len(drawn) == len(titles):  # else Matplotlib left some out, and which is not known
                for element, title in zip(drawn, titles, strict=True):
                    ET.SubElement(element, f"{{{_SVG}}}title").text = title


def _drawn(group: ET.Element) -> Iterator[ET.Element]:
    for child in group:
        name = child.tag.rpartition("}")[2]
        if name in _TITLED:
            yield child
        elif name == "g":
            yield from _drawn(child)


def _plain(element: ET.Element) -> None:
    """Turn an element's style into attributes and, for colours, classes."""
    for rule in element.attrib.pop("style", "").split(";"):
        name, _, value = (part.strip() for part in rule.partition(":"))
        if value and name != "font-family":
            element.set(name, value)
    _classify(element)
    if element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    for name in _SHORTENED:
        if name in element.attrib:
            element.set(name, " ".join(_LONG_NUMBER.sub(_rounded, element.attrib[name]).split()))
    if element.tag != f"{{{_SVG}}}text" and element.text is not None and not element.text.strip():
        element.text = None
    element.tail = None


def _classify(element: ET.Element) -> None:
    """Name the tones in which an element is painted."""
    tones = {short: _BY_COLOUR.get(element.get(paint, "").lower()) for paint, short in _PAINTS.items()}
    classes = [f"{short}-{tone}" for short, tone in tones.items() if tone is not None]
    if classes:
        element.set("class", " ".join(classes))


def _hoist(group: ET.Element) -> None:
    """Say once in the group what all its marks say: of a thousand points that is most of a file."""
    drawn = [each for each in group if each.tag.rpartition("}")[2] in _TITLED]
    if len(drawn) < 2 or len(drawn) < len([each for each in group if each.tag != f"{{{_SVG}}}defs"]):  # noqa: PLR2004 - one needs no group
        return
    for name in _INHERITED:
        values = {each.get(name) for each in drawn}
        value = drawn[0].get(name)
        if len(values) == 1 and value is not None and name not in group.attrib:
            group.set(name, value)
            for each in drawn:
                del each.attrib[name]
    _classify(group)


def _rounded(found: re.Match[str]) -> str:
    return f"{float(found.group()):.2f}".rstrip("0").rstrip(".")


def _names(root: ET.Element, prefix: str) -> None:
    """Begin the names that something refers to with `prefix`, and drop the others."""
    used = set[str]()
    for element in root.iter():
        for value in element.attrib.values():
            used.update(_REFERENCE.findall(value))
        if _LINK in element.attrib:
            used.add(element.attrib[_LINK][1:])
    for element in root.iter():
        name = element.attrib.pop("id", "")
        if name in used:
            element.set("id", f"{prefix}-{name}")
        if _LINK in element.attrib:
            element.set(_LINK, f"#{prefix}-{element.attrib[_LINK][1:]}")
        for key, value in element.attrib.items():
            if "url(#" in value:
                element.set(key, _REFERENCE.sub(rf"url(#{prefix}-\1)", value))


def _head(root: ET.Element, picture: Picture, *, sheet: bool) -> None:
    title, about = f"{picture.name}-title", f"{picture.name}-about"
    root.attrib |= {
        "role": "img",
        "aria-labelledby": f"{title} {about}",
        "font-family": FONTS,
        "stroke-linejoin": "round",
    }
    texts = (("title", title, picture.title), ("desc", about, picture.about))
    for place, (tag, name, text) in enumerate(texts):
        element = ET.Element(f"{{{_SVG}}}{tag}", {"id": name})
        element.text = text
        root.insert(place, element)
    if sheet:
        style = ET.Element(f"{{{_SVG}}}style")
        style.text = dark_sheet()
        root.insert(len(texts), style)
