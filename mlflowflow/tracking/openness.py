"""Whether an experiment takes new runs, asked at the first `start_run` of every process.

What became of an experiment is said by its records, and to know it all segments that nobody folded yet
must be read: seconds, where hundreds of processes start at once. So whoever deletes an experiment first
leaves a mark beside it. Where there is no mark, and the newest manifest knows of no deletion either, the
experiment was never deleted. The mark stays for ever; with it, or in doubt, the records decide.

Releases before this one left no mark: what they deleted is seen once it has been folded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.errors import InvalidState
from mlflowflow.tracking.layout import closed_key
from mlflowflow.tracking.run import LifecycleStage
from mlflowflow.tracking.table.manifest import (
    experiment_from_json,
    head_number,
    manifest_log,
    read_manifest,
)

if TYPE_CHECKING:
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.experiments import Experiments
    from mlflowflow.tracking.table.reader import Reader


class Openness:
    """Know which experiments take new runs; each is looked up once in a process."""

    def __init__(self, store: BlobStore, experiments: Experiments, reader: Reader) -> None:
        """Look for marks in `store`, and ask the `reader` in doubt."""
        self._store = store
        self._experiments = experiments
        self._reader = reader
        self._open: set[str] = set()

    def check(self, experiment_id: str) -> None:
        """Raise `NotFound` for an unknown experiment and `InvalidState` for a deleted one."""
        if experiment_id in self._open:
            return
        if self.is_deleted(experiment_id):
            raise InvalidState(
                f"The experiment '{experiment_id}' is deleted; restore it to add runs to it.",
                error_code="INVALID_PARAMETER_VALUE",
            )
        self._open.add(experiment_id)

    def is_deleted(self, experiment_id: str) -> bool:
        """Return whether an experiment is deleted now. Raises `NotFound` for an unknown one."""
        began = self._experiments.get(experiment_id)
        if not self._may_be_deleted(experiment_id):
            return False
        return self._reader.experiment(began).lifecycle_stage is LifecycleStage.DELETED

    def mark(self, experiment_id: str) -> None:
        """Leave the mark that the experiment is about to be deleted. Raises `NotFound`."""
        self._experiments.get(experiment_id)
        self._store.put(closed_key(experiment_id), b"{}")
        self._open.discard(experiment_id)

    def _may_be_deleted(self, experiment_id: str) -> bool:
        if self._store.get(closed_key(experiment_id)) is not None:
            return True
        number = head_number(self._store, experiment_id)
        cells = read_manifest(manifest_log(self._store, experiment_id), number).experiment
        return experiment_from_json(cells).lifecycle.text == LifecycleStage.DELETED
