"""A picture with every mark in it, for whoever draws pictures."""

from __future__ import annotations

import math

from mlflowflow.plots.axis import linear, logarithmic
from mlflowflow.plots.palette import Tone, ramp
from mlflowflow.plots.picture import (
    Box,
    Boxes,
    Curves,
    Field,
    Mark,
    Note,
    Panel,
    Picture,
    Points,
    Scale,
    Shape,
)


def picture(*marks: Mark, name: str = "all", title: str = "A & B") -> Picture:
    """Return a picture of `marks` on axes from 0 to 4 and, in the logarithm, from 1 to 100."""
    panel = Panel(
        x=linear("x", [0.0, 4.0]), y=logarithmic("cost in $ and $", [1.0, 100.0]), marks=marks, grid="both"
    )
    return Picture(name=name, title=title, about="Marks <of> every kind.", panels=(panel,))


def points(count: int = 3, **looks: object) -> Points:
    """Return so many points on a line, each with a title."""
    return Points(
        xs=tuple(float(at) for at in range(count)),
        ys=tuple(float(at + 1) for at in range(count)),
        titles=tuple(f"Trial {at}" for at in range(count)),
        **looks,  # type: ignore[arg-type]
    )


def every_mark() -> Picture:
    """Return a picture with every mark, shape and tone."""
    shapes = [points(shape=shape, label=f"a {shape}", hollow=at % 2 == 0) for at, shape in enumerate(Shape)]
    shaded = points(tones=tuple(ramp(at / 2) for at in range(3)))
    gap = ((0.0, 1.0, 2.0), (1.0, math.nan, 3.0))
    lines = Curves(lines=(gap, ((0.0, 1.0), (5.0, 5.0))), steps=True, label="steps", titles=("gap", "flat"))
    dashed = Curves(lines=(((0.0, 4.0), (1.0, 90.0)),), dashes=(2.0, 1.0), opacity=0.5, label="dashes")
    boxes = [
        Boxes(boxes=(Box(left=0.0, bottom=2.0, width=2.0, height=3.0, text="7"),), tone=tone, striped=striped)
        for tone in (Tone.BLUE, Tone.SKY)
        for striped in (False, True)
    ]
    field = Field(xs=(0.0, 2.0, 4.0), ys=(1.0, 9.0), shares=((0.0, 0.5, 1.0), (math.nan, 0.5, 0.5)))
    cells = Field(xs=field.xs, ys=field.ys, shares=field.shares, smooth=False)
    notes = [Note(x=1.0, y=10.0, text="here", side=side) for side in ("left", "right", "above")]
    drawn = picture(field, cells, *shapes, shaded, lines, dashed, *boxes, *notes)
    panel = drawn.panels[0]
    bare = Panel(x=panel.x, y=panel.y, grid="", frame=False)
    return Picture(
        name="all",
        title=drawn.title,
        about=drawn.about,
        panels=(panel, bare),
        columns=2,
        notes=("A note.", "Another note, " * 30),
        scale=Scale(label="loss", pale="9", deep="1"),
    )
