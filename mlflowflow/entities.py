"""The values that clients give and get, under the names MLflow gives them."""

from mlflowflow.registry.version import ModelVersion, RegisteredModel
from mlflowflow.tracking.entities import Param, RunTag, ViewType
from mlflowflow.tracking.run import (
    Experiment,
    FileInfo,
    LifecycleStage,
    Metric,
    Run,
    RunData,
    RunInfo,
    RunStatus,
)

__all__ = [
    "Experiment",
    "FileInfo",
    "LifecycleStage",
    "Metric",
    "ModelVersion",
    "Param",
    "RegisteredModel",
    "Run",
    "RunData",
    "RunInfo",
    "RunStatus",
    "RunTag",
    "ViewType",
]
