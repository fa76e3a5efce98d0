"""What callers of the client give."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.client_values import as_mapping, checked_point, held, status_of
from mlflowflow.tracking.entities import Param
from mlflowflow.tracking.run import Metric, RunStatus


def test_a_status_is_one_of_five() -> None:
    """Another word is refused with those that would do."""
    assert status_of("FAILED") is RunStatus.FAILED
    with pytest.raises(InvalidInput, match="expected one of RUNNING"):
        status_of("DONE")


def test_what_is_held_does_not_change_with_what_was_given() -> None:
    """A queued call logs what was there when it was made."""
    params, tags = {"a": "1"}, [Param("b", "2")]
    kept, also = held(params), held(tags)
    params["a"] = "other"
    tags.clear()
    assert (as_mapping("param", kept), as_mapping("tag", also)) == ({"a": "1"}, {"b": "2"})


def test_one_key_with_two_values_is_refused() -> None:
    """Which of the two was meant is not guessed; the same twice is no mistake."""
    assert as_mapping("param", [Param("a", "1"), Param("a", "1")]) == {"a": "1"}
    with pytest.raises(InvalidInput, match="param 'a' is given twice"):
        as_mapping("param", [Param("a", "1"), Param("a", "2")])


def test_foreign_points_become_ours_with_their_links() -> None:
    """MLflow's own entity is understood; one that is ours already is not copied."""
    foreign: Any = SimpleNamespace(key="m", value=1, timestamp=5, step=2, model_id="m-1")
    assert checked_point(foreign) == Metric("m", 1.0, 5, 2, "m-1")
    point = Metric("m", 1.0, 5, 2)
    assert checked_point(point) is point


@pytest.mark.parametrize(
    "point",
    [Metric("a;b", 1.0, 0), Metric("m", True, 0), Metric("m", 1.0, -1), Metric("m", 1.0, 0, 0.5)],  # type: ignore[arg-type]
)
def test_a_bad_point_is_refused(point: Metric) -> None:
    """Neither its key nor its numbers are bent to fit."""
    with pytest.raises(InvalidInput):
        checked_point(point)
