"""Reading MLflow's file store: the folder ``mlruns``.

::

    <experiment>/meta.yaml, tags/<key>
    <experiment>/<run>/meta.yaml, params/<key>, tags/<key>, metrics/<key>, inputs/…, outputs/…
    <experiment>/datasets/<id>/meta.yaml
    <experiment>/models/<model>/meta.yaml, params/<key>, tags/<key>, metrics/<key>
    models/<name>/meta.yaml, tags/<key>, aliases/<alias>, version-<n>/meta.yaml, version-<n>/tags/<key>
    .trash/<experiment>/…

Keys with slashes are paths. A line of a metric is ``timestamp value step``, then perhaps a dataset's
name and digest; with a model, the run's id stands before those.
"""

from __future__ import annotations

import os
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from mlflowflow.errors import MlflowflowError, NotFound
from mlflowflow.exchange.linking import linked
from mlflowflow.exchange.meta_file import read_meta
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
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from mlflowflow.exchange.source import Files

_T = TypeVar("_T")
_META: Final = "meta.yaml"
_TRASH: Final = ".trash"
_MODELS: Final = "models"
#: What MLflow writes for the status of a run.
_STATUSES: Final = {
    1: RunStatus.RUNNING,
    2: RunStatus.SCHEDULED,
    3: RunStatus.FINISHED,
    4: RunStatus.FAILED,
    5: RunStatus.KILLED,
}
#: A version that was deleted keeps its folder.
_DELETED_STAGE: Final = "Deleted_Internal"
#: How many words a line of a run's metric can have, and at which of them a dataset begins.
_WITH_DATASET: Final = 5


class FileStoreSource:
    """Read the file store in a folder."""

    def __init__(self, folder: Path) -> None:
        """Read `folder`. Raises `NotFound` if it is no file store."""
        self._folder = folder
        self.problems: list[str] = []
        if not any(folder.glob(f"*/{_META}")) and not (folder / _TRASH).is_dir():
            raise NotFound(
                "MLflow store", str(folder), hint="A file store has a folder with a meta.yaml per experiment."
            )
        self._points_of_models = lru_cache(maxsize=1)(self._read_points_of_models)

    @property
    def where(self) -> str:
        """The folder."""
        return str(self._folder.absolute())

    def experiments(self) -> list[Experiment]:
        """Return all experiments, those in the trash too."""
        return list(self._readable(_experiment, self._experiment_folders()))

    def runs(self, experiment_id: str) -> Iterator[Run]:
        """Yield the runs of an experiment."""
        return self._readable(_run, self._run_folders(experiment_id))

    def points(self, run: Run) -> list[Metric]:
        """Return the points of a run, linked to the models that have them too."""
        experiment = self._home(run.info.experiment_id)
        points = self._points_in(experiment / run.info.run_id / "metrics")
        return linked(points, self._points_of_models(experiment).get(run.info.run_id, []))

    def logged_models(self, experiment_id: str) -> Iterator[LoggedModel]:
        """Yield the logged models of an experiment."""
        return self._readable(_logged_model, self._model_folders(self._home(experiment_id)))

    def registered_models(self) -> list[FoundModel]:
        """Return the registered models."""
        return list(self._readable(_model, _folders(self._folder / _MODELS)))

    def files(self, uri: str) -> Files | None:
        """Return the files at an address; in this folder, if it was moved from where the address says."""
        files = files_at(uri)
        if isinstance(files, FolderFiles) and not files.folder.is_dir():
            parts = files.folder.parts
            moved = [self._folder.joinpath(*parts[-length:]) for length in (3, 4)]
            return next((FolderFiles(at) for at in moved if len(parts) > 3 and at.is_dir()), files)  # noqa: PLR2004 - run/artifacts in its experiment
        return files

    def _experiment_folders(self) -> list[Path]:
        found = [*_folders(self._folder), *_folders(self._folder / _TRASH)]
        return [folder for folder in found if folder.name != _MODELS]

    def _home(self, experiment_id: str) -> Path:
        at = self._folder / experiment_id
        return at if (at / _META).is_file() else self._folder / _TRASH / experiment_id

    def _run_folders(self, experiment_id: str) -> Iterator[Path]:
        beside = {_MODELS, "datasets", "tags", "traces"}
        return (at for at in _folders(self._home(experiment_id)) if at.name not in beside)

    def _model_folders(self, experiment: Path) -> Iterator[Path]:
        for folder in _folders(experiment / _MODELS):
            stages = list(self._readable(_stage, [folder]))
            if stages == [LifecycleStage.ACTIVE]:
                yield folder

    def _read_points_of_models(self, experiment: Path) -> dict[str, list[Metric]]:
        """Return the points of all models of an experiment, by the run that logged them."""
        found: dict[str, list[Metric]] = defaultdict(list)
        for model in self._model_folders(experiment):
            for point in self._points_in(model / "metrics", model_id=model.name):
                found[point.run_id or ""].append(point)
        return found

    def _points_in(self, folder: Path, *, model_id: str | None = None) -> list[Metric]:
        """Return the points in a folder of metrics; lines that are none are told and left out."""
        found: list[Metric] = []
        for key, path in _files_in(folder):
            with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - there are many
                lines = file.read().split("\n")
            for number, line in enumerate(lines, 1):
                try:
                    if line:
                        found.append(_point(key, line, model_id))
                except (ValueError, IndexError, MlflowflowError):
                    self.problems.append(f"Line {number} of '{path}' is no point of a metric: {line[:80]!r}.")
        return found

    def _readable(self, read: Callable[[Path], _T], folders: Iterable[Path]) -> Iterator[_T]:
        """Yield what is in folders; what cannot be read is told, and does not hide the others."""
        for folder in folders:
            try:
                yield read(folder)
            except (MlflowflowError, KeyError, ValueError, TypeError) as error:
                self.problems.append(
                    str(error)
                    if isinstance(error, MlflowflowError)
                    else f"'{folder}' cannot be read: its {_META} lacks something or has it wrong ({error!r})."
                )


