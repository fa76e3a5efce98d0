"""Reading MLflow's database in a SQLite file, with nothing but SQLite.

The file is opened for reading only. Columns that a release does not have are taken as empty, and
tables that it does not have as well: what is read has been the same since MLflow 1.
"""

from __future__ import annotations

import math
import sqlite3
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import CorruptData, NotFound
from mlflowflow.exchange.linking import linked
from mlflowflow.exchange.places import FolderFiles, files_at
from mlflowflow.exchange.source import FoundModel, FoundVersion, logged_model_of_source
from mlflowflow.tracking.logged.model import LoggedModel, LoggedModelStatus
from mlflowflow.tracking.run import (
    Dataset,
    DatasetInput,
    Experiment,
    InputTag,
    LifecycleStage,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    Run,
    RunData,
    RunInfo,
    RunInputs,
    RunOutputs,
    RunStatus,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from mlflowflow.exchange.source import Files

_DELETED_STAGE: Final = "Deleted_Internal"


class SqliteSource:
    """Read the database in a file."""

    def __init__(self, path: Path) -> None:
        """Open the file at `path`. Raises `NotFound` if it is none of MLflow's databases."""
        if not path.is_file():
            raise NotFound("file", str(path))
        self._path = path
        self.problems: list[str] = []
        self._base = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        self._base.row_factory = sqlite3.Row
        with self._translated():
            tables = {
                row[0] for row in self._base.execute("SELECT name FROM sqlite_master WHERE type='table'")
            }
        if not {"experiments", "runs", "metrics"} <= tables:
            raise NotFound(
                "MLflow database", str(path), hint="It lacks the tables experiments, runs, metrics."
            )
        self._tables = tables
        self._points_of_models = lru_cache(maxsize=1)(self._read_points_of_models)

    @property
    def where(self) -> str:
        """The file."""
        return f"sqlite:///{self._path.absolute()}"

    def experiments(self) -> list[Experiment]:
        """Return all experiments."""
        tags = self._texts("experiment_tags", "experiment_id")
        return [
            Experiment(
                experiment_id=str(row["experiment_id"]),
                name=row["name"],
                artifact_location=row["artifact_location"] or "",
                creation_time=row.get("creation_time") or 0,
                last_update_time=row.get("last_update_time") or 0,
                lifecycle_stage=LifecycleStage(row["lifecycle_stage"]),
                tags=tags.get(row["experiment_id"], {}),
            )
            for row in self._rows("experiments")
        ]

    def runs(self, experiment_id: str) -> Iterator[Run]:
        """Yield the runs of an experiment, the earliest first."""
        for row in self._rows("runs", experiment_id=int(experiment_id)):
            run_id = row["run_uuid"]
            tags = self._texts("tags", "run_uuid", run_uuid=run_id).get(run_id, {})
            info = RunInfo(
                run_id=run_id,
                experiment_id=str(row["experiment_id"]),
                run_name=row["name"] or tags.get("mlflow.runName", ""),
                user_id=row["user_id"] or "",
                status=RunStatus(row["status"]),
                start_time=row["start_time"] or 0,
                end_time=row["end_time"],
                lifecycle_stage=LifecycleStage(row["lifecycle_stage"]),
                artifact_uri=row["artifact_uri"] or "",
            )
            params = self._texts("params", "run_uuid", run_uuid=run_id).get(run_id, {})
            yield Run(
                info=info,
                data=RunData(params=params, tags=tags),
                inputs=self._inputs(run_id),
                outputs=self._outputs(run_id),
            )

    def points(self, run: Run) -> list[Metric]:
        """Return the points of a run by key, time and step, linked to the models that have them too."""
        points = [
            Metric(row["key"], float("nan") if row["is_nan"] else row["value"], row["timestamp"], row["step"])
            for row in self._rows("metrics", run_uuid=run.info.run_id)
        ]
        points.sort(key=lambda point: (point.key, point.timestamp, point.step))
        of_models = self._points_of_models(run.info.experiment_id).get(run.info.run_id, [])
        # MLflow writes 0 where a model's value is NaN; that it is NaN is told by the run's point alone
        nans = {_place(point) for point in points if math.isnan(point.value)}
        told = [
            replace(point, value=math.nan) if not point.value and _place(point) in nans else point
            for point in of_models
        ]
        return linked(map(_unclamped, points), list(map(_unclamped, told)))

    def logged_models(self, experiment_id: str) -> Iterator[LoggedModel]:
        """Yield the logged models of an experiment."""
        chosen = {"experiment_id": int(experiment_id)}
        tags = self._texts("logged_model_tags", "model_id", "tag_key", "tag_value", **chosen)
        params = self._texts("logged_model_params", "model_id", "param_key", "param_value", **chosen)
        for row in self._rows("logged_models", **chosen):
            if row["lifecycle_stage"] != LifecycleStage.DELETED:
                yield LoggedModel(
                    experiment_id=experiment_id,
                    model_id=row["model_id"],
                    name=row["name"],
                    artifact_location=row["artifact_location"],
                    creation_timestamp=row["creation_timestamp_ms"],
                    last_updated_timestamp=row["last_updated_timestamp_ms"],
                    model_type=row["model_type"],
                    source_run_id=row["source_run_id"],
                    status=LoggedModelStatus.from_int(row["status"]),
                    status_message=row["status_message"],
                    tags=tags.get(row["model_id"], {}),
                    params=params.get(row["model_id"], {}),
                )

    def registered_models(self) -> list[FoundModel]:
        """Return the registered models."""
        tags = self._texts("registered_model_tags", "name")
        aliases: dict[str, dict[str, int]] = defaultdict(dict)
        for row in self._rows("registered_model_aliases"):
            aliases[row["name"]][row["alias"]] = int(row["version"])
        versions: dict[str, list[FoundVersion]] = defaultdict(list)
        version_tags = self._version_tags()
        for row in self._rows("model_versions"):
            if row["current_stage"] != _DELETED_STAGE:
                versions[row["name"]].append(
                    _version(row, version_tags.get((row["name"], row["version"]), {}))
                )
        return [
            FoundModel(
                name=row["name"],
                description=row.get("description") or "",
                tags=tags.get(row["name"], {}),
                aliases=aliases[row["name"]],
                versions=tuple(sorted(versions[row["name"]], key=lambda version: version.version)),
            )
            for row in self._rows("registered_models")
        ]

    def files(self, uri: str) -> Files | None:
        """Return the files at an address; beside the database, if they were moved together with it.

        What was kept by a server under ``mlflow-artifacts:`` is looked for in ``mlartifacts``, its default.
        """
        served = uri.removeprefix("mlflow-artifacts:/")
        if served != uri:
            at = self._path.parent / "mlartifacts" / served.lstrip("/")
            return FolderFiles(at) if at.is_dir() and ".." not in at.parts else None
        files = files_at(uri)
        if isinstance(files, FolderFiles) and not files.folder.is_dir():
            parts = files.folder.parts
            moved = [self._path.parent.joinpath(*parts[-length:]) for length in (4, 5)]
            return next((FolderFiles(at) for at in moved if len(parts) > 4 and at.is_dir()), files)  # noqa: PLR2004 - mlruns/experiment/run/artifacts
        return files

    # ---- rows ----------------------------------------------------------------------------------------------

    def _rows(self, table: str, **wanted: object) -> list[dict[str, Any]]:
        """Return the rows of a table whose columns have these values, in the order of its key."""
        if table not in self._tables:
            return []
        where = " AND ".join(f"{column} = ?" for column in wanted)
        statement = f'SELECT * FROM "{table}"' + (f" WHERE {where}" if where else "") + " ORDER BY rowid"  # noqa: S608 - our own words
        with self._translated():
            return [dict(row) for row in self._base.execute(statement, tuple(wanted.values()))]

    def _texts(
        self, table: str, owner: str, key: str = "key", value: str = "value", **wanted: object
    ) -> dict[Any, dict[str, str]]:
        """Return the keys and values in a table, by whom they belong to."""
        found: dict[Any, dict[str, str]] = defaultdict(dict)
        for row in self._rows(table, **wanted):
            found[row[owner]][row[key]] = row[value] or ""
        return {who: dict(sorted(texts.items())) for who, texts in found.items()}

    def _version_tags(self) -> dict[tuple[str, int], dict[str, str]]:
        found: dict[tuple[str, int], dict[str, str]] = defaultdict(dict)
        for row in self._rows("model_version_tags"):
            found[row["name"], row["version"]][row["key"]] = row["value"] or ""
        return found

    def _inputs(self, run_id: str) -> RunInputs:
        datasets: list[DatasetInput] = []
        models: list[LoggedModelInput] = []
        for row in self._rows("inputs", destination_type="RUN", destination_id=run_id, source_type="DATASET"):
            tags = self._texts("input_tags", "input_uuid", "name", input_uuid=row["input_uuid"])
            pairs = tuple(InputTag(*pair) for pair in tags.get(row["input_uuid"], {}).items())
            found = self._rows("datasets", dataset_uuid=row["source_id"])
            datasets += [DatasetInput(_dataset(dataset), pairs) for dataset in found]
        used = self._rows("inputs", source_type="RUN_INPUT", source_id=run_id)
        models += [LoggedModelInput(row["destination_id"]) for row in used]
        return RunInputs(dataset_inputs=tuple(datasets), model_inputs=tuple(models))

    def _outputs(self, run_id: str) -> RunOutputs:
        rows = self._rows("inputs", source_type="RUN_OUTPUT", source_id=run_id)
        outputs = (LoggedModelOutput(row["destination_id"], row.get("step") or 0) for row in rows)
        return RunOutputs(model_outputs=tuple(outputs))

    def _read_points_of_models(self, experiment_id: str) -> dict[str, list[Metric]]:
        found: dict[str, list[Metric]] = defaultdict(list)
        alive = {model.model_id for model in self.logged_models(experiment_id)}
        for row in self._rows("logged_model_metrics", experiment_id=int(experiment_id)):
            if row["model_id"] not in alive:
                continue
            found[row["run_id"]].append(
                Metric(
                    row["metric_name"],
                    float("nan") if row["metric_value"] is None else row["metric_value"],
                    row["metric_timestamp_ms"],
                    row["metric_step"],
                    row["model_id"],
                    row["dataset_name"],
                    row["dataset_digest"],
                    row["run_id"],
                )
            )
        return found

    @contextmanager
    def _translated(self) -> Generator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise CorruptData(str(self._path), f"SQLite cannot read it ({error})") from error


#: What MLflow writes for an infinity, which some databases cannot hold.
_LARGEST: Final = 1.7976931348623157e308


def _unclamped(point: Metric) -> Metric:
    if abs(point.value) != _LARGEST:
        return point
    return replace(point, value=math.copysign(math.inf, point.value))


def _place(point: Metric) -> tuple[str, int, int]:
    return (point.key, point.timestamp, point.step)


def _dataset(row: dict[str, Any]) -> Dataset:
    return Dataset(
        row["name"],
        row["digest"],
        row["dataset_source_type"],
        row["dataset_source"],
        row["dataset_schema"],
        row["dataset_profile"],
    )


def _version(row: dict[str, Any], tags: dict[str, str]) -> FoundVersion:
    return FoundVersion(
        version=row["version"],
        source=row["source"] or "",
        files=row.get("storage_location") or row["source"] or "",
        stage=row["current_stage"] or "None",
        run_id=row["run_id"] or None,
        model_id=tags.get("mlflow.model_id") or logged_model_of_source(row["source"] or ""),
        run_link=row.get("run_link") or None,
        description=row["description"] or "",
        tags=dict(sorted(tags.items())),
    )
