"""Saving, logging and loading scikit-learn models: the functions of `mlflow.sklearn`.

The folders are MLflow's: it loads ours, and we load its. The default format is ``cloudpickle``,
which needs no further package; ``skops`` (the extra of that name) makes archives that load without
running code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict, Unpack

from mlflowflow.errors import InvalidInput
from mlflowflow.models import saving
from mlflowflow.models.enforcement import enforce
from mlflowflow.models.flavors.sklearn import NAME
from mlflowflow.models.loading import load_folder
from mlflowflow.models.package import Description, read_manifest
from mlflowflow.models.signature import infer_signature
from mlflowflow.models.source import Stores, fetched

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mlflowflow.models.model import ModelInfo
    from mlflowflow.models.signature import ModelSignature
    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.tracking.tracker import Tracker

#: A signature, None to read one off the input example if there is one, or False for none at all.
SignatureChoice: TypeAlias = "ModelSignature | Literal[False] | None"
Format: TypeAlias = Literal["cloudpickle", "pickle", "skops"]


class SaveOptions(TypedDict, total=False):
    """What `save_model` and `log_model` both take; all of it is optional.

    * ``serialization_format``: how the estimator is written.
    * ``signature``: what the model takes and returns; read off ``input_example`` if not given.
    * ``input_example``: a little data that `predict` takes, kept beside the model.
    * ``pip_requirements``: the packages the model needs, instead of those found in it.
    * ``extra_pip_requirements``: packages in addition to those.
    * ``pyfunc_predict_fn``: what a loaded `PyFuncModel` calls, ``predict_proba`` for example.
    * ``metadata``: anything of your own, as plain values.
    """

    serialization_format: Format
    signature: SignatureChoice
    input_example: Any
    pip_requirements: Sequence[str] | None
    extra_pip_requirements: Sequence[str] | None
    pyfunc_predict_fn: str
    metadata: Mapping[str, Any] | None


def save_model(sk_model: Any, path: str | Path, **options: Unpack[SaveOptions]) -> None:
    """Save the scikit-learn estimator or pipeline `sk_model` into the new or empty folder `path`.

    The options are those of `SaveOptions`.

    Raises:
        AlreadyExists: The folder has something in it.
        InvalidInput: This is no estimator, or an option has a value that cannot be used.
        MissingExtra: The format is ``skops`` and the package is not installed.
    """
    saving.save(NAME, sk_model, path, describe(sk_model, **options))


def log_model(
    sk_model: Any,
    artifact_path: str | None = None,
    *,
    name: str | None = None,
    registered_model_name: str | None = None,
    **options: Unpack[SaveOptions],
) -> ModelInfo:
    """Save a scikit-learn model among the artifacts of the active run, or of a new one.

    `name` (or `artifact_path`, MLflow's older word for it) is where it is put, ``model`` by default.
    With `registered_model_name`, the model becomes a version of that registered model, which is
    created if need be. The options are those of `SaveOptions`.
    """
    place = name or artifact_path or "model"
    return saving.log(NAME, sk_model, place, describe(sk_model, **options), register_as=registered_model_name)


def load_model(
    model_uri: str | Path,
    *,
    tracker: Tracker | None = None,
    catalog: Catalog | None = None,
    allow_code: bool = True,
) -> Any:
    """Load the scikit-learn estimator itself; the arguments are those of `mlflowflow.models.load_model`."""
    with fetched(model_uri, Stores(tracker=tracker, catalog=catalog)) as folder:
        manifest = read_manifest(folder)
        return load_folder(folder, manifest, flavor=NAME, allow_code=allow_code).native


def describe(
    model: Any,
    *,
    serialization_format: Format = "cloudpickle",
    signature: SignatureChoice = None,
    input_example: Any = None,
    pip_requirements: Sequence[str] | None = None,
    extra_pip_requirements: Sequence[str] | None = None,
    pyfunc_predict_fn: str = "predict",
    metadata: Mapping[str, Any] | None = None,
) -> Description:
    """Return the `SaveOptions` in the form all flavors share, with a signature read off the example."""
    return Description(
        signature=_signature(model, signature, input_example, pyfunc_predict_fn),
        input_example=input_example,
        requirements=None if pip_requirements is None else _lines(pip_requirements),
        extra_requirements=_lines(extra_pip_requirements or ()),
        metadata=metadata,
        options={"serialization_format": serialization_format, "predict_fn": pyfunc_predict_fn},
    )


def _signature(
    model: Any, signature: SignatureChoice, example: Any, predict_fn: str
) -> ModelSignature | None:
    if signature is not None:
        return signature or None
    if example is None:
        return None
    predict = getattr(model, predict_fn, None)
    if predict is None:
        return infer_signature(example)
    return infer_signature(example, predict(enforce(infer_signature(example), example)))


def _lines(requirements: Sequence[str]) -> tuple[str, ...]:
    """Return requirements as lines, one package each."""
    if isinstance(requirements, str) or any("\n" in line for line in requirements):
        raise InvalidInput(f"Requirements are a list with one package each, not {requirements!r}.")
    return tuple(requirements)
