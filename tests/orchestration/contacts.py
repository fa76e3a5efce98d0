"""A contact that keeps what it is told, and specs of sweeps over functions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlflowflow.gates.policy import Goal
from mlflowflow.projects.space import FloatRange
from mlflowflow.projects.sweep_spec import Budget, Objective, SweepSpec, TrialPolicy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.projects.space import Dimension


def _no_points() -> list[tuple[int, float]]:
    return []


@dataclass(slots=True)
class FakeContact:
    """A line to a sweep that decides what the test says; after `prune_at` points it prunes."""

    is_wanted: bool = True
    is_to_end: bool = False
    prune_at: int | None = None
    points: list[tuple[int, float]] = field(default_factory=_no_points)
    last_words: list[object] = field(default_factory=list[object])

    def report(self, points: Sequence[tuple[int, float]]) -> None:
        """Keep the points."""
        self.points += points
        if self.prune_at is not None and len(self.points) >= self.prune_at:
            self.is_to_end = True

    def is_pruned(self) -> bool:
        """Answer what the test said."""
        return self.is_to_end

    def is_cancelled(self) -> bool:
        """Answer what the test said."""
        return not self.is_wanted

    def leave(self, said: object) -> None:
        """Keep the last words; the process stays."""
        self.last_words.append(said)


def sweep_of(
    *space: Dimension,
    metrics: tuple[str, ...] = ("loss",),
    policy: TrialPolicy | None = None,
    **changes: Any,
) -> SweepSpec:
    """Return a sweep over a function of ``x``, or over another `space`, that minimizes `metrics`."""
    return SweepSpec(
        name="tune",
        entry_point="tests:function",
        space=space or (FloatRange(name="x", low=0.0, high=1.0),),
        objectives=tuple(Objective(metric=each, goal=Goal.MINIMIZE) for each in metrics),
        budget=Budget(trials=4),
        trial=policy or TrialPolicy(),
        **changes,
    )
