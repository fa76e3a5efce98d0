"""A picture of points, curves, boxes and fields as a value, and its forms: SVG, PNG, HTML.

What is drawn is decided by whoever makes a picture; how, by :mod:`mlflowflow.plots.drawing`. Nothing here
imports Matplotlib before a picture is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from mlflowflow.errors import InvalidInput, MissingExtra
from mlflowflow.plots.palette import Tone

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.plots.axis import Axis


class Shape(StrEnum):
    """What a point looks like."""

    DOT = "dot"
    DIAMOND = "diamond"
    TRIANGLE = "triangle"
    CROSS = "cross"
    RING = "ring"


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Points of one shape, all in the first of `tones` or each in its own.

    `label` is what the legend calls them. `titles` are shown while a pointer is on a point.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    tones: tuple[Tone, ...] = (Tone.BLUE,)
    shape: Shape = Shape.DOT
    hollow: bool = False
    size: float = 6.0
    label: str = ""
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """Lines of one kind, each (xs, ys), all in the first of `tones` or each in its own.

    A NaN leaves a gap. `steps` keeps a value until the next one. `dashes` are lengths of what is drawn
    and what is not, in turn.
    """

    lines: tuple[tuple[tuple[float, ...], tuple[float, ...]], ...]
    tones: tuple[Tone, ...] = (Tone.INK,)
    width: float = 1.5
    opacity: float = 1.0
    dashes: tuple[float, ...] = ()
    steps: bool = False
    label: str = ""
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle, and the text in it, which is left out where it has no room."""

    left: float
    bottom: float
    width: float
    height: float
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """Rectangles of one tone; those that are `striped` are told apart without colours."""

    boxes: tuple[Box, ...]
    tone: Tone = Tone.BLUE
    striped: bool = False
    label: str = ""
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Shares of the ramp at the crossings of `xs` and `ys`, row by row from the bottom. NaN is unknown.

    Between the crossings it is `smooth`, or else each is a cell of its own.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    shares: tuple[tuple[float, ...], ...]
    smooth: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A small text in a panel, right of its place, or left of it, or above it in the middle."""

    x: float
    y: float
    text: str
    side: str = "right"
    tone: Tone = Tone.MUTED


Mark: TypeAlias = Points | Curves | Boxes | Field | Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Marks on two axes, the first mark undermost.

    `grid` names the axes whose ticks get lines: x, y or both. Without a `frame` the axes have no lines
    and the names on them are larger.
    """

    x: Axis
    y: Axis
    marks: tuple[Mark, ...] = ()
    grid: str = "y"
    frame: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What the ramp stands for: what is pale and what is deep."""

    label: str
    pale: str
    deep: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Panels in rows of so many `columns`, each panel so many inches, below a title.

    `about` is one sentence for who cannot see it. `empty` is a sentence that is shown in place of
    panels. `notes` are written below.

    >>> Picture(name="edf", title="Distribution", about="Nothing.", empty="There is nothing yet.").is_empty
    True
    """

    name: str
    title: str
    about: str
    panels: tuple[Panel, ...] = ()
    columns: int = 1
    panel_size: tuple[float, float] = (8.0, 3.8)
    notes: tuple[str, ...] = ()
    scale: Scale | None = None
    empty: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is a sentence instead of a picture."""
        return bool(self.empty)

    def svg(self, *, sheet: bool = True) -> str:
        """Return an SVG document, light or dark as its reader wishes; the same picture gives the same text.

        Without a `sheet` it is light, unless the page around it has :func:`mlflowflow.plots.markup.dark_sheet`.
        Raises `MissingExtra` without Matplotlib.
        """
        text: str = _drawing().svg_of(self, sheet=sheet)
        return text

    def png(self) -> bytes:
        """Return a PNG file on white paper. Raises `MissingExtra` without Matplotlib."""
        content: bytes = _drawing().png_of(self)
        return content

    def save(self, path: Path) -> Path:
        """Write the file `path`, whose suffix is the format, and return it.

        Raises `InvalidInput` for a suffix that is neither .svg nor .png, and `MissingExtra`.
        """
        match path.suffix.lower():
            case ".svg":
                path.write_text(self.svg(), encoding="utf-8")
            case ".png":
                path.write_bytes(self.png())
            case _:
                raise InvalidInput(
                    f"A picture cannot be written as '{path.name}'; expected a name that ends in "
                    f"{' or '.join(SUFFIXES)}."
                )
        return path

    def _repr_svg_(self) -> str:
        """Show itself in a notebook."""
        return self.svg()

    def _repr_html_(self) -> str:
        """Show itself in a notebook, no wider than that."""
        return self.svg().replace("<svg ", '<svg style="max-width:100%;height:auto" ', 1)


#: What a picture can be saved as.
SUFFIXES: Final = (".svg", ".png")


def _drawing() -> Any:
    try:
        from mlflowflow.plots import drawing
    except ImportError as error:
        raise MissingExtra("matplotlib", extra="plot", purpose="A picture") from error
    return drawing
