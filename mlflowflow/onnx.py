"""Saving, logging and loading ONNX graphs: the functions of `mlflow.onnx`.

A graph is data and loads without running code; `mlflowflow.pyfunc.load_model` evaluates it with ONNX
Runtime. The folders are MLflow's: it loads ours, and we load its.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflowflow.models import saving
from mlflowflow.models.flavors.onnx import NAME, read_graph
from mlflowflow.models.source import Stores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mlflowflow.models.environment import CondaEnv, Requirements
    from mlflowflow.models.info import ModelInfo
    from mlflowflow.models.mlmodel import Model
    from mlflowflow.models.options import SignatureChoice
    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.tracking.tracker import Tracker

__all__ = [
    "load_model",
    "log_model",
    "save_model",
]


def save_model(
    onnx_model: Any,
    path: str | Path,
    conda_env: CondaEnv | None = None,
    code_paths: Sequence[str | Path] | None = None,
    mlflow_model: Model | None = None,
    signature: SignatureChoice = None,
    input_example: Any = None,
    pip_requirements: Requirements | None = None,
    extra_pip_requirements: Requirements | None = None,
    onnx_execution_providers: Sequence[Any] | None = None,
    onnx_session_options: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    save_as_external_data: bool = True,
    extra_files: Sequence[str | Path] | None = None,
    **kwargs: Any,
) -> None:
    """Save the graph `onnx_model`, a ``ModelProto``, into the new or empty folder `path`.

    ``onnx_execution_providers`` and ``onnx_session_options`` say how ONNX Runtime evaluates it;
    ``save_as_external_data`` keeps large tensors in a file of their own, which graphs of more than two
    gigabytes need. Further keywords go to ``onnx.save_model``. The others are those of `mlflowflow.models.options.SaveOptions`.

    Raises:
        AlreadyExists: The folder has something in it.
        InvalidInput: This is no ONNX graph, or an option has a value that cannot be used.
        MissingExtra: ONNX is not installed.

    >>> save_model(graph, "model")  # doctest: +SKIP
    """
    saving.save(
        NAME,
        onnx_model,
        path,
        {
            "providers": onnx_execution_providers,
            "session_options": onnx_session_options,
            "external_data": save_as_external_data,
            "save_arguments": kwargs,
        },
        conda_env=conda_env,
        code_paths=code_paths,
        mlflow_model=mlflow_model,
        signature=signature,
        input_example=input_example,
        pip_requirements=pip_requirements,
        extra_pip_requirements=extra_pip_requirements,
        metadata=metadata,
        extra_files=extra_files,
    )


def log_model(
    onnx_model: Any,
    artifact_path: str | None = None,
    conda_env: CondaEnv | None = None,
    code_paths: Sequence[str | Path] | None = None,
    registered_model_name: str | None = None,
    signature: SignatureChoice = None,
    input_example: Any = None,
    await_registration_for: float | None = 300,
    pip_requirements: Requirements | None = None,
    extra_pip_requirements: Requirements | None = None,
    onnx_execution_providers: Sequence[Any] | None = None,
    onnx_session_options: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    save_as_external_data: bool = True,
    extra_files: Sequence[str | Path] | None = None,
    name: str | None = None,
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
    model_type: str | None = None,
    step: int = 0,
    model_id: str | None = None,
    **kwargs: Any,
) -> ModelInfo:
    """Save an ONNX graph as a logged model of the active run, or of a new one.

    `name` (or `artifact_path`, MLflow's older word for it) is what it is called, ``model`` by default.
    The other arguments are those of `save_model` and of `mlflowflow.models.options.LogOptions`.

    Raises what `save_model` does, and `NotFound` for a `model_id` that does not exist.

    >>> info = log_model(graph, name="digits", onnx_execution_providers=["CPUExecutionProvider"])  # doctest: +SKIP
    """
    return saving.log(
        NAME,
        onnx_model,
        {
            "providers": onnx_execution_providers,
            "session_options": onnx_session_options,
            "external_data": save_as_external_data,
            "save_arguments": kwargs,
        },
        artifact_path=artifact_path,
        conda_env=conda_env,
        code_paths=code_paths,
        registered_model_name=registered_model_name,
        signature=signature,
        input_example=input_example,
        await_registration_for=await_registration_for,
        pip_requirements=pip_requirements,
        extra_pip_requirements=extra_pip_requirements,
        metadata=metadata,
        extra_files=extra_files,
        name=name,
        params=params,
        tags=tags,
        model_type=model_type,
        step=step,
        model_id=model_id,
    )


def load_model(
    model_uri: str | Path,
    dst_path: str | Path | None = None,
    *,
    tracker: Tracker | None = None,
    catalog: Catalog | None = None,
    allow_code: bool = True,
) -> Any:
    """Load the graph itself, a ``ModelProto``.

    With `dst_path` the model's files are kept in that folder. The other arguments are those of
    `mlflowflow.models.load_model`, and so is what is raised; a model without this flavor is `NotFound`.

    >>> load_model("runs:/4f1c/model").graph.name  # doctest: +SKIP
    """
    stores = Stores(tracker=tracker, catalog=catalog)
    return saving.load(
        NAME, model_uri, dst_path=dst_path, allow_code=allow_code, stores=stores, read=read_graph
    )
