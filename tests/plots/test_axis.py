"""Axes: ranges, ticks, and names in little room."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.plots.axis import Axis, linear, logarithmic, named, number, shortened, told_apart

NUMBERS = st.floats(min_value=-1e299, max_value=1e299) | st.floats(min_value=-100, max_value=100)
POSITIVE = st.floats(min_value=1e-280, max_value=1e299) | st.floats(min_value=0.001, max_value=100)


def _is_sound(axis: Axis, count: int) -> None:
    places = [tick.at for tick in axis.ticks]
    labels = [tick.label for tick in axis.ticks]
    assert axis.low < axis.high
    assert places == sorted(set(places))
    room = 1e-5 * (axis.high - axis.low)
    assert all(axis.low - room <= each <= axis.high + room for each in places)
    assert len(set(labels)) == len(labels)
    assert len(labels) <= 2 * count + 2
    assert all(len(label) <= 14 for label in labels)


@given(values=st.lists(NUMBERS, max_size=20), count=st.integers(2, 10))
def test_an_axis_is_around_its_values_and_no_two_ticks_read_alike(values: list[float], count: int) -> None:
    """Whatever the values are: none, one, equal, or far apart."""
    axis = linear("loss", values, count=count)
    _is_sound(axis, count)
    assert all(axis.low <= each <= axis.high for each in values)


@given(values=st.lists(POSITIVE, max_size=20), count=st.integers(2, 10))
def test_a_logarithmic_axis_is_too(values: list[float], count: int) -> None:
    """Also within one decade and across twenty."""
    axis = logarithmic("lr", values, count=count)
    _is_sound(axis, count)
    assert all(axis.low * 0.999 <= each <= axis.high * 1.001 for each in values)


@given(values=st.lists(NUMBERS, min_size=1, max_size=9), share=st.floats(0, 1))
def test_a_place_leads_to_its_value_and_back(values: list[float], share: float) -> None:
    """`at` is the inverse of `share`."""
    axis = linear("loss", values)
    assert axis.share(axis.at(share)) == pytest.approx(share, abs=1e-6)


@given(values=st.lists(POSITIVE, min_size=1, max_size=9), share=st.floats(0, 1))
def test_it_does_in_the_logarithm(values: list[float], share: float) -> None:
    """Half way on a logarithmic axis is the geometric mean."""
    axis = logarithmic("lr", values)
    assert axis.share(axis.at(share)) == pytest.approx(share, abs=1e-6)
    assert axis.at(0.5) == pytest.approx(math.sqrt(axis.low) * math.sqrt(axis.high))


def test_what_is_not_a_number_does_not_count() -> None:
    """An infinite loss would leave no room for the others."""
    assert linear("loss", [1.0, math.inf, math.nan, -1.7e308, 2.0]) == linear("loss", [1.0, 2.0])
    assert logarithmic("lr", [0.0, -1.0, math.inf, 1.0, 10.0]) == logarithmic("lr", [1.0, 10.0])


def test_ticks_of_whole_numbers_are_whole() -> None:
    """There is no trial 0.5."""
    assert [tick.label for tick in linear("trial", [0, 2], whole=True, count=10).ticks] == ["0", "1", "2"]


def test_the_only_whole_number_has_room() -> None:
    """One trial is in the middle."""
    axis = linear("trial", [0, 0], whole=True)
    assert (axis.low, axis.high) == (-1.0, 1.0)


def test_close_values_are_told_apart() -> None:
    """As many digits as that takes."""
    labels = [tick.label for tick in linear("loss", [1.00001, 1.00003], count=3).ticks]
    assert labels == ["1.00001", "1.00002", "1.00003"]


def test_large_values_have_an_exponent() -> None:
    """Rather than a row of zeros."""
    assert [tick.label for tick in linear("rows", [0, 2e6], count=2).ticks] == ["0", "1e6", "2e6"]


@pytest.mark.parametrize(
    ("ends", "labels"),
    [
        ((1e-5, 1e-1), ["1e-5", "0.0001", "0.001", "0.01", "0.1"]),
        ((1e-12, 1.0), ["1e-12", "1e-9", "1e-6", "0.001", "1"]),
        ((1.0, 20.0), ["1", "2", "5", "10", "20"]),
        ((2.0, 2.4), ["2.0", "2.2", "2.4"]),
    ],
)
def test_a_logarithmic_axis_is_labelled_as_people_would(ends: tuple[float, float], labels: list[str]) -> None:
    """Every decade, every few, parts of one, or plain steps, as there is room."""
    assert [tick.label for tick in logarithmic("lr", ends, count=5).ticks] == labels


@given(st.floats(min_value=-1e300, max_value=1e300))
def test_a_number_is_short_and_what_it_was(value: float) -> None:
    """Four digits, at most."""
    text = number(value)
    assert len(text) <= 11
    assert float(text) == pytest.approx(value, rel=1e-3)


@given(text=st.text(), most=st.integers(3, 40))
def test_a_short_name_has_its_room_and_can_be_written(text: str, most: int) -> None:
    """No name breaks a file or another's place."""
    short = shortened(text, most)
    assert len(short) <= most
    assert short.isprintable()


def test_names_are_told_apart() -> None:
    """What they share is left out if they would look alike, whole words of it."""
    names = [f"optimizer.group_{at:02d}.learning_rate_multiplier" for at in range(3)]
    assert told_apart(names, 20) == ("…00.learni…ultiplier", "…01.learni…ultiplier", "…02.learni…ultiplier")


def test_different_names_stay_as_they_are() -> None:
    """Nothing is left out that has room."""
    assert told_apart(["lr", "layers"], 20) == ("lr", "layers")
    assert told_apart([], 20) == ()


def test_an_axis_of_names_has_a_place_for_each() -> None:
    """Also if there is one."""
    axis = named("model", ["tree"])
    assert (axis.low, axis.high, axis.ticks[0].label) == (-0.5, 0.5, "tree")
