"""What the page of a run asks for and is answered."""

from __future__ import annotations

from typing_extensions import TypedDict

from mlflowflow.server.answers import Number
from mlflowflow.server.message import Message, Word
from mlflowflow.server.sheets import Cell


class AskRun(Message):
    """One run."""

    run_id: Word


class AskTable(AskRun):
    """A file of a run that holds a table; its first `rows`."""

    path: Word
    rows: int = 1000


class LatestMetric(TypedDict):
    """A metric of a run: its latest point, and its least and greatest value if they are known."""

    name: str
    value: Number
    step: int
    time_ms: int
    least: Number | None
    greatest: Number | None


class RunBeside(TypedDict):
    """A run beside the one that is shown."""

    run_id: str
    name: str
    status: str
    start_ms: int
    end_ms: int | None


class DatasetUsed(TypedDict):
    """A dataset that a run used, and what for."""

    name: str
    digest: str
    source_type: str
    source: str
    context: str


class ModelUsed(TypedDict):
    """A logged model that a run used or made; one that cannot be read has no name."""

    model_id: str
    name: str
    status: str


class VersionMade(TypedDict):
    """A version of a registered model that came from a run."""

    name: str
    version: str
    stage: str
    aliases: list[str]


class RunSheet(TypedDict):
    """All that is known of one run but its curves and files."""

    run_id: str
    name: str
    experiment_id: str
    experiment: str
    goals: dict[str, str]
    status: str
    stage: str
    user: str
    start_ms: int
    end_ms: int | None
    attempt: int
    params: dict[str, str]
    metrics: list[LatestMetric]
    tags: dict[str, str]
    parent: RunBeside | None
    #: in the order in which they began, so many at most
    children: list[RunBeside]
    children_total: int
    datasets: list[DatasetUsed]
    models_used: list[ModelUsed]
    models_made: list[ModelUsed]
    versions: list[VersionMade]
    #: where Prefect's pages are, if the server knows
    prefect_ui: str | None


class TableSheet(TypedDict):
    """The first rows of a table, by column."""

    columns: list[str]
    data: list[list[Cell]]
    #: how many rows there are; null if nobody counted them
    rows: int | None
