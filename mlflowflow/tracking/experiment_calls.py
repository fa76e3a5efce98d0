"""The calls of a tracker that are about experiments.

They are a class of their own for its length's sake; `Tracker` is what people use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.errors import NotFound
from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.run import LifecycleStage, stages_in_view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.tracking.directory import RunDirectory
    from mlflowflow.tracking.experiments import Experiments
    from mlflowflow.tracking.openness import Openness
    from mlflowflow.tracking.run import Experiment
    from mlflowflow.tracking.table.reader import Reader
    from mlflowflow.tracking.writing.stream import Stream


class ExperimentCalls:
    """Create, find, tag, rename, delete and restore experiments."""

    _directory: RunDirectory
    _experiments: Experiments
    _openness: Openness
    _reader: Reader
    _stream: Stream

    def create_experiment(
        self, name: str, *, tags: Mapping[str, str] | None = None, artifact_location: str | None = None
    ) -> str:
        """Create an experiment, its files to lie at `artifact_location` or in the store, and return its id.

        Raises `AlreadyExists` if the name is taken, `InvalidInput` for a place that cannot be used.
        """
        made = self._experiments.create(name, tags=tags or {}, artifact_location=artifact_location)
        return made.experiment_id

    def get_experiment(self, experiment_id: str) -> Experiment:
        """Return an experiment. Raises `NotFound`."""
        return self._reader.experiment(self._experiments.get(experiment_id))

    def get_experiment_by_name(self, name: str) -> Experiment | None:
        """Return the experiment of that name, deleted or not, or None."""
        found = self._experiments.find(name)
        return None if found is None else self._reader.experiment(found)

    def ensure_experiment(self, name: str) -> Experiment:
        """Return the experiment of that name, creating it if there is none. Safe in a race."""
        return self._reader.experiment(self._experiments.ensure(name))

    def experiment_of(self, run_id: str) -> str:
        """Return the id of a run's experiment, at less cost than the run. Raises `NotFound`."""
        return self._directory.experiment_of(run_id)

    def list_experiments(self, *, view: str = "active") -> list[Experiment]:
        """Return the experiments that are "active", "deleted" or either ("all"), the newest first."""
        stages = stages_in_view(view)
        found = self._reader.experiments(self._experiments.all())
        kept = [experiment for experiment in found if experiment.lifecycle_stage in stages]
        return sorted(kept, key=lambda experiment: experiment.creation_time, reverse=True)

    def set_experiment_tag(self, experiment_id: str, key: str, value: str) -> None:
        """Set a tag of an experiment. Raises `NotFound`."""
        self._note_experiment(experiment_id, Kind.TAG, value, key=key)

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        """Remove a tag of an experiment. Raises `NotFound` if there is no such experiment or tag."""
        if key not in self.get_experiment(experiment_id).tags:
            raise NotFound("tag", key, hint=f"The experiment '{experiment_id}' does not have it.")
        self._note_experiment(experiment_id, Kind.TAG_DELETED, "", key=key)

    def rename_experiment(self, experiment_id: str, name: str) -> None:
        """Give an experiment another name. Raises `NotFound`, `AlreadyExists`."""
        old = self.get_experiment(experiment_id).name
        if old == name:
            return
        self._experiments.claim_for(experiment_id, name)
        self._note_experiment(experiment_id, Kind.NAME, name)
        self._experiments.release(old)

    def is_experiment_deleted(self, experiment_id: str) -> bool:
        """Return whether an experiment is deleted, at less cost than reading it. Raises `NotFound`."""
        return self._openness.is_deleted(experiment_id)

    def delete_experiment(self, experiment_id: str) -> None:
        """Put an experiment out of use; nothing is removed and its name stays taken."""
        self._openness.mark(experiment_id)
        self._note_experiment(experiment_id, Kind.LIFECYCLE, LifecycleStage.DELETED)

    def restore_experiment(self, experiment_id: str) -> None:
        """Put a deleted experiment back into use."""
        self._note_experiment(experiment_id, Kind.LIFECYCLE, LifecycleStage.ACTIVE)

    def _note_experiment(self, experiment_id: str, kind: Kind, text: str, *, key: str = "") -> None:
        self._experiments.get(experiment_id)
        self._stream.append(experiment_id, "", [Record(run_id="", kind=kind, key=key, text=text, at=0)])
        self._stream.flush()
