"""What is different between two versions: numbers, settings, signature, files, tags and where they came from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from mlflowflow.errors import NotFound
from mlflowflow.registry.logged import locate
from mlflowflow.registry.register import fetched
from mlflowflow.registry.uri import FilesUri, parse_model_uri
from mlflowflow.tracking.finding import find_run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.registry.version import ModelVersion
    from mlflowflow.tracking.run import Run
    from mlflowflow.tracking.tracker import Tracker

_V = TypeVar("_V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed(Generic[_V]):
    """One thing that is not the same in both: None where a version lacks it."""

    name: str
    old: _V | None
    new: _V | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricChanged(Changed[float]):
    """A metric that is not the same in both."""

    @property
    def difference(self) -> float | None:
        """How much more the new version has, None if one lacks the metric."""
        return None if self.old is None or self.new is None else self.new - self.old

    @property
    def direction(self) -> str:
        """Where it went: "up", "down", "new", "gone", or "other" where a NaN leaves no answer."""
        difference = self.difference
        if difference is None:
            return "new" if self.old is None else "gone"
        return "up" if difference > 0 else "down" if difference < 0 else "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDiff:
    """Everything in which `new` differs from `old`; empty tuples where they agree.

    `files` compares digests by path, and is None if the files of one cannot be read any more.
    """

    old: str
    new: str
    metrics: tuple[MetricChanged, ...]
    params: tuple[Changed[str], ...]
    tags: tuple[Changed[str], ...]
    signature: tuple[Changed[str], ...]
    files: tuple[Changed[str], ...] | None
    lineage: tuple[Changed[str], ...]


def diff_versions(old: ModelVersion, new: ModelVersion, *, tracker: Tracker) -> VersionDiff:
    """Compare two versions, of one model or of two, with the runs that they came from.

    Files are read only if the registered digests do not say that they are the same.
    """
    one, other = find_run(tracker, old.run_id), find_run(tracker, new.run_id)
    metrics = _changes(one.data.metrics if one else {}, other.data.metrics if other else {})
    return VersionDiff(
        old=old.uri,
        new=new.uri,
        metrics=tuple(MetricChanged(name=each.name, old=each.old, new=each.new) for each in metrics),
        params=_changes(one.data.params if one else {}, other.data.params if other else {}),
        tags=_changes(old.tags, new.tags),
        signature=_changes(_signature(old), _signature(new)),
        files=_files(old, new, tracker),
        lineage=_changes(_origin(old, one), _origin(new, other)),
    )


def _changes(old: Mapping[str, _V], new: Mapping[str, _V]) -> tuple[Changed[_V], ...]:
    names = [
        name for name in sorted({*old, *new}) if name not in old or name not in new or old[name] != new[name]
    ]
    return tuple(Changed(name=name, old=old.get(name), new=new.get(name)) for name in names)


def _signature(version: ModelVersion) -> dict[str, str]:
    found = json.loads(version.signature) if version.signature else {}
    return {name: str(part) for name, part in found.items() if part}


def _origin(version: ModelVersion, run: Run | None) -> dict[str, str]:
    facts = {"run": version.run_id, "logged model": version.model_id, "copied from": version.copied_from}
    data = [] if run is None else [each.dataset for each in run.inputs.dataset_inputs]
    facts["data"] = ", ".join(sorted(f"{each.name}:{each.digest}" for each in data)) or None
    return {name: fact for name, fact in facts.items() if fact}


def _files(old: ModelVersion, new: ModelVersion, tracker: Tracker) -> tuple[Changed[str], ...] | None:
    if old.digest is not None and old.digest == new.digest:
        return ()
    try:
        return _changes(_digests(old, tracker), _digests(new, tracker))
    except NotFound:
        return None


def _digests(version: ModelVersion, tracker: Tracker) -> dict[str, str]:
    uri = parse_model_uri(version.source)
    if not isinstance(uri, FilesUri):
        raise NotFound("model", version.source, hint="Its address is that of another version.")
    with fetched(locate(uri, tracker).place, tracker) as folder:
        if not folder.is_dir():
            raise NotFound("model", version.source)
        paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        return {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in paths
        }
