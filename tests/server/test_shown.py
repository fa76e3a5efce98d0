"""Facts in the shapes of answers."""

from __future__ import annotations

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.server import shown
from mlflowflow.tracking.run import Metric


@given(st.floats())
def test_every_double_is_json_and_comes_back(value: float) -> None:
    """What JSON has no number for is a text that float() reads."""
    text = json.dumps(shown.number(value), allow_nan=False)
    back = float(json.loads(text))
    assert back == value or (math.isnan(back) and math.isnan(value))


def test_links_of_a_point_are_shown_if_it_has_them() -> None:
    """Empty fields are left out."""
    assert shown.metric(Metric("m", 1.0, 2, 3)) == {"key": "m", "value": 1.0, "timestamp": 2, "step": 3}
    linked = shown.metric(Metric("m", 1.0, 2, 3, "m-1", "wine", "f9", "r"))
    assert linked == {
        "key": "m",
        "value": 1.0,
        "timestamp": 2,
        "step": 3,
        "model_id": "m-1",
        "dataset_name": "wine",
        "dataset_digest": "f9",
        "run_id": "r",
    }
