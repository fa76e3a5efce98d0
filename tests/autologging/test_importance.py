"""How much each feature counts."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mlflowflow.autologging.care import Care
from mlflowflow.autologging.importance import log_importance
from mlflowflow.autologging.options import Options
from mlflowflow.autologging.target import open_target
from mlflowflow.tracking.fluent.active import start_run


@pytest.mark.parametrize("counts", [{"a": 1.0, "b": 3.0}, {"a": [1.0, 2.0], "b": np.array([0.5, 0.0])}])
def test_numbers_and_a_picture(counts: dict[str, object]) -> None:
    """One bar a feature, or one for each class of it."""
    run = start_run()
    target = open_target(Options(), Care(flavor="small"))
    assert target is not None
    log_importance(target, "gain", counts)
    files = run.tracker.artifacts(run.run_id)
    found = json.loads(files.read("feature_importance_gain.json"))
    assert {name: np.asarray(value).tolist() for name, value in counts.items()} == found
    assert files.read("feature_importance_gain.png").startswith(b"\x89PNG")


def test_without_features_there_is_no_picture() -> None:
    """An empty table is still said to be empty."""
    run = start_run()
    target = open_target(Options(), Care(flavor="small"))
    assert target is not None
    log_importance(target, "weight", {})
    assert [each.path for each in run.tracker.artifacts(run.run_id).list()] == [
        "feature_importance_weight.json"
    ]
