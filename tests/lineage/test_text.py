"""Lineages as lines and as values."""

from __future__ import annotations

from mlflowflow.lineage.text import lines, to_value
from mlflowflow.lineage.trace import Lineage
from mlflowflow.registry.version import ModelVersion

BARE = Lineage(
    version=ModelVersion(
        name="m", version=1, source="s", creation_time=1, last_updated_time=1, copied_from="models:/n/1"
    ),
    run=None,
    parents=(),
    data=(),
    decisions=(),
)


def test_a_version_without_a_past_says_so() -> None:
    """Nothing is invented."""
    assert lines(BARE) == ["run       -", "copy of   models:/n/1", "version   models:/m/1"]
    assert to_value(BARE)["run_id"] is None
