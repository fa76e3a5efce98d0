"""What a sweep searches, as frozen facts: dimensions, and the conditions under which they exist."""

from __future__ import annotations

import math
from collections.abc import Mapping  # noqa: TC003 - pydantic reads the types of fields
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.ordering import in_order
from mlflowflow.projects.value import Scalar, frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class FloatRange:
    """A dimension of floats in [`low`, `high`], uniform in the logarithm if `log`, else in steps of `step`."""

    name: str
    low: float
    high: float
    log: bool = False
    step: float | None = None
    when: Mapping[str, Scalar] = field(default_factory=lambda: frozen({}))
    kind: Literal["float"] = "float"

    def __post_init__(self) -> None:
        """Refuse an empty range and settings that contradict each other."""
        object.__setattr__(self, "when", frozen(self.when))
        object.__setattr__(self, "low", float(self.low))  # 0 and 0.0 are one spec with one digest
        object.__setattr__(self, "high", float(self.high))
        object.__setattr__(self, "step", None if self.step is None else float(self.step))
        _demand_range(self)
        if self.log and self.step is not None:
            raise InvalidInput(f"Dimension '{self.name}' has both 'log' and 'step'; leave one out.")


@dataclass(frozen=True, slots=True, kw_only=True)
class IntRange:
    """A dimension of integers `low`, `low` + `step`, … up to `high`; uniform in the logarithm if `log`."""

    name: str
    low: int
    high: int
    log: bool = False
    step: int = 1
    when: Mapping[str, Scalar] = field(default_factory=lambda: frozen({}))
    kind: Literal["int"] = "int"

    def __post_init__(self) -> None:
        """Refuse an empty range and settings that contradict each other."""
        object.__setattr__(self, "when", frozen(self.when))
        _demand_range(self)
        if self.log and self.step != 1:
            raise InvalidInput(f"Dimension '{self.name}' has both 'log' and 'step'; leave one out.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A dimension of unordered `options`."""

    name: str
    options: tuple[Scalar, ...]
    when: Mapping[str, Scalar] = field(default_factory=lambda: frozen({}))
    kind: Literal["choice"] = "choice"

    def __post_init__(self) -> None:
        """Refuse a choice without options or with one twice."""
        object.__setattr__(self, "when", frozen(self.when))
        if not self.options:
            raise InvalidInput(f"Dimension '{self.name}' has no options; list at least one.")
        if len(set(self.options)) < len(self.options):
            raise InvalidInput(f"Dimension '{self.name}' has an option twice; list each once.")


#: One dimension of a search space. It exists only in trials where every `when` holds.
Dimension: TypeAlias = FloatRange | IntRange | Choice


def _demand_range(dimension: FloatRange | IntRange) -> None:
    name, low, high, step = dimension.name, dimension.low, dimension.high, dimension.step
    if not (math.isfinite(low) and math.isfinite(high)):
        raise InvalidInput(f"Dimension '{name}' goes from {low} to {high}; expected finite numbers.")
    if low > high:
        raise InvalidInput(f"Dimension '{name}' is empty: its low {low} is above its high {high}.")
    if dimension.log and low <= 0:
        raise InvalidInput(
            f"Dimension '{name}' has 'log' and the low {low}; a logarithm needs a low above 0."
        )
    if step is not None and not 0 < step < math.inf:
        raise InvalidInput(f"Dimension '{name}' has the step {step}; expected a step above 0.")


def conditions_first(space: tuple[Dimension, ...]) -> tuple[Dimension, ...]:
    """Return the dimensions by name, but each after the ones its conditions name.

    Raises:
        InvalidInput: a condition can never hold, or conditions go round in a circle.
    """
    by_name = {each.name: each for each in sorted(space, key=lambda each: each.name)}
    for dimension in space:
        _demand_conditions(dimension, by_name)
    order = in_order({name: tuple(each.when) for name, each in by_name.items()}, noun="dimensions")
    return tuple(by_name[name] for name in order)


def _demand_conditions(dimension: Dimension, space: Mapping[str, Dimension]) -> None:
    for name, option in dimension.when.items():
        match space.get(name):
            case None:
                reason = f"which is not in the space; expected one of {', '.join(sorted(space))}"
            case Choice(options=options) if option in options:
                continue
            case Choice(options=options):
                reason = f"which has no option '{option}'; expected one of {', '.join(map(str, options))}"
            case _:
                reason = "which is a range; conditions can only be on a choice"
        raise InvalidInput(f"The 'when' of dimension '{dimension.name}' names '{name}', {reason}.")


def demand_grid(space: tuple[Dimension, ...]) -> None:
    """Raise `InvalidInput`, a line for each, if dimensions have more values than can be visited."""
    endless = [each for each in space if isinstance(each, FloatRange) and each.step is None]
    mistakes = [
        f"Dimension '{dimension.name}' has endlessly many values, so the sampler 'grid' cannot "
        "visit them all; give it a 'step' or list the values as a 'choice'."
        for dimension in endless
    ]
    if mistakes:
        raise InvalidInput("\n".join(mistakes))
