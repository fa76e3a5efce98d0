"""The arguments that `save_model` and `log_model` of every flavor have in common, and what they mean.

A flavor's module has MLflow's signature, argument by argument, and hands what is common on by these
names; nothing about them is decided twice.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict, Unpack

from mlflowflow.errors import InvalidInput
from mlflowflow.models.environment import read_environment
from mlflowflow.models.package import Description
from mlflowflow.models.signature import ModelSignature

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflowflow.models.environment import CondaEnv, Requirements
    from mlflowflow.models.mlmodel import Model

#: A signature, None to read one off the input example if there is one, or False for none at all.
SignatureChoice: TypeAlias = "ModelSignature | Literal[False] | None"


class SaveOptions(TypedDict, total=False):
    """What `save_model` of every flavor takes, under MLflow's names; all of it is optional.

    * ``conda_env``: a conda environment, as a tree or a file; nothing is added to it.
    * ``code_paths``: Python files and folders that the model imports; they go with it.
    * ``mlflow_model``: a `Model` that says more about the model and is completed.
    * ``signature``: what the model takes and returns; read off ``input_example`` if not given.
    * ``input_example``: a little data that `predict` takes, kept beside the model.
    * ``pip_requirements``: the packages the model needs, instead of those found in it.
    * ``extra_pip_requirements``: packages in addition to those.
    * ``metadata``: anything of your own, as plain values.
    * ``extra_files``: files that are kept with the model.
    """

    conda_env: CondaEnv | None
    code_paths: Sequence[str | Path] | None
    mlflow_model: Model | None
    signature: SignatureChoice
    input_example: Any
    pip_requirements: Requirements | None
    extra_pip_requirements: Requirements | None
    metadata: Mapping[str, Any] | None
    extra_files: Sequence[str | Path] | None


class LogOptions(SaveOptions, total=False):
    """What `log_model` of every flavor takes beside that.

    * ``name``, ``artifact_path`` (the older word): what the model is called in its run.
    * ``registered_model_name``: the registered model that it becomes a version of.
    * ``await_registration_for``: seconds; a version is complete when it is made, so nothing is waited for.
    * ``params``, ``tags``: kept with the logged model.
    * ``model_type``: a word for what the model is for.
    * ``step``: when in its run the model was made.
    * ``model_id``: a logged model that exists, which is filled.
    """

    name: str | None
    artifact_path: str | None
    registered_model_name: str | None
    await_registration_for: float | None
    params: Mapping[str, Any] | None
    tags: Mapping[str, Any] | None
    model_type: str | None
    step: int
    model_id: str | None


def describe(options: Mapping[str, Any] | None = None, **common: Unpack[SaveOptions]) -> Description:
    """Bring the common arguments and the flavor's own `options` into the form in which models are written.

    Raises `InvalidInput` or `NotFound` for what cannot be used; nothing has been written then.
    """
    signature: Any = common.get("signature")
    if not (signature is None or signature is False or isinstance(signature, ModelSignature)):
        raise InvalidInput(
            f"A signature is what infer_signature() returns, not a '{type(signature).__name__}'."
        )
    metadata = common.get("metadata")
    return Description(
        signature=signature or None,
        infer=signature is None,
        input_example=common.get("input_example"),
        environment=read_environment(
            conda_env=common.get("conda_env"),
            pip_requirements=common.get("pip_requirements"),
            extra_pip_requirements=common.get("extra_pip_requirements"),
        ),
        code_paths=_paths("code_paths", common.get("code_paths")),
        extra_files=_paths("extra_files", common.get("extra_files")),
        metadata=None if metadata is None else dict(metadata),
        options=options or {},
    )


def _paths(name: str, given: Any) -> tuple[str | Path, ...]:
    if given is None:
        return ()
    if isinstance(given, str | Path) or not all(isinstance(one, str | Path) for one in given):
        raise InvalidInput(f"'{name}' is a list of paths, not {given!r}.")
    return tuple(given)
