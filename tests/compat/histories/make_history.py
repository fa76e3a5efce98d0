"""Make a history with everything in it that MLflow can keep; run by MLflow's Python.

``make_history.py FOLDER SEED``: artifacts of experiments that say where lie in FOLDER. The same seed
makes the same history, but for ids and times.
"""

from __future__ import annotations

import math
import random
import sys
from pathlib import Path
from typing import Any

import mlflow
from mlflow import MlflowClient
from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    Param,
    RunTag,
)

ODD = (0.1, -0.0, 0.0, 1e308, -1e308, 5e-324, 1 / 3, math.nan, math.inf, -math.inf)
KEYS = ("loss", "val/loss", "a.b/c d", "dépth", "x-y_z", "deep/er/still")


def main(folder: Path, seed: int) -> None:
    """Make it."""
    chance = random.Random(seed)
    client = MlflowClient()
    first = client.create_experiment("first", tags={"team": "a", "note": "two\nlines"})
    second = client.create_experiment("zweites Experiment ü")
    gone = client.create_experiment("gone")
    models = [logged_model(client, first, number) for number in range(3)]
    parent = run(client, first, chance, folder, name="parent")
    for number in range(4):
        child = run(client, first, chance, folder, name=f"child {number}", parent=parent)
        link(client, child, models[number % 2], number)
    client.create_run(second, start_time=1_600_000_000_000, run_name="empty")  # and never ended
    killed = run(client, second, chance, folder, name="killed")
    client.set_terminated(killed, "KILLED", end_time=1_700_000_009_999)
    deleted = run(client, second, chance, folder, name="deleted")
    client.delete_run(deleted)
    run(client, gone, chance, folder, name="in a deleted experiment")
    client.delete_experiment(gone)
    register(client, parent, models[0])
    client.delete_logged_model(models[2])


def logged_model(client: MlflowClient, experiment_id: str, number: int) -> str:
    """Make a logged model with files, params and tags."""
    model = client.create_logged_model(
        experiment_id,
        name=f"net {number}",
        tags={"kind": "né"},
        params={"depth": str(number)},
        model_type="agent" if number else None,
    )
    if number != 1:
        client.finalize_logged_model(model.model_id, "READY" if number == 0 else "FAILED")
    return str(model.model_id)


def run(
    client: MlflowClient,
    experiment_id: str,
    chance: random.Random,
    folder: Path,
    *,
    name: str,
    parent: str | None = None,
) -> str:
    """Make a run with points, params, tags, datasets and files."""
    tags = {"mlflow.note.content": "a\n\nb ", "sp ace/s.l": "x", "ünï": "ç"}
    if parent:
        tags["mlflow.parentRunId"] = parent
    made = client.create_run(
        experiment_id, start_time=1_700_000_000_000 + chance.randrange(9999), tags=tags, run_name=name
    )
    run_id = str(made.info.run_id)
    points = [
        Metric(key, chance.choice(ODD), 1_700_000_000_000 + chance.randrange(50), step)
        for key in KEYS
        for step in range(-1, chance.randrange(1, 9))
    ]
    params = [Param(f"p/{index}", "v" * index) for index in range(1, 4)]
    client.log_batch(run_id, points, params, [RunTag("late", "1")])
    client.log_batch(run_id, [], [Param("multi", "a\nb")], [])
    client.log_inputs(
        run_id,
        [DatasetInput(dataset(index), [InputTag("mlflow.data.context", f"c{index}")]) for index in range(2)],
    )
    files = folder / "files"
    (files / "deep" / "er").mkdir(parents=True, exist_ok=True)
    (files / "empty").write_bytes(b"")
    (files / "deep" / "er" / "bytes.bin").write_bytes(bytes(range(256)))
    (files / "na me.txt").write_text("ü")
    client.log_artifacts(run_id, str(files))
    client.set_terminated(run_id, "FINISHED", end_time=1_700_000_005_000)
    return run_id


def dataset(index: int) -> Dataset:
    """Make a dataset."""
    return Dataset(
        f"wine{index}", f"d{index}", "local", '{"uri": "a.csv"}', '{"s": 1}' if index else None, None
    )


def link(client: MlflowClient, run_id: str, model_id: str, step: int) -> None:
    """Log points of a model, and that the run used and made it."""
    at = 1_700_000_000_500
    points: list[Any] = [
        Metric("accuracy", 0.5 + step / 10, at, step, model_id=model_id),
        Metric("f1", 0.25, at, step, model_id=model_id, dataset_name="wine1", dataset_digest="d1"),
    ]
    for point in points:
        client.log_metric(
            run_id,
            point.key,
            point.value,
            point.timestamp,
            point.step,
            model_id=point.model_id,
            dataset_name=point.dataset_name,
            dataset_digest=point.dataset_digest,
        )
    client.log_outputs(run_id, [LoggedModelOutput(model_id, step)])
    client._tracking_client.store.log_inputs(run_id, models=[LoggedModelInput(model_id)])


def register(client: MlflowClient, run_id: str, model_id: str) -> None:
    """Register versions with a gap, stages, aliases, tags and descriptions."""
    client.create_registered_model("wine", tags={"owner": "ü"}, description="red\nor white")
    source = client.get_run(run_id).info.artifact_uri
    for number in range(1, 5):
        client.create_model_version(
            "wine", f"{source}/deep", run_id=run_id, tags={"n": str(number)}, description=f"version {number}"
        )
    client.delete_model_version("wine", "2")
    client.transition_model_version_stage("wine", "1", "Archived")
    client.transition_model_version_stage("wine", "3", "Production")
    client.set_registered_model_alias("wine", "champion", "3")
    client.set_registered_model_alias("wine", "old", "1")
    client.create_registered_model("empty model")
    client.create_registered_model("net")
    client.create_model_version("net", f"models:/{model_id}", model_id=model_id)


if __name__ == "__main__":
    mlflow.set_tracking_uri(sys.argv[1])
    mlflow.set_registry_uri(sys.argv[1])
    main(Path(sys.argv[2]), int(sys.argv[3]))
