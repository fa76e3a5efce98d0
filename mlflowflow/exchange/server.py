"""Reading a running MLflow server, over its REST API.

A server tells a run's points metric by metric, and what they are linked to only with the models, so both
are asked for. Files come through the server where it serves them (``mlflow-artifacts:``), else from where
they lie.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from mlflowflow.errors import InvalidInput, MlflowflowError, NotFound, StoreError
from mlflowflow.exchange.entities import (
    experiment_of,
    logged_model_of,
    point_of,
    run_of,
    texts,
    version_of,
)
from mlflowflow.exchange.linking import linked
from mlflowflow.exchange.places import files_at
from mlflowflow.exchange.source import FoundModel
from mlflowflow.storage.key import is_key
from mlflowflow.tracking.run import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import Any, TypeVar

    from mlflowflow.exchange.rest import Rest
    from mlflowflow.exchange.source import Files
    from mlflowflow.tracking.logged.model import LoggedModel
    from mlflowflow.tracking.run import Experiment, Metric

    _T = TypeVar("_T")

_PAGE: Final = 1000
_MODELS_PAGE: Final = 50
_POINTS_PAGE: Final = 25_000
SERVED: Final = "mlflow-artifacts"
ARTIFACTS: Final = "mlflow-artifacts/artifacts"


class ServerSource:
    """Read a server."""

    def __init__(self, rest: Rest) -> None:
        """Ask through `rest`. Raises `StoreUnavailable`, or `CorruptData` if no MLflow server answers."""
        self._rest = rest
        self.problems: list[str] = []
        self._models = lru_cache(maxsize=1)(self._read_models)

    @property
    def where(self) -> str:
        """Its address."""
        return self._rest.url

    def experiments(self) -> list[Experiment]:
        """Return all experiments."""
        told = self._rest.pages(
            "mlflow/experiments/search", "experiments", view_type="ALL", max_results=_PAGE
        )
        return list(self._readable(experiment_of, told))

    def runs(self, experiment_id: str) -> Iterator[Run]:
        """Yield the runs of an experiment, the earliest first; the models they used are asked for one by one."""
        told = self._rest.pages(
            "mlflow/runs/search",
            "runs",
            experiment_ids=[experiment_id],
            run_view_type="ALL",
            max_results=_PAGE,
            order_by=["attributes.start_time ASC"],
        )
        has_models = bool(self._models(experiment_id))
        for run in self._readable(run_of, told):
            yield self._with_models(run) if has_models else run

    def points(self, run: Run) -> list[Metric]:
        """Return the points of a run, metric by metric, linked to the models that have them too."""
        run_id = run.info.run_id
        points = [
            point_of(each, key)
            for key in sorted(run.data.metrics)
            for each in self._rest.pages(
                "mlflow/metrics/get-history",
                "metrics",
                method="GET",
                run_id=run_id,
                metric_key=key,
                max_results=_POINTS_PAGE,
            )
        ]
        return linked(points, self._points_of_models(run.info.experiment_id).get(run_id, []))

    def logged_models(self, experiment_id: str) -> Iterator[LoggedModel]:
        """Yield the logged models of an experiment."""
        yield from self._models(experiment_id)

    def registered_models(self) -> list[FoundModel]:
        """Return the registered models."""
        told = self._rest.pages(
            "mlflow/registered-models/search", "registered_models", method="GET", max_results=100
        )
        return list(self._readable(self._registered, told))

    def files(self, uri: str) -> Files | None:
        """Return the files at an address."""
        parts = urlsplit(uri)
        if parts.scheme == SERVED:
            return ServedFiles(self._rest, parts.path.strip("/"))
        return files_at(uri)

    def _with_models(self, run: Run) -> Run:
        told = self._rest.get("mlflow/runs/get", run_id=run.info.run_id)
        full = run_of(told["run"])
        return Run(info=run.info, data=run.data, inputs=full.inputs, outputs=full.outputs)

    def _registered(self, told: Mapping[str, Any]) -> FoundModel:
        name = str(told["name"])
        quoted = name.replace("'", "\\'")
        versions = self._rest.pages(
            "mlflow/model-versions/search",
            "model_versions",
            method="GET",
            filter=f"name = '{quoted}'",
            max_results=_PAGE,
        )
        found = list(self._readable(version_of, versions))
        return FoundModel(
            name=name,
            description=str(told.get("description") or ""),
            tags=texts(told.get("tags")),
            aliases={str(each["alias"]): int(each["version"]) for each in told.get("aliases") or ()},
            versions=tuple(sorted(found, key=lambda version: version.version)),
        )

    def _read_models(self, experiment_id: str) -> list[LoggedModel]:
        pages = self._rest.pages(
            "mlflow/logged-models/search", "models", experiment_ids=[experiment_id], max_results=_MODELS_PAGE
        )
        try:
            told = list(pages)
        except (NotFound, InvalidInput):  # servers before MLflow 3 have none
            return []
        return list(self._readable(logged_model_of, told))

    @lru_cache(maxsize=1)  # noqa: B019 - a source lives as long as one import
    def _points_of_models(self, experiment_id: str) -> dict[str, list[Metric]]:
        found: dict[str, list[Metric]] = defaultdict(list)
        for model in self._models(experiment_id):
            for point in model.metrics or ():
                found[point.run_id or ""].append(point)
        return found

    def _readable(
        self, read: Callable[[Mapping[str, Any]], _T], told: Iterable[Mapping[str, Any]]
    ) -> Iterator[_T]:
        """Yield what can be read; what cannot is told, and does not hide the rest."""
        for each in told:
            try:
                yield read(each)
            except StoreError:
                raise
            except (MlflowflowError, KeyError, ValueError, TypeError, AttributeError) as error:
                self.problems.append(
                    f"An answer of '{self.where}' cannot be read ({error!r}): {str(each)[:200]}"
                )


class ServedFiles:
    """The files below a folder that the server gives out itself."""

    def __init__(self, rest: Rest, root: str) -> None:
        """Read the folder `root`."""
        self._rest = rest
        self._root = root

    def list(self) -> Iterator[tuple[str, int]]:
        """Yield every file. Raises `InvalidInput` for a name that leads out of the folder."""
        yield from self._below("")

    def fetch(self, path: str, folder: Path) -> Path:
        """Copy one file into `folder`. Raises `NotFound`."""
        target = folder / _safe(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        self._rest.download(f"{ARTIFACTS}/{quote(f'{self._root}/{path}')}", target)
        return target

    def _below(self, inner: str) -> Iterator[tuple[str, int]]:
        at = f"{self._root}/{inner}".strip("/")
        for each in self._rest.get(ARTIFACTS, path=at).get("files") or ():
            path = _safe(f"{inner}/{each['path']}".lstrip("/"))
            if each.get("is_dir"):
                yield from self._below(path)
            else:
                yield path, int(each.get("file_size") or 0)


def _safe(path: str) -> str:
    if not is_key(path):
        raise InvalidInput(f"The server named a file '{path}', which leads elsewhere; it is not fetched.")
    return path
