"""The one table of routes: what may be asked, who may ask it, what is answered, and who answers.

Nothing is served that is not in this table, and no line of it can be written without a permission. MLflow's
own clients use ``/api``, its web client ``/ajax-api``; every line is served under both.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from mlflowflow.server import answers, model_answers, registry_requests
from mlflowflow.server import flow_sheets as flow_sheets_asked
from mlflowflow.server import requests as asked
from mlflowflow.server import run_sheets as run_sheets_asked
from mlflowflow.server import sheets as sheets_asked
from mlflowflow.server import sweep_sheets as sweep_sheets_asked
from mlflowflow.server import system_sheets as system_sheets_asked
from mlflowflow.server.handlers import (
    about,
    curves,
    events,
    experiments,
    files,
    flow_sheets,
    logged,
    metrics,
    models,
    registry,
    run_sheets,
    runs,
    sheets,
    sweep_sheets,
    system_sheets,
    tables,
)

if TYPE_CHECKING:
    from fastapi import Request
    from fastapi.responses import Response

    from mlflowflow.server.desk import Desk
    from mlflowflow.server.message import Message

Handler: TypeAlias = "Callable[[Desk, Any], Mapping[str, Any]]"
Streamer: TypeAlias = "Callable[[Desk, Request], Awaitable[Response]]"


class Permission(Enum):
    """What a caller must be allowed to do."""

    #: anybody may ask, whoever they are
    PUBLIC = "public"
    #: anybody who uses a name of this server; it holds nothing of the store
    OPEN = "open"
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A route whose request and answer are JSON."""

    verb: str
    path: str
    permission: Permission
    request: type[Message]
    answer: Any
    handle: Handler


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A route that takes or sends bytes."""

    verb: str
    path: str
    permission: Permission
    handle: Streamer


@dataclass(frozen=True, slots=True, kw_only=True)
class View(Call):
    """A route that only looks, and whose answer is known by its `version`: see `mlflowflow.server.viewing`.

    `version` must change whenever the answer may; it costs less than the answer.
    """

    version: Callable[[Desk, Any], str]


Route: TypeAlias = Call | Stream
_Line: TypeAlias = tuple[str, str, Permission, "type[Message]", Any, Handler]

_READ, _WRITE = Permission.READ, Permission.WRITE
_GET, _POST, _PATCH, _DELETE, _PUT = "GET", "POST", "PATCH", "DELETE", "PUT"
_PREFIXES: Final = ("/api", "/ajax-api")
_E, _X, _R = answers, asked, registry_requests

_TRACKING: Final[tuple[_Line, ...]] = (
    (_POST, "experiments/create", _WRITE, _X.CreateExperiment, _E.ExperimentIdJson, experiments.create),
    (_GET, "experiments/get", _READ, _X.ExperimentId, _E.ExperimentAnswer, experiments.get),
    (_GET, "experiments/get-by-name", _READ, _X.ExperimentName, _E.ExperimentAnswer, experiments.get_by_name),
    (_GET, "experiments/search", _READ, _X.SearchExperiments, _E.ExperimentsAnswer, experiments.search),
    (_POST, "experiments/search", _READ, _X.SearchExperiments, _E.ExperimentsAnswer, experiments.search),
    (_POST, "experiments/delete", _WRITE, _X.ExperimentId, _E.Empty, experiments.delete),
    (_POST, "experiments/restore", _WRITE, _X.ExperimentId, _E.Empty, experiments.restore),
    (_POST, "experiments/update", _WRITE, _X.UpdateExperiment, _E.Empty, experiments.update),
    (_POST, "experiments/set-experiment-tag", _WRITE, _X.ExperimentTag, _E.Empty, experiments.set_tag),
    (
        _POST,
        "experiments/delete-experiment-tag",
        _WRITE,
        _X.ExperimentTagKey,
        _E.Empty,
        experiments.delete_tag,
    ),
    (
        _POST,
        "experiments/search-datasets",
        _READ,
        _X.SearchDatasets,
        _E.DatasetsAnswer,
        experiments.search_datasets,
    ),
    (_POST, "runs/create", _WRITE, _X.CreateRun, _E.RunAnswer, runs.create),
    (_POST, "runs/update", _WRITE, _X.UpdateRun, _E.RunInfoAnswer, runs.update),
    (_POST, "runs/delete", _WRITE, _X.RunId, _E.Empty, runs.delete),
    (_POST, "runs/restore", _WRITE, _X.RunId, _E.Empty, runs.restore),
    (_GET, "runs/get", _READ, _X.RunId, _E.RunAnswer, runs.get),
    (_POST, "runs/search", _READ, _X.SearchRuns, _E.RunsAnswer, runs.search),
    (_POST, "runs/log-metric", _WRITE, _X.LogMetric, _E.Empty, runs.log_metric),
    (_POST, "runs/log-parameter", _WRITE, _X.LogParam, _E.Empty, runs.log_parameter),
    (_POST, "runs/log-batch", _WRITE, _X.LogBatch, _E.Empty, runs.log_batch),
    (_POST, "runs/log-model", _WRITE, _X.LogModel, _E.Empty, runs.log_model),
    (_POST, "runs/set-tag", _WRITE, _X.RunTag, _E.Empty, runs.set_tag),
    (_POST, "runs/delete-tag", _WRITE, _X.RunTagKey, _E.Empty, runs.delete_tag),
    (_POST, "runs/log-inputs", _WRITE, _X.LogInputs, _E.Empty, runs.log_inputs),
    (_POST, "runs/outputs", _WRITE, _X.LogOutputs, _E.Empty, runs.log_outputs),
    (_GET, "metrics/get-history", _READ, _X.GetHistory, _E.MetricsAnswer, metrics.get_history),
    (_GET, "metrics/get-history-bulk", _READ, _X.BulkHistory, _E.BulkMetricsAnswer, metrics.get_history_bulk),
    (
        _GET,
        "metrics/get-history-bulk-interval",
        _READ,
        _X.BulkInterval,
        _E.MetricsAnswer,
        metrics.get_history_bulk_interval,
    ),
    (_GET, "artifacts/list", _READ, _X.RunFolder, _E.FilesAnswer, files.list_of_run),
    (_POST, "artifacts/presigned-upload-url", _WRITE, _X.Nothing, _E.Empty, files.no_signed_address),
    (_POST, "artifacts/presigned-download-url", _READ, _X.Nothing, _E.Empty, files.no_signed_address),
    (_POST, "logged-models", _WRITE, _X.CreateLoggedModel, _E.LoggedModelAnswer, logged.create),
    (_POST, "logged-models/search", _READ, _X.SearchLoggedModels, _E.LoggedModelsAnswer, logged.search),
    (_GET, "logged-models/{model_id}", _READ, _X.LoggedModelId, _E.LoggedModelAnswer, logged.get),
    (
        _PATCH,
        "logged-models/{model_id}",
        _WRITE,
        _X.FinalizeLoggedModel,
        _E.LoggedModelAnswer,
        logged.finalize,
    ),
    (_DELETE, "logged-models/{model_id}", _WRITE, _X.LoggedModelId, _E.Empty, logged.delete),
    (_POST, "logged-models/{model_id}/params", _WRITE, _X.LoggedModelParams, _E.Empty, logged.log_params),
    (
        _PATCH,
        "logged-models/{model_id}/tags",
        _WRITE,
        _X.LoggedModelTags,
        _E.LoggedModelAnswer,
        logged.set_tags,
    ),
    (
        _DELETE,
        "logged-models/{model_id}/tags/{tag_key:path}",
        _WRITE,
        _X.LoggedModelTagKey,
        _E.Empty,
        logged.delete_tag,
    ),
    (
        _GET,
        "logged-models/{model_id}/artifacts/directories",
        _READ,
        _X.ModelFolder,
        _E.FilesAnswer,
        logged.list_files,
    ),
)

_REGISTRY: Final[tuple[_Line, ...]] = (
    (_POST, "registered-models/create", _WRITE, _R.CreateModel, _E.ModelAnswer, registry.create_model),
    (_POST, "registered-models/rename", _WRITE, _R.RenameModel, _E.ModelAnswer, registry.rename_model),
    (_PATCH, "registered-models/update", _WRITE, _R.UpdateModel, _E.ModelAnswer, registry.update_model),
    (_DELETE, "registered-models/delete", _WRITE, _R.ModelName, _E.Empty, registry.delete_model),
    (_GET, "registered-models/get", _READ, _R.ModelName, _E.ModelAnswer, registry.get_model),
    (_GET, "registered-models/search", _READ, _R.SearchModels, _E.ModelsAnswer, registry.search_models),
    *(
        (
            verb,
            "registered-models/get-latest-versions",
            _READ,
            _R.LatestVersions,
            _E.VersionsAnswer,
            registry.get_latest_versions,
        )
        for verb in (_GET, _POST)
    ),
    (_POST, "registered-models/set-tag", _WRITE, _R.ModelTag, _E.Empty, registry.set_model_tag),
    (_DELETE, "registered-models/delete-tag", _WRITE, _R.ModelTagKey, _E.Empty, registry.delete_model_tag),
    (_POST, "registered-models/alias", _WRITE, _R.SetAlias, _E.Empty, registry.set_alias),
    (_DELETE, "registered-models/alias", _WRITE, _R.Alias, _E.Empty, registry.delete_alias),
    (_GET, "registered-models/alias", _READ, _R.Alias, _E.VersionAnswer, registry.get_alias),
    (_POST, "model-versions/create", _WRITE, _R.CreateVersion, _E.VersionAnswer, registry.create_version),
    (_PATCH, "model-versions/update", _WRITE, _R.UpdateVersion, _E.VersionAnswer, registry.update_version),
    (
        _POST,
        "model-versions/transition-stage",
        _WRITE,
        _R.Transition,
        _E.VersionAnswer,
        registry.transition,
    ),
    (_DELETE, "model-versions/delete", _WRITE, _R.VersionNumber, _E.Empty, registry.delete_version),
    (_GET, "model-versions/get", _READ, _R.VersionNumber, _E.VersionAnswer, registry.get_version),
    (
        _GET,
        "model-versions/get-download-uri",
        _READ,
        _R.VersionNumber,
        _E.UriAnswer,
        registry.get_download_uri,
    ),
    (_GET, "model-versions/search", _READ, _R.SearchVersions, _E.VersionsAnswer, registry.search_versions),
    (_POST, "model-versions/set-tag", _WRITE, _R.VersionTag, _E.Empty, registry.set_version_tag),
    (_DELETE, "model-versions/delete-tag", _WRITE, _R.VersionTagKey, _E.Empty, registry.delete_version_tag),
    (_GET, "webhooks", _READ, _X.Nothing, _E.Empty, about.nothing),
    (_POST, "webhooks", _WRITE, _X.Nothing, _E.Empty, about.not_here),
)

#: What MLflow's web client asks beside.
_ABOUT: Final[tuple[_Line, ...]] = (
    (_GET, "3.0/mlflow/server-info", _READ, _X.Nothing, _E.ServerInfo, about.server_info),
    *(
        (verb, path, _READ, _X.Nothing, _E.Empty, about.nothing)
        for verb, path in (
            (_POST, "3.0/mlflow/traces/search"),
            (_GET, "2.0/mlflow/traces"),
            (_POST, "3.0/mlflow/datasets/search"),
            (_GET, "3.0/mlflow/scorers/list"),
            (_POST, "3.0/mlflow/issues/search"),
            (_GET, "3.0/mlflow/gateway/endpoints/list"),
            (_GET, "3.0/mlflow/gateway/secrets/list"),
            (_GET, "3.0/mlflow/gateway/model-definitions/list"),
            (_GET, "2.0/mlflow/users/current"),
        )
    ),
)

_PROXY: Final[tuple[_Line, ...]] = (
    (_GET, "artifacts", _READ, _X.Folder, _E.FilesAnswer, files.list_folder),
    (_DELETE, "artifacts/{path:path}", _WRITE, _X.Folder, _E.Empty, files.delete),
    *(
        (_POST, f"mpu/{step}/{{path:path}}", _WRITE, _X.Folder, _E.Empty, files.not_implemented)
        for step in ("create", "complete", "abort")
    ),
    (_GET, "presigned/{path:path}", _READ, _X.Folder, _E.Empty, files.not_implemented),
)

_STREAMS: Final[tuple[tuple[str, str, Permission, Streamer], ...]] = (
    (_GET, "2.0/mlflow-artifacts/artifacts/{path:path}", _READ, files.download),
    (_PUT, "2.0/mlflow-artifacts/artifacts/{path:path}", _WRITE, files.upload),
    (_GET, "2.0/mlflow/logged-models/{model_id}/artifacts/files", _READ, files.download_of_model),
    (_POST, "2.0/mlflow/upload-artifact", _WRITE, files.upload_to_run),
)

_ROOTED: Final[tuple[tuple[str, str, Permission, Streamer], ...]] = (
    (_GET, "/health", Permission.PUBLIC, about.health),
    (_GET, "/version", Permission.PUBLIC, about.version),
    (_GET, "/get-artifact", _READ, files.download_of_run),
    (_GET, "/api/mlff/1/events", _READ, events.follow),
    (_GET, "/api/mlff/1/frame", _READ, files.frame_of_run),
    (_GET, "/model-versions/get-artifact", _READ, files.download_of_version),
)


_Look: TypeAlias = "tuple[str, type[Message], Any, Handler, Callable[[Desk, Any], str]]"
_M: Final = model_answers
_S: Final = sheets_asked
_RS: Final = run_sheets_asked
_SW: Final = sweep_sheets_asked
_FL: Final = flow_sheets_asked
_SY: Final = system_sheets_asked

#: What the pages look at, below ``/api/mlff/1``.
_VIEWS: Final[tuple[_Look, ...]] = (
    ("experiments", _X.Nothing, _S.ExperimentsSheet, sheets.experiments, sheets.version_of_all),
    ("runs", _S.AskRuns, _S.RunsSheet, sheets.runs, sheets.version_of_some),
    ("runs/columns", _S.OfExperiments, _S.RunsColumns, sheets.columns, sheets.version_of_some),
    ("runs/matching", _S.AskMatching, _S.Matching, sheets.matching, sheets.version_of_some),
    ("runs/{run_id}", _RS.AskRun, _RS.RunSheet, run_sheets.run, run_sheets.version),
    ("runs/{run_id}/table", _RS.AskTable, _RS.TableSheet, tables.table, tables.version),
    ("curves", _S.AskCurves, _S.Curves, curves.curves, curves.version),
    ("sweeps", _X.Nothing, _SW.SweepsSheet, sweep_sheets.sweeps, sweep_sheets.version_of_list),
    ("sweeps/{run_id}", _SW.AskSweep, _SW.SweepSheet, sweep_sheets.sweep, sweep_sheets.version),
    ("sweeps/{run_id}/points", _SW.AskSweep, _SW.SweepPoints, sweep_sheets.points, sweep_sheets.version),
    (
        "sweeps/{run_id}/importance",
        _SW.AskSweep,
        _SW.SweepImportances,
        sweep_sheets.importance,
        sweep_sheets.version_of_ends,
    ),
    ("flows", _X.Nothing, _FL.FlowsAnswer, flow_sheets.flows, flow_sheets.version_of_list),
    ("flows/{run_id}", _FL.AskFlow, _FL.FlowAnswer, flow_sheets.flow, flow_sheets.version),
    ("now", _X.Nothing, _FL.NowAnswer, flow_sheets.now, flow_sheets.version_of_list),
    ("system", _X.Nothing, _SY.SystemAnswer, system_sheets.system, system_sheets.version),
    ("models", _X.Nothing, _M.ModelsSheet, models.models, models.version_of_all),
    ("models/{name}", _M.OneModel, _M.ModelSheet, models.model, models.version_of_one),
    ("models/{name}/{version}", _M.OneVersion, _M.VersionSheet, models.version, models.version_of_one),
    (
        "models/{name}/{version}/against/{against}",
        _M.TwoVersions,
        _M.DifferencesAnswer,
        models.differences,
        models.version_of_one,
    ),
    ("audit", _X.Nothing, _M.AuditAnswer, models.audit, models.version_of_logs),
)


#: What the pages do, below ``/api/mlff/1``.
_DEEDS: Final[tuple[_Line, ...]] = (
    (_POST, "sweeps/{run_id}/stop", _WRITE, _SW.StopSweep, _SW.SweepAsked, sweep_sheets.stop),
    (_POST, "sweeps/{run_id}/extend", _WRITE, _SW.ExtendSweep, _SW.SweepAsked, sweep_sheets.extend),
)


def routes() -> tuple[Route, ...]:
    """Return every route, each under its own path; earlier ones come before those that would match too."""
    lines = (
        *_ABOUT,
        *(_moved("2.0/mlflow", line) for line in (*_TRACKING, *_REGISTRY)),
        *(_moved("2.0/mlflow-artifacts", line) for line in _PROXY),
    )
    calls = tuple(_call(prefix, line) for prefix in _PREFIXES for line in lines)
    streams = tuple(
        Stream(verb=verb, path=f"{prefix}/{path}", permission=permission, handle=handle)
        for prefix in _PREFIXES
        for verb, path, permission, handle in _STREAMS
    )
    rooted = tuple(
        Stream(verb=verb, path=path, permission=permission, handle=handle)
        for verb, path, permission, handle in _ROOTED
    )
    views = tuple(
        View(
            verb=_GET,
            path=f"/api/mlff/1/{path}",
            permission=_READ,
            request=request,
            answer=answer,
            handle=handle,
            version=version,
        )
        for path, request, answer, handle, version in _VIEWS
    )
    deeds = tuple(_call("/api/mlff/1", line) for line in _DEEDS)
    return (*calls, *views, *deeds, *streams, *rooted)


def _moved(folder: str, line: _Line) -> _Line:
    verb, path, permission, request, answer, handle = line
    return verb, f"{folder}/{path}", permission, request, answer, handle


def _call(prefix: str, line: _Line) -> Call:
    verb, path, permission, request, answer, handle = line
    return Call(
        verb=verb,
        path=f"{prefix}/{path}",
        permission=permission,
        request=request,
        answer=answer,
        handle=handle,
    )
