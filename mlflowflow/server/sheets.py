"""What pages ask for and are answered: tables by column, which a browser reads fast and a wire packs well.

All below ``/api/mlff/1``. Times are milliseconds since 1970 UTC. In a column of numbers ``null`` is
"nothing was logged"; what JSON has no number for is a text.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from typing_extensions import TypedDict

from mlflowflow.server.answers import Number
from mlflowflow.server.message import Message

#: One cell of a table.
Cell: TypeAlias = Number | str | None


class Best(TypedDict):
    """The best value of an experiment's metric, the run that has it, and the best so far as runs began."""

    metric: str
    value: float
    run_id: str
    trace: list[float]


class ExperimentsSheet(TypedDict):
    """All experiments, the one with the latest run first."""

    ids: list[str]
    names: list[str]
    created_ms: list[int]
    #: when the newest run began; null without runs
    latest_ms: list[int | None]
    running: list[int]
    finished: list[int]
    failed: list[int]
    killed: list[int]
    #: how many of its runs are sweeps' trials or steps of pipelines
    nested: list[int]
    descriptions: list[str]
    goals: list[dict[str, Literal["maximize", "minimize"]]]
    #: of the first metric that has a goal; null without one, or without a value
    best: list[Best | None]


class RunsColumn(TypedDict):
    """One column that runs have: `filled` in so many runs, with `values` different ones."""

    name: str
    filled: int
    values: int


class RunsColumns(TypedDict):
    """Which columns the runs of some experiments have: params, metrics and tags, in this order."""

    runs: int
    columns: list[RunsColumn]


class RunsSheet(TypedDict):
    """Runs, the newest first, and the columns that were asked for, by name, each in the runs' order."""

    run_ids: list[str]
    columns: dict[str, list[Cell]]


class Matching(TypedDict):
    """The ids of the runs that a filter is true of, in no particular order."""

    run_ids: list[str]


class Curve(TypedDict):
    """The points of one metric of one run, by step; `thinned` if only the extremes of each stretch are there."""

    run_id: str
    metric: str
    steps: list[int]
    times_ms: list[int]
    values: list[Number]
    #: when the run logged its first point of the metric
    began_ms: int
    #: how many points there are in all
    total: int
    thinned: bool


class Curves(TypedDict):
    """Several curves."""

    curves: list[Curve]


class OfExperiments(Message):
    """A question about the runs of some experiments."""

    experiment: tuple[str, ...] = ()
    stage: Literal["active", "deleted", "all"] = "active"


class AskRuns(OfExperiments):
    """Which columns: ``run_name``, ``status``, ``params.depth``, ``metrics.loss``, ``metrics_min.loss``, ``tags.team``.

    ``params.*`` is all of a family that the runs have. Naming runs leaves all others out.
    """

    column: tuple[str, ...] = ()
    run: tuple[str, ...] = ()


class AskMatching(OfExperiments):
    """A filter in the language of `mlflowflow.search_runs`."""

    filter: str = ""


class AskCurves(Message):
    """Metrics of runs, from `first` to `last`; a curve of more than `points` points is thinned to about as many.

    The ends are steps, or milliseconds if they are meant `by` time.
    """

    run: tuple[str, ...] = ()
    metric: tuple[str, ...] = ()
    points: int = 2000
    first: float | None = None
    last: float | None = None
    by: Literal["step", "time"] = "step"
