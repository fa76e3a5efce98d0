"""Metric histories over an axis."""

from __future__ import annotations

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.views.series import Axis, Place, over, parse_axis


def _points(key: str, *values: tuple[int, int, float]) -> list[Metric]:
    return [Metric(key=key, value=value, timestamp=time, step=step) for step, time, value in values]


_LOSS = _points("loss", (2, 3_000, 0.2), (1, 2_000, 0.5), (3, 9_000, 0.1))


def test_each_axis_has_its_unit() -> None:
    """Steps, seconds since the run began, seconds since 1970."""
    assert over(_LOSS, Axis.STEP) == ([1, 2, 3], [0.5, 0.2, 0.1])
    assert over(_LOSS, Axis.RELATIVE, start_ms=1_000) == ([1, 2, 8], [0.5, 0.2, 0.1])
    assert over(_LOSS, Axis.TIME) == ([2, 3, 9], [0.5, 0.2, 0.1])


def test_another_metric_is_met_at_the_same_step() -> None:
    """A step that it lacks is left out; of two values at a step the later counts."""
    epochs = _points("epoch", (1, 0, 10.0), (1, 1, 11.0), (2, 0, 20.0))
    assert over(_LOSS, Axis.METRIC, other=epochs) == ([11.0, 20.0], [0.5, 0.2])


def test_an_axis_is_named_by_a_word_or_a_metric() -> None:
    """A metric's key may contain dots."""
    assert parse_axis("time") == Place(axis=Axis.TIME)
    assert parse_axis("metrics.a.b") == Place(axis=Axis.METRIC, metric="a.b")


@pytest.mark.parametrize("text", ["metric", "metrics.", "params.lr", ""])
def test_what_is_no_axis_is_refused(text: str) -> None:
    """With what is one."""
    with pytest.raises(InvalidInput, match="expected step, time, relative"):
        parse_axis(text)