def _experiment(folder: Path) -> Experiment:
    fields = _yaml(folder / _META)
    created = int(fields.get("creation_time") or 0)
    return Experiment(
        experiment_id=str(fields["experiment_id"]),
        name=str(fields["name"]),
        artifact_location=str(fields.get("artifact_location") or ""),
        creation_time=created,
        last_update_time=int(fields.get("last_update_time") or created),
        lifecycle_stage=LifecycleStage(fields.get("lifecycle_stage", LifecycleStage.ACTIVE)),
        tags=_texts(folder / "tags"),
    )


def _stage(folder: Path) -> str:
    return str(_yaml(folder / _META).get("lifecycle_stage") or LifecycleStage.ACTIVE)


def _run(folder: Path) -> Run:
    fields = _yaml(folder / _META)
    tags = _texts(folder / "tags")
    info = RunInfo(
        run_id=str(fields["run_id"]),
        experiment_id=str(fields["experiment_id"]),
        run_name=str(fields.get("run_name") or tags.get("mlflow.runName") or ""),
        user_id=str(fields.get("user_id") or ""),
        status=_STATUSES.get(fields.get("status", 1), RunStatus.RUNNING),
        start_time=int(fields.get("start_time") or 0),
        end_time=None if fields.get("end_time") is None else int(fields["end_time"]),
        lifecycle_stage=LifecycleStage(fields.get("lifecycle_stage", LifecycleStage.ACTIVE)),
        artifact_uri=str(fields.get("artifact_uri") or ""),
    )
    return Run(
        info=info,
        data=RunData(params=_texts(folder / "params"), tags=tags),
        inputs=_inputs(folder),
        outputs=RunOutputs(model_outputs=tuple(map(_output, _metas(folder / "outputs")))),
    )


def _inputs(folder: Path) -> RunInputs:
    datasets: list[DatasetInput] = []
    models: list[LoggedModelInput] = []
    for fields in _metas(folder / "inputs"):
        if str(fields.get("source_type")) == "DATASET":
            pairs = dict(fields.get("tags") or {}).items()
            tags = tuple(InputTag(str(key), str(text)) for key, text in pairs)
            dataset = _yaml(folder.parent / "datasets" / str(fields["source_id"]) / _META)
            datasets.append(DatasetInput(_dataset(dataset), tags))
        else:
            models.append(LoggedModelInput(str(fields["source_id"])))
    return RunInputs(dataset_inputs=tuple(datasets), model_inputs=tuple(models))


def _dataset(fields: dict[str, Any]) -> Dataset:
    texts = [fields.get(name) for name in ("schema", "profile")]
    schema, profile = (None if text is None else str(text) for text in texts)
    name, digest, source_type, source = (
        str(fields[name]) for name in ("name", "digest", "source_type", "source")
    )
    return Dataset(name, digest, source_type, source, schema, profile)


