"""Models of any flavor behind one `predict`, and models written in Python: the names of `mlflow.pyfunc`.

>>> from mlflowflow import pyfunc
>>> class Doubler(pyfunc.PythonModel):
...     def predict(self, context, model_input, params=None):
...         return [2 * one for one in model_input]
>>> import tempfile
>>> with tempfile.TemporaryDirectory() as folder:
...     pyfunc.save_model(folder, python_model=Doubler())
...     pyfunc.load_model(folder).predict([1, 2])
[2, 4]
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput, MissingExtra
from mlflowflow.models import saving
from mlflowflow.models.flavors.pyfunc import PythonSource
from mlflowflow.models.inside import inside
from mlflowflow.models.loading import load_model
from mlflowflow.models.manifest import PYFUNC
from mlflowflow.models.model import PyFuncModel
from mlflowflow.models.model_config import read_config
from mlflowflow.models.python_model import PythonModel, PythonModelContext
from mlflowflow.models.requirements import CONDA, PYTHON_ENV, REQUIREMENTS
from mlflowflow.models.source import Stores, download, fetched

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mlflowflow.models.environment import CondaEnv, Requirements
    from mlflowflow.models.info import ModelInfo
    from mlflowflow.models.mlmodel import Model
    from mlflowflow.models.options import SignatureChoice

__all__ = [
    "FLAVOR_NAME",
    "PyFuncModel",
    "PythonModel",
    "PythonModelContext",
    "add_to_model",
    "get_model_dependencies",
    "load_model",
    "load_pyfunc",
    "log_model",
    "save_model",
    "spark_udf",
]

FLAVOR_NAME: Final = PYFUNC


def save_model(
    path: str | Path,
    loader_module: str | None = None,
    data_path: str | Path | None = None,
    code_paths: Sequence[str | Path] | None = None,
    infer_code_paths: bool = False,
    conda_env: CondaEnv | None = None,
    mlflow_model: Model | None = None,
    python_model: PythonModel | Callable[..., Any] | str | Path | None = None,
    artifacts: Mapping[str, str] | None = None,
    signature: SignatureChoice = None,
    input_example: Any = None,
    pip_requirements: Requirements | None = None,
    extra_pip_requirements: Requirements | None = None,
    metadata: Mapping[str, Any] | None = None,
    model_config: str | Path | Mapping[str, Any] | None = None,
    streamable: bool | None = None,
    resources: Any = None,
    auth_policy: Any = None,
    uv_project_path: str | Path | None = None,
    uv_groups: list[str] | None = None,
    uv_extras: list[str] | None = None,
) -> None:
    """Save a model written in Python into the new or empty folder `path`.

    Args:
        path: The folder.
        loader_module: A module whose ``_load_pyfunc(data)`` loads the model, in place of `python_model`.
        data_path: What that module loads: a file or a folder, which is copied.
        code_paths: Python files and folders that the model imports; they go with it.
        infer_code_paths: Find them: not done here, so True is refused.
        conda_env: A whole conda environment.
        mlflow_model: A `Model` that says more about the model and is completed.
        python_model: A `PythonModel`, a function of the data, or the path of a Python file that calls
            `mlflowflow.models.set_model`.
        artifacts: Addresses of files by name; they are copied, and the model finds them by these names in
            its context.
        signature: What the model takes and returns; read off the type hints of ``predict`` or the example.
        input_example: A little data that `predict` takes, kept beside the model.
        pip_requirements: The packages the model needs, instead of those found in it.
        extra_pip_requirements: Packages in addition to those.
        metadata: Anything of your own, as plain values.
        model_config: What the model is configured with: a dictionary or a YAML file.
        streamable: Whether ``predict_stream`` can be used; by default whether the model has one.
        resources: Accepted, without effect, as the four that follow: they are for deployments elsewhere.
        auth_policy: The same.
        uv_project_path: The same.
        uv_groups: The same.
        uv_extras: The same.

    Raises:
        AlreadyExists: The folder has something in it.
        InvalidInput: There is no model, two of them, or one that cannot be used.
        NotFound: A file that is named is not there.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_model(folder, python_model=lambda model_input: len(model_input))
    ...     load_model(folder).predict(["a", "b"])
    2
    """
    del resources, auth_policy, uv_project_path, uv_groups, uv_extras
    with TemporaryDirectory(prefix="mlflowflow-artifacts-") as private:
        saving.save(
            PYFUNC,
            _source(
                python_model=python_model,
                loader_module=loader_module,
                data_path=data_path,
                artifacts=_fetched(artifacts, Path(private)),
                model_config=model_config,
                streamable=streamable,
                infer_code_paths=infer_code_paths,
            ),
            path,
            code_paths=code_paths,
            conda_env=conda_env,
            mlflow_model=mlflow_model,
            signature=signature,
            input_example=input_example,
            pip_requirements=pip_requirements,
            extra_pip_requirements=extra_pip_requirements,
            metadata=metadata,
        )


def log_model(
    artifact_path: str | None = None,
    loader_module: str | None = None,
    data_path: str | Path | None = None,
    code_paths: Sequence[str | Path] | None = None,
    infer_code_paths: bool = False,
    conda_env: CondaEnv | None = None,
    python_model: PythonModel | Callable[..., Any] | str | Path | None = None,
    artifacts: Mapping[str, str] | None = None,
    registered_model_name: str | None = None,
    signature: SignatureChoice = None,
    input_example: Any = None,
    await_registration_for: float | None = 300,
    pip_requirements: Requirements | None = None,
    extra_pip_requirements: Requirements | None = None,
    metadata: Mapping[str, Any] | None = None,
    model_config: str | Path | Mapping[str, Any] | None = None,
    streamable: bool | None = None,
    resources: Any = None,
    auth_policy: Any = None,
    uv_project_path: str | Path | None = None,
    uv_groups: list[str] | None = None,
    uv_extras: list[str] | None = None,
    prompts: Any = None,
    name: str | None = None,
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
    model_type: str | None = None,
    step: int = 0,
    model_id: str | None = None,
) -> ModelInfo:
    """Save a model written in Python as a logged model of the active run, or of a new one.

    The arguments are those of `save_model` and of `mlflowflow.models.options.LogOptions`; what is only for
    deployments elsewhere (`resources`, `auth_policy`, `prompts`, the ``uv_`` arguments) is accepted and
    has no effect. Raises what `save_model` does, and `NotFound` for a `model_id` that does not exist.

    >>> log_model(name="echo", python_model=lambda model_input: model_input).run_id is not None
    True
    """
    del resources, auth_policy, uv_project_path, uv_groups, uv_extras, prompts
    with TemporaryDirectory(prefix="mlflowflow-artifacts-") as private:
        return saving.log(
            PYFUNC,
            _source(
                python_model=python_model,
                loader_module=loader_module,
                data_path=data_path,
                artifacts=_fetched(artifacts, Path(private)),
                model_config=model_config,
                streamable=streamable,
                infer_code_paths=infer_code_paths,
            ),
            name=name,
            artifact_path=artifact_path,
            code_paths=code_paths,
            conda_env=conda_env,
            registered_model_name=registered_model_name,
            signature=signature,
            input_example=input_example,
            await_registration_for=await_registration_for,
            pip_requirements=pip_requirements,
            extra_pip_requirements=extra_pip_requirements,
            metadata=metadata,
            params=params,
            tags=tags,
            model_type=model_type,
            step=step,
            model_id=model_id,
        )


def load_pyfunc(model_uri: str | Path, suppress_warnings: bool = False) -> PyFuncModel:
    """Load a model: the older name of `load_model`, which says what is taken, returned and raised.

    >>> info = log_model(name="count", python_model=lambda model_input: len(model_input))
    >>> load_pyfunc(info.model_uri).predict(["a", "b"])
    2
    """
    return load_model(model_uri, suppress_warnings)


def get_model_dependencies(model_uri: str | Path, format: str = "pip") -> str:  # noqa: A002 - MLflow's name
    """Return the path of a local copy of the model's ``requirements.txt``, or of ``conda.yaml``.

    The copy stays until the system clears its temporary files. Raises `InvalidInput` for another `format`
    than ``pip`` and ``conda``, and `NotFound`, `InvalidUri` and `CorruptData` as `load_model` does.

    >>> info = log_model(name="count", python_model=len, pip_requirements=["numpy==2.1.0"])
    >>> Path(get_model_dependencies(info.model_uri)).read_text().splitlines()
    ['numpy==2.1.0']
    """
    names = {"pip": REQUIREMENTS, "conda": CONDA}
    if format not in names:
        raise InvalidInput(f"The format '{format}' is unknown; expected 'pip' or 'conda'.")
    with fetched(model_uri, Stores()) as folder:
        source = inside(folder, names[format])
        return str(shutil.copy(source, Path(mkdtemp(prefix="mlflowflow-environment-"), names[format])))


def add_to_model(
    model: Model,
    loader_module: str,
    data: str | None = None,
    code: str | None = None,
    conda_env: str | None = None,
    python_env: str | None = None,
    model_config: Mapping[str, Any] | None = None,
    model_code_path: str | None = None,
    **kwargs: Any,
) -> Model:
    """Say in a `Model` of your own how it is loaded to predict; paths are relative to its folder.

    >>> from mlflowflow.models import Model
    >>> add_to_model(Model(), "my_loader", data="weights").flavors["python_function"]["loader_module"]
    'my_loader'
    """
    optional = {"data": data, "code": code, "config": model_config, "model_code_path": model_code_path}
    environment = {"conda": conda_env or CONDA, "virtualenv": python_env or PYTHON_ENV}
    given = {name: value for name, value in optional.items() if value is not None}
    return model.add_flavor(PYFUNC, loader_module=loader_module, env=environment, **given, **kwargs)


def spark_udf(
    spark: Any,
    model_uri: str,
    result_type: Any = None,
    env_manager: str | None = None,
    params: Mapping[str, Any] | None = None,
    extra_env: Mapping[str, str] | None = None,
    prebuilt_env_uri: str | None = None,
    model_config: str | Path | Mapping[str, Any] | None = None,
) -> Any:
    """Refuse: models are not run inside Spark here.

    Raises `MissingExtra` without Spark, and `NotImplementedError` with it.

    >>> spark_udf(spark, "models:/price/1")  # doctest: +SKIP
    Traceback (most recent call last):
        ...
    NotImplementedError: Models are not run inside Spark; score a folder of Parquet with mlflowflow.models.predict_parquet().
    """
    del spark, result_type, env_manager, params, extra_env, prebuilt_env_uri, model_config
    if importlib.util.find_spec("pyspark") is None:
        raise MissingExtra("pyspark", extra="spark", purpose=f"'{model_uri}' as a function of Spark")
    raise NotImplementedError(
        "Models are not run inside Spark; score a folder of Parquet with mlflowflow.models.predict_parquet()."
    )


def _source(
    *,
    python_model: Any,
    loader_module: str | None,
    data_path: str | Path | None,
    artifacts: Mapping[str, tuple[Path, str]],
    model_config: str | Path | Mapping[str, Any] | None,
    streamable: bool | None,
    infer_code_paths: bool,
) -> PythonSource:
    if (python_model is None) == (loader_module is None):
        raise InvalidInput("A model is given as 'python_model' or as a 'loader_module'; give exactly one.")
    if loader_module is None and data_path is not None:
        raise InvalidInput("'data_path' is for a 'loader_module'; a 'python_model' has 'artifacts'.")
    if loader_module is not None and artifacts:
        raise InvalidInput("'artifacts' are for a 'python_model'; a 'loader_module' has its 'data_path'.")
    if infer_code_paths:
        raise InvalidInput(
            "The files a model imports are not found by themselves; list them in 'code_paths'."
        )
    has_stream = isinstance(python_model, PythonModel) and (
        type(python_model).predict_stream is not PythonModel.predict_stream
    )
    return PythonSource(
        python_model=python_model,
        artifacts=artifacts,
        loader_module=loader_module,
        data_path=None if data_path is None else Path(data_path),
        config=read_config(model_config),
        streamable=has_stream if streamable is None else streamable,
    )


def _fetched(artifacts: Mapping[str, str] | None, private: Path) -> dict[str, tuple[Path, str]]:
    """Bring the artifacts of a model to this machine, each into a folder of its own."""
    found: dict[str, tuple[Path, str]] = {}
    given: Mapping[str, Any] = artifacts or {}
    for place, (name, uri) in enumerate(given.items()):
        if not isinstance(uri, str | os.PathLike):
            raise InvalidInput(f"The artifact '{name}' is {uri!r}; expected a path or an address.")
        found[str(name)] = (download(os.fspath(uri), private / str(place), Stores()), os.fspath(uri))
    return found
