"""What the log of a sweep says, as frozen facts.

The log is the sweep: whatever a coordinator knows is the fold of its entries
(:mod:`mlflowflow.sweeps.history`), and a sampler that is given the same entries again suggests the
same parameters again. Entries that take effect together are one `Batch`, which is one object.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads the fields' types
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator

from mlflowflow.events.canonical import ADDED
from mlflowflow.projects.sweep_spec import SweepSpec  # noqa: TC001 - pydantic reads the fields' types
from mlflowflow.projects.value import Scalar, frozen
from mlflowflow.sweeps.trial import Outcome, TrialState  # noqa: TC001 - pydantic reads the fields' types


class Origin(StrEnum):
    """Where a trial's parameters come from."""

    SAMPLER = "sampler"
    START = "start_from"


class Ending(StrEnum):
    """Why no more trials are started."""

    EXHAUSTED = "exhausted"  # the sampler has nothing left to try
    TRIALS = "trials"
    WALL = "wall"
    COST = "cost"
    FAILED_TRIALS = "failed_trials"
    TARGET = "target"
    NO_IMPROVEMENT = "no_improvement"
    REQUESTED = "requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The sweep began: its whole spec, the sampler's seed, and the starting points with addresses resolved."""

    sweep: SweepSpec
    seed: int
    start: tuple[Mapping[str, Scalar], ...] = ()
    params: Mapping[str, Scalar] = field(default_factory=lambda: frozen({}))
    versions: Mapping[str, str] = field(default_factory=lambda: frozen({}))
    kind: Literal["opened"] = "opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordinated:
    """A coordinator took the sweep over: whoever wrote before must not write again."""

    epoch: int
    host: str
    pid: int
    kind: Literal["coordinated"] = "coordinated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Trial `trial` is to run with `params`, or to take over the result of the trial `same_as`."""

    trial: int
    params: Mapping[str, Scalar]
    origin: Origin
    same_as: int | None = None
    kind: Literal["asked"] = "asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """An attempt was handed to a worker."""

    trial: int
    attempt: int
    kind: Literal["started"] = "started"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """Points of the pruned objective, each (step, value), in the order in which they were weighed.

    `prune` says that with the last of them the pruner asked for the trial's end.
    """

    trial: int
    points: tuple[tuple[int, float], ...]
    prune: bool = False
    kind: Literal["reported"] = "reported"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptEnded:
    """An attempt ended after `seconds` on a worker that cost `cost`; the trial may go on with another.

    `worker` is the address of that worker, if it is known.
    """

    trial: int
    attempt: int
    outcome: Outcome
    seconds: float
    cost: float
    error: str = ""
    worker: str | None = field(default=None, metadata=ADDED)
    kind: Literal["attempt_ended"] = "attempt_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A trial is done: the `values` of the objectives in their order, and by how much constraints are exceeded."""

    trial: int
    state: TrialState
    values: tuple[float, ...] = ()
    excesses: tuple[float, ...] = ()
    kind: Literal["told"] = "told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """Request `request` was followed: the budget is larger from here on. None leaves a limit as it was."""

    request: int
    trials: int | None = None
    wall_s: float | None = None
    cost: float | None = None
    failed_trials: int | None = None
    kind: Literal["extended"] = "extended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """No more trials are started, and why; `request` is the one that demanded it, if one did."""

    why: Ending
    sentence: str
    request: int | None = None
    kind: Literal["ended"] = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """Nothing runs any more, and the winner is known."""

    kind: Literal["closed"] = "closed"


Entry: TypeAlias = Annotated[
    Opened | Coordinated | Asked | Started | Reported | AttemptEnded | Told | Extended | Ended | Closed,
    Discriminator("kind"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One object of the log: what happened at `at_us`, after `elapsed_s` seconds of coordination in all.

    `token` tells this coordinator's objects from those of another.
    """

    at_us: int
    elapsed_s: float
    token: str
    entries: tuple[Entry, ...]
    format: Literal[1] = 1
