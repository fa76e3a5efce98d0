"""The registry's module-level functions, over the registry that the session names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflowflow.errors import InvalidInput
from mlflowflow.registry.client import RegistryClient
from mlflowflow.registry.current import current_catalog
from mlflowflow.registry.search import search_models, search_versions
from mlflowflow.tracking.fluent.session import current_tracker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflowflow.registry.version import ModelVersion, RegisteredModel


def register_model(
    model_uri: str,
    name: str,
    await_registration_for: int | None = 300,
    *,
    tags: Mapping[str, Any] | None = None,
    env_pack: str | None = None,
    idem: str | None = None,
) -> ModelVersion:
    """Register the model at `model_uri` (``runs:/<run id>/model``, …) as the next version of `name`.

    The digest of its files and its signature are recorded with it. The version is ready at once, so
    `await_registration_for` (seconds) is not waited. Repeated with the same `idem`, the call gives the
    same version. Raises `NotFound` if there is no model at the address, and `InvalidInput` for
    `env_pack`, which packs for a product that is not here.

    >>> with mlflow.start_run():
    ...     info = mlflow.pyfunc.log_model(name="count", python_model=lambda model_input: len(model_input))
    >>> register_model(info.model_uri, "counter").version
    1
    """
    from mlflowflow.registry.register import register_model as register

    del await_registration_for
    if env_pack is not None:
        raise InvalidInput(
            f"env_pack={env_pack!r} cannot be used: no environment is packed for a serving product here. Leave it out; "
            "the model's folder lists its requirements."
        )
    texts = {key: str(value) for key, value in (tags or {}).items()}
    return register(
        model_uri, name, tracker=current_tracker(), catalog=current_catalog(), tags=texts, idem=idem
    )


def search_registered_models(
    max_results: int | None = None, filter_string: str | None = None, order_by: Sequence[str] | None = None
) -> list[RegisteredModel]:
    """Return the registered models that match, by name unless `order_by` says otherwise.

    Raises `InvalidFilter` for a mistake in the expression or in `order_by`.

    >>> for name in ("digits", "wine"):
    ...     _ = mlflow.MlflowClient().create_registered_model(name)
    >>> [model.name for model in search_registered_models(filter_string="name LIKE 'dig%'")]
    ['digits']
    """
    models = current_catalog().list_models()
    return search_models(models, filter_string=filter_string or "", order_by=order_by or ())[:max_results]


def search_model_versions(
    max_results: int | None = None, filter_string: str | None = None, order_by: Sequence[str] | None = None
) -> list[ModelVersion]:
    """Return the model versions that match, those changed last first unless `order_by` is given.

    Raises `InvalidFilter` for a mistake in the expression or in `order_by`.

    >>> client = mlflow.MlflowClient()
    >>> _ = client.create_registered_model("digits")
    >>> _ = client.create_model_version("digits", "s3://bucket/model")
    >>> [(found.name, found.version) for found in search_model_versions(filter_string="name = 'digits'")]
    [('digits', 1)]
    """
    models = current_catalog().list_models()
    return search_versions(models, filter_string=filter_string or "", order_by=order_by or ())[:max_results]


def set_model_version_tag(
    name: str, version: int | str | None = None, key: str | None = None, value: Any = None
) -> None:
    """Set a tag of a model version; the value becomes text. Raises `InvalidInput` without version or key.

    Raises `NotFound` if there is no such version.

    >>> client = mlflow.MlflowClient()
    >>> _ = client.create_registered_model("digits")
    >>> _ = client.create_model_version("digits", "s3://bucket/model")
    >>> set_model_version_tag("digits", 1, "checked", True)
    >>> client.get_model_version("digits", 1).tags["checked"]
    'True'
    """
    RegistryClient().set_model_version_tag(name, version, key, value)
