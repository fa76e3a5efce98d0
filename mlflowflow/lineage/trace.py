"""The way from data to decisions, followed in both directions over tracking and registry.

::

    data (name and digest) → run → the runs around it → logged model → version → decisions
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mlflowflow.tracking.finding import find_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.registry.entry import Entry
    from mlflowflow.registry.version import ModelVersion
    from mlflowflow.tracking.run import Dataset, Run
    from mlflowflow.tracking.tracker import Tracker

_PARENT: Final = "mlflow.parentRunId"
#: More runs around a run than anybody nests; a chain of tags may be a circle.
_DEEPEST: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """What led to `version`, and what was decided about it.

    `run` made it, `parents` are the runs around that (a sweep, a pipeline), the nearest first, `data`
    what the run read, `decisions` the entries of the history that name the version. `run` is None if
    the version has none, or if the tracking store does not have it.
    """

    version: ModelVersion
    run: Run | None
    parents: tuple[Run, ...]
    data: tuple[Dataset, ...]
    decisions: tuple[Entry, ...]


def lineage_of(version: ModelVersion, *, tracker: Tracker, catalog: Catalog) -> Lineage:
    """Follow a version back to its data and forth to its decisions."""
    run = find_run(tracker, version.run_id)
    return Lineage(
        version=version,
        run=run,
        parents=() if run is None else tuple(_around(tracker, run)),
        data=() if run is None else tuple(each.dataset for each in run.inputs.dataset_inputs),
        decisions=tuple(
            entry
            for entry in catalog.history(version.name)
            if getattr(entry.change, "version", None) == version.version
        ),
    )


def versions_from_run(run_id: str, *, tracker: Tracker, catalog: Catalog) -> list[ModelVersion]:
    """Return the versions that a run ended in, also those made by runs within it (a sweep's trials)."""
    parents: dict[str, tuple[str, ...]] = {}
    found: list[ModelVersion] = []
    for version in _versions(catalog):
        maker = version.run_id
        if maker is None:
            continue
        if maker not in parents:
            run = find_run(tracker, maker)
            around = () if run is None else _around(tracker, run)
            parents[maker] = (maker, *(each.info.run_id for each in around))
        if run_id in parents[maker]:
            found.append(version)
    return found


def versions_from_data(digest: str, *, tracker: Tracker, catalog: Catalog) -> list[ModelVersion]:
    """Return the versions whose runs read the dataset with this `digest`."""
    reads: dict[str, bool] = {}
    for version in _versions(catalog):
        if version.run_id is not None and version.run_id not in reads:
            run = find_run(tracker, version.run_id)
            inputs = () if run is None else run.inputs.dataset_inputs
            reads[version.run_id] = any(each.dataset.digest == digest for each in inputs)
    return [each for each in _versions(catalog) if each.run_id is not None and reads[each.run_id]]


def outermost(tracker: Tracker, run_id: str) -> str:
    """Return the id of the last run around the run `run_id` (a pipeline, say); its own if none is around it."""
    run = find_run(tracker, run_id)
    chain = [] if run is None else [run, *_around(tracker, run)]
    return chain[-1].info.run_id if chain else run_id


def _versions(catalog: Catalog) -> list[ModelVersion]:
    return [version for model in catalog.list_models() for version in model.versions]


def _around(tracker: Tracker, run: Run) -> Iterator[Run]:
    for _ in range(_DEEPEST):
        found = find_run(tracker, run.data.tags.get(_PARENT))
        if found is None:
            return
        yield found
        run = found
