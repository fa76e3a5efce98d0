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

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mlflowflow.errors import CorruptData, NotFound
from mlflowflow.exchange.linking import linked
from mlflowflow.exchange.places import files_at
from mlflowflow.exchange.source import FoundModel, FoundVersion
from mlflowflow.tracking.logged_model import LoggedModel, LoggedModelStatus
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
    from collections.abc import Iterator
    from pathlib import Path

    from mlflowflow.exchange.source import Files

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
        return [self._experiment(folder) for folder in self._experiment_folders()]

    def runs(self, experiment_id: str) -> Iterator[Run]:
        """Yield the runs of an experiment."""
        for folder in self._run_folders(experiment_id):
            yield _run(folder)

    def points(self, run: Run) -> list[Metric]:
        """Return the points of a run, linked to the models that have them too."""
        experiment = self._home(run.info.experiment_id)
        folder = experiment / run.info.run_id / "metrics"
        points = [point for path in _files_in(folder) for point in _points(path, folder)]
        return linked(points, self._points_of_models(experiment).get(run.info.run_id, []))

    def logged_models(self, experiment_id: str) -> Iterator[LoggedModel]:
        """Yield the logged models of an experiment."""
        for folder in _folders(self._home(experiment_id) / _MODELS):
            fields = _yaml(folder / _META)
            if fields.get("lifecycle_stage", LifecycleStage.ACTIVE) != LifecycleStage.DELETED:
                yield _logged_model(folder, fields)

    def registered_models(self) -> list[FoundModel]:
        """Return the registered models."""
        return [_model(folder) for folder in _folders(self._folder / _MODELS)]

    def files(self, uri: str) -> Files | None:
        """Return the files at an address."""
        return files_at(uri)

    def _experiment_folders(self) -> list[Path]:
        found = [*_folders(self._folder), *_folders(self._folder / _TRASH)]
        return [folder for folder in found if folder.name != _MODELS]

    def _home(self, experiment_id: str) -> Path:
        at = self._folder / experiment_id
        return at if (at / _META).is_file() else self._folder / _TRASH / experiment_id

    def _run_folders(self, experiment_id: str) -> Iterator[Path]:
        return (folder for folder in _folders(self._home(experiment_id)) if "run_id" in _yaml(folder / _META))

    def _experiment(self, folder: Path) -> Experiment:
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

    def _read_points_of_models(self, experiment: Path) -> dict[str, list[Metric]]:
        """Return the points of all models of an experiment, by the run that logged them."""
        found: dict[str, list[Metric]] = defaultdict(list)
        for model in _folders(experiment / _MODELS):
            folder = model / "metrics"
            for path in _files_in(folder):
                for point in _points(path, folder, model_id=model.name):
                    found[point.run_id or ""].append(point)
        return found


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


def _logged_model(folder: Path, fields: dict[str, Any]) -> LoggedModel:
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


def _files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []


def _texts(folder: Path) -> dict[str, str]:
    """Return what lies in a folder with a file per key."""
    found = {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in _files_in(folder)}
    return dict(sorted(found.items()))


def _points(path: Path, folder: Path, *, model_id: str | None = None) -> Iterator[Metric]:
    key = path.relative_to(folder).as_posix()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        words = line.split(" ")
        run_id = words.pop(3) if model_id is not None and len(words) > 3 else None  # noqa: PLR2004 - see above
        try:
            timestamp, value, step = int(words[0]), float(words[1]), int(words[2]) if len(words) > 2 else 0  # noqa: PLR2004
        except (ValueError, IndexError) as error:
            raise CorruptData(str(path), f"line {number} is no point of a metric: {line!r}") from error
        if len(words) == _WITH_DATASET:
            yield Metric(key, value, timestamp, step, model_id, words[3], words[4], run_id)
        else:
            yield Metric(key, value, timestamp, step, model_id, None, None, run_id)


def _yaml(path: Path) -> dict[str, Any]:
    try:
        tree = YAML(typ="safe", pure=False).load(path.read_bytes())
    except (YAMLError, UnicodeDecodeError, OSError) as error:
        raise CorruptData(str(path), f"it cannot be read ({error})") from error
    if not isinstance(tree, dict):
        raise CorruptData(str(path), "it does not say what it is about")
    return tree
