"""What an export needs of the MLflow store it writes to.

Things are given in an order that suits the most demanding one, a server that gives ids of its own: all
experiments with the runs in them, then what is in each, and at last what is deleted, as nothing can be
added to that. Everything may be given again, and what is there already stays as it is or is brought up to
date.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.exchange.report import Counts
    from mlflowflow.registry.version import RegisteredModel
    from mlflowflow.tracking.artifacts.repository import ArtifactRepository
    from mlflowflow.tracking.logged.model import LoggedModel
    from mlflowflow.tracking.run import Experiment, Metric, Run


class Target(Protocol):
    """Write one MLflow store. Every call returns how many of each were not there yet."""

    @property
    def where(self) -> str:
        """Its address."""
        ...

    def experiment(self, experiment: Experiment, runs: Sequence[Run]) -> Counts:
        """Take an experiment, known by its name, and begin the runs in it."""
        ...

    def logged_model(self, model: LoggedModel) -> Counts:
        """Take a logged model, without its points."""
        ...

    def run(self, run: Run, points: Sequence[Metric]) -> Counts:
        """Take what a run logged, and its state. Raises `AlreadyExists` for another one of that id."""
        ...

    def files(self, owner: Run | LoggedModel, files: ArtifactRepository) -> Counts:
        """Take the files of a run or of a logged model."""
        ...

    def registered_model(self, model: RegisteredModel) -> Counts:
        """Take a registered model. Raises `AlreadyExists` if one of that name is there and is another."""
        ...

    def finish(self, experiment: Experiment, runs: Sequence[Run]) -> None:
        """Delete what is deleted."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...
