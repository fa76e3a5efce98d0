"""The table of MLflow's routes.

MLflow's own clients use ``/api``, its web client ``/ajax-api``; every line but the last few is served under
both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.server import answers, file_answers, file_requests, registry_requests
from mlflowflow.server import requests as asked
from mlflowflow.server.handlers import (
    about,
    experiments,
    files,
    graphql,
    logged,
    metrics,
    multipart,
    registry,
    runs,
)
from mlflowflow.server.route import Addressed, Permission, calls, streams

if TYPE_CHECKING:
    from mlflowflow.server.route import CallLine, Route, StreamLine

_READ, _WRITE = Permission.READ, Permission.WRITE
_GET, _POST, _PATCH, _DELETE, _PUT = "GET", "POST", "PATCH", "DELETE", "PUT"
_PREFIXES: Final = ("/api", "/ajax-api")
_E, _X, _R = answers, asked, registry_requests
_F, _A = file_requests, file_answers

_TRACKING: Final[tuple[CallLine, ...]] = (
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
    (_GET, "artifacts/list", _READ, _F.RunFolder, _A.FilesAnswer, files.list_of_run),
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
        _F.ModelFolder,
        _A.FilesAnswer,
        logged.list_files,
    ),
)

_REGISTRY: Final[tuple[CallLine, ...]] = (
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
_ABOUT: Final[tuple[CallLine, ...]] = (
    (_GET, "3.0/mlflow/server-info", _READ, _X.Nothing, _E.ServerInfo, about.server_info),
    (_GET, "3.0/mlflow/ui-telemetry", _READ, _X.Nothing, _E.WebTelemetry, about.no_telemetry),
    *(
        (verb, path, _READ, _X.Nothing, _E.Empty, about.nothing)
        for verb, path in (
            (_POST, "3.0/mlflow/traces/search"),
            (_POST, "3.0/mlflow/traces/metrics"),
            (_GET, "2.0/mlflow/traces"),
            (_POST, "3.0/mlflow/datasets/search"),
            (_GET, "3.0/mlflow/scorers/list"),
            (_POST, "3.0/mlflow/issues/search"),
            (_GET, "3.0/mlflow/gateway/endpoints/list"),
            (_GET, "3.0/mlflow/gateway/secrets/list"),
            (_GET, "3.0/mlflow/gateway/model-definitions/list"),
            (_GET, "3.0/mlflow/assistant/config"),
            (_GET, "3.0/mlflow/assistant/providers"),
            (_GET, "2.0/mlflow/gateway-proxy"),
            (_GET, "2.0/mlflow/users/current"),
        )
    ),
)

_PROXY: Final[tuple[CallLine, ...]] = (
    (_GET, "artifacts", _READ, _F.Folder, _A.FilesAnswer, files.list_folder),
    (_DELETE, "artifacts/{path:path}", _WRITE, _F.Folder, _E.Empty, files.delete),
    (_POST, "mpu/complete/{folder:path}", _WRITE, _F.CompleteUpload, _E.Empty, multipart.complete),
    (_POST, "mpu/abort/{folder:path}", _WRITE, _F.AbortUpload, _E.Empty, multipart.abort),
)

#: Those whose answers name addresses.
_PROXY_ADDRESSED: Final[tuple[CallLine, ...]] = (
    (_POST, "mpu/create/{folder:path}", _WRITE, _F.BeginUpload, _A.UploadAnswer, multipart.begin),
    (_GET, "presigned/{path:path}", _READ, _F.Folder, _A.SignedAnswer, multipart.signed),
)

_STREAMS: Final[tuple[StreamLine, ...]] = (
    (_GET, "2.0/mlflow-artifacts/artifacts/{path:path}", _READ, files.download),
    (_PUT, "2.0/mlflow-artifacts/artifacts/{path:path}", _WRITE, files.upload),
    (_PUT, "2.0/mlflow-artifacts/mpu/part/{path:path}", _WRITE, multipart.take_part),
    (_GET, "2.0/mlflow/logged-models/{model_id}/artifacts/files", _READ, files.download_of_model),
    (_GET, "2.0/mlflow/get-artifact", _READ, files.download_of_run),
    (_POST, "2.0/mlflow/upload-artifact", _WRITE, files.upload_to_run),
)

#: What lies beside the API: for the web client, and for whoever looks after servers.
_ROOTED_CALLS: Final[tuple[CallLine, ...]] = (
    (_POST, "graphql", _READ, _X.AskGraphql, _E.GraphqlAnswer, graphql.answer),
)
_ROOTED: Final[tuple[StreamLine, ...]] = (
    (_GET, "health", Permission.PUBLIC, about.health),
    (_GET, "version", Permission.PUBLIC, about.version),
    (_GET, "get-artifact", _READ, files.download_of_run),
    (_GET, "model-versions/get-artifact", _READ, files.download_of_version),
)


def mlflow_routes() -> tuple[Route, ...]:
    """Return the routes of MLflow."""
    below = [route for prefix in _PREFIXES for route in _below(prefix)]
    return (*below, *calls("", _ROOTED_CALLS), *streams("", _ROOTED))


def _below(prefix: str) -> tuple[Route, ...]:
    return (
        *calls(prefix, _ABOUT),
        *calls(f"{prefix}/2.0/mlflow", (*_TRACKING, *_REGISTRY)),
        *calls(f"{prefix}/2.0/mlflow-artifacts", _PROXY),
        *calls(f"{prefix}/2.0/mlflow-artifacts", _PROXY_ADDRESSED, kind=Addressed),
        *streams(prefix, _STREAMS),
    )
