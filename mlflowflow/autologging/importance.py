"""How much each feature of a boosted model counts, as JSON and as a picture."""

from __future__ import annotations

import io
import json
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.autologging.target import Target


def log_importance(target: Target, kind: str, counts: Mapping[str, object]) -> None:
    """Store ``feature_importance_{kind}`` as ``.json`` and, if Matplotlib is there, as ``.png``.

    `counts` are the features' numbers; several numbers of a feature are those of its classes.
    """
    target.put(json.dumps(counts, default=_plain), f"feature_importance_{kind}.json")
    if counts and find_spec("matplotlib") is not None:
        with target.care.attempt("draw the importance of the features"):
            target.put(_drawn(kind, counts), f"feature_importance_{kind}.png")


def _drawn(kind: str, counts: Mapping[str, object]) -> bytes:
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    names = np.array(list(counts))
    bars = np.array([np.atleast_1d(np.asarray(value, dtype=float)) for value in counts.values()])
    order = np.argsort(np.abs(bars).sum(axis=1))
    height = 4.8 + (0.1 * len(names) if len(names) > 10 else 0)  # noqa: PLR2004 - until then there is room
    figure = Figure(figsize=(6.4, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    classes = bars.shape[1]
    offsets = np.linspace(-0.25, 0.25, classes) if classes > 1 else np.zeros(1)
    for place, offset in enumerate(offsets):
        label = f"Class {place}" if classes > 1 else None
        axes.barh(
            np.arange(len(names)) + offset, bars[order, place], height=0.5 / max(classes - 1, 1), label=label
        )
    axes.set_yticks(np.arange(len(names)), names[order])
    axes.set(xlabel="Importance", title=f"Feature Importance ({kind})")
    if classes > 1:
        axes.legend()
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)
