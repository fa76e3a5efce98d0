"""Saving, logging and loading LightGBM models: the functions of `mlflow.lightgbm`.

A booster is written as LightGBM's text. An estimator is written as an archive of the extra ``skops`` where
that is installed, which loads without running code, and else by ``cloudpickle``. The folders are MLflow's:
it loads ours, and we load its.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from mlflowflow.autologging import Options, switch
from mlflowflow.models import saving
from mlflowflow.models.flavors.lightgbm import NAME
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
    "Format",
    "autolog",
    "load_model",
    "log_model",
    "save_model",
]

Format: TypeAlias = Literal["cloudpickle", "pickle", "skops"]


def save_model(
    lgb_model: Any,
    path: str | Path,
    conda_env: CondaEnv | None = None,
    code_paths: Sequence[str | Path] | None = None,
    mlflow_model: Model | None = None,
    signature: SignatureChoice = None,
    input_example: Any = None,
    pip_requirements: Requirements | None = None,
    extra_pip_requirements: Requirements | None = None,
    metadata: Mapping[str, Any] | None = None,
    serialization_format: Format | None = None,
    skops_trusted_types: Sequence[str] | None = None,
    extra_files: Sequence[str | Path] | None = None,
    **kwargs: Any,
) -> None:
    """Save the booster or estimator `lgb_model` into the new or empty folder `path`.

    ``serialization_format`` is how an estimator is written, ``skops_trusted_types`` are types an archive may
    hold beside LightGBM's own. The others are those of `mlflowflow.models.options.SaveOptions`.

    Raises:
        AlreadyExists: The folder has something in it.
        InvalidInput: This is no LightGBM model, or an option has a value that cannot be used.
        MissingExtra: LightGBM is not installed, or skops is not and the format is ``skops``.

    >>> import tempfile, lightgbm, numpy
    >>> folder = tempfile.mkdtemp()
    >>> data = lightgbm.Dataset(numpy.eye(40), numpy.arange(40))
    >>> save_model(lightgbm.train({"verbosity": -1}, data, num_boost_round=2), folder)
    >>> load_model(folder).num_feature()
    40
    """
    saving.save(
        NAME,
        lgb_model,
        path,
        _options(serialization_format, skops_trusted_types, kwargs),
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
    lgb_model: Any,
    artifact_path: str | None = None,
    conda_env: CondaEnv | None = None,
    code_paths: Sequence[str | Path] | None = None,
    registered_model_name: str | None = None,
    signature: SignatureChoice = None,
    input_example: Any = None,
    await_registration_for: float | None = 300,
    pip_requirements: Requirements | None = None,
    extra_pip_requirements: Requirements | None = None,
    metadata: Mapping[str, Any] | None = None,
    extra_files: Sequence[str | Path] | None = None,
    name: str | None = None,
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
    model_type: str | None = None,
    step: int = 0,
    model_id: str | None = None,
    serialization_format: Format | None = None,
    skops_trusted_types: Sequence[str] | None = None,
    **kwargs: Any,
) -> ModelInfo:
    """Save a LightGBM model as a logged model of the active run, or of a new one.

    `name` (or `artifact_path`, MLflow's older word for it) is what it is called, ``model`` by default.
    The other arguments are those of `save_model` and of `mlflowflow.models.options.LogOptions`.

    Raises what `save_model` does, and `NotFound` for a `model_id` that does not exist.

    >>> import lightgbm, numpy
    >>> data = lightgbm.Dataset(numpy.eye(40), numpy.arange(40))
    >>> booster = lightgbm.train({"verbosity": -1}, data, num_boost_round=2)
    >>> info = log_model(booster, name="ranks")
    >>> mlflow.pyfunc.load_model(info.model_uri).predict(numpy.eye(40)[:3]).shape
    (3,)
    """
    return saving.log(
        NAME,
        lgb_model,
        _options(serialization_format, skops_trusted_types, kwargs),
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

    >>> import lightgbm, numpy
    >>> data = lightgbm.Dataset(numpy.eye(40), numpy.arange(40))
    >>> booster = lightgbm.train({"verbosity": -1}, data, num_boost_round=2)
    >>> save_model(booster, "ranks")
    >>> load_model("ranks").num_feature()
    40
    """
    stores = Stores(tracker=tracker, catalog=catalog)
    return saving.load(NAME, model_uri, dst_path=dst_path, allow_code=allow_code, stores=stores)


def _options(
    form: Format | None, trusted: Sequence[str] | None, unknown: Mapping[str, Any]
) -> dict[str, Any]:
    """Take MLflow's further keywords, which it takes and does not use."""
    del unknown
    return {"serialization_format": form, "skops_trusted_types": trusted}


def autolog(
    log_input_examples: bool = False,
    log_model_signatures: bool = True,
    log_models: bool = True,
    log_datasets: bool = True,
    disable: bool = False,
    exclusive: bool = False,
    disable_for_unsupported_versions: bool = False,
    silent: bool = False,
    registered_model_name: str | None = None,
    extra_tags: dict[str, str] | None = None,
) -> None:
    """Log what LightGBM trains without being asked, by `lightgbm.train` or by its estimators.

    Params, metrics as they come, and the model go to the active run, or to a run made for it. The
    arguments that `mlflowflow.autolog` has mean the same here.

    Args:
        log_input_examples: Keep the first five rows beside each model.
        log_model_signatures: Keep what each model takes and returns.
        log_models: Keep the trained models.
        log_datasets: Name the data as inputs of the run.
        disable: Log nothing any more.
        exclusive: Log to runs made for the purpose only, not to those a script started.
        disable_for_unsupported_versions: Do nothing with a release of LightGBM that was never tried.
        silent: Say nothing, neither notes nor warnings.
        registered_model_name: Make each model a version of this registered model.
        extra_tags: Tags of the runs that are made.

    Raises:
        MissingExtra: LightGBM is not installed.

    >>> autolog(disable=True)
    """
    from mlflowflow.autologging.lightgbm import integration

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
        ),
    )
