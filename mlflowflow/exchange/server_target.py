"""Writing to a running MLflow server, over its REST API.

A server gives ids of its own and will not be told others. So ours go into a tag, by which a repeated
export finds what it made. What it made is read back and compared before anything is added: points are
never sent twice.
"""

from __future__ import annotations

import math
from collections import Counter
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote, urlsplit

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.exchange.entities import logged_model_of, run_of
from mlflowflow.exchange.import_models import ORIGIN_TAG
from mlflowflow.exchange.places import local_path
from mlflowflow.exchange.report import Counts
from mlflowflow.exchange.server import ARTIFACTS, SERVED, ServerSource
from mlflowflow.exchange.server_registry import ServerRegistry, pairs
from mlflowflow.tracking.logged.model import LoggedModel, LoggedModelStatus
from mlflowflow.tracking.run import LifecycleStage, Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mlflowflow.exchange.rest import Rest
    from mlflowflow.registry.version import RegisteredModel
    from mlflowflow.tracking.artifacts.repository import ArtifactRepository
    from mlflowflow.tracking.run import Experiment, Metric

_T = TypeVar("_T")
#: The tags that hold our ids.
RUN_TAG: Final = "mlff.run_id"
MODEL_TAG: Final = "mlff.model_id"
PARENT_TAG: Final = "mlflow.parentRunId"
#: What a database keeps of an infinity.
_LARGEST: Final = 1.7976931348623157e308
#: What a server takes in one request.
_POINTS: Final = 1000
_TEXTS: Final = 100
_STATUSES: Final = {
    LoggedModelStatus.READY: "LOGGED_MODEL_READY",
    LoggedModelStatus.FAILED: "LOGGED_MODEL_UPLOAD_FAILED",
}


