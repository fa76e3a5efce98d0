"""Limits that the numbers of a fact are held to, so that all that is wrong with it is said in one form.

Each check takes the names and values of several numbers, of which None is none at all, and returns its
sentences about `subject`; `refuse` raises them together.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping


def keep_floats(fact: object, *names: str) -> None:
    """Turn whole numbers among the fields `names` of a frozen `fact` into floats."""
    for name in names:
        value = getattr(fact, name)
        object.__setattr__(fact, name, None if value is None else float(value))


def floats(numbers: Mapping[str, float]) -> dict[str, float]:
    """Return `numbers` as floats.

    >>> floats({"GPU": 1})
    {'GPU': 1.0}
    """
    return {name: float(value) for name, value in numbers.items()}


def below(subject: str, least: int, numbers: Mapping[str, float | None]) -> list[str]:
    """Return a sentence for each of `numbers` that is under `least`, or not finite.

    >>> below("The pruner", 1, {"interval": 0, "startup": 5})
    ['The pruner has the interval 0; expected 1 or more.']
    """
    return [
        f"{subject} has the {name} {value}; expected {least} or more{_and_finite(value)}."
        for name, value in numbers.items()
        if value is not None and not least <= value < math.inf
    ]


def not_above_0(subject: str, numbers: Mapping[str, float | None]) -> list[str]:
    """Return a sentence for each of `numbers` that is not more than 0, or not finite.

    >>> not_above_0("The budget", {"cost": 0.0, "wall": None})
    ['The budget has the cost 0.0; expected more than 0.']
    """
    return [
        f"{subject} has the {name} {value}; expected more than 0{_and_finite(value)}."
        for name, value in numbers.items()
        if value is not None and not 0 < value < math.inf
    ]


def not_finite(subject: str, numbers: Mapping[str, float | None]) -> list[str]:
    """Return a sentence for each of `numbers` that is not finite.

    >>> not_finite("The constraint", {"max": float("nan"), "min": 0.0})
    ['The constraint has the max nan; expected a finite number.']
    """
    return [
        f"{subject} has the {name} {value}; expected a finite number."
        for name, value in numbers.items()
        if value is not None and not math.isfinite(value)
    ]


def refuse(mistakes: list[str]) -> None:
    """Raise all `mistakes` as one `InvalidInput`, a line for each; do nothing if there is none."""
    if mistakes:
        raise InvalidInput("\n".join(mistakes))


def _and_finite(value: float) -> str:
    return "" if math.isfinite(value) else " and finite"
