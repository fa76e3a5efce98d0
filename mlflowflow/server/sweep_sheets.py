"""What the pages of sweeps ask for and are answered. Times are milliseconds since 1970 UTC."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from mlflowflow.server.answers import Number  # noqa: TC001 - pydantic reads the types of fields
from mlflowflow.server.message import Message, Word
from mlflowflow.server.sheets import Cell  # noqa: TC001 - the same


class AskSweep(Message):
    """The sweep that is this run."""

    run_id: Word


class StopSweep(AskSweep):
    """Start no more trials; with `now` also end those that run."""

    now: bool = False


class ExtendSweep(AskSweep):
    """Let the budget be this in all; what is not given stays as it is."""

    trials: Annotated[int, Field(ge=1)] | None = None
    wall_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    cost: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    failed_trials: Annotated[int, Field(ge=1)] | None = None


class SweepsSheet(TypedDict):
    """All sweeps, the newest first. Of a damaged one only the run is known, and its phase is ``DAMAGED``."""

    run_ids: list[str]
    names: list[str]
    experiment_ids: list[str]
    experiments: list[str]
    phases: list[str]
    begun_ms: list[int | None]
    changed_ms: list[int | None]
    #: by state: how many trials of each sweep are in it
    counts: dict[str, list[int]]
    #: how many trials there may be in all; null without a limit
    limits: list[float | None]
    #: the used part of the limit that will end the sweep first, from 0 to 1
    shares: list[float]
    rest_s: list[float | None]
    metrics: list[str]
    goals: list[str]
    best: list[Number | None]
    best_trials: list[int | None]
    cost: list[float]


class SweepObjective(TypedDict):
    """A metric that the sweep improves; `prune` if its points decide about pruning."""

    metric: str
    goal: Literal["maximize", "minimize"]
    prune: bool


class SweepLimit(TypedDict):
    """What trials must keep to."""

    metric: str
    min: float | None
    max: float | None


class SweepDimension(TypedDict):
    """What is searched: a range, or `options`. It exists in trials where `when` holds."""

    name: str
    kind: Literal["float", "int", "choice"]
    log: bool
    low: float | None
    high: float | None
    options: list[str]
    when: dict[str, str]


class SweepUse(TypedDict):
    """What was used of one part of the budget; no limit is null."""

    name: Literal["trials", "wall", "cost", "failed_trials"]
    used: float
    limit: float | None


class SweepError(TypedDict):
    """Attempts that ended badly in the same way."""

    outcome: str
    sentence: str
    attempts: int
    trials: list[int]
    latest_ms: int


class SweepSpent(TypedDict):
    """What all attempts come to; `wasted` is the part of the cost that led to no result."""

    attempts: int
    seconds: float
    cost: float
    wasted: float


class TrialsSheet(TypedDict):
    """All trials by column; the number of a trial is its place."""

    run_ids: list[str]
    states: list[str]
    #: whether it was given, not suggested
    given: list[bool]
    same_as: list[int | None]
    #: by objective
    values: dict[str, list[Number | None]]
    #: by dimension; null where the trial has none
    params: dict[str, list[Cell]]
    asked_ms: list[int]
    ended_ms: list[int | None]
    seconds: list[float]
    cost: list[float]
    #: by how much constraints are exceeded in all
    excesses: list[Number | None]


class AttemptsSheet(TypedDict):
    """Attempts by column, in the order in which they began; one that runs has no end and no outcome."""

    trials: list[int]
    numbers: list[int]
    began_ms: list[int]
    ended_ms: list[int | None]
    outcomes: list[str | None]
    #: where it ran, "" if the log does not say
    workers: list[str]
    #: the lane of a timeline that each stands in, from 0
    lanes: list[int]
    #: what is written at each lane: the worker where it begins, or nothing
    names: list[str]


class SweepSheet(TypedDict):
    """All that is known of one sweep, but its points and what mattered."""

    run_id: str
    name: str
    experiment_id: str
    experiment: str
    entry_point: str
    phase: str
    #: why it ended, a part of a sentence; empty while it goes on
    ended: str
    #: who coordinates it; empty if nobody does
    held_by: str
    begun_ms: int
    changed_ms: int
    elapsed_s: float
    sampler: str
    pruner: str
    seed: int
    parallel: int
    params: dict[str, str]
    objectives: list[SweepObjective]
    selecting: str
    constraints: list[SweepLimit]
    dimensions: list[SweepDimension]
    uses: list[SweepUse]
    counts: dict[str, int]
    #: trials per second of late
    pace: float | None
    rest_s: float | None
    best: int | None
    front: list[int]
    trials: TrialsSheet
    attempts: AttemptsSheet
    errors: list[SweepError]
    spent: SweepSpent


class SweepPoints(TypedDict):
    """The points that trials reported, by trial; `thinned` if only a part of each trial's is there."""

    metric: str
    trials: list[int]
    steps: list[list[int]]
    values: list[list[Number]]
    thinned: bool


class SweepImportance(TypedDict):
    """How much each dimension mattered for one objective; no `shares` while too few trials are done."""

    metric: str
    names: list[str]
    shares: list[float]


class SweepImportances(TypedDict):
    """How much each dimension mattered, told from so many `trials`; at least `fewest` are needed."""

    method: str
    trials: int
    fewest: int
    objectives: list[SweepImportance]


class SweepAsked(TypedDict):
    """A request was written down; a `sentence` says what comes of it."""

    sentence: str
