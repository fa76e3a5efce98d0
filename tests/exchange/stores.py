"""MLflow stores made by hand, as MLflow makes them: folders, SQLite files, and a source in memory."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.exchange.places import FolderFiles
from mlflowflow.tracking.run import Experiment, Metric, Run, RunData, RunInfo, RunStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlflowflow.exchange.source import Files, FoundModel
    from mlflowflow.tracking.logged.model import LoggedModel

RUN: Final = "0123456789abcdef0123456789abcdef"
OTHER: Final = "ffff456789abcdef0123456789abcdef"
MODEL: Final = "m-0123456789abcdef0123456789abcdef"

#: MLflow's tables, as far as they are filled; what hangs together is not checked here.
TABLES: Final = """
CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name TEXT UNIQUE, artifact_location TEXT,
  lifecycle_stage TEXT, creation_time BIGINT, last_update_time BIGINT);
CREATE TABLE experiment_tags (key TEXT, value TEXT, experiment_id INTEGER, PRIMARY KEY (key, experiment_id));
CREATE TABLE runs (run_uuid TEXT PRIMARY KEY, name TEXT, source_type TEXT, source_name TEXT,
  entry_point_name TEXT, user_id TEXT, status TEXT, start_time BIGINT, end_time BIGINT, source_version TEXT,
  lifecycle_stage TEXT, artifact_uri TEXT, experiment_id INTEGER, deleted_time BIGINT);
CREATE TABLE params (key TEXT, value TEXT NOT NULL, run_uuid TEXT, PRIMARY KEY (key, run_uuid));
CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT, PRIMARY KEY (key, run_uuid));
CREATE TABLE metrics (key TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT, step BIGINT, is_nan BOOLEAN,
  PRIMARY KEY (key, timestamp, step, run_uuid, value, is_nan));
CREATE TABLE latest_metrics (key TEXT, value FLOAT, timestamp BIGINT, step BIGINT, is_nan BOOLEAN,
  run_uuid TEXT, PRIMARY KEY (key, run_uuid));
CREATE TABLE datasets (dataset_uuid TEXT, experiment_id INTEGER, name TEXT, digest TEXT,
  dataset_source_type TEXT, dataset_source TEXT, dataset_schema TEXT, dataset_profile TEXT,
  PRIMARY KEY (experiment_id, name, digest));
CREATE TABLE inputs (input_uuid TEXT, source_type TEXT, source_id TEXT, destination_type TEXT,
  destination_id TEXT, step BIGINT DEFAULT 0, PRIMARY KEY (source_type, source_id, destination_type, destination_id));
CREATE TABLE input_tags (input_uuid TEXT, name TEXT, value TEXT, PRIMARY KEY (input_uuid, name));
CREATE TABLE logged_models (model_id TEXT PRIMARY KEY, experiment_id INTEGER, name TEXT,
  artifact_location TEXT, creation_timestamp_ms BIGINT, last_updated_timestamp_ms BIGINT, status INTEGER,
  lifecycle_stage TEXT, model_type TEXT, source_run_id TEXT, status_message TEXT);
CREATE TABLE logged_model_params (model_id TEXT, experiment_id INTEGER, param_key TEXT, param_value TEXT,
  PRIMARY KEY (model_id, param_key));
CREATE TABLE logged_model_tags (model_id TEXT, experiment_id INTEGER, tag_key TEXT, tag_value TEXT,
  PRIMARY KEY (model_id, tag_key));
CREATE TABLE logged_model_metrics (model_id TEXT, metric_name TEXT, metric_timestamp_ms BIGINT,
  metric_step BIGINT, metric_value FLOAT, experiment_id INTEGER, run_id TEXT, dataset_uuid TEXT,
  dataset_name TEXT, dataset_digest TEXT,
  PRIMARY KEY (model_id, metric_name, metric_timestamp_ms, metric_step, run_id));
CREATE TABLE registered_models (name TEXT PRIMARY KEY, creation_time BIGINT, last_updated_time BIGINT, description TEXT);
CREATE TABLE registered_model_tags (key TEXT, value TEXT, name TEXT, PRIMARY KEY (key, name));
CREATE TABLE registered_model_aliases (alias TEXT, version INTEGER, name TEXT, PRIMARY KEY (name, alias));
CREATE TABLE model_versions (name TEXT, version INTEGER, creation_time BIGINT, last_updated_time BIGINT,
  description TEXT, user_id TEXT, current_stage TEXT, source TEXT, run_id TEXT, status TEXT,
  status_message TEXT, run_link TEXT, storage_location TEXT, PRIMARY KEY (name, version));
