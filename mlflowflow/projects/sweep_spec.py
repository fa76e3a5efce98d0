"""What a sweep is, as one frozen fact: what it searches, for what, how, how long, and what it then picks.

MLproject files and the Python builders of :mod:`mlflowflow.sweeps` lower to the same `SweepSpec`; the
digest of its canonical JSON names the sweep. The parts are in :mod:`mlflowflow.projects.sweep_parts`
and can be imported from here.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads the types of fields
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

from mlflowflow.errors import InvalidInput
from mlflowflow.events.canonical import from_plain, to_bytes
from mlflowflow.ids import digest
from mlflowflow.projects.point import fitted
from mlflowflow.projects.space import Dimension, conditions_first
from mlflowflow.projects.sweep_parts import (
    ANY_ERROR,
    PRUNER_OPTIONS,
    SAMPLER_OPTIONS,
    TIMEOUT,
    WORKER_LOST,
    Among,
    Budget,
    Constraint,
    Dedupe,
    Objective,
    OnPrune,
    Pruner,
    PrunerName,
    Resources,
    Sampler,
    SamplerName,
    Selection,
    StartPoint,
    Stop,
    TrialPolicy,
    Visibility,
)
from mlflowflow.projects.sweep_rules import breaches
from mlflowflow.projects.value import Scalar, frozen

if TYPE_CHECKING:
    from mlflowflow.projects.parameter import EntryPoint, Parameter

__all__ = [
    "ANY_ERROR",
    "PRUNER_OPTIONS",
    "SAMPLER_OPTIONS",
    "TIMEOUT",
    "WORKER_LOST",
    "Among",
    "Budget",
    "Constraint",
    "Dedupe",
    "Objective",
    "OnPrune",
    "Pruner",
    "PrunerName",
    "Resources",
    "Sampler",
    "SamplerName",
    "Selection",
    "StartPoint",
    "Stop",
    "SweepDraft",
    "SweepSpec",
    "TrialPolicy",
    "Visibility",
    "sweep_parameters",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepDraft:
    """The parts of a sweep before they are held against each other."""

    name: str
    entry_point: str
    space: tuple[Dimension, ...]
    objectives: tuple[Objective, ...]
    budget: Budget
    params: Mapping[str, Scalar] = field(default_factory=lambda: frozen({}))
    constraints: tuple[Constraint, ...] = ()
    sampler: Sampler = field(default_factory=Sampler)
    pruner: Pruner = field(default_factory=Pruner)
    start_from: tuple[StartPoint, ...] = ()
    dedupe: Dedupe = Dedupe.OFF
    parallel: int = 1
    stop: Stop = field(default_factory=Stop)
    trial: TrialPolicy = field(default_factory=TrialPolicy)
    select: Selection = field(default_factory=Selection)
    visibility: Visibility = Visibility.SWEEP

    @property
    def pruned_objective(self) -> Objective | None:
        """The objective whose logged points decide about pruning: the marked one, or the only one."""
        marked = [each for each in self.objectives if each.prune]
        if marked:
            return marked[0]
        return self.objectives[0] if len(self.objectives) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepSpec(SweepDraft):
    """A search over `space` with the runs of one entry point (or of one function) as trials.

    `space` lists dimensions after those their `when` names, otherwise by name, so that the order
    in which they are asked for does not depend on the file. `start_from` are tried first: values of
    some dimensions, or the address of a run, a model or a sweep (``runs:/…``, ``models:/…``,
    ``sweeps:/…``) whose run's parameters are taken. At most `parallel` trials run at once.
    """

    def __post_init__(self) -> None:
        """Bring the parts to one form; refuse, in one message, all that can never work."""
        found = breaches(self)
        if found:
            raise InvalidInput("\n".join(breach.sentence for breach in found))
        object.__setattr__(self, "params", frozen(self.params))
        object.__setattr__(self, "space", conditions_first(self.space))
        object.__setattr__(self, "start_from", tuple(_kept(each, self.space) for each in self.start_from))

    @classmethod
    def of(cls, draft: SweepDraft) -> SweepSpec:
        """Return the sweep that has the parts of `draft`.

        Raises:
            InvalidInput: parts contradict each other; all of it in one message, a line for each.
        """
        return cls(**{each.name: getattr(draft, each.name) for each in fields(SweepDraft)})

    @property
    def selecting_objective(self) -> Objective:
        """The objective by which the winner is picked: the one that `select.by` names, or the first."""
        return next((each for each in self.objectives if each.metric == self.select.by), self.objectives[0])

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON: it names the sweep."""
        return digest(to_bytes(self))

    @classmethod
    def from_plain(cls, value: object, *, key: str = "sweep") -> SweepSpec:
        """Read what :func:`mlflowflow.events.canonical.plain` made of one. Raises `CorruptData`, naming `key`."""
        return from_plain(cls, value, key=key)


def _kept(start: StartPoint, space: tuple[Dimension, ...]) -> StartPoint:
    return start if isinstance(start, str) else frozen(fitted(space, start))


def sweep_parameters(sweep: SweepSpec, entry_point: EntryPoint) -> tuple[Parameter, ...]:
    """Return what a user of `sweep` may give: the entry point's parameters that are not searched.

    The values that the sweep fixes are the defaults, so they can be overridden.
    """
    searched = {dimension.name for dimension in sweep.space}
    return tuple(
        replace(parameter, default=sweep.params.get(name, parameter.default))
        for name, parameter in entry_point.parameters.items()
        if name not in searched
    )