class ServerTarget:
    """Write to one server."""

    def __init__(self, rest: Rest, *, origin: str = "") -> None:
        """Ask through `rest`; `origin` is the address of the store that is exported."""
        self._rest = rest
        self._source = ServerSource(rest)
        self._homes: dict[str, str] = {}
        self._runs: dict[str, Run] = {}
        self._models: dict[str, LoggedModel] = {}
        self._made: set[str] = set()
        self._registry = ServerRegistry(rest, origin=origin, place_of=self._place_of)

    @property
    def where(self) -> str:
        """Its address."""
        return self._rest.url

    def experiment(self, experiment: Experiment, runs: Sequence[Run]) -> Counts:
        """Take an experiment, known by its name, and begin the runs in it that are not there."""
        home, is_new = self._home(experiment)
        self._homes[experiment.experiment_id] = home
        if not is_new:
            self._runs |= {
                each.data.tags.get(RUN_TAG, each.info.run_id): each for each in self._source.runs(home)
            }
            self._models |= {
                each.tags.get(MODEL_TAG, each.model_id): each for each in self._source.logged_models(home)
            }
        for run in runs:
            if run.info.run_id not in self._runs:
                self._begin(run, home)
        return Counts(experiments=int(is_new))

    def logged_model(self, model: LoggedModel) -> Counts:
        """Take a logged model."""
        there = self._models.get(model.model_id)
        is_new = there is None
        source = self._runs.get(model.source_run_id or "")
        if there is None:
            told = self._rest.change(
                "mlflow/logged-models",
                experiment_id=self._homes[model.experiment_id],
                name=model.name,
                model_type=model.model_type or "",
                source_run_id=source.info.run_id if source else "",
                tags=pairs({**model.tags, MODEL_TAG: model.model_id}),
            )
            there = self._models[model.model_id] = logged_model_of(told["model"])
            self._made.add(model.model_id)
        at = f"mlflow/logged-models/{there.model_id}"
        params = {key: text for key, text in model.params.items() if key not in there.params}
        for some in _parts(pairs(params), _TEXTS):
            self._rest.change(f"{at}/params", model_id=there.model_id, params=some)
        tags = {key: text for key, text in model.tags.items() if there.tags.get(key) != text}
        if tags:
            self._rest.change(f"{at}/tags", "PATCH", model_id=there.model_id, tags=pairs(tags))
        if model.status in _STATUSES and model.status is not there.status:
            self._rest.change(at, "PATCH", model_id=there.model_id, status=_STATUSES[model.status])
        return Counts(logged_models=int(is_new))

    def run(self, run: Run, points: Sequence[Metric]) -> Counts:
        """Take what a run logged, and its state."""
        there = self._runs[run.info.run_id]
        new = Counts(runs=int(run.info.run_id in self._made))
        if there.info.lifecycle_stage is LifecycleStage.DELETED:
            return new  # it was deleted after everything was in it
        params = {key: text for key, text in run.data.params.items() if key not in there.data.params}
        tags = {
            key: text
            for key, text in self._tags(run).items()
            if key != ORIGIN_TAG and there.data.tags.get(key) != text
        }
        fresh = self._missing(run, there, points)
        self._log(there.info.run_id, fresh, params, tags)
        new.points, new.params, new.tags = len(fresh), len(params), len(tags)
        new.datasets = self._links(run, there)
        self._end(run, there)
        return new

    def files(self, owner: Run | LoggedModel, files: ArtifactRepository) -> Counts:
        """Send the files that are not there with the same size. Raises `InvalidInput` if that cannot be done."""
        found = files.sizes()
        uri, is_new, deleted = self._place_there(owner)
        there: Mapping[str, int] = {}
        if found and not is_new and not deleted:
            known = self._source.files(uri)
            there = dict(known.list()) if known is not None else {}
        new = Counts()
        for path, size in found.items():
            if not deleted and there.get(path) != size:
                self._send(files, path, uri)
                new.files += 1
                new.bytes += size
        return new

    def registered_model(self, model: RegisteredModel) -> Counts:
        """Take a registered model with its versions, stages, aliases and tags."""
        return self._registry.model(model)

    def finish(self, experiment: Experiment, runs: Sequence[Run]) -> None:
        """Delete the runs that are deleted, then the experiment if it is."""
        home, deleted = self._homes[experiment.experiment_id], LifecycleStage.DELETED
        for run in runs:
            there = self._runs[run.info.run_id]
            if run.info.lifecycle_stage is deleted and there.info.lifecycle_stage is not deleted:
                self._rest.change("mlflow/runs/delete", run_id=there.info.run_id)
        if experiment.lifecycle_stage is deleted and home not in self._deleted_homes():
            self._rest.change("mlflow/experiments/delete", experiment_id=home)

    def close(self) -> None:
        """Let go of the connections."""
        self._rest.close()

    # ---- parts ---------------------------------------------------------------------------------------------

    def _home(self, experiment: Experiment) -> tuple[str, bool]:
        tags = {key: text for key, text in experiment.tags.items() if key != ORIGIN_TAG}
        try:
            told = self._rest.get("mlflow/experiments/get-by-name", experiment_name=experiment.name)
        except NotFound:
            made = self._rest.change("mlflow/experiments/create", name=experiment.name, tags=pairs(tags))
            return str(made["experiment_id"]), True
        there = told["experiment"]
        home = str(there["experiment_id"])
        known = {str(each["key"]): str(each.get("value", "")) for each in there.get("tags") or ()}
        for key, text in tags.items():
            if known.get(key) != text and there.get("lifecycle_stage") != LifecycleStage.DELETED:
                self._rest.change(
                    "mlflow/experiments/set-experiment-tag", experiment_id=home, key=key, value=text
                )
        return home, False

    def _deleted_homes(self) -> set[str]:
        deleted = LifecycleStage.DELETED
        return {each.experiment_id for each in self._source.experiments() if each.lifecycle_stage is deleted}

    def _begin(self, run: Run, home: str) -> None:
        told = self._rest.change(
            "mlflow/runs/create",
            experiment_id=home,
            user_id=run.info.user_id,
            start_time=run.info.start_time,
            run_name=run.info.run_name,
            tags=pairs({RUN_TAG: run.info.run_id}),
        )
        self._runs[run.info.run_id] = run_of(told["run"])
        self._made.add(run.info.run_id)

    def _tags(self, run: Run) -> dict[str, str]:
        """Return a run's tags, the parent under its id there."""
        tags = dict(run.data.tags)
        parent = self._runs.get(tags.get(PARENT_TAG, ""))
        return {**tags, PARENT_TAG: parent.info.run_id} if parent else tags

    def _missing(self, run: Run, there: Run, points: Sequence[Metric]) -> list[Metric]:
        if run.info.run_id in self._made:
            return list(points)
        left = Counter(_held(point) for point in points)
        left.subtract(_held(point) for point in self._source.points(there))
        fresh: list[Metric] = []
        for point in points:
            if left[place := _held(point)] > 0:
                left[place] -= 1
                fresh.append(point)
        return fresh

    def _log(
        self, run_id: str, points: Sequence[Metric], params: Mapping[str, str], tags: Mapping[str, str]
    ) -> None:
        for texts in _parts(pairs(params), _TEXTS):
            self._rest.change("mlflow/runs/log-batch", run_id=run_id, params=texts)
        for texts in _parts(pairs(tags), _TEXTS):
            self._rest.change("mlflow/runs/log-batch", run_id=run_id, tags=texts)
        for some in _parts(map(self._point, points), _POINTS):
            self._rest.change("mlflow/runs/log-batch", run_id=run_id, metrics=some)

    def _point(self, point: Metric) -> dict[str, Any]:
        told: dict[str, Any] = {
            "key": point.key,
            "value": _number(point.value),
            "timestamp": point.timestamp,
            "step": point.step,
        }
        model = self._models.get(point.model_id or "")
        if model is not None:
            told["model_id"] = model.model_id
        if point.dataset_name is not None:
            told |= {"dataset_name": point.dataset_name, "dataset_digest": point.dataset_digest}
        return told

    def _links(self, run: Run, there: Run) -> int:
        run_id = there.info.run_id
        known = {(each.dataset.name, each.dataset.digest) for each in there.inputs.dataset_inputs}
        datasets = [
            {
                "dataset": {
                    name: text for name, text in each.dataset.to_dictionary().items() if text is not None
                },
                "tags": pairs({tag.key: tag.value for tag in each.tags}),
            }
            for each in run.inputs.dataset_inputs
            if (each.dataset.name, each.dataset.digest) not in known
        ]
        used = {each.model_id for each in there.inputs.model_inputs}
        models = [
            {"model_id": model.model_id}
            for each in run.inputs.model_inputs
            if (model := self._models.get(each.model_id)) is not None and model.model_id not in used
        ]
        if datasets or models:
            self._rest.change("mlflow/runs/log-inputs", run_id=run_id, datasets=datasets, models=models)
        made = {each.model_id for each in there.outputs.model_outputs}
        outputs = [
            {"model_id": model.model_id, "step": each.step}
            for each in run.outputs.model_outputs
            if (model := self._models.get(each.model_id)) is not None and model.model_id not in made
        ]
        if outputs:
            self._rest.change("mlflow/runs/outputs", run_id=run_id, models=outputs)
        return len(datasets)

    def _end(self, run: Run, there: Run) -> None:
        info = run.info
        if (info.status, info.end_time) != (there.info.status, there.info.end_time):
            ended = {} if info.end_time is None else {"end_time": info.end_time}
            self._rest.change(
                "mlflow/runs/update", run_id=there.info.run_id, status=info.status.value, **ended
            )

    # ---- files ---------------------------------------------------------------------------------------------

    def _place_there(self, owner: Run | LoggedModel) -> tuple[str, bool, bool]:
        if isinstance(owner, LoggedModel):
            place = self._models[owner.model_id].artifact_location
            return place, owner.model_id in self._made, False
        info = self._runs[owner.info.run_id].info
        return (
            info.artifact_uri,
            owner.info.run_id in self._made,
            info.lifecycle_stage is LifecycleStage.DELETED,
        )

    def _place_of(self, owner_id: str, path: str) -> str | None:
        """Return the address there of a file of a run or logged model of ours, None for an unknown one."""
        if owner_id in self._models:
            return f"models:/{self._models[owner_id].model_id}"
        if owner_id in self._runs:
            return (
                f"{self._runs[owner_id].info.artifact_uri}/{path}"
                if path
                else self._runs[owner_id].info.run_id
            )
        return None

    def _send(self, files: ArtifactRepository, path: str, uri: str) -> None:
        parts, folder = urlsplit(uri), local_path(uri)
        if parts.scheme == SERVED:
            served = parts.path.strip("/")
            self._upload(files, path, f"{ARTIFACTS}/{quote(f'{served}/{path}')}")
        elif folder is not None:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            files.download(path, (folder / path).parent)
        else:
            raise InvalidInput(
                f"Files cannot be written to '{uri}' from here. Start the server with --serve-artifacts, "
                "or leave them out with --no-artifacts."
            )

    def _upload(self, files: ArtifactRepository, path: str, target: str) -> None:
        with TemporaryDirectory(prefix="mlff-export-") as private:
            local = files.download(path, Path(private))
            with local.open("rb") as file:
                self._rest.upload(target, file)


def _held(point: Metric) -> tuple[object, ...]:
    """Return what a server's database keeps of a point: no links, no infinities, every NaN the same."""
    value = None if math.isnan(point.value) else max(-_LARGEST, min(_LARGEST, point.value))
    return (point.key, point.step, point.timestamp, value)


def _number(value: float) -> float | str:
    """Return a value as JSON has it.

    >>> _number(float("-inf")), _number(0.5)
    ('-Infinity', 0.5)
    """
    names = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    return names.get(str(value), value)


def _parts(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Yield the items in lists of at most `size`.

    >>> list(_parts("abc", 2))
    [['a', 'b'], ['c']]
    """
    left = iter(items)
    while part := list(islice(left, size)):
        yield part
