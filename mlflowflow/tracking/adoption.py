"""Taking in what was made elsewhere: with its own ids, authors and times.

Everything here may be repeated: what has been taken in already is found by its name or id.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import AlreadyExists, InvalidInput
from mlflowflow.ids import is_run_id
from mlflowflow.tracking.record import FIRST_ATTEMPT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mlflowflow.tracking.directory import RunDirectory
    from mlflowflow.tracking.experiments import Experiments
    from mlflowflow.tracking.record import Record
    from mlflowflow.tracking.run import Experiment
    from mlflowflow.tracking.run_log import RunLog

#: So many runs are entered at a time.
_AT_ONCE: Final = 16


class Adoption:
    """Take in experiments, runs and logged models.

    >>> from mlflowflow.storage.memory import MemoryBlobStore
    >>> from mlflowflow.tracking.record import Kind, Record
    >>> from mlflowflow.tracking.tracker import Tracker
    >>> with Tracker(MemoryBlobStore()) as tracker:
    ...     began = Record(run_id="r1", kind=Kind.STARTED, text="ada", timestamp=5, at=0)
    ...     tracker.adoption.take("0", "r1", [began])
    ...     tracker.get_run("r1").info.user_id
    'ada'
    """

    def __init__(self, experiments: Experiments, directory: RunDirectory, run_log: RunLog) -> None:
        """Use what a tracker has."""
        self._experiments = experiments
        self._directory = directory
        self._run_log = run_log

    def experiment(self, made: Experiment) -> tuple[Experiment, bool]:
        """Return the experiment called like `made`, and whether it is new here.

        A new one keeps its tags, its time, and its id unless another experiment has that. Where its files
        lie is this store's matter.
        """
        found = self._experiments.find(made.name)
        if found is not None:
            return found, False
        created = self._experiments.create(
            made.name, tags=made.tags, experiment_id=made.experiment_id, created_ms=made.creation_time
        )
        return created, True

    def take(self, shard: str, owner: str, records: Sequence[Record]) -> None:
        """Write `records` of the run `owner`, or of a logged model in its shard, entering it if it is new.

        Raises `AlreadyExists` if it belongs to another experiment, `InvalidInput` for an impossible id.
        """
        if not is_run_id(owner):
            raise InvalidInput(f"'{owner}' cannot be an id here; expected letters, digits, '_' and '-'.")
        self._directory.claim(owner, shard)
        self._run_log.note(owner, records, attempt=FIRST_ATTEMPT)

    def expect(self, shard: str, owners: Iterable[str]) -> None:
        """Enter runs that are taken soon, several at a time: most of the time of each is waiting for a disk.

        One that cannot be entered is left to `take`, which says why.
        """

        def enter(owner: str) -> None:
            with suppress(AlreadyExists, InvalidInput):
                self._directory.claim(owner, shard)

        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="mlff-adoption") as pool:
            for _ in pool.map(enter, filter(is_run_id, owners)):
                pass
