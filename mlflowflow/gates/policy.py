"""A gate's policy: what a candidate must show before an alias moves to it, as one frozen value.

A policy is written by people (in an MLproject), compared by its `digest` and kept beside every
verdict it gave, so that "which rules applied then?" has an answer for ever. It holds no behaviour:
:mod:`mlflowflow.gates.checks` knows how each kind of check weighs evidence.

The JSON form names each check's `kind`; numbers are always floats and keys are always sorted, so
equal policies have equal text and equal digests.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias, TypeVar

from mlflowflow.errors import CorruptData, InvalidInput
from mlflowflow.events.canonical import Json, from_plain, plain, to_bytes
from mlflowflow.ids import digest
from mlflowflow.registry.version import demand_alias, demand_model_name

_Word = TypeVar("_Word", bound=StrEnum)


class Goal(StrEnum):
    """Which direction of a metric is better."""

    MAXIMIZE = "maximize"
    MINIMIZE = "minimize"


class WhenNoChampion(StrEnum):
    """What a gate does while the alias points nowhere."""

    ABSOLUTE_ONLY = "absolute_only"
    REQUIRE_APPROVAL = "require_approval"
    FAIL = "fail"


class OnInconclusive(StrEnum):
    """What a gate does when the evidence does not suffice to tell."""

    HOLD = "hold"
    FAIL = "fail"
    PASS = "pass"  # noqa: S105 - the word of the file format, not a password


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """Demand that the candidate's `metric` is at least `min` and at most `max` (both inclusive).

    >>> Threshold(id="quality", metric="accuracy", min=0.9).max is None
    True
    """

    id: str
    metric: str
    min: float | None = None
    max: float | None = None
    kind: Literal["threshold"] = "threshold"

    def __post_init__(self) -> None:
        """Refuse a check without a bound, and bounds that leave no room."""
        _demand_names(self.id, self.metric)
        low, high = _optional(self.id, "min", self.min), _optional(self.id, "max", self.max)
        if low is None and high is None:
            raise InvalidInput(f"Check '{self.id}' has no bound; give it 'min', 'max' or both.")
        if low is not None and high is not None and low > high:
            raise InvalidInput(f"Check '{self.id}' can never pass: its min {low} is above its max {high}.")
        object.__setattr__(self, "min", low)
        object.__setattr__(self, "max", high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """Demand that the candidate's `metric` beats the champion's by `min_improvement`.

    The improvement is the absolute difference, positive when the candidate is better in the sense
    of `goal`. A negative `min_improvement` allows that much loss (a "no harm" margin).
    """

    id: str
    metric: str
    goal: Goal
    min_improvement: float = 0.0
    kind: Literal["relative"] = "relative"

    def __post_init__(self) -> None:
        """Refuse an unnamed metric, an unknown goal or a margin that is no number."""
        _demand_names(self.id, self.metric)
        object.__setattr__(self, "goal", _choice(Goal, self.goal, place=f"Check '{self.id}' has goal"))
        margin = _finite(self.id, "min_improvement", self.min_improvement)
        object.__setattr__(self, "min_improvement", margin)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedTest:
    """Demand that the candidate is right more often than the champion, on the same rows, beyond chance.

    `alpha` bounds the probability of passing a candidate that is no better. `metric` says what is
    compared row by row: only "accuracy" (right or wrong) has an exact test here.
    """

    id: str
    metric: Literal["accuracy"] = "accuracy"
    alpha: float = 0.05
    test: Literal["mcnemar_exact"] = "mcnemar_exact"
    kind: Literal["paired_test"] = "paired_test"

    def __post_init__(self) -> None:
        """Refuse an unknown test or metric and an `alpha` that is no probability below one half."""
        _demand_names(self.id, self.metric)
        _demand_one_of(self.id, "metric", self.metric, ("accuracy",))
        _demand_one_of(self.id, "test", self.test, ("mcnemar_exact",))
        alpha = _finite(self.id, "alpha", self.alpha)
        if not 0.0 < alpha < 0.5:  # noqa: PLR2004 - one half is the meaning of chance, not a setting
            raise InvalidInput(f"Check '{self.id}' has alpha {alpha}; expected a number between 0 and 0.5.")
        object.__setattr__(self, "alpha", alpha)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureCheck:
    """Demand that whoever calls the champion can call the candidate unchanged."""

    id: str
    compatible_with: Literal["champion"] = "champion"
    kind: Literal["signature"] = "signature"

    def __post_init__(self) -> None:
        """Refuse a comparison with anything but the champion."""
        _demand_names(self.id)
        _demand_one_of(self.id, "compatible_with", self.compatible_with, ("champion",))


#: One demand of a gate; taken apart with `match`.
Check: TypeAlias = Threshold | Relative | PairedTest | SignatureCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePolicy:
    """The rules by which `alias` of the registered `model` moves to a candidate.

    >>> policy = GatePolicy(
    ...     name="champion",
    ...     model="digits",
    ...     alias="champion",
    ...     when_no_champion=WhenNoChampion.ABSOLUTE_ONLY,
    ...     checks=(Threshold(id="quality", metric="accuracy", min=0.9),),
    ... )
    >>> GatePolicy.from_json(policy.to_json()) == policy
    True
    """

    name: str
    model: str
    alias: str
    when_no_champion: WhenNoChampion
    checks: tuple[Check, ...]
    on_inconclusive: OnInconclusive = OnInconclusive.HOLD

    def __post_init__(self) -> None:
        """Refuse a policy that would let anything pass or whose checks cannot be told apart."""
        object.__setattr__(self, "checks", tuple(self.checks))
        place = f"Gate '{self.name}' has"
        no_champion = _choice(WhenNoChampion, self.when_no_champion, place=f"{place} when_no_champion")
        inconclusive = _choice(OnInconclusive, self.on_inconclusive, place=f"{place} on_inconclusive")
        object.__setattr__(self, "when_no_champion", no_champion)
        object.__setattr__(self, "on_inconclusive", inconclusive)
        demand_model_name(self.model)
        demand_alias(self.alias)
        if not self.name:
            raise InvalidInput("A gate has an empty 'name'; give it one, it appears in every verdict.")
        if not self.checks:
            raise InvalidInput(
                f"Gate '{self.name}' has no checks, so everything would pass; add at least one."
            )
        ids = [check.id for check in self.checks]
        twice = sorted({each for each in ids if ids.count(each) > 1})
        if twice:
            raise InvalidInput(f"Gate '{self.name}' has several checks with the id '{twice[0]}'; rename one.")

    @property
    def digest(self) -> str:
        """SHA-256 of the JSON form: equal policies have equal digests, on any machine."""
        return digest(to_bytes(self))

    def to_json(self) -> str:
        """Write the policy as canonical JSON: sorted keys, no spaces."""
        return to_bytes(self).decode()

    def to_plain(self) -> Json:
        """Return the policy as dicts, lists, strings and numbers, for use inside other JSON."""
        return plain(self)

    @classmethod
    def from_json(cls, text: str | bytes) -> GatePolicy:
        """Read what `to_json` wrote. Raises `CorruptData` naming every mistake."""
        try:
            return cls.from_plain(json.loads(text))
        except ValueError as error:
            raise CorruptData("gate policy", f"it is not JSON ({error})") from error

    @classmethod
    def from_plain(cls, value: object, *, key: str = "gate policy") -> GatePolicy:
        """Read what `to_plain` returned. Raises `CorruptData`, naming `key` and every mistake."""
        return from_plain(cls, value, key=key)


def _demand_names(check_id: str, *names: str) -> None:
    if not check_id:
        raise InvalidInput("A check has an empty 'id'; give it a short name, it appears in every verdict.")
    if not all(names):
        raise InvalidInput(f"Check '{check_id}' names no metric; give it 'metric'.")


def _demand_one_of(check_id: str, field: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InvalidInput(f"Check '{check_id}' has {field} '{value}'; expected {' or '.join(known)}.")


def _choice(kind: type[_Word], value: str, *, place: str) -> _Word:
    try:
        return kind(value)
    except ValueError as error:
        raise InvalidInput(f"{place} '{value}'; expected {' or '.join(kind)}.") from error


def _finite(check_id: str, field: str, value: float) -> float:
    if not math.isfinite(value):
        raise InvalidInput(f"Check '{check_id}' has {field} {value}; expected a finite number.")
    return float(value) + 0.0  # an int and -0.0 would change the text, and with it the digest


def _optional(check_id: str, field: str, value: float | None) -> float | None:
    return None if value is None else _finite(check_id, field, value)
