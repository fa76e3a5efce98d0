"""Pictures of an evaluation, as Matplotlib figures that need no screen.

Figures are made without ``pyplot``: nothing has to be closed, no window can open, and the settings of
the program's own figures neither change these nor are changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mlflowflow.data.optional import optional
from mlflowflow.plots.palette import COLOURS, DASHES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.evaluation.curves import Curve

_SIZE: Final = (7.0, 4.8)
_DPI: Final = 150
_NAMED_INSIDE: Final = 4
_NUMBERED: Final = 20
#: Beyond this share of blue, white letters can be read better than black ones.
_DARK: Final = 0.68
#: A share, with room for the line at its ends.
_SHARE: Final = (-0.02, 1.02)


def blank(*, size: tuple[float, float] = _SIZE) -> tuple[Any, Any]:
    """Return a figure and its axes. Raises `MissingExtra` without Matplotlib."""
    figures = optional("matplotlib.figure", extra="evaluate", purpose="A picture of an evaluation")
    backend = optional(
        "matplotlib.backends.backend_agg", extra="evaluate", purpose="A picture of an evaluation"
    )
    figure = figures.Figure(figsize=size, dpi=_DPI, layout="constrained")
    backend.FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def lines(
    curves: Sequence[Curve],
    *,
    title: str,
    x_label: str,
    y_label: str,
    reference: tuple[tuple[float, float], tuple[float, float]] | None,
    steps: bool = False,
    marker: str | None = None,
) -> Any:
    """Draw curves and, dashed in grey, the line they are to be compared with if there is one."""
    figure, axes = blank()
    for number, curve in enumerate(curves):
        axes.plot(
            curve.xs,
            curve.ys,
            color=COLOURS[number % len(COLOURS)],
            linestyle=DASHES[number // len(COLOURS) % len(DASHES)],
            linewidth=1.6,
            marker=marker,
            markersize=4,
            drawstyle="steps-post" if steps else "default",
            label=curve.label,
        )
    if reference is not None:
        axes.plot(*reference, color="#777777", linestyle=(0, (4, 3)), linewidth=1)
    axes.set(title=title, xlabel=x_label, ylabel=y_label)
    # shares are shown whole, so that the pictures of two models can be laid side by side
    if all(max(curve.xs, default=0.0) <= 1.0 for curve in curves):
        axes.set_xlim(_SHARE)
    if all(max(curve.ys, default=0.0) <= 1.0 for curve in curves):
        axes.set_ylim(_SHARE)
    axes.grid(visible=True, alpha=0.25)
    if len(curves) <= _NAMED_INSIDE:
        axes.legend(frameon=False, loc="best", fontsize="small")
    else:
        axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize="small")
    return figure


def confusion(shares: Any, labels: Sequence[Any], *, title: str = "Normalized confusion matrix") -> Any:
    """Draw which label is taken for which; `shares` has a row for each true label that sums to one."""
    count = len(labels)
    side = min(14.0, max(4.5, 0.55 * count + 2.0))
    figure, axes = blank(size=(side + 0.8, side))
    picture = axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
    figure.colorbar(picture, ax=axes, shrink=0.85)
    names = [str(label) for label in labels]
    turned = 90 if max(map(len, names)) * count > 30 else 0  # noqa: PLR2004 - as many letters as fit beside one another
    axes.set_xticks(range(count), names, rotation=turned)
    axes.set_yticks(range(count), names)
    axes.set(title=title, xlabel="Predicted label", ylabel="True label")
    if count <= _NUMBERED:
        for row in range(count):
            for column in range(count):
                share = float(shares[row][column])
                colour = "white" if share > _DARK else "black"
                axes.text(
                    column, row, f"{share:.2f}", ha="center", va="center", color=colour, fontsize="small"
                )
    return figure
