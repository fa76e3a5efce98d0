"""Writing MLflow's database in a SQLite file: under the same ids, with the same times.

MLflow makes the tables, we fill them. Each thing is one transaction of its own, so an export that is cut
off leaves whole things. A database cannot hold everything: equal points are one, minus zero is zero, NaN of
a logged model is 0, and infinities are the largest numbers, all as when MLflow writes it itself.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import AlreadyExists
from mlflowflow.exchange.import_models import ORIGIN_TAG
from mlflowflow.exchange.report import Counts
from mlflowflow.exchange.server_registry import EXPORTED_TAG
from mlflowflow.exchange.sqlite_base import SqliteBase
from mlflowflow.ids import derived
from mlflowflow.tracking.logged.model import LoggedModel
from mlflowflow.tracking.run import LifecycleStage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mlflowflow.registry.version import ModelVersion, RegisteredModel
    from mlflowflow.tracking.artifacts.repository import ArtifactRepository
    from mlflowflow.tracking.run import Experiment, Metric, Run, RunInputs

#: What is written for an infinity.
_LARGEST: Final = 1.7976931348623157e308
#: The latest point of each metric of a run, by MLflow's rule.
_LATEST: Final = """
INSERT OR REPLACE INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)
SELECT key, value, timestamp, step, is_nan, run_uuid FROM (
  SELECT *, row_number() OVER (PARTITION BY key ORDER BY step DESC, timestamp DESC, value DESC) AS place
  FROM metrics WHERE run_uuid = ?
) WHERE place = 1
"""


class SqliteTarget:
    """Fill the database in a file; files of runs and models are copied into a folder."""

    def __init__(self, path: Path, *, files_to: Path | None = None, origin: str = "") -> None:
        """Open the file at `path`. Files go to `files_to`, by default the folder ``mlruns`` beside it.

        `origin` is the address of the store that is exported. Raises `NotFound` if there is no file with
        MLflow's tables.
        """
        self._files_to = (files_to or path.absolute().parent / "mlruns").absolute()
        self._origin = origin
        self._ids: dict[str, int] = {}
        self._base = SqliteBase(path)

    @property
    def where(self) -> str:
        """The file."""
        return self._base.where

    def experiment(self, experiment: Experiment, runs: Sequence[Run]) -> Counts:
        """Take an experiment, known by its name; its runs are written later, each at once."""
        del runs
        with self._base.at_once():
            found = self._base.one("SELECT experiment_id FROM experiments WHERE name = ?", experiment.name)
            wanted = self._free_id(experiment) if found is None else int(found[0])
            self._ids[experiment.experiment_id] = wanted
            row = {
                "experiment_id": wanted,
                "name": experiment.name,
                "artifact_location": str(self._files_to / str(wanted)),
                "lifecycle_stage": experiment.lifecycle_stage.value,
                "creation_time": experiment.creation_time,
                "last_update_time": experiment.last_update_time,
            }
            if found is None:
                self._base.add("experiments", [row])
            tags = [
                {"experiment_id": wanted, "key": key, "value": text} for key, text in experiment.tags.items()
            ]
            self._base.add("experiment_tags", tags, update=("value",))
        return Counts(experiments=int(found is None))

    def logged_model(self, model: LoggedModel) -> Counts:
        """Take a logged model."""
        home = self._ids[model.experiment_id]
        row = {
            "model_id": model.model_id,
            "experiment_id": home,
            "name": model.name,
            "artifact_location": str(self._folder_of(model)),
            "creation_timestamp_ms": model.creation_timestamp,
            "last_updated_timestamp_ms": model.last_updated_timestamp,
            "status": model.status.to_int(),
            "lifecycle_stage": LifecycleStage.ACTIVE.value,
            "model_type": model.model_type,
            "source_run_id": model.source_run_id,
            "status_message": model.status_message,
        }
        owner = {"model_id": model.model_id, "experiment_id": home}
        with self._base.at_once():
            self._demand_home("logged_models", "model_id", model.model_id, home)
            new = self._base.is_new("logged_models", "model_id", model.model_id)
            self._base.add("logged_models", [row], update=("status", "last_updated_timestamp_ms"))
            params = [{**owner, "param_key": key, "param_value": text} for key, text in model.params.items()]
            self._base.add("logged_model_params", params)
            tags = [{**owner, "tag_key": key, "tag_value": text} for key, text in model.tags.items()]
            self._base.add("logged_model_tags", tags, update=("tag_value",))
        return Counts(logged_models=int(new))

    def run(self, run: Run, points: Sequence[Metric]) -> Counts:
        """Take a run with all that it logged."""
        info, home = run.info, self._ids[run.info.experiment_id]
        row = {
            "run_uuid": info.run_id,
            "name": info.run_name,
            "source_type": "UNKNOWN",
            "source_name": "",
            "entry_point_name": "",
            "user_id": info.user_id,
            "status": info.status.value,
            "start_time": info.start_time,
            "end_time": info.end_time,
            "source_version": "",
            "lifecycle_stage": info.lifecycle_stage.value,
            "artifact_uri": str(self._folder_of(run)),
            "experiment_id": home,
        }
        with self._base.at_once():
            self._demand_home("runs", "run_uuid", info.run_id, home)
            new = Counts(runs=int(self._base.is_new("runs", "run_uuid", info.run_id)))
            self._base.add("runs", [row], update=("name", "status", "end_time", "lifecycle_stage"))
            new.params = self._base.add("params", _texts(info.run_id, run.data.params))
            tags = {key: text for key, text in run.data.tags.items() if key != ORIGIN_TAG}
            new.tags = self._base.add("tags", _texts(info.run_id, tags), update=("value",))
            new.points = self._points(info.run_id, home, points)
            new.datasets = self._inputs(info.run_id, home, run.inputs)
            self._base.add("inputs", _model_links(run))
        return new

    def files(self, owner: Run | LoggedModel, files: ArtifactRepository) -> Counts:
        """Copy the files that are not there with the same size."""
        folder, new = self._folder_of(owner), Counts()
        for path, size in files.sizes().items():
            target = folder / path
            if target.is_file() and target.stat().st_size == size:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            files.download(path, target.parent)
            new.files += 1
            new.bytes += size
        return new

    def registered_model(self, model: RegisteredModel) -> Counts:
        """Take a registered model with its versions, stages, aliases and tags."""
        tags = {key: text for key, text in model.tags.items() if key != ORIGIN_TAG}
        row = {
            "name": model.name,
            "creation_time": model.creation_time,
            "last_updated_time": model.last_updated_time,
            "description": model.description,
        }
        with self._base.at_once():
            new = Counts(models=int(self._base.is_new("registered_models", "name", model.name)))
            self._demand_ours(model, is_new=bool(new.models))
            self._base.add("registered_models", [row], update=("description", "last_updated_time"))
            tagged = [
                {"name": model.name, "key": key, "value": text}
                for key, text in {**tags, EXPORTED_TAG: self._origin}.items()
            ]
            self._base.add("registered_model_tags", tagged, update=("value",))
            for version in model.versions:
                new.versions += self._version(version)
            new.aliases = self._base.add(
                "registered_model_aliases",
                [
                    {"name": model.name, "alias": alias, "version": number}
                    for alias, number in model.aliases.items()
                ],
                update=("version",),
            )
        return new

    def finish(self, experiment: Experiment, runs: Sequence[Run]) -> None:
        """Delete an experiment that is deleted; runs have said it themselves."""
        del runs
        with self._base.at_once():
            self._base.execute(
                "UPDATE experiments SET lifecycle_stage = ? WHERE experiment_id = ?",
                experiment.lifecycle_stage.value,
                self._ids[experiment.experiment_id],
            )

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    # ---- parts ---------------------------------------------------------------------------------------------

    def _points(self, run_id: str, home: int, points: Sequence[Metric]) -> int:
        values = [_held(point.value) for point in points]
        rows = [
            {
                "key": point.key,
                "value": value,
                "timestamp": point.timestamp,
                "run_uuid": run_id,
                "step": point.step,
                "is_nan": is_nan,
            }
            for point, (value, is_nan) in zip(points, values, strict=True)
        ]
        new = self._base.add("metrics", rows)
        if new:
            self._base.execute(_LATEST, run_id)
        of_models = [
            {
                "model_id": point.model_id,
                "metric_name": point.key,
                "metric_timestamp_ms": point.timestamp,
                "metric_step": point.step,
                "metric_value": value,
                "experiment_id": home,
                "run_id": run_id,
                "dataset_name": point.dataset_name,
                "dataset_digest": point.dataset_digest,
            }
            for point, (value, _) in zip(points, values, strict=True)
            if point.model_id is not None
        ]
        self._base.add("logged_model_metrics", of_models)
        return new

    def _inputs(self, run_id: str, home: int, inputs: RunInputs) -> int:
        new = 0
        for each in inputs.dataset_inputs:
            of = each.dataset
            row = {
                "dataset_uuid": derived("0" * 32, str(home), of.name, of.digest),
                "experiment_id": home,
                "name": of.name,
                "digest": of.digest,
                "dataset_source_type": of.source_type,
                "dataset_source": of.source,
                "dataset_schema": of.schema,
                "dataset_profile": of.profile,
            }
            self._base.add("datasets", [row])
            asked = "SELECT dataset_uuid FROM datasets WHERE experiment_id = ? AND name = ? AND digest = ?"
            (dataset,) = self._base.one(asked, home, of.name, of.digest) or ("",)
            link = _link(run_id, ("DATASET", dataset), ("RUN", run_id))
            new += self._base.add("inputs", [link])
            tags = [
                {"input_uuid": link["input_uuid"], "name": tag.key, "value": tag.value} for tag in each.tags
            ]
            self._base.add("input_tags", tags)
        return new

    def _version(self, version: ModelVersion) -> int:
        row = {
            "name": version.name,
            "version": version.version,
            "creation_time": version.creation_time,
            "last_updated_time": version.last_updated_time,
            "description": version.description,
            "current_stage": version.stage.value,
            "source": version.source,
            "run_id": version.run_id,
            "status": "READY",
            "run_link": version.run_link or "",
            "storage_location": self._place_of(version),
        }
        asked = "SELECT 1 FROM model_versions WHERE name = ? AND version = ?"
        is_new = self._base.one(asked, version.name, version.version) is None
        self._base.add("model_versions", [row], update=("current_stage", "description", "last_updated_time"))
        owner = {"name": version.name, "version": version.version}
        tags = [{**owner, "key": key, "value": text} for key, text in version.tags.items()]
        self._base.add("model_version_tags", tags, update=("value",))
        return int(is_new)

    def _place_of(self, version: ModelVersion) -> str:
        """Return where the files of a version lie, if they were exported with a run or a logged model."""
        if version.model_id is not None:
            asked = "SELECT artifact_location FROM logged_models WHERE model_id = ?"
            found = self._base.one(asked, version.model_id)
            return found[0] if found else version.source
        run_id, _, path = version.source.removeprefix("runs:/").partition("/")
        found = self._base.one("SELECT artifact_uri FROM runs WHERE run_uuid = ?", run_id)
        return f"{found[0]}/{path}" if found else version.source

    def _folder_of(self, owner: Run | LoggedModel) -> Path:
        if isinstance(owner, LoggedModel):
            home = self._files_to / str(self._ids[owner.experiment_id]) / "models"
            return home / owner.model_id / "artifacts"
        home = self._files_to / str(self._ids[owner.info.experiment_id])
        return home / owner.info.run_id / "artifacts"

    def _free_id(self, experiment: Experiment) -> int:
        """Return the experiment's own id, or the next one if another experiment has it or it is no number."""
        wanted = experiment.experiment_id
        taken = self._base.one("SELECT 1 FROM experiments WHERE experiment_id = ?", wanted)
        if taken is None and wanted.isdecimal() and int(wanted) < 1 << 63:
            return int(wanted)
        (last,) = self._base.one("SELECT max(experiment_id) FROM experiments") or (0,)
        return int(last or 0) + 1

    def _demand_home(self, table: str, column: str, value: str, home: int) -> None:
        found = self._base.one(f'SELECT experiment_id FROM "{table}" WHERE "{column}" = ?', value)  # noqa: S608 - our own words
        if found is not None and int(found[0]) != home:
            raise AlreadyExists("id", value, hint=f"In '{self.where}' the experiment {found[0]} has it.")

    def _demand_ours(self, model: RegisteredModel, *, is_new: bool) -> None:
        tag = self._base.one(
            "SELECT value FROM registered_model_tags WHERE name = ? AND key = ?", model.name, EXPORTED_TAG
        )
        came_from_here = model.tags.get(ORIGIN_TAG) == self.where
        if not is_new and not came_from_here and (tag is None or tag[0] != self._origin):
            raise AlreadyExists(
                "registered model",
                model.name,
                hint=f"The one in '{self.where}' did not come from this store; rename one of the two.",
            )


