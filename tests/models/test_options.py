"""The arguments that all flavors share."""

from __future__ import annotations

from typing import Any

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.models.options import describe
from mlflowflow.models.signature import infer_signature


def test_a_signature_is_given_declined_or_read_off() -> None:
    """None means that one is looked for, False that there is none."""
    given = infer_signature([1.0])
    assert [describe(signature=one).signature for one in (given, None, False)] == [given, None, None]
    assert [describe(signature=one).infer for one in (given, None, False)] == [False, True, False]


def test_the_flavors_own_options_are_handed_on() -> None:
    """They are the flavor's to check."""
    assert describe({"depth": 3}).options == {"depth": 3}


@pytest.mark.parametrize(
    "given", [{"signature": "x"}, {"code_paths": "x.py"}, {"code_paths": [1]}, {"extra_files": "x"}]
)
def test_values_of_another_kind_are_refused(given: dict[str, Any]) -> None:
    """A text is no list of paths, and no signature."""
    with pytest.raises(InvalidInput):
        describe(**given)
