"""What a gate weighs: the candidate's evaluation beside the champion's.

Evidence is collected once (:mod:`mlflowflow.gates.collect`), stored beside the verdict, and is all
that a verdict may depend on; so a verdict can be computed again years later and must come out equal.
Comparing two signatures needs the models layer; its result enters here as plain reasons.

In JSON the rows are represented by their digest: tables are stored as Parquet, once per content.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from mlflowflow.events.canonical import Json, from_plain, plain, to_bytes
from mlflowflow.gates.outcomes import Outcomes  # noqa: TC001 - pydantic reads the annotations
from mlflowflow.ids import digest

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One version's showing in one evaluation run.

    A champion that nobody evaluated has no `run_id`, no metrics and no outcomes; its signature is
    known all the same, because it comes from the registry.
    """

    version: int
    run_id: str | None = None
    metrics: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    outcomes: Outcomes | None = None
    signature: str | None = None

    def __post_init__(self) -> None:
        """Freeze the metrics, as floats: an int would change the digest."""
        frozen = MappingProxyType({key: float(value) for key, value in self.metrics.items()})
        object.__setattr__(self, "metrics", frozen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that a verdict rests on. `champion` is None while the alias points nowhere.

    `incompatibilities` are the reasons why callers of the champion could not call the candidate:
    empty when there are none, None when a signature is missing and nothing could be compared.
    """

    candidate: Evaluation
    champion: Evaluation | None = None
    incompatibilities: tuple[str, ...] | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the JSON form, rows included through their own digests."""
        return digest(to_bytes(self.to_plain()))

    @property
    def tables(self) -> tuple[Outcomes, ...]:
        """The outcomes that `to_plain` only names by digest."""
        sides = (self.candidate, self.champion)
        return tuple(side.outcomes for side in sides if side is not None and side.outcomes is not None)

    def to_plain(self) -> Mapping[str, Json]:
        """Return the evidence as dicts, lists, strings and numbers, outcomes as digests."""
        return {
            "candidate": _without_rows(self.candidate),
            "champion": None if self.champion is None else _without_rows(self.champion),
            "incompatibilities": self.incompatibilities,
        }

    @classmethod
    def from_plain(
        cls, value: object, *, table: Callable[[str], Outcomes], key: str = "evidence"
    ) -> Evidence:
        """Read what `to_plain` returned, asking `table` for the outcomes with a digest.

        Raises `CorruptData`, naming `key` and every mistake.
        """
        fields = dict(cast("Mapping[str, object]", value)) if isinstance(value, Mapping) else {}
        sides = {side: _with_rows(fields.get(side), table) for side in ("candidate", "champion")}
        return from_plain(cls, {**fields, **sides}, key=key)


def _without_rows(side: Evaluation) -> Mapping[str, Json]:
    return {
        "version": side.version,
        "run_id": side.run_id,
        "metrics": plain(side.metrics),
        "outcomes": None if side.outcomes is None else side.outcomes.digest,
        "signature": side.signature,
    }


def _with_rows(side: object, table: Callable[[str], Outcomes]) -> object:
    match side:
        case {"outcomes": str(name)}:
            return {**cast("Mapping[str, object]", side), "outcomes": table(name)}
        case _:
            return side
