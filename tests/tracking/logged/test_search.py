"""The words of models, in searches of the rows they are."""

from __future__ import annotations

import pytest

from mlflowflow.errors import InvalidFilter
from mlflowflow.tracking.logged.search import OnDataset, model_filter, model_order


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("name = 'wine'", "tags.mlff.model.name = 'wine'"),
        ("creation_time > 5", "attributes.start_time > 5.0"),
        ("NOT status = 'READY'", "NOT attributes.status IN ('FINISHED')"),
        ("status = 'FAILED'", "attributes.status IN ('FAILED', 'KILLED')"),
        (
            "(metrics.a > 1 OR tags.b IS NULL) AND params.c = 'd'",
            "(metrics.a > 1.0 OR tags.b IS NULL) AND params.c = 'd'",
        ),
    ],
)
def test_words_are_replaced_wherever_they_stand(text: str, written: str) -> None:
    """Everything else stays."""
    assert str(model_filter(text)) == written


def test_metrics_are_those_on_one_of_the_datasets() -> None:
    """A dataset without a digest is one of whatever digest."""
    found = model_filter("max(metrics.a) > 1", [OnDataset(name="d", digest="1"), OnDataset(name="e")])
    assert str(found) == "max(metrics.`a\x1fd\x1f1`) > 1.0 OR max(metrics.`a\x1fe`) > 1.0"


def test_attributes_of_runs_are_none_of_models() -> None:
    """A script that asks for one has a mistake in it."""
    with pytest.raises(InvalidFilter, match="not an attribute"):
        model_filter("run_name = 'x'")


def test_ties_are_broken_by_the_time_of_creation() -> None:
    """The newest comes first, and the order is total."""
    assert [str(key) for key in model_order(None).keys] == [
        "attributes.start_time DESC",
        "attributes.run_id ASC",
    ]
