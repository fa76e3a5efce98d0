"""What a caller calls its data."""

from __future__ import annotations

from typing import Any

from mlflowflow.autologging.sklearn.names import UNKNOWN, command_of, name_of


def _through(value: Any) -> str:
    return name_of(value)


def _by_keyword(**given: Any) -> str:
    return _through(given["data"])


def test_the_outermost_variable_counts() -> None:
    """Functions that only pass it on do not name it."""
    held_out = [1]
    assert name_of(held_out) == "held_out"
    assert _through(held_out) == "held_out"
    assert _by_keyword(data=held_out) == "held_out"


def test_what_no_variable_holds_is_unknown() -> None:
    """Neither has None a name."""
    found = _through([1, 2])
    assert found == UNKNOWN
    assert name_of(None) == UNKNOWN


def test_a_call_is_written_as_code() -> None:
    """Scalars are written out, long texts cut, data named."""

    def metric(y_true: Any, y_pred: Any, *, average: str = "") -> None:
        del y_true, y_pred, average

    labels = [1]
    written = command_of(metric, (labels, [2]), {"average": "x" * 40})
    assert written == f"metric(y_true=labels, y_pred=<list>, average='{'x' * 32}...')"


def test_a_method_is_written_with_its_class() -> None:
    """Its instance is no argument."""

    class Model:
        def score(self, X: Any) -> None:  # noqa: N803 - as estimators call it
            """Do nothing."""

    data = [1]
    assert command_of(Model.score, (data,), {}, of=Model()) == "Model.score(X=data)"
