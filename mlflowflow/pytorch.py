"""Saving, logging and loading PyTorch modules: the functions of `mlflow.pytorch`.

With an array or tensors as ``input_example`` a module is written as an exported program, which loads
without the code of its author; else it is pickled, and a warning says so. The folders are MLflow's: it
loads ours, and we load its.
"""

from __future__ import annotations

from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

from mlflowflow.autologging import Options, switch
from mlflowflow.errors import InvalidInput
from mlflowflow.models import saving
from mlflowflow.models.flavors.pytorch import NAME, kept_example, read_module, read_state, write_state
from mlflowflow.models.source import Stores, fetched
from mlflowflow.tracking.fluent.active import active_or_new_run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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
    "load_state_dict",
    "log_model",
    "log_state_dict",
    "save_model",
    "save_state_dict",
]


def save_model(
    pytorch_model: Any,
    path: str | Path,
    conda_env: CondaEnv | None = None,
    mlflow_model: Model | None = None,
    code_paths: Sequence[str | Path] | None = None,
    pickle_module: Any = None,
    signature: SignatureChoice = None,
    input_example: Any = None,
    extra_files: Sequence[str | Path] | None = None,
    pip_requirements: Requirements | None = None,
    extra_pip_requirements: Requirements | None = None,
    metadata: Mapping[str, Any] | None = None,
    export_model: bool = False,
    serialization_format: Literal["pickle", "pt2"] | None = None,
    **kwargs: Any,
) -> None:
    """Save the module `pytorch_model` into the new or empty folder `path`.

    ``serialization_format`` is ``pt2`` (an exported program, traced with the ``input_example``), ``pickle``
    or None for the first if it can be; ``pickle_module`` is what pickles, and further keywords go to
    ``torch.save``. The others are those of `mlflowflow.models.options.SaveOptions`.

    Raises:
        AlreadyExists: The folder has something in it.
        InvalidInput: This is no module, or an option has a value that cannot be used.
        MissingExtra: PyTorch is not installed.

    >>> save_model(module, "model")  # doctest: +SKIP
    """
    saving.save(
        NAME,
        pytorch_model,
        path,
        _options(
            {
                "serialization_format": serialization_format,
                "export_model": export_model,
                "example": input_example,
                "signature": signature,
                "pickle_module": pickle_module,
            },
            kwargs,
        ),
        conda_env=conda_env,
        mlflow_model=mlflow_model,
        code_paths=code_paths,
        signature=signature,
        input_example=kept_example(input_example),
        extra_files=extra_files,
        pip_requirements=pip_requirements,
        extra_pip_requirements=extra_pip_requirements,
        metadata=metadata,
    )


def log_model(
    pytorch_model: Any,
    artifact_path: str | None = None,
    conda_env: CondaEnv | None = None,
    code_paths: Sequence[str | Path] | None = None,
    pickle_module: Any = None,
    registered_model_name: str | None = None,
    signature: SignatureChoice = None,
    input_example: Any = None,
    await_registration_for: float | None = 300,
    extra_files: Sequence[str | Path] | None = None,
    pip_requirements: Requirements | None = None,
    extra_pip_requirements: Requirements | None = None,
    metadata: Mapping[str, Any] | None = None,
    name: str | None = None,
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
    model_type: str | None = None,
    step: int = 0,
    model_id: str | None = None,
    export_model: bool = False,
    serialization_format: Literal["pickle", "pt2"] | None = None,
    **kwargs: Any,
) -> ModelInfo:
    """Save a PyTorch module as a logged model of the active run, or of a new one.

    `name` (or `artifact_path`, MLflow's older word for it) is what it is called, ``model`` by default.
    The other arguments are those of `save_model` and of `mlflowflow.models.options.LogOptions`.

    Raises what `save_model` does, and `NotFound` for a `model_id` that does not exist.

    >>> info = log_model(module, name="digits", input_example=numpy.zeros((1, 784), "float32"))  # doctest: +SKIP
    """
    return saving.log(
        NAME,
        pytorch_model,
        _options(
            {
                "serialization_format": serialization_format,
                "export_model": export_model,
                "example": input_example,
                "signature": signature,
                "pickle_module": pickle_module,
            },
            kwargs,
        ),
        artifact_path=artifact_path,
        conda_env=conda_env,
        code_paths=code_paths,
        registered_model_name=registered_model_name,
        signature=signature,
        input_example=kept_example(input_example),
        await_registration_for=await_registration_for,
        extra_files=extra_files,
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
    *,
    tracker: Tracker | None = None,
    catalog: Catalog | None = None,
    allow_code: bool = True,
    **kwargs: Any,
) -> Any:
    """Load the module itself.

    Further keywords, such as ``map_location``, go to ``torch.load``, which reads pickles. With `dst_path`
    the model's files are kept in that folder. The other arguments are those of
    `mlflowflow.models.load_model`, and so is what is raised; a model without this flavor is `NotFound`.

    >>> load_model("models:/digits@champion", map_location="cpu")  # doctest: +SKIP
    """

    def read(folder: Path, manifest: Manifest) -> Any:
        return read_module(folder, manifest, allow_code=allow_code, arguments=kwargs)

    stores = Stores(tracker=tracker, catalog=catalog)
    return saving.load(NAME, model_uri, dst_path=dst_path, allow_code=allow_code, stores=stores, read=read)