CREATE TABLE model_version_tags (key TEXT, value TEXT, name TEXT, version INTEGER, PRIMARY KEY (key, name, version));
"""


def database(path: Path, rows: Mapping[str, Sequence[Mapping[str, Any]]] | None = None) -> Path:
    """Make a SQLite file with MLflow's tables and some rows."""
    base = sqlite3.connect(path)
    with base:
        base.executescript(TABLES)
        for table, some in (rows or {}).items():
            for row in some:
                marks = ", ".join("?" for _ in row)
                base.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
    base.close()
    return path


def rows_in(path: Path, statement: str) -> list[tuple[Any, ...]]:
    """Return what a SQLite file answers."""
    base = sqlite3.connect(path)
    found = base.execute(statement).fetchall()
    base.close()
    return found


def small_rows() -> dict[str, list[dict[str, Any]]]:
    """Return the rows of one experiment with one run, one logged model and one registered model."""
    return {
        "experiments": [
            {
                "experiment_id": 3,
                "name": "wine",
                "artifact_location": "",
                "lifecycle_stage": "active",
                "creation_time": 5,
                "last_update_time": 6,
            }
        ],
        "experiment_tags": [{"experiment_id": 3, "key": "team", "value": "a"}],
        "runs": [
            {
                "run_uuid": RUN,
                "name": "first",
                "user_id": "ada",
                "status": "FINISHED",
                "start_time": 7,
                "end_time": 9,
                "lifecycle_stage": "active",
                "artifact_uri": "",
                "experiment_id": 3,
            }
        ],
        "params": [{"run_uuid": RUN, "key": "C", "value": "0.5"}],
        "tags": [{"run_uuid": RUN, "key": "mlflow.runName", "value": "first"}],
        "metrics": [
            {"run_uuid": RUN, "key": "loss", "value": 0.5, "timestamp": 8, "step": 1, "is_nan": 0},
            {"run_uuid": RUN, "key": "loss", "value": 0.0, "timestamp": 9, "step": 2, "is_nan": 1},
            {
                "run_uuid": RUN,
                "key": "top",
                "value": 1.7976931348623157e308,
                "timestamp": 9,
                "step": 0,
                "is_nan": 0,
            },
        ],
        "logged_models": [
            {
                "model_id": MODEL,
                "experiment_id": 3,
                "name": "net",
                "artifact_location": "",
                "creation_timestamp_ms": 7,
                "last_updated_timestamp_ms": 8,
                "status": 2,
                "lifecycle_stage": "active",
            }
        ],
        "logged_model_metrics": [
            {
                "model_id": MODEL,
                "experiment_id": 3,
                "run_id": RUN,
                "metric_name": "loss",
                "metric_value": 0.5,
                "metric_timestamp_ms": 8,
                "metric_step": 1,
                "dataset_name": "d",
                "dataset_digest": "1",
            }
        ],
        "datasets": [
            {
                "dataset_uuid": "d1",
                "experiment_id": 3,
                "name": "d",
                "digest": "1",
                "dataset_source_type": "local",
                "dataset_source": "{}",
            }
        ],
        "inputs": [
            {
                "input_uuid": "i1",
                "source_type": "DATASET",
                "source_id": "d1",
                "destination_type": "RUN",
                "destination_id": RUN,
                "step": 0,
            },
            {
                "input_uuid": "i2",
                "source_type": "RUN_OUTPUT",
                "source_id": RUN,
                "destination_type": "MODEL_OUTPUT",
                "destination_id": MODEL,
                "step": 4,
            },
        ],
        "input_tags": [{"input_uuid": "i1", "name": "mlflow.data.context", "value": "train"}],
        "registered_models": [
            {"name": "wine", "creation_time": 1, "last_updated_time": 2, "description": "red"}
        ],
        "registered_model_aliases": [{"name": "wine", "alias": "champion", "version": 2}],
        "model_versions": [
            {"name": "wine", "version": 1, "current_stage": "Deleted_Internal", "source": "x"},
            {
                "name": "wine",
                "version": 2,
                "current_stage": "Production",
                "source": f"models:/{MODEL}",
                "run_id": RUN,
            },
        ],
        "model_version_tags": [{"name": "wine", "version": 2, "key": "n", "value": "2"}],
    }


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write texts under their paths into a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def small_files() -> dict[str, str]:
    """Return the files of a file store with the same in it as `small_rows`."""
    run = f"3/{RUN}"
    return {
        "3/meta.yaml": "artifact_location: ''\ncreation_time: 5\nexperiment_id: '3'\nlast_update_time: 6\nlifecycle_stage: active\nname: wine\n",
        "3/tags/team": "a",
        f"{run}/meta.yaml": f"artifact_uri: ''\nend_time: 9\nexperiment_id: '3'\nlifecycle_stage: active\nrun_id: {RUN}\nrun_name: first\nstart_time: 7\nstatus: 3\nuser_id: ada\n",
        f"{run}/params/C": "0.5",
        f"{run}/tags/mlflow.runName": "first",
        f"{run}/metrics/loss": "8 0.5 1\n9 nan 2\n",
        f"{run}/metrics/top": "9 inf 0\n",
        f"{run}/inputs/i1/meta.yaml": "destination_type: RUN\nsource_id: d1\nsource_type: DATASET\ntags:\n  mlflow.data.context: train\n",
        f"{run}/outputs/{MODEL}/meta.yaml": f"destination_id: {MODEL}\nstep: 4\n",
        "3/datasets/d1/meta.yaml": "digest: '1'\nname: d\nprofile: null\nschema: null\nsource: '{}'\nsource_type: local\n",
        f"3/models/{MODEL}/meta.yaml": f"artifact_location: ''\ncreation_timestamp: 7\nexperiment_id: '3'\nlast_updated_timestamp: 8\nlifecycle_stage: active\nmodel_id: {MODEL}\nmodel_type: null\nname: net\nsource_run_id: null\nstatus: 2\nstatus_message: null\n",
        f"3/models/{MODEL}/metrics/loss": f"8 0.5 1 {RUN} d 1\n",
        "models/wine/meta.yaml": "description: red\nname: wine\n",
        "models/wine/aliases/champion": "2",
        "models/wine/version-1/meta.yaml": "current_stage: Deleted_Internal\nname: wine\nversion: 1\n",
        "models/wine/version-2/meta.yaml": f"current_stage: Production\nname: wine\nrun_id: {RUN}\nsource: models:/{MODEL}\nversion: 2\n",
        "models/wine/version-2/tags/n": "2",
    }


