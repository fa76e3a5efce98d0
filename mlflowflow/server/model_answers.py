"""What pages about models are answered. Times are milliseconds since 1970 UTC."""

from __future__ import annotations

from typing_extensions import TypedDict

from mlflowflow.server.answers import Number  # noqa: TC001 - pydantic reads it when it runs
from mlflowflow.server.message import Message


class Decision(TypedDict):
    """One entry of a model's log: `what` and `why` in words, and the version and alias or stage that it is about."""

    model: str
    seq: int
    at_ms: int
    actor: str
    kind: str
    what: str
    why: str
    version: int | None
    #: the version that held the place before
    previous: int | None
    #: an alias, or a stage
    place: str | None
    #: the digest of the verdict that it rests on
    verdict: str | None
    digest: str


class Holding(TypedDict):
    """A version held an alias or a stage from one moment to another, or until now."""

    place: str
    version: int
    from_ms: int
    to_ms: int | None
    actor: str
    seq: int


class ModelsSheet(TypedDict):
    """All registered models by column, the one with the latest decision first."""

    names: list[str]
    descriptions: list[str]
    versions: list[int]
    latest: list[int]
    updated_ms: list[int]
    aliases: list[dict[str, int]]
    stages: list[dict[str, int]]
    #: the last time an alias or a stage moved; null if none ever did
    moved: list[Decision | None]


class VersionRow(TypedDict):
    """One version in the list of a model's."""

    version: int
    created_ms: int
    stage: str
    aliases: list[str]
    run_id: str | None
    metrics: dict[str, Number]
    description: str


class ModelSheet(TypedDict):
    """One model: its versions, the newest first, who held which place when, and every decision, the latest first."""

    name: str
    description: str
    tags: dict[str, str]
    versions: list[VersionRow]
    holdings: list[Holding]
    decisions: list[Decision]


class CheckRow(TypedDict):
    """One check of a gate: what it came to, in words and numbers."""

    id: str
    outcome: str
    sentence: str
    numbers: dict[str, Number]


class VerdictRow(TypedDict):
    """What a gate said of a version, when, and by which policy."""

    digest: str
    at_ms: int
    gate: str
    outcome: str
    sentence: str
    champion: int | None
    policy: str
    evaluations: list[str]
    checks: list[CheckRow]


class ColumnRow(TypedDict):
    """One column, tensor or parameter of a signature; `side` is inputs, outputs or params."""

    side: str
    name: str
    type: str
    required: bool


class FileRow(TypedDict):
    """One file of a model and its SHA-256."""

    path: str
    sha256: str


class DataRow(TypedDict):
    """A dataset that the version's run read."""

    name: str
    digest: str
    source_type: str


class RunLink(TypedDict):
    """A run that led to the version, the outermost first."""

    run_id: str
    name: str
    experiment_id: str


class VersionSheet(TypedDict):
    """One version with everything that led to it and was decided about it."""

    name: str
    version: int
    created_ms: int
    updated_ms: int
    stage: str
    aliases: list[str]
    description: str
    tags: dict[str, str]
    source: str
    digest: str | None
    model_id: str | None
    copied_from: str | None
    params: dict[str, str]
    metrics: dict[str, Number]
    signature: list[ColumnRow]
    files: list[FileRow]
    data: list[DataRow]
    runs: list[RunLink]
    verdicts: list[VerdictRow]
    decisions: list[Decision]
    #: the version that holds the alias champion, to compare with
    champion: int | None


class DifferenceRow(TypedDict):
    """Something that is not the same in two versions; null where one lacks it."""

    part: str
    name: str
    old: str | None
    new: str | None


class DifferencesAnswer(TypedDict):
    """Everything in which `new` differs from `old`."""

    old: int
    new: int
    differences: list[DifferenceRow]


class LogCheck(TypedDict):
    """Whether a model's log is the one that was written: `error` says what is wrong, null if nothing is."""

    model: str
    entries: int
    head: str
    error: str | None


class AuditAnswer(TypedDict):
    """Every decision about every model, the latest first, and whether each log is intact."""

    decisions: list[Decision]
    logs: list[LogCheck]


class PendingRow(TypedDict):
    """Something about a version that waits for a decision, or a refusal that is the last word about its alias.

    `outcome` is the verdict's word, or ``ANNOUNCED`` for a candidate that no gate has weighed yet.
    """

    model: str
    version: int
    place: str
    outcome: str
    sentence: str
    at_ms: int
    #: what to do about it, or what tells more
    command: str


class PendingAnswer(TypedDict):
    """What waits, the latest first, then the refusals that stand."""

    waiting: list[PendingRow]
    refused: list[PendingRow]


class OneModel(Message):
    """A question about one model."""

    name: str


class OneVersion(Message):
    """A question about one version."""

    name: str
    version: int


class TwoVersions(Message):
    """A question about two versions of a model."""

    name: str
    version: int
    against: int
