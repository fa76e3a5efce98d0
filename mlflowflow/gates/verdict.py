"""What a gate said: one result per check, one verdict over them, each with its reason in words.

A check has four outcomes, because "we cannot tell" and "it could not be computed" are neither yes
nor no. A check that does not apply (there is no champion to compare with) passes; its sentence says
so and its numbers carry ``applicable: 0``.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads the annotations
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from mlflowflow.events.canonical import Json, from_plain, plain, to_bytes
from mlflowflow.ids import digest


class Outcome(StrEnum):
    """What came of one check."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"


class GateOutcome(StrEnum):
    """What came of the whole gate; only PASSED moves an alias."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    HELD = "HELD"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One check's outcome, the reason in a full sentence, and the numbers behind it."""

    id: str
    outcome: Outcome
    sentence: str
    numbers: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        """Freeze the numbers, as floats: an int would change the digest."""
        frozen = MappingProxyType({key: float(value) for key, value in self.numbers.items()})
        object.__setattr__(self, "numbers", frozen)

    @property
    def applies(self) -> bool:
        """Whether there was anything to weigh: a comparison takes a champion."""
        return self.numbers.get("applicable") != 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A gate's answer about one candidate `version`, weighed against one `champion` (or none)."""

    outcome: GateOutcome
    sentence: str
    gate: str
    model: str
    version: int
    champion: int | None
    checks: tuple[CheckResult, ...]
    policy_digest: str
    evidence_digest: str

    @property
    def passed(self) -> bool:
        """Whether the alias may move."""
        return self.outcome is GateOutcome.PASSED

    @property
    def explanation(self) -> str:
        """The sentence and, after it, the reason of every check that did not pass."""
        reasons = [f"({c.id}) {c.sentence}" for c in self.checks if c.outcome is not Outcome.PASS]
        return " ".join([self.sentence, *reasons])

    @property
    def digest(self) -> str:
        """SHA-256 of the JSON form; approvals and alias moves name it."""
        return digest(to_bytes(self))

    def to_json(self) -> str:
        """Write the verdict as canonical JSON."""
        return to_bytes(self).decode()

    def to_plain(self) -> Json:
        """Return the verdict as dicts, lists, strings and numbers, for use inside other JSON."""
        return plain(self)

    @classmethod
    def from_plain(cls, value: object, *, key: str = "verdict") -> Verdict:
        """Read what `to_plain` returned. Raises `CorruptData`, naming `key` and every mistake."""
        return from_plain(cls, value, key=key)
