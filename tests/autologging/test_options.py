"""What a user may wish."""

from __future__ import annotations

from typing import Any

import pytest

from mlflowflow.autologging.options import Options
from mlflowflow.errors import InvalidInput


@pytest.mark.parametrize(
    "wrong",
    [
        {"silent": "yes"},
        {"disable": 1},
        {"log_models": None},
        {"extra_tags": ["a"]},
        {"extra_tags": {1: "a"}},
    ],
)
def test_what_cannot_be_used_is_refused(wrong: dict[str, Any]) -> None:
    """A wrong type is told when autologging is switched on, not in the middle of a training."""
    with pytest.raises(InvalidInput, match=next(iter(wrong))):
        Options(**wrong)
