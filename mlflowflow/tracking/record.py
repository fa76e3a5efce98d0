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
from typing import Final, NamedTuple


class Kind(StrEnum):
    """What a record says. The values and their order are part of the stored formats: new ones go to the end."""

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
    #: a run used the dataset `key`, which `text` describes (see `table.links`)
    INPUT = "input"
    #: what a run says of an input
    INPUT_TAG = "input_tag"
    #: a run used the logged model `key`
    MODEL_INPUT = "model_input"
    #: a run made the logged model `key`, at the step `text`
    MODEL_OUTPUT = "model_output"


#: The kinds that the first release did not know: files that hold them say that it cannot read them.
NEWER: Final = frozenset({Kind.INPUT, Kind.INPUT_TAG, Kind.MODEL_INPUT, Kind.MODEL_OUTPUT})

#: The number of a run's first attempt, and of all that say none.
FIRST_ATTEMPT: Final = 1


class Whose(NamedTuple):
    """What records are about: a run, empty for the experiment itself, and the attempt of it that says them."""

    run_id: str
    attempt: int = FIRST_ATTEMPT


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One fact about the run `run_id`, or about the experiment itself if that is empty.

    `at` is in microseconds, `timestamp` in milliseconds since 1970 UTC; `value` belongs to metrics
    and `text` to everything else; the `text` of a metric says what the point is linked to. `attempt`
    is the attempt of the run that said it.
    """

    run_id: str
    kind: Kind
    at: int
    key: str = ""
    text: str = ""
    value: float = 0.0
    step: int = 0
    timestamp: int = 0
    attempt: int = FIRST_ATTEMPT
