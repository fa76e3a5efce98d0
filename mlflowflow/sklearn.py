"""Saving, logging and loading scikit-learn models: the functions of `mlflow.sklearn`.

The folders are MLflow's: it loads ours, and we load its. Without a word about the format, a model is
written as an archive of the extra ``skops`` if that is installed and can load the model without running
code, and else by ``cloudpickle``, which takes anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from mlflowflow.errors import InvalidInput
from mlflowflow.models import saving
from mlflowflow.models.flavors.sklearn import NAME
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
    "SERIALIZATION_FORMAT_CLOUDPICKLE",
    "SERIALIZATION_FORMAT_PICKLE",
    "SERIALIZATION_FORMAT_SKOPS",
    "SUPPORTED_SERIALIZATION_FORMATS",
    "Format",
    "autolog",
    "load_model",
    "log_model",
    "save_model",
]

Format: TypeAlias = Literal["cloudpickle", "pickle", "skops"]

SERIALIZATION_FORMAT_PICKLE = "pickle"
SERIALIZATION_FORMAT_CLOUDPICKLE = "cloudpickle"
SERIALIZATION_FORMAT_SKOPS = "skops"
SUPPORTED_SERIALIZATION_FORMATS = ["pickle", "cloudpickle", "skops"]


def save_model(
    sk_model: Any,
    path: str | Path,
    conda_env: CondaEnv | None = None,
    code_paths: Sequence[str | Path] | None = None,
    mlflow_model: Model | None = None,
    serialization_format: Format | None = None,
    signature: SignatureChoice = None,
    input_example: Any = None,
    pip_requirements: Requirements | None = None,
    extra_pip_requirements: Requirements | None = None,
    pyfunc_predict_fn: str = "predict",
    metadata: Mapping[str, Any] | None = None,
    skops_trusted_types: Sequence[str] | None = None,
    extra_files: Sequence[str | Path] | None = None,
) -> None:
    """Save the scikit-learn estimator or pipeline `sk_model` into the new or empty folder `path`.

    ``serialization_format`` is how the estimator is written, ``pyfunc_predict_fn`` what a loaded
    `PyFuncModel` calls (``predict_proba`` for example), ``skops_trusted_types`` are types an archive may
    hold beside those skops knows. The others are those of `mlflowflow.models.options.SaveOptions`.

    Raises:
        AlreadyExists: The folder has something in it.
        InvalidInput: This is no estimator, or an option has a value that cannot be used.
        MissingExtra: The format is ``skops`` and the package is not installed.

    >>> from sklearn.linear_model import LinearRegression
    >>> model = LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])
    >>> save_model(model, "doubling")
    >>> mlflow.pyfunc.load_model("doubling").predict([[3.0]]).round(3).tolist()
    [6.0]
    """
    saving.save(
        NAME,
        sk_model,
        path,
        {
            "serialization_format": serialization_format,
            "predict_fn": pyfunc_predict_fn,
            "skops_trusted_types": skops_trusted_types,
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
    sk_model: Any,
    artifact_path: str | None = None,
    conda_env: CondaEnv | None = None,
    code_paths: Sequence[str | Path] | None = None,
    serialization_format: Format | None = None,
    registered_model_name: str | None = None,
    signature: SignatureChoice = None,
    input_example: Any = None,
    await_registration_for: float | None = 300,
    pip_requirements: Requirements | None = None,
    extra_pip_requirements: Requirements | None = None,
    pyfunc_predict_fn: str = "predict",
    metadata: Mapping[str, Any] | None = None,
    extra_files: Sequence[str | Path] | None = None,
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
    model_type: str | None = None,
    step: int = 0,
    model_id: str | None = None,
    name: str | None = None,
    skops_trusted_types: Sequence[str] | None = None,
) -> ModelInfo:
    """Save a scikit-learn model as a logged model of the active run, or of a new one.

    `name` (or `artifact_path`, MLflow's older word for it) is what it is called, ``model`` by default.
    With `registered_model_name`, it becomes a version of that registered model, which is created if need
    be. The other arguments are those of `save_model` and of `mlflowflow.models.options.LogOptions`.

    Raises what `save_model` does, and `NotFound` for a `model_id` that does not exist.

    >>> from sklearn.linear_model import LinearRegression
    >>> model = LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])
    >>> info = log_model(model, name="doubling", input_example=[[3.0]])
    >>> mlflow.pyfunc.load_model(info.model_uri).predict([[3.0]]).round(3).tolist()
    [6.0]
    """
    return saving.log(
        NAME,
        sk_model,
        {
            "serialization_format": serialization_format,
            "predict_fn": pyfunc_predict_fn,
            "skops_trusted_types": skops_trusted_types,
        },
        name=name,
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
    """Load the scikit-learn estimator itself.

    With `dst_path` the model's files are kept in that folder. The other arguments are those of
    `mlflowflow.models.load_model`, and so is what is raised; a model without this flavor is `NotFound`.

    >>> from sklearn.linear_model import LinearRegression
    >>> model = LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])
    >>> save_model(model, "doubling")
    >>> load_model("doubling").coef_.round(3).tolist()
    [2.0]
    """
    stores = Stores(tracker=tracker, catalog=catalog)
    return saving.load(NAME, model_uri, dst_path=dst_path, allow_code=allow_code, stores=stores)


def autolog(
    log_input_examples: bool = False,
    log_model_signatures: bool = True,
    log_models: bool = True,
    log_datasets: bool = True,
    disable: bool = False,
    exclusive: bool = False,
    disable_for_unsupported_versions: bool = False,
    silent: bool = False,
    max_tuning_runs: int | None = 5,
    log_post_training_metrics: bool = True,
    serialization_format: Format = "cloudpickle",
    registered_model_name: str | None = None,
    pos_label: Any = None,
    extra_tags: Mapping[str, str] | None = None,
) -> None:
    """Log what scikit-learn fits from now on, without being asked; ``disable=True`` ends it.

    ``max_tuning_runs`` is how many of a search's candidates become runs of their own, None for all;
    ``log_post_training_metrics`` logs scores that are computed after a fit; ``pos_label`` is the class that
    binary metrics count as positive. The others are those of `mlflowflow.autolog`.

    Raises `MissingExtra` if scikit-learn is not installed and `InvalidInput` for a flag that is
    none or a negative number of runs.

    >>> autolog(silent=True, log_models=False)
    >>> autolog(disable=True)
    """
    from mlflowflow.autologging.options import Options
    from mlflowflow.autologging.sklearn import integration
    from mlflowflow.autologging.switchboard import switch

    if max_tuning_runs is not None and max_tuning_runs < 0:
        raise InvalidInput(f"max_tuning_runs is {max_tuning_runs}; expected a number from 0 on, or None.")
    options = Options(
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
            "max_tuning_runs": max_tuning_runs,
            "log_post_training_metrics": log_post_training_metrics,
            "serialization_format": serialization_format,
            "pos_label": pos_label,
        },
    )
    switch(integration(log_model), options)
