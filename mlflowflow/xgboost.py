"""Saving, logging and loading XGBoost models: the functions of `mlflow.xgboost`.

Boosters and estimators are written in XGBoost's own formats, which hold no code. The folders are
MLflow's: it loads ours, and we load its.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from mlflowflow.autologging import Options, switch
from mlflowflow.models import saving
from mlflowflow.models.flavors.xgboost import NAME
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
    "autolog",
    "load_model",
    "log_model",
    "save_model",
]


def save_model(
    xgb_model: Any,
    path: str | Path,
    conda_env: CondaEnv | None = None,
    code_paths: Sequence[str | Path] | None = None,
    mlflow_model: Model | None = None,
    signature: SignatureChoice = None,
    input_example: Any = None,
    pip_requirements: Requirements | None = None,
    extra_pip_requirements: Requirements | None = None,
    model_format: Literal["ubj", "json"] = "ubj",
    metadata: Mapping[str, Any] | None = None,
    extra_files: Sequence[str | Path] | None = None,
    **kwargs: Any,
) -> None:
    """Save the booster or estimator `xgb_model` into the new or empty folder `path`.

    ``model_format`` is how XGBoost writes it; further keywords go to its own ``save_model``. The others are those of `mlflowflow.models.options.SaveOptions`.

    Raises:
        AlreadyExists: The folder has something in it.
        InvalidInput: This is no XGBoost model, or an option has a value that cannot be used.
        MissingExtra: XGBoost is not installed.

    >>> save_model(booster, "model")  # doctest: +SKIP
    """
    saving.save(
        NAME,
        xgb_model,
        path,
        {"model_format": model_format, "save_arguments": kwargs},
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
    xgb_model: Any,
    artifact_path: str | None = None,
    conda_env: CondaEnv | None = None,
    code_paths: Sequence[str | Path] | None = None,
    registered_model_name: str | None = None,
    signature: SignatureChoice = None,
    input_example: Any = None,
    await_registration_for: float | None = 300,
    pip_requirements: Requirements | None = None,
    extra_pip_requirements: Requirements | None = None,
    model_format: Literal["ubj", "json"] = "ubj",
    metadata: Mapping[str, Any] | None = None,
    extra_files: Sequence[str | Path] | None = None,
    name: str | None = None,
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
    model_type: str | None = None,
    step: int = 0,
    model_id: str | None = None,
    **kwargs: Any,
) -> ModelInfo:
    """Save an XGBoost model as a logged model of the active run, or of a new one.

    `name` (or `artifact_path`, MLflow's older word for it) is what it is called, ``model`` by default.
    The other arguments are those of `save_model` and of `mlflowflow.models.options.LogOptions`.

    Raises what `save_model` does, and `NotFound` for a `model_id` that does not exist.

    >>> info = log_model(booster, name="price", model_format="json")  # doctest: +SKIP
    """
    return saving.log(
        NAME,
        xgb_model,
        {"model_format": model_format, "save_arguments": kwargs},
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
    """Load the booster or estimator itself.

    With `dst_path` the model's files are kept in that folder. The other arguments are those of
    `mlflowflow.models.load_model`, and so is what is raised; a model without this flavor is `NotFound`.

    >>> load_model("models:/price@champion")  # doctest: +SKIP
    """
    stores = Stores(tracker=tracker, catalog=catalog)
    return saving.load(NAME, model_uri, dst_path=dst_path, allow_code=allow_code, stores=stores)


def autolog(
    importance_types: list[str] | None = None,
    log_input_examples: bool = False,
    log_model_signatures: bool = True,
    log_models: bool = True,
    log_datasets: bool = True,
    disable: bool = False,
    exclusive: bool = False,
    disable_for_unsupported_versions: bool = False,
    silent: bool = False,
    registered_model_name: str | None = None,
    model_format: Literal["ubj", "json"] = "ubj",
    extra_tags: dict[str, str] | None = None,
) -> None:
    """Log what XGBoost trains without being asked, by `xgboost.train` or by its estimators.

    Params, metrics as they come, and the model go to the active run, or to a run made for it. The
    arguments that `mlflowflow.autolog` has mean the same here.

    Args:
        importance_types: The kinds of feature importance to keep, by default ``["weight"]``.
        log_input_examples: Keep the first five rows beside each model.
        log_model_signatures: Keep what each model takes and returns.
        log_models: Keep the trained models.
        log_datasets: Name the data as inputs of the run.
        disable: Log nothing any more.
        exclusive: Log to runs made for the purpose only, not to those a script started.
        disable_for_unsupported_versions: Do nothing with a release of XGBoost that was never tried.
        silent: Say nothing, neither notes nor warnings.
        registered_model_name: Make each model a version of this registered model.
        model_format: The format of the model's file.
        extra_tags: Tags of the runs that are made.

    Raises:
        MissingExtra: XGBoost is not installed.

    >>> autolog(disable=True)
    """
    from mlflowflow.autologging.xgboost import integration

    switch(
        integration(log_model),
        Options(
            log_input_examples=log_input_examples,
            log_model_signatures=log_model_signatures,
            log_models=log_models,
            log_datasets=log_datasets,
            disable=disable,
            exclusive=exclusive,
            disable_for_unsupported_versions=disable_for_unsupported_versions,
            silent=silent,
            registered_model_name=registered_model_name,
            extra_tags=extra_tags,
            own={
                "importance_types": importance_types,
                "model_format": model_format,
            },
        ),
    )
