"""Which runs a command is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.cli.context import open_tracker
from mlflowflow.cli.runs.select import Selection, experiment_ids

if TYPE_CHECKING:
    from tests.cli.conftest import Small


def test_a_run_named_twice_is_one_run(small: Small) -> None:
    """The order is the one they were named in."""
    chosen = Selection(
        experiment=None,
        filter_string="",
        order_by=(),
        limit=1,
        named=(small.failed_id, small.run_id, small.failed_id),
    )
    with open_tracker(small.url) as tracker:
        assert [run.info.run_id for run in chosen.runs(tracker)] == [small.failed_id, small.run_id]


def test_no_experiment_means_all(small: Small) -> None:
    """The default one is among them."""
    with open_tracker(small.url) as tracker:
        assert set(experiment_ids(tracker, None)) == {"0", small.experiment_id}
        assert experiment_ids(tracker, "digits") == [small.experiment_id]
