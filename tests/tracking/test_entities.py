"""Small values of the client API."""

from __future__ import annotations

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.entities import Param, RunTag, ViewType


def test_params_and_tags_are_made_by_position() -> None:
    """Code written for MLflow's entities makes them so."""
    assert (Param("a", "1").key, RunTag("b", "2").value) == ("a", "2")


def test_views_are_mlflows_numbers() -> None:
    """Scripts give a view by its name or as a plain number."""
    assert {view.name: int(view) for view in ViewType} == {"ACTIVE_ONLY": 1, "DELETED_ONLY": 2, "ALL": 3}
    assert [ViewType.of(number).view for number in (1, 2, 3)] == ["active", "deleted", "all"]


@pytest.mark.parametrize("view", [0, 4, "active", None])
def test_what_is_no_view_is_refused(view: object) -> None:
    """A search never silently looks at something else."""
    with pytest.raises(InvalidInput, match=r"expected one of ViewType.ACTIVE_ONLY"):
        ViewType.of(view)


def test_a_view_has_a_name_and_is_found_by_it() -> None:
    """The name leads back, in either case; another one is refused."""
    assert [ViewType.from_string(ViewType.to_string(view)) for view in ViewType] == list(ViewType)
    with pytest.raises(InvalidInput, match="'some' is no view"):
        ViewType.from_string("some")
