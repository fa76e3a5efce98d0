"""Where the files of an address are: among those of a run, of the models it logged, or in a store.

MLflow 3 keeps a model that a run logged among the model's own files, and shows it among those of the
run under its name. So an address of a run may be in two places, of which the first that has it counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflowflow.errors import InvalidUri, NotFound
from mlflowflow.storage.address import normalize
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.artifacts.path import clean_path, joined
from mlflowflow.tracking.artifacts.repository import ArtifactRepository
from mlflowflow.tracking.run import FileInfo

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mlflowflow.tracking.logged.model import LoggedModel
    from mlflowflow.tracking.tracker import Tracker


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A file or folder `path` among some files, which are shown under the folder `shown_in`."""

    files: ArtifactRepository
    path: str
    shown_in: str = ""

    def list(self) -> list[FileInfo]:
        """Return what is directly in the folder."""
        return [
            FileInfo(path=joined(self.shown_in, found.path), is_dir=found.is_dir, file_size=found.file_size)
            for found in self.files.list(self.path)
        ]

    def exists(self) -> bool:
        """Return whether the file or folder is there; the files' own root always is."""
        above = self.path.rpartition("/")[0]
        return not self.path or self.path in {found.path for found in self.files.list(above)}

    def fetch(self, dst: Path) -> Path:
        """Copy it into the directory `dst` under its own name and return where it is. Raises `NotFound`."""
        return self.files.download(self.path, dst if self.path else dst / self.shown_in)


def places_of_run(tracker: Tracker, run_id: str, path: str | None) -> tuple[Place, ...]:
    """Return where `path` of a run may be: among its files, then those of a model it logged under that name.

    Raises `NotFound` for an unknown run.
    """
    wanted = clean_path(path or "")
    own = Place(files=tracker.artifacts(run_id), path=wanted)
    name, _, rest = wanted.partition("/")
    model = _logged_as(tracker, run_id, name) if name else None
    if model is None:
        return (own,)
    return (own, Place(files=tracker.model_artifacts(model.model_id), path=rest, shown_in=name))


def place_in_store(tracker: Tracker, address: str) -> Place:
    """Return the place of a store's address, such as one below what `get_artifact_uri` returns."""
    url = normalize(address)
    if url.startswith(f"{tracker.uri}/"):
        return _own_place(tracker, url.removeprefix(f"{tracker.uri}/").rstrip("/"))
    if "://" not in url:
        raise NotFound("file or folder", address)
    above, _, name = url.rpartition("/")
    if not above or above.endswith(":/"):
        raise InvalidUri(address, "an address of a file or folder, such as s3://bucket/folder/file")
    return Place(files=ArtifactRepository(open_store(above), ""), path=name)


def all_in(places: Sequence[Place]) -> list[FileInfo]:
    """Return what is directly in the folder, wherever it is, each path once."""
    found = {each.path: each for place in reversed(places) for each in place.list()}
    return [found[path] for path in sorted(found)]


def fetch_first(places: Sequence[Place], dst: Path) -> Path:
    """Copy from the first place that has it. Raises `NotFound` if none has it."""
    for place in places[:-1]:
        try:
            return place.fetch(dst)
        except NotFound:
            continue
    return places[-1].fetch(dst)


def read_first(places: Sequence[Place]) -> bytes:
    """Return the file in the first place that has it. Raises `NotFound` if none has it."""
    for place in places[:-1]:
        try:
            return place.files.read(place.path)
        except NotFound:
            continue
    return places[-1].files.read(places[-1].path)


def _own_place(tracker: Tracker, key: str) -> Place:
    """Return the place of a key in the tracker's own store; of a store in memory there is no other way in."""
    match key.split("/"):
        case ["artifacts", experiment_id, "models", model_id, "artifacts", *rest]:
            prefix = f"artifacts/{experiment_id}/models/{model_id}/artifacts/"
        case ["artifacts", experiment_id, run_id, *rest]:
            prefix = f"artifacts/{experiment_id}/{run_id}/"
        case [*folders, name]:
            prefix, rest = "".join(f"{each}/" for each in folders), [name]
        case _:
            prefix, rest = "", []
    return Place(files=ArtifactRepository(tracker.store, prefix), path=clean_path("/".join(rest)))


def _logged_as(tracker: Tracker, run_id: str, name: str) -> LoggedModel | None:
    """Return the model that a run logged under a name, the one of the greatest step."""
    steps = {each.model_id: each.step for each in tracker.get_run(run_id).outputs.model_outputs}
    named: list[LoggedModel] = []
    for model_id in steps:
        try:
            model = tracker.logged_models.get(model_id)
        except NotFound:  # deleted since
            continue
        if model.name == name:
            named.append(model)
    return max(named, key=lambda model: (steps[model.model_id], model.creation_timestamp), default=None)
