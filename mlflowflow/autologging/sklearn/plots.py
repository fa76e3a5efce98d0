"""The pictures of a fitted classifier: its confusion matrix, and for two classes its curves."""

from __future__ import annotations

import io
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.autologging.sklearn.scores import PREFIX
from mlflowflow.plots.palette import COLOURS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlflowflow.autologging.sklearn.arguments import Fitted
    from mlflowflow.autologging.target import Target

_DPI: Final = 175


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    """One file: its `name`, its `title`, and what draws it on the axes it is given."""

    name: str
    title: str
    draw: Callable[[Any], object]


def log_plots(estimator: Any, fitted: Fitted, target: Target) -> None:
    """Draw and store the pictures; without Matplotlib there are none, which is told."""
    from sklearn.base import is_classifier

    if fitted.labels is None or not is_classifier(estimator):
        return
    if find_spec("matplotlib") is None:
        target.care.warn("draws no pictures, for the package 'matplotlib' is not installed")
        return
    for picture in _pictures(estimator, fitted):
        with target.care.attempt(f"draw '{picture.name}.png'"):
            target.put(_drawn(picture, _letters(estimator)), f"{picture.name}.png")


def _pictures(estimator: Any, fitted: Fitted) -> Iterator[_Picture]:
    from sklearn import metrics

    data, labels = fitted.data, fitted.labels

    def confusion(axes: Any) -> object:
        return metrics.ConfusionMatrixDisplay.from_estimator(
            estimator,
            data,
            labels,
            sample_weight=fitted.weights,
            normalize="true",
            values_format=".2f",
            cmap="Blues",
            im_kw={"vmin": 0.0, "vmax": 1.0},  # the same blue is the same share in every run
            ax=axes,
        )

    def curve(display: Any) -> Callable[[Any], object]:
        return lambda axes: display.from_estimator(
            estimator, data, labels, sample_weight=fitted.weights, plot_chance_level=True, ax=axes
        )

    yield _Picture(name=f"{PREFIX}confusion_matrix", title="Normalized confusion matrix", draw=confusion)
    if len(set(labels)) == 2:  # noqa: PLR2004 - curves are for two classes
        roc, precision = curve(metrics.RocCurveDisplay), curve(metrics.PrecisionRecallDisplay)
        yield _Picture(name=f"{PREFIX}roc_curve", title="ROC curve", draw=roc)
        yield _Picture(name=f"{PREFIX}precision_recall_curve", title="Precision recall curve", draw=precision)


def _drawn(picture: _Picture, size: float) -> bytes:
    """Return a picture as PNG; drawn on a figure of its own, for pyplot's belong to the user."""
    import matplotlib as mpl
    from cycler import cycler
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    settings: Any = {
        "font.size": size,
        "axes.labelsize": 8.0,
        "axes.prop_cycle": cycler(color=COLOURS),
        "figure.autolayout": True,
        "legend.frameon": False,
    }
    with mpl.rc_context(settings):
        figure = Figure(figsize=(6.0, 4.0), dpi=_DPI)
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        picture.draw(axes)
        axes.set_title(picture.title)
        file = io.BytesIO()
        figure.savefig(file, format="png")
    return file.getvalue()


def _letters(estimator: Any) -> float:
    """Return a size of letters at which all classes have room."""
    classes = getattr(estimator, "classes_", ())
    return min(8.0, 50.0 / max(1, len(classes)))
