"""Saving, logging and loading Keras 3 models: the functions of `mlflow.keras`.

Models are written as Keras's own archives, on whichever backend they were trained. The folders are
MLflow's: it loads ours, and we load its, but for models exported for TensorFlow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflowflow.autologging import Options, switch
from mlflowflow.models import saving
from mlflowflow.models.flavors.keras import NAME, read_model
from mlflowflow.models.source import Stores

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mlflowflow.models.environment import CondaEnv, Requirements
    from mlflowflow.models.info import ModelInfo
    from mlflowflow.models.manifest import Manifest
    from mlflowflow.models.mlmodel import Model
    from mlflowflow.models.options import SignatureChoice
    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.tracking.tracker import Tracker

__all__ = [
    "autolog",
    "load_model",
    "log_model",
    "save_model",
]


def save_model(
    model: Any,
    path: str | Path,
    save_exported_model: bool = False,
    conda_env: CondaEnv | None = None,
    mlflow_model: Model | None = None,
    signature: SignatureChoice = None,
    input_example: Any = None,
    pip_requirements: Requirements | None = None,
    extra_pip_requirements: Requirements | None = None,
    save_model_kwargs: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """Save the Keras model `model` into the new or empty folder `path`.

    ``save_model_kwargs`` go to the model's own ``save``; ``save_exported_model`` must stay False, because
    TensorFlow's format is not written here. The others are those of `mlflowflow.models.options.SaveOptions`.

    Raises:
        AlreadyExists: The folder has something in it.
        InvalidInput: This is no Keras model, or an option has a value that cannot be used.
        MissingExtra: Keras is not installed.

    >>> save_model(model, "model")  # doctest: +SKIP
    """
    saving.save(
        NAME,
        model,
        path,
        {"save_exported_model": save_exported_model, "save_arguments": save_model_kwargs or {}},
        conda_env=conda_env,
        mlflow_model=mlflow_model,
        signature=signature,
        input_example=input_example,
        pip_requirements=pip_requirements,
        extra_pip_requirements=extra_pip_requirements,
        metadata=metadata,
    )


def log_model(
    model: Any,
    artifact_path: str | None = None,
    save_exported_model: bool = False,
    conda_env: CondaEnv | None = None,
    signature: SignatureChoice = None,
    input_example: Any = None,
    registered_model_name: str | None = None,
    await_registration_for: float | None = 300,
    pip_requirements: Requirements | None = None,
    extra_pip_requirements: Requirements | None = None,
    save_model_kwargs: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    name: str | None = None,
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
    model_type: str | None = None,
    step: int = 0,
    model_id: str | None = None,
) -> ModelInfo:
    """Save a Keras model as a logged model of the active run, or of a new one.

    `name` (or `artifact_path`, MLflow's older word for it) is what it is called, ``model`` by default.
    The other arguments are those of `save_model` and of `mlflowflow.models.options.LogOptions`.

    Raises what `save_model` does, and `NotFound` for a `model_id` that does not exist.

    >>> info = log_model(model, name="digits", registered_model_name="digits")  # doctest: +SKIP
    """
    return saving.log(
        NAME,
        model,
        {"save_exported_model": save_exported_model, "save_arguments": save_model_kwargs or {}},
        artifact_path=artifact_path,
        conda_env=conda_env,
        signature=signature,
        input_example=input_example,
        registered_model_name=registered_model_name,
        await_registration_for=await_registration_for,
        pip_requirements=pip_requirements,
        extra_pip_requirements=extra_pip_requirements,
        metadata=metadata,
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
    custom_objects: Mapping[str, Any] | None = None,
    load_model_kwargs: Mapping[str, Any] | None = None,
    *,
    tracker: Tracker | None = None,
    catalog: Catalog | None = None,
    allow_code: bool = True,
) -> Any:
    """Load the Keras model itself.

    ``custom_objects`` are classes and functions by the names that the model uses, ``load_model_kwargs`` go
    to Keras's own ``load_model``. With `dst_path` the model's files are kept in that folder. The other
    arguments are those of `mlflowflow.models.load_model`, and so is what is raised; a model without this flavor
    is `NotFound`.

    >>> load_model("models:/digits@champion")  # doctest: +SKIP
    """

    def read(folder: Path, manifest: Manifest) -> Any:
        return read_model(
            folder,
            manifest,
            allow_code=allow_code,
            custom_objects=custom_objects,
            arguments=load_model_kwargs,
        )

    stores = Stores(tracker=tracker, catalog=catalog)
    return saving.load(NAME, model_uri, dst_path=dst_path, allow_code=allow_code, stores=stores, read=read)


def autolog(
    log_every_epoch: bool = True,
    log_every_n_steps: int | None = None,
    log_models: bool = True,
    log_model_signatures: bool = True,
    save_exported_model: bool = False,
    log_datasets: bool = True,
    log_input_examples: bool = False,
    disable: bool = False,
    exclusive: bool = False,
    disable_for_unsupported_versions: bool = False,
    silent: bool = False,
    registered_model_name: str | None = None,
    save_model_kwargs: dict[str, Any] | None = None,
    extra_tags: dict[str, str] | None = None,
) -> None:
    """Log what Keras models learn in ``fit`` without being asked.

    Params, metrics as they come, and the model go to the active run, or to a run made for it. The
    arguments that `mlflowflow.autolog` has mean the same here.

    Args:
        log_every_epoch: Log metrics at the end of each epoch.
        log_every_n_steps: Log metrics every so many steps instead.
        log_models: Keep the trained models.
        log_model_signatures: Keep what each model takes and returns.
        save_exported_model: Keep models in the form that TensorFlow serves.
        log_datasets: Name the data as inputs of the run.
        log_input_examples: Keep the first five rows beside each model.
        disable: Log nothing any more.
        exclusive: Log to runs made for the purpose only, not to those a script started.
        disable_for_unsupported_versions: Do nothing with a release of Keras that was never tried.
        silent: Say nothing, neither notes nor warnings.
        registered_model_name: Make each model a version of this registered model.
        save_model_kwargs: More arguments for Keras's ``save``.
        extra_tags: Tags of the runs that are made.

    Raises:
        InvalidInput: Metrics would be logged by epochs and by steps, or by neither.
        MissingExtra: Keras is not installed.

    >>> autolog(disable=True)
    """
    from mlflowflow.autologging.keras import check_pace, integration

    check_pace(log_every_epoch=log_every_epoch, log_every_n_steps=log_every_n_steps)
    switch(
        integration(log_model),
        Options(
            log_models=log_models,
            log_model_signatures=log_model_signatures,
            log_datasets=log_datasets,
            log_input_examples=log_input_examples,
            disable=disable,
            exclusive=exclusive,
            disable_for_unsupported_versions=disable_for_unsupported_versions,
            silent=silent,
            registered_model_name=registered_model_name,
            extra_tags=extra_tags,
            own={
                "log_every_epoch": log_every_epoch,
                "log_every_n_steps": log_every_n_steps,
                "save_exported_model": save_exported_model,
                "save_model_kwargs": save_model_kwargs,
            },
        ),
    )