def a_run(run_id: str = RUN, *, experiment_id: str = "3", **changes: Any) -> Run:
    """Make a run that has ended; `changes` are of its info."""
    info: dict[str, Any] = {
        "run_name": "first",
        "user_id": "ada",
        "status": RunStatus.FINISHED,
        "start_time": 7,
        "end_time": 9,
        **changes,
    }
    data = RunData(
        params={"C": "0.5"}, tags={"mlflow.runName": "first", "note": "a\nb"}, metrics={"loss": 0.25}
    )
    return Run(info=RunInfo(run_id=run_id, experiment_id=experiment_id, **info), data=data)


POINTS: Final = (
    Metric("loss", 0.5, 8, 0),
    Metric("loss", 0.25, 9, 1),
    Metric("loss", 0.25, 9, 1),
    Metric("loss", float("nan"), 9, 2),
    Metric("top", float("-inf"), 9, 0),
)


def an_experiment(**changes: Any) -> Experiment:
    """Make an experiment."""
    facts: dict[str, Any] = {
        "experiment_id": "3",
        "name": "wine",
        "artifact_location": "",
        "creation_time": 5,
        "last_update_time": 6,
        **changes,
    }
    return Experiment(**facts)


@dataclass(kw_only=True)
class MemorySource:
    """A source that has what it is given; `cut` runs into trouble after so many runs."""

    experiment: Experiment = field(default_factory=an_experiment)
    all_runs: list[Run] = field(default_factory=lambda: [a_run()])
    all_points: Sequence[Metric] = POINTS
    models: list[LoggedModel] = field(default_factory=list)
    registered: list[FoundModel] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    where: str = "memory:theirs"

    def experiments(self) -> list[Experiment]:
        """Return the one."""
        return [self.experiment]

    def runs(self, experiment_id: str) -> Iterator[Run]:
        """Yield the runs."""
        assert experiment_id == self.experiment.experiment_id
        yield from self.all_runs

    def points(self, run: Run) -> Sequence[Metric]:
        """Return the same points for each run."""
        del run
        return self.all_points

    def logged_models(self, experiment_id: str) -> Iterator[LoggedModel]:
        """Yield the logged models."""
        del experiment_id
        yield from self.models

    def registered_models(self) -> list[FoundModel]:
        """Return the registered models."""
        return self.registered

    def files(self, uri: str) -> Files | None:
        """Return the files in a folder."""
        return FolderFiles(Path(uri)) if not uri.startswith("nowhere:") else None
