"""Tell everything that MLflow's client says of a store, as JSON; run by MLflow's Python or ours.

``tell_history.py URI [--by-name]``: with ``--by-name`` runs and models are told under their names and
ids are left out, for stores that give ids of their own.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import mlflow
from mlflow import MlflowClient


def tell(client: MlflowClient) -> dict[str, Any]:
    """Return experiments, runs, logged models and registered models with all that is in them."""
    experiments = client.search_experiments(view_type=3)
    ids = {str(each.experiment_id): each.name for each in experiments}
    found = [run for each in ids for run in client.search_runs([each], run_view_type=3, max_results=1000)]
    runs = [client.get_run(run.info.run_id) for run in found]  # which tells the models that a run used, too
    models = client.search_logged_models(list(ids))
    names: dict[str, str] = {}
    for run in runs:
        names[run.info.run_id] = f"run {run.info.run_name}"
    for model in models:
        names[model.model_id] = f"model {model.name}"
    return {
        "experiments": {
            each.name: {
                "stage": each.lifecycle_stage,
                "created": each.creation_time,
                "id": each.experiment_id,
                "tags": plain_tags(each.tags),
            }
            for each in experiments
            if each.name != "Default"
        },
        "runs": {names[run.info.run_id]: told_run(client, run, ids, names) for run in runs},
        "models": {names[each.model_id]: told_model(client, each, ids, names) for each in models},
        "registered": {
            each.name: told_registered(client, each, names) for each in client.search_registered_models()
        },
    }


def told_run(client: MlflowClient, run: Any, ids: dict[str, str], names: dict[str, str]) -> dict[str, Any]:
    """Return all of a run."""
    info = run.info
    tags = plain_tags(run.data.tags)
    if "mlflow.parentRunId" in tags:
        tags["mlflow.parentRunId"] = names.get(tags["mlflow.parentRunId"], "?")
    history = {key: client.get_metric_history(info.run_id, key) for key in run.data.metrics}
    return {
        "id": info.run_id,
        "info": [
            ids[str(info.experiment_id)],
            info.run_name,
            info.user_id,
            info.status,
            info.start_time,
            info.end_time,
            info.lifecycle_stage,
        ],
        "params": dict(run.data.params),
        "tags": tags,
        "latest": {key: repr(value) for key, value in run.data.metrics.items()},
        "points": {
            key: sorted((each.step, each.timestamp, repr(each.value)) for each in found)
            for key, found in history.items()
        },
        "datasets": sorted(
            [
                each.dataset.name,
                each.dataset.digest,
                each.dataset.source_type,
                each.dataset.source,
                each.dataset.schema,
                each.dataset.profile,
                sorted((tag.key, tag.value) for tag in each.tags),
            ]
            for each in run.inputs.dataset_inputs
        ),
        "used": sorted(names.get(each.model_id, "?") for each in run.inputs.model_inputs),
        "made": sorted(
            [names.get(each.model_id, "?"), each.step]
            for each in (run.outputs.model_outputs if run.outputs else [])
        ),
        "files": files(client, info.run_id) if info.lifecycle_stage == "active" else {},
    }


def told_model(
    client: MlflowClient, model: Any, ids: dict[str, str], names: dict[str, str]
) -> dict[str, Any]:
    """Return all of a logged model."""
    del client
    return {
        "id": model.model_id,
        "info": [
            ids[str(model.experiment_id)],
            model.name,
            model.model_type,
            str(model.status).rpartition(".")[2],
            names.get(model.source_run_id),
        ],
        "times": [model.creation_timestamp, model.last_updated_timestamp],
        "params": dict(model.params),
        "tags": plain_tags(model.tags),
        "latest": latest(model.metrics or [], names),
    }


def latest(points: Any, names: dict[str, str]) -> dict[str, Any]:
    """Return the last point of each metric on each dataset; a database tells all, other stores only those."""
    found: dict[str, Any] = {}
    for each in sorted(points, key=lambda point: (point.step, point.timestamp)):
        place = f"{each.key} {each.dataset_name} {each.dataset_digest}"
        found[place] = [each.step, each.timestamp, repr(each.value), names.get(each.run_id)]
    return found


def told_registered(client: MlflowClient, model: Any, names: dict[str, str]) -> dict[str, Any]:
    """Return all of a registered model."""
    versions = client.search_model_versions(f"name = '{model.name}'")
    return {
        "description": model.description or "",
        "tags": plain_tags(model.tags),
        "aliases": {alias: int(number) for alias, number in model.aliases.items()},
        "versions": {
            int(each.version): [
                each.current_stage,
                names.get(each.run_id),
                each.description or "",
                plain_tags(each.tags),
            ]
            for each in versions
        },
    }


def plain_tags(tags: Any) -> dict[str, str]:
    """Return tags without those that say where something came from."""
    return {
        key: text
        for key, text in sorted(tags.items())
        if not key.startswith("mlff.") and key != "mlflow.model_id"
    }


def files(client: MlflowClient, run_id: str) -> dict[str, str]:
    """Return the digest of every file of a run."""
    with tempfile.TemporaryDirectory() as folder:
        if not client.list_artifacts(run_id):
            return {}
        root = Path(client.download_artifacts(run_id, "", folder))
        return {
            path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }


def anonymous(told: dict[str, Any]) -> dict[str, Any]:
    """Return what was told without ids, and without times that a server sets itself."""
    for each in (*told["experiments"].values(), *told["runs"].values(), *told["models"].values()):
        each.pop("id")
        each.pop("times", None)
        each.pop("created", None)
    return told


if __name__ == "__main__":
    mlflow.set_tracking_uri(sys.argv[1])
    mlflow.set_registry_uri(sys.argv[1])
    everything = tell(MlflowClient())
    print(json.dumps(anonymous(everything) if "--by-name" in sys.argv else everything, sort_keys=True))
