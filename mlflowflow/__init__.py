"""Tracking, projects, models and a gated registry on plain Parquet, run by Prefect on Dask.

::

    import mlflowflow as mlflow

    with mlflow.start_run(run_name="baseline"):
        mlflow.log_params({"depth": 3})
        mlflow.log_metric("rmse", 0.71)

Every public name is listed in the table below and imported when it is first used (PEP 562), so that
importing the library costs milliseconds and brings no Parquet, pandas, Prefect or Dask with it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mlflowflow import (
        artifacts,
        client,
        config,
        data,
        entities,
        exceptions,
        metrics,
        models,
        pyfunc,
        sklearn,
        system_metrics,
        tracking,
    )
    from mlflowflow.autologging.everything import autolog
    from mlflowflow.client import MlflowClient
    from mlflowflow.evaluation import evaluate, validate_evaluation_results
    from mlflowflow.models import infer_signature
    from mlflowflow.registry.fluent import (
        current_catalog,
        register_model,
        search_model_versions,
        search_registered_models,
        set_model_version_tag,
    )
    from mlflowflow.sql.query import query
    from mlflowflow.system_metrics import (
        disable_system_metrics_logging,
        enable_system_metrics_logging,
        set_system_metrics_node_id,
        set_system_metrics_samples_before_logging,
        set_system_metrics_sampling_interval,
    )
    from mlflowflow.tracking.doctor import doctor
    from mlflowflow.tracking.entities import ViewType
    from mlflowflow.tracking.fluent import (
        ActiveRun,
        active_run,
        clear_active_model,
        create_experiment,
        current_tracker,
        delete_experiment,
        delete_experiment_tag,
        delete_run,
        delete_tag,
        end_run,
        flush,
        flush_artifact_async_logging,
        flush_async_logging,
        get_active_model_id,
        get_artifact_uri,
        get_experiment,
        get_experiment_by_name,
        get_parent_run,
        get_registry_uri,
        get_run,
        get_tracking_uri,
        handed_over,
        is_tracking_uri_set,
        last_active_run,
        load_table,
        log_artifact,
        log_artifacts,
        log_dict,
        log_figure,
        log_image,
        log_input,
        log_inputs,
        log_metric,
        log_metrics,
        log_outputs,
        log_param,
        log_params,
        log_stream,
        log_table,
        log_text,
        restore_experiment,
        restore_run,
        search_experiments,
        search_runs,
        set_experiment,
        set_experiment_tag,
        set_experiment_tags,
        set_registry_uri,
        set_tag,
        set_tags,
        set_tracking_uri,
        start_run,
    )
    from mlflowflow.tracking.images import Image
    from mlflowflow.tracking.models_api import (
        ActiveModel,
        create_external_model,
        delete_logged_model_tag,
        finalize_logged_model,
        get_logged_model,
        initialize_logged_model,
        last_logged_model,
        log_model_params,
        search_logged_models,
        set_active_model,
        set_logged_model_tags,
    )
    from mlflowflow.tracking.run import Experiment, Metric, Run, RunStatus

__version__ = "0.1.0"

_EVALUATION: Final = "mlflowflow.evaluation"
_FLUENT: Final = "mlflowflow.tracking.fluent"
_REGISTRY: Final = "mlflowflow.registry.fluent"
_RUN: Final = "mlflowflow.tracking.run"
_SUBMODULE: Final = ""
_SYSTEM: Final = "mlflowflow.system_metrics"

#: Where each public name comes from.
_MODULES: Final = {
    "ActiveModel": "mlflowflow.tracking.models_api",
    "ActiveRun": _FLUENT,
    "Experiment": _RUN,
    "Image": "mlflowflow.tracking.images",
    "Metric": _RUN,
    "MlflowClient": "mlflowflow.client",
    "Run": _RUN,
    "RunStatus": _RUN,
    "ViewType": "mlflowflow.tracking.entities",
    "active_run": _FLUENT,
    "artifacts": _SUBMODULE,
    "autolog": "mlflowflow.autologging.everything",
    "clear_active_model": _FLUENT,
    "client": _SUBMODULE,
    "config": _SUBMODULE,
    "create_experiment": _FLUENT,
    "create_external_model": "mlflowflow.tracking.models_api",
    "current_catalog": _REGISTRY,
    "current_tracker": _FLUENT,
    "data": _SUBMODULE,
    "delete_experiment": _FLUENT,
    "delete_experiment_tag": _FLUENT,
    "delete_logged_model_tag": "mlflowflow.tracking.models_api",
    "delete_run": _FLUENT,
    "delete_tag": _FLUENT,
    "disable_system_metrics_logging": _SYSTEM,
    "doctor": "mlflowflow.tracking.doctor",
    "enable_system_metrics_logging": _SYSTEM,
    "end_run": _FLUENT,
    "entities": _SUBMODULE,
    "evaluate": _EVALUATION,
    "exceptions": _SUBMODULE,
    "finalize_logged_model": "mlflowflow.tracking.models_api",
    "flush": _FLUENT,
    "flush_artifact_async_logging": _FLUENT,
    "flush_async_logging": _FLUENT,
    "get_active_model_id": _FLUENT,
    "get_artifact_uri": _FLUENT,
    "get_experiment": _FLUENT,
    "get_experiment_by_name": _FLUENT,
    "get_logged_model": "mlflowflow.tracking.models_api",
    "get_parent_run": _FLUENT,
    "get_registry_uri": _FLUENT,
    "get_run": _FLUENT,
    "get_tracking_uri": _FLUENT,
    "handed_over": _FLUENT,
    "infer_signature": "mlflowflow.models",
    "initialize_logged_model": "mlflowflow.tracking.models_api",
    "is_tracking_uri_set": _FLUENT,
    "last_active_run": _FLUENT,
    "last_logged_model": "mlflowflow.tracking.models_api",
    "load_table": _FLUENT,
    "log_artifact": _FLUENT,
    "log_artifacts": _FLUENT,
    "log_dict": _FLUENT,
    "log_figure": _FLUENT,
    "log_image": _FLUENT,
    "log_input": _FLUENT,
    "log_inputs": _FLUENT,
    "log_metric": _FLUENT,
    "log_metrics": _FLUENT,
    "log_model_params": "mlflowflow.tracking.models_api",
    "log_outputs": _FLUENT,
    "log_param": _FLUENT,
    "log_params": _FLUENT,
    "log_stream": _FLUENT,
    "log_table": _FLUENT,
    "log_text": _FLUENT,
    "metrics": _SUBMODULE,
    "models": _SUBMODULE,
    "pyfunc": _SUBMODULE,
    "query": "mlflowflow.sql.query",
    "register_model": _REGISTRY,
    "restore_experiment": _FLUENT,
    "restore_run": _FLUENT,
    "search_experiments": _FLUENT,
    "search_logged_models": "mlflowflow.tracking.models_api",
    "search_model_versions": _REGISTRY,
    "search_registered_models": _REGISTRY,
    "search_runs": _FLUENT,
    "set_active_model": "mlflowflow.tracking.models_api",
    "set_experiment": _FLUENT,
    "set_experiment_tag": _FLUENT,
    "set_experiment_tags": _FLUENT,
    "set_logged_model_tags": "mlflowflow.tracking.models_api",
    "set_model_version_tag": _REGISTRY,
    "set_registry_uri": _FLUENT,
    "set_system_metrics_node_id": _SYSTEM,
    "set_system_metrics_samples_before_logging": _SYSTEM,
    "set_system_metrics_sampling_interval": _SYSTEM,
    "set_tag": _FLUENT,
    "set_tags": _FLUENT,
    "set_tracking_uri": _FLUENT,
    "sklearn": _SUBMODULE,
    "start_run": _FLUENT,
    "system_metrics": _SUBMODULE,
    "tracking": _SUBMODULE,
    "validate_evaluation_results": _EVALUATION,
}

__all__ = [
    "ActiveModel",
    "ActiveRun",
    "Experiment",
    "Image",
    "Metric",
    "MlflowClient",
    "Run",
    "RunStatus",
    "ViewType",
    "__version__",
    "active_run",
    "artifacts",
    "autolog",
    "clear_active_model",
    "client",
    "config",
    "create_experiment",
    "create_external_model",
    "current_catalog",
    "current_tracker",
    "data",
    "delete_experiment",
    "delete_experiment_tag",
    "delete_logged_model_tag",
    "delete_run",
    "delete_tag",
    "disable_system_metrics_logging",
    "doctor",
    "enable_system_metrics_logging",
    "end_run",
    "entities",
    "evaluate",
    "exceptions",
    "finalize_logged_model",
    "flush",
    "flush_artifact_async_logging",
    "flush_async_logging",
    "get_active_model_id",
    "get_artifact_uri",
    "get_experiment",
    "get_experiment_by_name",
    "get_logged_model",
    "get_parent_run",
    "get_registry_uri",
    "get_run",
    "get_tracking_uri",
    "handed_over",
    "infer_signature",
    "initialize_logged_model",
    "is_tracking_uri_set",
    "last_active_run",
    "last_logged_model",
    "load_table",
    "log_artifact",
    "log_artifacts",
    "log_dict",
    "log_figure",
    "log_image",
    "log_input",
    "log_inputs",
    "log_metric",
    "log_metrics",
    "log_model_params",
    "log_outputs",
    "log_param",
    "log_params",
    "log_stream",
    "log_table",
    "log_text",
    "metrics",
    "models",
    "pyfunc",
    "query",
    "register_model",
    "restore_experiment",
    "restore_run",
    "search_experiments",
    "search_logged_models",
    "search_model_versions",
    "search_registered_models",
    "search_runs",
    "set_active_model",
    "set_experiment",
    "set_experiment_tag",
    "set_experiment_tags",
    "set_logged_model_tags",
    "set_model_version_tag",
    "set_registry_uri",
    "set_system_metrics_node_id",
    "set_system_metrics_samples_before_logging",
    "set_system_metrics_sampling_interval",
    "set_tag",
    "set_tags",
    "set_tracking_uri",
    "sklearn",
    "start_run",
    "system_metrics",
    "tracking",
    "validate_evaluation_results",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    if module is _SUBMODULE:
        return importlib.import_module(f"{__name__}.{name}")
    value = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, also those that were not used yet."""
    return sorted({*globals(), *_MODULES})
