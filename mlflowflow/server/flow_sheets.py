"""What the pages of flows, and the page of what goes on now, are answered. Times are milliseconds since 1970 UTC."""

from __future__ import annotations

from typing_extensions import TypedDict

from mlflowflow.server.message import Message, Word


class AskFlow(Message):
    """The flow whose root is this run."""

    run_id: Word


class FlowRow(TypedDict):
    """One run of a plan: a pipeline, or one entry point."""

    run_id: str
    name: str
    kind: str
    #: where its project is
    project: str
    experiment_id: str
    experiment: str
    user: str
    status: str
    begun_ms: int
    ended_ms: int | None
    #: by status: how many steps are in it
    steps: dict[str, int]


class FlowsAnswer(TypedDict):
    """Flows, the newest first; `total` is how many there are."""

    flows: list[FlowRow]
    total: int


class FlowStep(TypedDict):
    """One step of a flow. `after` names the steps whose outputs it was given."""

    name: str
    run_id: str
    status: str
    begun_ms: int
    ended_ms: int | None
    attempts: int
    entry_point: str
    #: what its run is, if it is a sweep
    sweep: str
    #: of a sweep, by status: how many trials
    trials: dict[str, int]
    model: str
    verdict: str
    #: what came of it in words: a verdict, or why it failed
    sentence: str
    task_run_id: str
    after: list[str]


class FlowAnswer(TypedDict):
    """One flow with its steps, in the order in which they began."""

    flow: FlowRow
    params: dict[str, str]
    failure: str
    digest: str
    flow_run_id: str
    #: where Prefect's own pages are, if this server knows; else empty
    prefect: str
    #: where Dask's dashboard is, or was, and the path of its performance report among the files of its run
    dashboard: str
    report: str
    #: what runs it again, with the same parameters
    command: str
    steps: list[FlowStep]


class GoingOn(TypedDict):
    """A run that nothing else began: it runs, or failed of late. `kind` is flow, sweep or run."""

    run_id: str
    name: str
    kind: str
    experiment_id: str
    experiment: str
    user: str
    begun_ms: int
    ended_ms: int | None
    failure: str


class NowAnswer(TypedDict):
    """What runs, and what failed of late, the latest first; so many at most, and how many there are."""

    running: list[GoingOn]
    running_total: int
    failed: list[GoingOn]
    failed_total: int
