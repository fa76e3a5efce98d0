"""One logged fact: what a client said about a run or an experiment.

Records are the only thing that is ever written. What a run *is* follows from its records by a fold
that does not depend on their order (`fold`), so writers need no coordination: each has its own
stream, and reading is taking all streams together.

Every record carries `at`, a time that strictly increases within its writer. With the writer's name
it says which of two tags is the later and which of two params came first, the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a record says. The values are part of the stored format."""

    METRIC = "metric"
    PARAM = "param"
    TAG = "tag"
    TAG_DELETED = "tag_deleted"
    #: a run begins to exist: `timestamp` is its start, `text` its user
    STARTED = "started"
    #: a run's status: `text` is the status, `timestamp` the end or 0
    STATUS = "status"
    #: `text` is a lifecycle stage
    LIFECYCLE = "lifecycle"
    #: an experiment's name is `text`
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One fact about the run `run_id`, or about the experiment itself if that is empty.

    `at` is in microseconds, `timestamp` in milliseconds since 1970 UTC; `value` belongs to metrics
    and `text` to everything else.
    """

    run_id: str
    kind: Kind
    at: int
    key: str = ""
    text: str = ""
    value: float = 0.0
    step: int = 0
    timestamp: int = 0
