"""Runs as columns."""

from __future__ import annotations

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.run import Run, RunData, RunInfo, RunStatus
from mlflowflow.tracking.views.columns import ATTRIBUTES, cell_of, column_names

_RUN = Run(
    info=RunInfo(
        run_id="r", experiment_id="0", run_name="n", user_id="u", status=RunStatus.FAILED, start_time=5
    ),
    data=RunData(metrics={"a.b": 1.0}, params={"p": "x"}, tags={"t": "y"}),
)


def test_every_column_of_a_run_can_be_read() -> None:
    """The names are those of searches; keys may contain dots."""
    names = column_names([_RUN])
    assert names == [*ATTRIBUTES, "metrics.a.b", "params.p", "tags.t"]
    assert [cell_of(_RUN, name) for name in names[-3:]] == [1.0, "x", "y"]
    assert (cell_of(_RUN, "status"), cell_of(_RUN, "start_time")) == ("FAILED", 5)
    assert type(cell_of(_RUN, "status")) is str


def test_a_key_that_a_run_lacks_has_no_value() -> None:
    """Another run may have it."""
    assert cell_of(_RUN, "metrics.other") is None


@pytest.mark.parametrize("name", ["speed", "metrics", "metrics.", "data.a", ""])
def test_a_name_that_means_nothing_is_refused(name: str) -> None:
    """With the names that mean something."""
    with pytest.raises(InvalidInput, match="expected run_id, run_name"):
        cell_of(_RUN, name)
