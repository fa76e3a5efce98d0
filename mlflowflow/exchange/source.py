"""What an import reads: an MLflow store, whatever it is made of.

A source gives what it has in this library's own entities, under the ids and times it was made with.
Nothing is ever written to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from mlflowflow.tracking.logged.model import LoggedModel
    from mlflowflow.tracking.run import Experiment, Metric, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundVersion:
    """One version of a registered model; `files` is where its files lie, as MLflow says it."""

    version: int
    source: str
    files: str
    stage: str = "None"
    run_id: str | None = None
    model_id: str | None = None
    run_link: str | None = None
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundModel:
    """One registered model with the versions that were not deleted, by number."""

    name: str
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, int] = field(default_factory=dict)
    versions: tuple[FoundVersion, ...] = ()


class Files(Protocol):
    """The files of one run or logged model."""

    def list(self) -> Iterable[tuple[str, int]]:
        """Return the path of every file, relative with slashes, and its size in bytes."""
        ...

    def fetch(self, path: str, folder: Path) -> Path:
        """Return where the file `path` is on this machine, after copying it into `folder` if need be."""
        ...


class Source(Protocol):
    """Read one MLflow store. Raises `CorruptData` if all of it cannot be read, `StoreUnavailable` for no answer.

    What cannot be read of it is left out and named in `problems`.
    """

    problems: list[str]

    @property
    def where(self) -> str:
        """Its address."""
        ...

    def experiments(self) -> Iterable[Experiment]:
        """Return all experiments, deleted ones too."""
        ...

    def runs(self, experiment_id: str) -> Iterator[Run]:
        """Yield all runs of an experiment, deleted ones too; their metrics are in `points`."""
        ...

    def points(self, run: Run) -> Sequence[Metric]:
        """Return every point of every metric of a run, in the order logged, with what it is linked to."""
        ...

    def logged_models(self, experiment_id: str) -> Iterator[LoggedModel]:
        """Yield all logged models of an experiment that were not deleted."""
        ...

    def registered_models(self) -> Iterable[FoundModel]:
        """Return all registered models."""
        ...

    def files(self, uri: str) -> Files | None:
        """Return the files at an artifact address that this source named, None if they cannot be reached."""
        ...


def logged_model_of_source(source: str) -> str | None:
    """Return the id of the logged model that a version's source is, if it is one.

    >>> logged_model_of_source("models:/m-1"), logged_model_of_source("models:/wine/1")
    ('m-1', None)
    """
    rest = source.removeprefix("models:/")
    return rest if rest != source and rest.startswith("m-") and "/" not in rest else None