def _texts(run_id: str, texts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"run_uuid": run_id, "key": key, "value": text} for key, text in texts.items()]


def _model_links(run: Run) -> list[dict[str, Any]]:
    run_id = run.info.run_id
    used = [
        _link(run_id, ("RUN_INPUT", run_id), ("MODEL_INPUT", each.model_id))
        for each in run.inputs.model_inputs
    ]
    made = [
        _link(run_id, ("RUN_OUTPUT", run_id), ("MODEL_OUTPUT", each.model_id), step=each.step)
        for each in run.outputs.model_outputs
    ]
    return [*used, *made]


def _link(
    run_id: str, source: tuple[str, str], destination: tuple[str, str], step: int = 0
) -> dict[str, Any]:
    return {
        "input_uuid": derived(run_id, *source, *destination),
        "source_type": source[0],
        "source_id": source[1],
        "destination_type": destination[0],
        "destination_id": destination[1],
        "step": step,
    }


def _held(value: float) -> tuple[float, bool]:
    """Return a value as a database holds it, and whether it is NaN.

    >>> _held(float("-inf")), _held(float("nan")), _held(0.5)
    ((-1.7976931348623157e+308, False), (0.0, True), (0.5, False))
    """
    if math.isnan(value):
        return 0.0, True
    return (math.copysign(_LARGEST, value) if math.isinf(value) else value), False