def save_state_dict(state_dict: Mapping[str, Any], path: str | Path, **kwargs: Any) -> None:
    """Write the numbers of a module or optimizer into the folder `path` as ``state_dict.pth``.

    Further keywords go to ``torch.save``. Raises `InvalidInput` for what is no dictionary.

    >>> save_state_dict(model.state_dict(), "checkpoint")  # doctest: +SKIP
    """
    write_state(state_dict, path, kwargs)


def log_state_dict(state_dict: Mapping[str, Any], artifact_path: str, **kwargs: Any) -> None:
    """Keep the numbers of a module or optimizer among the artifacts of the active run, or of a new one.

    Raises what `save_state_dict` does.

    >>> log_state_dict(model.state_dict(), "checkpoint")  # doctest: +SKIP
    """
    run = active_or_new_run()
    with TemporaryDirectory(prefix="mlflowflow-state-") as private:
        write_state(state_dict, private, kwargs)
        run.tracker.artifacts(run.run_id).put_folder(private, artifact_path)


def load_state_dict(state_dict_uri: str, **kwargs: Any) -> Any:
    """Return the numbers that `log_state_dict` or `save_state_dict` kept, from a folder or an artifact's address.

    They load without running code unless ``weights_only=False`` is among the keywords, which go to
    ``torch.load``. Raises `NotFound` if there is no such folder, `CorruptData` for a file that is not what was
    written and `MissingExtra` without PyTorch.

    >>> load_state_dict("runs:/4f1c/checkpoint")  # doctest: +SKIP
    """
    with fetched(state_dict_uri, Stores()) as folder:
        return read_state(folder, kwargs)


def _options(given: Mapping[str, Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Bring what tracing needs into one form; `export_model` is MLflow's older word for ``pt2``."""
    options = {**given, "save_arguments": kwargs}
    if options.pop("export_model"):
        if options["serialization_format"] == "pickle":
            raise InvalidInput("An exported model is not a pickle; give serialization_format only.")
        options["serialization_format"] = "pt2"
    return options


def autolog(
    log_every_n_epoch: int = 1,
    log_every_n_step: int | None = None,
    log_models: bool = True,
    log_datasets: bool = True,
    disable: bool = False,
    exclusive: bool = False,
    disable_for_unsupported_versions: bool = False,
    silent: bool = False,
    registered_model_name: str | None = None,
    extra_tags: dict[str, str] | None = None,
    checkpoint: bool = True,
    checkpoint_monitor: str = "val_loss",
    checkpoint_mode: str = "min",
    checkpoint_save_best_only: bool = True,
    checkpoint_save_weights_only: bool = False,
    checkpoint_save_freq: str = "epoch",
    log_model_signatures: bool = True,
) -> None:
    """Log what PyTorch Lightning trains by ``Trainer.fit`` without being asked.

    Params, metrics as they come, and the model go to the active run, or to a run made for it. The
    arguments that `mlflowflow.autolog` has mean the same here.

    Args:
        log_every_n_epoch: Log metrics every so many epochs.
        log_every_n_step: Log metrics every so many steps, too.
        log_models: Keep the trained models.
        log_datasets: Name the data as inputs of the run.
        disable: Log nothing any more.
        exclusive: Log to runs made for the purpose only, not to those a script started.
        disable_for_unsupported_versions: Do nothing with a release of Lightning that was never tried.
        silent: Say nothing, neither notes nor warnings.
        registered_model_name: Make each model a version of this registered model.
        extra_tags: Tags of the runs that are made.
        checkpoint: Keep a checkpoint while it trains.
        checkpoint_monitor: The metric that says which is best.
        checkpoint_mode: Whether the least (``min``) or the greatest (``max``) of it is best.
        checkpoint_save_best_only: Keep the best only.
        checkpoint_save_weights_only: Keep the weights without the trainer's state.
        checkpoint_save_freq: When to look: ``epoch`` is the only choice.
        log_model_signatures: Keep what each model takes and returns.

    Raises:
        InvalidInput: A choice of the checkpoint is unknown.
        MissingExtra: Lightning is not installed.

    >>> autolog(disable=True)
    """
    from mlflowflow.autologging.lightning import integration

    if checkpoint_mode not in {"min", "max"} or checkpoint_save_freq != "epoch":
        raise InvalidInput(
            "A checkpoint's mode is 'min' or 'max' and its frequency 'epoch'; "
            f"found '{checkpoint_mode}' and '{checkpoint_save_freq}'."
        )
    switch(
        integration(log_model),
        Options(
            log_models=log_models,
            log_datasets=log_datasets,
            disable=disable,
            exclusive=exclusive,
            disable_for_unsupported_versions=disable_for_unsupported_versions,
            silent=silent,
            registered_model_name=registered_model_name,
            extra_tags=extra_tags,
            log_model_signatures=log_model_signatures,
            own={
                "log_every_n_epoch": log_every_n_epoch,
                "log_every_n_step": log_every_n_step,
                "checkpoint": checkpoint,
                "checkpoint_monitor": checkpoint_monitor,
                "checkpoint_mode": checkpoint_mode,
                "checkpoint_save_best_only": checkpoint_save_best_only,
                "checkpoint_save_weights_only": checkpoint_save_weights_only,
                "checkpoint_save_freq": checkpoint_save_freq,
            },
        ),
    )
