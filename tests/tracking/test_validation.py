"""What may be logged and what is refused."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.validation import (
    MAX_KEY_LENGTH,
    MAX_PARAM_LENGTH,
    MAX_TAG_LENGTH,
    check_key,
    experiment_name,
    integer,
    metric_value,
    param_value,
    tag_value,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("key", ["loss", "val/rmse", "größe", "a b-c.d:e_f", "x" * MAX_KEY_LENGTH, ".a"])
def test_keys_that_mlflow_takes_are_taken(key: str) -> None:
    """Unicode words with dashes, dots, spaces, colons and slashes are keys."""
    assert check_key("metric", key) == key


@pytest.mark.parametrize(
    "key",
    ["", "a\n", "a#b", "a\\b", ".", "..", "../a", "/a", "a//b", "a/./b", "a/", "x" * (MAX_KEY_LENGTH + 1)],
)
def test_other_keys_are_refused(key: str) -> None:
    """A key is a plain relative path of at most 250 characters."""
    with pytest.raises(InvalidInput, match="The metric key"):
        check_key("metric", key)


@given(key=st.text(max_size=20))
def test_no_accepted_key_leaves_its_folder(key: str) -> None:
    """Whatever is accepted has no empty, ``.`` or ``..`` part."""
    try:
        check_key("tag", key)
    except InvalidInput:
        return
    assert not {"", ".", ".."} & set(key.split("/"))


@pytest.mark.parametrize(
    "value", [1, 1.0, np.float32(1), np.int64(1), np.array(1.0), np.array([1]), Fraction(1), Decimal(1)]
)
def test_scalars_are_metric_values(value: object) -> None:
    """Numbers of Python and NumPy become floats."""
    found = metric_value("m", value)
    assert (type(found), found) == (float, 1.0)


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_infinity_is_kept(value: float) -> None:
    """A diverged loss is worth knowing."""
    assert metric_value("m", value) == value


def test_nan_is_kept() -> None:
    """NaN is a metric value."""
    assert math.isnan(metric_value("m", math.nan))


@pytest.mark.parametrize("value", [True, np.True_, "1", None, [1], np.array([1, 2]), 1j])
def test_what_is_no_number_is_refused(value: object) -> None:
    """Bools, words and collections are no metric values."""
    with pytest.raises(InvalidInput, match="expected one number"):
        metric_value("m", value)


@pytest.mark.parametrize("value", [1.5, True, "3", None])
def test_a_step_is_a_whole_number(value: object) -> None:
    """Nothing but integers counts steps."""
    with pytest.raises(InvalidInput, match="whole number"):
        integer("step", value)


def test_a_timestamp_is_not_before_1970() -> None:
    """A lower bound is kept to."""
    with pytest.raises(InvalidInput, match="at least 0"):
        integer("timestamp", -1, least=0)


def test_numpy_integers_are_integers() -> None:
    """A step from an array is a step."""
    assert type(integer("step", np.int32(4))) is int


def test_params_become_text() -> None:
    """Any object can be a param; its text is kept."""
    assert param_value("p", None) == "None"


@pytest.mark.parametrize(("clean", "limit"), [(param_value, MAX_PARAM_LENGTH), (tag_value, MAX_TAG_LENGTH)])
def test_long_values_are_cut_with_a_warning(
    clean: Callable[[str, object], str], limit: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A value over the limit is cut, and the log says so."""
    assert len(clean("key", "x" * (limit + 1))) == limit
    assert "is cut to" in caplog.text


@pytest.mark.parametrize("name", ["", "  ", "x" * 501])
def test_an_experiment_needs_a_name(name: str) -> None:
    """Empty and endless names are refused."""
    with pytest.raises(InvalidInput, match="experiment"):
        experiment_name(name)
