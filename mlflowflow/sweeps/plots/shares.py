"""How much each dimension matters, as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.plots.axis import Axis, Tick, linear, shortened, told_apart
from mlflowflow.plots.palette import Tone
from mlflowflow.plots.picture import Box, Boxes, Note, Panel, Picture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.sweeps.history import SweepHistory

_MOST: Final = 20
_NAME: Final = 36
_BAR: Final = 0.62
#: A smaller share is no bar.
_THINNEST: Final = 0.0005
#: Inches: of a bar, and of all else.
_ROW: Final = 0.3
_REST: Final = 0.75


def importance_picture(history: SweepHistory, importance: Mapping[str, float] | None = None) -> Picture:
    """Show the share of each dimension in what makes a trial good, the largest on top."""
    objective = history.sweep.selecting_objective
    title, name = f"Importance of the dimensions for {shortened(objective.metric, _NAME)}", "importance"
    ordered = sorted((importance or {}).items(), key=lambda each: (-each[1], each[0]))
    if not ordered:
        sentence = "How much each dimension matters is not known: too few trials are complete."
        return Picture(name=name, title=title, about=sentence, empty=sentence)
    if ordered[0][1] <= 0:
        sentence = "No dimension made a difference."
        return Picture(name=name, title=title, about=sentence, empty=sentence)
    shown = ordered[:_MOST]
    count = len(shown)
    bars = Boxes(
        boxes=tuple(
            Box(left=0.0, bottom=count - 1 - at - _BAR / 2, width=max(0.0, share), height=_BAR)
            for at, (_, share) in enumerate(shown)
            if share >= _THINNEST
        ),
        tone=Tone.BLUE,
        titles=tuple(f"{dimension}: {_per_cent(share)}" for dimension, share in shown if share >= _THINNEST),
    )
    notes = [
        Note(x=max(0.0, share), y=float(count - 1 - at), text=_per_cent(share))
        for at, (_, share) in enumerate(shown)
    ]
    labels = told_apart([each for each, _ in shown], _NAME)
    names = tuple(Tick(at=float(count - 1 - at), label=label) for at, label in enumerate(labels))
    reach = linear("share", [0.0, max(0.01, *(share for _, share in shown))], margin=0.0)
    ticks = tuple(Tick(at=each.at, label=f"{100 * each.at:g} %") for each in reach.ticks)
    x = Axis(label="share in what makes a trial good", low=0.0, high=reach.high * 1.12, ticks=ticks)
    return Picture(
        name=name,
        title=title,
        about=", ".join(f"{dimension} {_per_cent(share)}" for dimension, share in shown) + ".",
        panels=(
            Panel(
                x=x,
                y=Axis(label="", low=-0.7, high=count - 0.3, ticks=names),
                marks=(bars, *notes),
                grid="x",
            ),
        ),
        panel_size=(8.0, _REST + _ROW * max(2, count)),
        notes=(f"{_MOST} of {len(ordered)} dimensions are shown.",) if len(ordered) > _MOST else (),
    )


def _per_cent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 or share <= 0 else f"{100 * share:.1f} %"  # noqa: PLR2004 - from ten percent on, whole ones do
