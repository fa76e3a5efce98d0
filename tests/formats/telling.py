"""What is in a store, said by calls that every release has: for stores of today and of old releases alike."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflowflow.events.journal import Journal
from mlflowflow.registry.catalog import Catalog
from mlflowflow.registry.change import to_json
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

#: A process that never compacts by itself.
NEVER = 10**9
CONSUMER = "promote"


@contextmanager
def opened(url: str, *, compact_at: int = NEVER, **given: Any) -> Generator[Tracker]:
    """Open a tracker whose spool lies elsewhere and that does nothing in the background."""
    with (
        tempfile.TemporaryDirectory() as spool,
        Tracker(
            open_store(url),
            spool_dir=Path(spool),
            user="ada",
            flush_intervals=(),
            compact_at=compact_at,
            **given,
        ) as tracker,
    ):
        yield tracker


def told(url: str) -> dict[str, Any]:
    """Return all that can be read in the store at `url`, as plain JSON that holds every bit of every number."""
    with opened(url) as tracker:
        experiments = sorted(tracker.list_experiments(view="all"), key=lambda each: each.experiment_id)
        return {
            "experiments": [_experiment(each) for each in experiments],
            "runs": [_run(tracker, each) for each in all_runs(tracker)],
            "models": _models(Catalog(open_store(url))),
            "events": _events(Journal(open_store(url))),
        } | _since_2(tracker)


def all_runs(tracker: Tracker) -> list[Any]:
    """Return all runs of a store, by id."""
    ids = [each.experiment_id for each in tracker.list_experiments(view="all")]
    return sorted(tracker.search_runs(ids, view="all"), key=lambda run: run.info.run_id)


def _experiment(experiment: Any) -> dict[str, Any]:
    return {
        "id": experiment.experiment_id,
        "name": experiment.name,
        "created": experiment.creation_time,
        "stage": str(experiment.lifecycle_stage),
        "tags": dict(sorted(experiment.tags.items())),
    }


def _run(tracker: Tracker, run: Any) -> dict[str, Any]:
    found = run.info
    history = {key: tracker.metric_history(found.run_id, key) for key in sorted(run.data.metrics)}
    return {
        "id": found.run_id,
        "experiment": found.experiment_id,
        "name": found.run_name,
        "user": found.user_id,
        "status": str(found.status),
        "start": found.start_time,
        "end": found.end_time,
        "stage": str(found.lifecycle_stage),
        "params": dict(sorted(run.data.params.items())),
        "tags": dict(sorted(run.data.tags.items())),
        "latest": {key: value.hex() for key, value in sorted(run.data.metrics.items())},
        "history": {
            key: [[point.step, point.timestamp, point.value.hex()] for point in points]
            for key, points in history.items()
        },
        "artifacts": {
            path: sha256(tracker.artifacts(found.run_id).read(path)).hexdigest()
            for path in _files(tracker, found.run_id)
        },
    }


def _since_2(tracker: Tracker) -> dict[str, Any]:
    """Return what stores of the first format have nothing of: links of runs, and logged models."""
    linked = [run for run in all_runs(tracker) if run.inputs.dataset_inputs]
    if not linked:
        return {}
    ids = [each.experiment_id for each in tracker.list_experiments(view="all")]
    models = sorted(tracker.logged_models.all(ids), key=lambda model: model.model_id)
    return {
        "links": [
            {
                "run": run.info.run_id,
                "inputs": [each.to_dictionary() for each in run.inputs.dataset_inputs],
                "used": [each.model_id for each in run.inputs.model_inputs],
                "made": run.outputs.to_dictionary(),
                "ranges": {key: [each.min, each.max] for key, each in run.data.metric_ranges.items()},
                "points": [
                    point.to_dictionary() for point in tracker.metric_history(run.info.run_id, "accuracy")
                ],
            }
            for run in linked
        ],
        "logged models": [
            {
                **model.to_dictionary(),
                "artifact_location": _files_of(tracker, model.model_id),
                "tags": dict(model.tags),
                "params": dict(model.params),
                "metrics": [point.to_dictionary() for point in model.metrics or ()],
            }
            for model in models
        ],
    }


def _files_of(tracker: Tracker, owner: str) -> dict[str, str]:
    return {path: sha256(tracker.artifacts(owner).read(path)).hexdigest() for path in _files(tracker, owner)}


def _files(tracker: Tracker, run_id: str, folder: str = "") -> Iterator[str]:
    for each in tracker.artifacts(run_id).list(folder):
        if each.is_dir:
            yield from _files(tracker, run_id, each.path)
        else:
            yield each.path


def _models(catalog: Catalog) -> list[dict[str, Any]]:
    return [
        {
            "name": model.name,
            "description": model.description,
            "tags": dict(model.tags),
            "aliases": dict(model.aliases),
            "versions": [
                [each.version, each.source, each.digest, str(each.stage), dict(each.tags), each.description]
                for each in model.versions
            ],
            "history": [
                [entry.seq, entry.at_us, entry.actor, entry.reason, entry.idem, to_json(entry.change)]
                for entry in catalog.history(model.name)
            ],
        }
        for model in catalog.list_models()
    ]


def _events(journal: Journal) -> list[dict[str, Any]]:
    waiting = {each.id for each in journal.unacknowledged(CONSUMER)}
    return [
        {
            "id": each.id,
            "name": each.name,
            "subject": each.subject,
            "at": each.occurred_us,
            "payload": dict(each.payload),
            "follows": each.follows,
            "waiting": each.id in waiting,
        }
        for each in journal.list()
    ]
