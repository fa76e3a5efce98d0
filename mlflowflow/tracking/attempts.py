"""Which attempt of each run this process logs for.

A run that is tried again keeps its id, and of each attempt another process may log, one that was taken
for lost among them. So a process says for which attempt it logs, and readers leave out the earlier ones.

Whoever launches attempts says so (`join`). Everybody else logs for the attempt in which the run was when
they came to it: a script that adds a metric to a run of last week does not know of attempts.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, Protocol

from mlflowflow.errors import CorruptData, InvalidInput, StoreError
from mlflowflow.tracking.record import FIRST_ATTEMPT

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.tracking.table.reader import Reader

_LAST: Final = 2**31 - 1
_log: Final = logging.getLogger(__name__)


class Homes(Protocol):
    """Know which experiment a run belongs to."""

    def experiment_of(self, run_id: str) -> str:
        """Return the id of the run's experiment. Raises `NotFound`."""
        ...


class Attempts:
    """Know the attempts of one process. What was told in `joined` wins over what was found."""

    def __init__(
        self, joined: dict[str, int], *, look_up: Callable[[str], int], found: dict[str, int] | None = None
    ) -> None:
        """Keep what is told in `joined` and what is found in `found`; `look_up` returns a run's present attempt.

        Both outlive a fork: a child that had to read the store before its first log call would wait for
        whatever a thread of its parent held in that moment.
        """
        self._joined = joined
        self._look_up = look_up
        self._found: dict[str, int] = {} if found is None else found

    def join(self, run_id: str, attempt: int) -> None:
        """Log for this attempt of the run from now on. Raises `InvalidInput` for what is no attempt."""
        if not FIRST_ATTEMPT <= attempt <= _LAST:
            raise InvalidInput(
                f"{attempt!r} is no attempt of the run '{run_id}'; expected a number from 1 to {_LAST}."
            )
        self._joined[run_id] = attempt

    def found(self, run_id: str, attempt: int) -> None:
        """Note in which attempt a run was when this process began or resumed it."""
        self._found[run_id] = attempt

    def known(self, run_id: str) -> int | None:
        """Return the attempt to log for, None if nobody has told it and it was not looked up."""
        return self._joined.get(run_id, self._found.get(run_id))

    def of(self, run_id: str) -> int:
        """Return the attempt to log for, looking it up if need be. Raises what `look_up` does."""
        known = self.known(run_id)
        if known is None:
            known = self._found[run_id] = self._look_up(run_id)
        return known

    def forget(self, run_id: str) -> None:
        """Look it up again the next time, unless it was told."""
        self._found.pop(run_id, None)


def present_attempt(homes: Homes, reader: Reader, run_id: str) -> int:
    """Return in which attempt a run is now; the first if that cannot be read. Raises `NotFound`.

    What is logged must not depend on what others wrote, or on whether the store answers.
    """
    experiment_id = homes.experiment_of(run_id)
    try:
        state = reader.present(experiment_id, run_id)
    except (StoreError, CorruptData) as error:
        _log.warning("What is logged to the run '%s' counts for its first attempt: %s", run_id, error)
        return FIRST_ATTEMPT
    return FIRST_ATTEMPT if state is None else state.attempt
