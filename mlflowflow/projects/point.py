"""A point of a search space: values of some dimensions, brought to their types and held against their limits.

Points come from files (typed), from Python (typed), and from the parameters of earlier runs (text),
and must be the same point whichever way they came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.coercion import to_number, to_whole
from mlflowflow.projects.space import Choice, FloatRange, IntRange, conditions_first
from mlflowflow.projects.value import as_text
from mlflowflow.projects.wording import alternatives, choose_among, described

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.projects.space import Dimension
    from mlflowflow.projects.value import Scalar

#: How far from a step, as a part of it, a float may be and still stand on it.
_ROUNDING: Final = 1e-8


def fitting(dimension: Dimension, value: Scalar) -> Scalar:
    """Return `value`, or the value that this text stands for, as one of `dimension`.

    >>> fitting(FloatRange(name="lr", low=1e-4, high=1.0), "1e-3")
    0.001

    Raises:
        InvalidInput: it is not one of the dimension's values.
    """
    found, expected = _read(dimension, value)
    if found is None:
        raise InvalidInput(f"'{dimension.name}' is {described(value)}; expected {expected}.")
    return found


def fitted(space: tuple[Dimension, ...], values: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """Return the point of `space` that has `values`, in the order of the dimensions.

    Values of dimensions that do not exist under the other values are dropped. A dimension whose
    condition is on a value that is not given is kept: it may exist.

    Raises:
        InvalidInput: names that are no dimensions and values that do not fit, each in a sentence of its own.
    """
    known = [dimension.name for dimension in space]
    mistakes = [
        f"'{name}' is not a dimension of the space. {choose_among(name, known, noun='dimensions')}"
        for name in values
        if name not in known
    ]
    point: dict[str, Scalar] = {}
    for dimension in space:
        try:
            if dimension.name in values:
                point[dimension.name] = fitting(dimension, values[dimension.name])
        except InvalidInput as mistake:
            mistakes.append(str(mistake))
    if mistakes:
        raise InvalidInput("\n".join(mistakes))
    return existing(space, point)


def existing(space: tuple[Dimension, ...], point: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """Return the values of `point` without those of dimensions that do not exist under the others.

    >>> model = Choice(name="model", options=("svc", "forest"))
    >>> depth = IntRange(name="depth", low=1, high=9, when={"model": "forest"})
    >>> existing((model, depth), {"model": "svc", "depth": 3})
    {'model': 'svc'}
    """
    kept: dict[str, Scalar] = {}
    absent: set[str] = set()
    for dimension in conditions_first(space):
        if any(name in absent or kept.get(name, option) != option for name, option in dimension.when.items()):
            absent.add(dimension.name)
        elif dimension.name in point:
            kept[dimension.name] = point[dimension.name]
    return kept


def _read(dimension: Dimension, value: Scalar) -> tuple[Scalar | None, str]:
    """Return the value of `dimension` that `value` stands for, if any, and what was expected."""
    match dimension:
        case FloatRange(low=low, high=high):
            return _on_float_range(dimension, value), f"a number from {low} to {high}{_steps(dimension)}"
        case IntRange(low=low, high=high):
            return _on_int_range(dimension, value), f"a whole number from {low} to {high}{_steps(dimension)}"
        case Choice(options=options):
            return _option(dimension, value), alternatives(as_text(option) for option in options)


def _on_float_range(dimension: FloatRange, value: Scalar) -> float | None:
    number = to_number(value)
    if number is None or not dimension.low <= number <= dimension.high:
        return None
    steps = 0.0 if dimension.step is None else (number - dimension.low) / dimension.step
    return number if abs(steps - round(steps)) <= _ROUNDING else None


def _on_int_range(dimension: IntRange, value: Scalar) -> int | None:
    number = to_whole(value)
    if number is None or not dimension.low <= number <= dimension.high:
        return None
    return number if (number - dimension.low) % dimension.step == 0 else None


def _option(dimension: Choice, value: Scalar) -> Scalar | None:
    """Return the option that is `value`, or else is written like it, or else is the same number."""
    text, number = as_text(value), to_number(value)
    same = [option for option in dimension.options if type(option) is type(value) and option == value]
    same += [option for option in dimension.options if as_text(option) == text]
    same += [
        option
        for option in dimension.options
        if number is not None and not isinstance(option, str) and to_number(option) == number
    ]
    return same[0] if same else None


def _steps(dimension: FloatRange | IntRange) -> str:
    return "" if dimension.step in {None, 1} else f" in steps of {dimension.step}"
