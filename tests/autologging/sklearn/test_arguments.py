"""Reading the arguments of ``fit``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.multioutput import MultiOutputRegressor

from mlflowflow.autologging.sklearn.arguments import fitted_with, parameters_of, takes_weights
from mlflowflow.autologging.training import Call

X, Y, W = np.eye(3), np.ones(3), np.arange(3.0)


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((X, Y, W), {}), ((X, Y), {"sample_weight": W}), ((), {"X": X, "y": Y, "sample_weight": W})],
)
def test_by_place_or_by_name(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """However it is called, the same is found, and nothing is copied."""
    found = fitted_with(Call(original=LinearRegression.fit, args=(LinearRegression(), *args), kwargs=kwargs))
    assert (found.data is X, found.labels is Y, found.weights is W) == (True, True, True)


def test_what_may_be_overwritten_is_copied() -> None:
    """Also when a part of the estimator says so."""
    for model in (LinearRegression(copy_X=False), MultiOutputRegressor(LinearRegression(copy_X=False))):
        found = fitted_with(Call(original=type(model).fit, args=(model, X, Y), kwargs={}))
        assert found.data is not X
        np.testing.assert_array_equal(found.data, X)


def test_methods_tell_what_they_take() -> None:
    """Without ``self``."""
    assert parameters_of(LinearRegression().fit) == ["X", "y", "sample_weight"]
    assert takes_weights(LinearRegression.score)
    assert not takes_weights(LinearRegression.predict)
