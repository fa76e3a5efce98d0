"""What gates left open about a model, told from its history alone: who may be approved, who was refused last.

A verdict is open while it is the last word about its version and its alias. One that is HELD waits for a
person as long as the holder is the one that it was weighed against; `approve` asks for the same. A refusal
stands until something else is decided about its alias.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflowflow.gates.verdict import GateOutcome
from mlflowflow.registry.change import AliasMoved, GateEvaluated, Promoted, RolledBack

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlflowflow.registry.entry import Entry
    from mlflowflow.registry.version import RegisteredModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A verdict that is open: the `entry` that records it, and what that entry says."""

    entry: Entry
    change: GateEvaluated

    @property
    def is_held(self) -> bool:
        """Whether a person may settle it; else it is a refusal."""
        return self.change.outcome == GateOutcome.HELD


def pending(model: RegisteredModel, history: Iterable[Entry]) -> list[Pending]:
    """Return what is open about `model`, whose whole `history` is given, the latest first."""
    by_version: dict[tuple[str, int], Entry] = {}
    by_alias: dict[str, Entry] = {}
    for entry in history:
        match entry.change:
            case AliasMoved() | Promoted() | RolledBack() | GateEvaluated() as change:
                by_version[change.alias, change.version] = by_alias[change.alias] = entry
            case _:
                pass
    return sorted(
        (
            Pending(entry=entry, change=entry.change)
            for entry in by_version.values()
            if isinstance(entry.change, GateEvaluated)
            and _is_open(entry.change, model, is_last=by_alias[entry.change.alias] is entry)
        ),
        key=lambda each: (each.entry.at_us, each.entry.seq),
        reverse=True,
    )


def _is_open(change: GateEvaluated, model: RegisteredModel, *, is_last: bool) -> bool:
    if all(each.version != change.version for each in model.versions):
        return False  # it was deleted
    if change.outcome == GateOutcome.HELD:
        return model.aliases.get(change.alias) == change.champion
    return is_last
