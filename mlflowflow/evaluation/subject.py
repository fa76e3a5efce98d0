"""What is evaluated: a loaded model, a function, or predictions that came with the data.

Of scikit-learn's and XGBoost's models the library's own object is asked, as MLflow does: it has
probabilities, and a score of its own. Every other model is asked through its one `predict`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput
from mlflowflow.models.loading import load_model
from mlflowflow.models.model import PyFuncModel
from mlflowflow.models.schema import TensorSchema
from mlflowflow.registry.current import current_catalog
from mlflowflow.registry.uri import (
    LoggedModelUri,
    PlaceUri,
    RunUri,
    parse_model_uri,
    resolve_version,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflowflow.data.evaluation_dataset import EvaluationDataset

_SKLEARN: Final = "mlflow.sklearn"
#: Loaders whose own object is asked, as with MLflow.
_ASKED_DIRECTLY: Final = frozenset({_SKLEARN, "mlflow.xgboost", "mlflow.catboost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """How to ask for predictions, probabilities and a score; None for what there is not.

    `model_id` is the logged model, `version` the address of the registered version, `classes` what
    the columns of the probabilities stand for.
    """

    predict: Callable[[EvaluationDataset], Any] | None = None
    probabilities: Callable[[EvaluationDataset], Any] | None = None
    score: Callable[[EvaluationDataset, Any], float] | None = None
    classes: tuple[Any, ...] | None = None
    model_id: str | None = None
    version: str | None = None


def find_subject(
    model: Any,
    *,
    env_manager: str = "local",
    model_config: Any = None,
    inference_params: Mapping[str, Any] | None = None,
) -> Subject:
    """Return how to ask `model`: an address, a loaded model, a function, or None.

    Raises `InvalidInput` for anything else and for settings that do not go with it.
    """
    if inference_params is not None:
        raise InvalidInput("inference_params are for deployed endpoints, which are not evaluated here.")
    if env_manager != "local":
        raise InvalidInput(
            f"Models are evaluated in this process's own environment; env_manager is {env_manager!r}, expected "
            "'local'."
        )
    if isinstance(model, str):
        return _of_address(model, model_config)
    if isinstance(model, PyFuncModel):
        if model_config:
            raise InvalidInput("The model is loaded already; give model_config to load_model() instead.")
        return _of_model(model)
    if model is None:
        return Subject()
    if callable(model):
        return Subject(predict=lambda data: model(data.frame()))
    raise InvalidInput(
        f"A {type(model).__name__} cannot be evaluated; expected the address of a model, what "
        "pyfunc.load_model() returns, a function, or None with predictions in the data."
    )


def _of_address(address: str, model_config: Any) -> Subject:
    if address.startswith(("endpoints:", "apps:")):
        raise InvalidInput(f"'{address}' is a deployed endpoint; only models are evaluated here.")
    loaded = load_model(address, model_config=model_config)
    uri = parse_model_uri(address)
    version = None
    if not isinstance(uri, LoggedModelUri | RunUri | PlaceUri):
        found = resolve_version(current_catalog(), uri)
        version = f"models:/{found.name}/{found.version}"
    return _of_model(loaded, version=version)


def _of_model(model: PyFuncModel, *, version: str | None = None) -> Subject:
    loader = model.loader_module
    native: Any = model.unwrap() if loader in _ASKED_DIRECTLY else None
    chances: Any = getattr(native, "predict_proba", None)
    if chances is None and not (loader == _SKLEARN and hasattr(native, "predict")):
        return Subject(
            predict=lambda data: model.predict(_for_model(model, data)),
            model_id=model.model_id,
            version=version,
        )
    classes: Any = getattr(native, "classes_", None)
    return Subject(
        predict=lambda data: native.predict(_for_native(native, data)),
        probabilities=None if chances is None else lambda data: chances(_for_native(native, data)),
        score=_score(native) if loader == _SKLEARN else None,
        classes=None if classes is None else tuple(classes),
        model_id=model.model_id,
        version=version,
    )


def _score(native: Any) -> Callable[[EvaluationDataset, Any], float] | None:
    if not hasattr(native, "score"):
        return None
    return lambda data, weights: float(
        native.score(_for_native(native, data), data.labels_data, sample_weight=weights)
        if weights is not None
        else native.score(_for_native(native, data), data.labels_data)
    )


def _for_native(native: Any, data: EvaluationDataset) -> Any:
    """Give an estimator names only if it was fitted with some: it warns about any other mixture."""
    table = data.frame()
    known = getattr(native, "feature_names_in_", None)
    if known is None:
        return table.to_numpy() if hasattr(native, "n_features_in_") else table
    generated = data.names_generated and len(known) == table.shape[1]
    return table.set_axis(list(known), axis=1) if generated else table


def _for_model(model: PyFuncModel, data: EvaluationDataset) -> Any:
    signature = model.metadata.signature
    table = data.frame()
    tensors = signature is not None and isinstance(signature.inputs, TensorSchema)
    return table.to_numpy() if tensors else table
