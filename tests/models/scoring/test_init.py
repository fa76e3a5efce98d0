"""The folder of scoring."""

from __future__ import annotations

import sys

import mlflowflow.models.scoring


def test_scoring_does_not_bring_the_cluster() -> None:
    """What answers a part does not know who runs it."""
    assert mlflowflow.models.scoring.__doc__
    assert "mlflowflow.orchestration.scoring" not in vars(sys.modules["mlflowflow.models.scoring"])