def _output(fields: dict[str, Any]) -> LoggedModelOutput:
    return LoggedModelOutput(str(fields["destination_id"]), int(fields.get("step") or 0))


def _logged_model(folder: Path) -> LoggedModel:
    fields = _yaml(folder / _META)
    model_type, source_run_id, message = (
        None if fields.get(name) is None else str(fields[name])
        for name in ("model_type", "source_run_id", "status_message")
    )
    return LoggedModel(
        experiment_id=str(fields["experiment_id"]),
        model_id=str(fields["model_id"]),
        name=str(fields["name"]),
        artifact_location=str(fields["artifact_location"]),
        creation_timestamp=int(fields["creation_timestamp"]),
        last_updated_timestamp=int(fields["last_updated_timestamp"]),
        status=LoggedModelStatus.from_int(int(fields.get("status") or 0)),
        tags=_texts(folder / "tags"),
        params=_texts(folder / "params"),
        model_type=model_type,
        source_run_id=source_run_id,
        status_message=message,
    )


def _model(folder: Path) -> FoundModel:
    fields = _yaml(folder / _META)
    versions = [_version(at) for at in sorted(folder.glob("version-*")) if (at / _META).is_file()]
    kept = [version for version in versions if version.stage != _DELETED_STAGE]
    return FoundModel(
        name=str(fields["name"]),
        description=str(fields.get("description") or ""),
        tags=_texts(folder / "tags"),
        aliases={alias: int(text) for alias, text in _texts(folder / "aliases").items()},
        versions=tuple(sorted(kept, key=lambda version: version.version)),
    )


def _version(folder: Path) -> FoundVersion:
    fields = _yaml(folder / _META)
    optional = {
        name: str(fields[name]) if fields.get(name) else None for name in ("run_id", "model_id", "run_link")
    }
    optional["model_id"] = optional["model_id"] or logged_model_of_source(str(fields.get("source") or ""))
    return FoundVersion(
        version=int(fields["version"]),
        source=str(fields.get("source") or ""),
        files=str(fields.get("storage_location") or fields.get("source") or ""),
        stage=str(fields.get("current_stage") or "None"),
        description=str(fields.get("description") or ""),
        tags=_texts(folder / "tags"),
        **optional,
    )


# ---- files -------------------------------------------------------------------------------------------------


def _folders(folder: Path) -> list[Path]:
    """Return the folders in `folder` that describe something."""
    if not folder.is_dir():
        return []
    return sorted(at for at in folder.iterdir() if (at / _META).is_file())


def _metas(folder: Path) -> list[dict[str, Any]]:
    return [_yaml(at / _META) for at in _folders(folder)]


def _files_in(folder: Path | str) -> list[tuple[str, str]]:
    """Return the files below a folder, each with its name relative to it; links are not followed."""
    found: list[tuple[str, str]] = []
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []
    for entry in entries:
        if entry.is_file(follow_symlinks=False):
            found.append((entry.name, entry.path))
        elif entry.is_dir(follow_symlinks=False):
            found += [(f"{entry.name}/{name}", path) for name, path in _files_in(entry.path)]
    return found


def _texts(folder: Path) -> dict[str, str]:
    """Return what lies in a folder with a file per key."""
    found: dict[str, str] = {}
    for key, path in _files_in(folder):
        with open(path, "rb") as file:  # noqa: PTH123 - there are many
            found[key] = file.read().decode()
    return found


def _point(key: str, line: str, model_id: str | None) -> Metric:
    """Read a line of a metric. Raises ValueError or IndexError for what is none."""
    words = line.split(" ")
    if len(words) == 3:  # noqa: PLR2004 - nearly all of them
        return Metric(key, float(words[1]), int(words[0]), int(words[2]), model_id)
    run_id = words.pop(3) if model_id is not None and len(words) > 3 else None  # noqa: PLR2004 - see above
    timestamp, value, step = int(words[0]), float(words[1]), int(words[2]) if len(words) > 2 else 0  # noqa: PLR2004 - old files have no step
    if len(words) == _WITH_DATASET:
        return Metric(key, value, timestamp, step, model_id, words[3], words[4], run_id)
    return Metric(key, value, timestamp, step, model_id, None, None, run_id)


_yaml = read_meta
