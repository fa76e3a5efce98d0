"""What the trainings of boosted trees have in common."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlflowflow.autologging.boosting import Arguments, Rows, with_callback
from mlflowflow.autologging.care import Care
from mlflowflow.autologging.patching import Patches
from mlflowflow.autologging.training import Call
from mlflowflow.errors import InvalidInput


def train(params: Any, data: Any, rounds: int = 10, *, callbacks: list[str] | None = None) -> Any:
    """Return what it was given."""
    return params, data, rounds, callbacks


class Matrix:
    """Data in a library's own form."""

    def __init__(self, data: Any) -> None:
        """Forget it."""


def test_arguments_have_names_and_defaults() -> None:
    """However they were given."""
    found = Arguments.of(Call(original=train, args=({"depth": 2}, "data"), kwargs={"rounds": 3}))
    assert found.without(frozenset({"params", "data"})) == {"rounds": 3, "callbacks": None}


@pytest.mark.parametrize("given", [None, ["theirs"]])
def test_a_callback_is_added_to_a_copy(given: list[str] | None) -> None:
    """The caller's list may be used again."""
    before = None if given is None else list(given)
    call = with_callback(Call(original=train, args=(1, 2), kwargs={"callbacks": given}), "ours")
    assert call.run() == (1, 2, 10, [*(given or []), "ours"])
    assert given == before


def test_the_first_rows_are_kept_with_the_matrix() -> None:
    """Of one that was made before, or from a file, there are none."""
    rows, patches = Rows(), Patches()
    early = Matrix(np.eye(9))
    patches.apply([rows.patch(Matrix, Care(flavor="small"))])
    try:
        late, file = Matrix(np.eye(9)), Matrix("data.csv")
    finally:
        patches.undo()
    assert rows.of(late).shape == (5, 9)
    for matrix in (early, file):
        with pytest.raises(InvalidInput, match="before autologging"):
            rows.of(matrix)
