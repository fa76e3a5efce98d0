"""What a caller holds: a loaded model that predicts, and what is known of a model without loading it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflowflow.models.enforcement import enforce, enforce_params

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.models.flavors import Loaded
    from mlflowflow.models.manifest import Manifest
    from mlflowflow.models.signature import ModelSignature


class PyFuncModel:
    """A model of any flavor behind one call.

    `predict` first brings its data into the form of the model's signature: columns by name and in
    order, numbers in the promised precision. See `mlflowflow.models.enforcement` for the rules.
    """

    def __init__(self, *, metadata: Manifest, loaded: Loaded) -> None:
        """Wrap what a flavor loaded; `load_model` does this."""
        self.metadata = metadata
        self._loaded = loaded

    def predict(self, data: Any, params: Mapping[str, Any] | None = None) -> Any:
        """Return the model's predictions for `data`, in the form the model itself gives them.

        Args:
            data: A DataFrame, array, list or dictionary that the signature's inputs describe.
            params: Parameters by name, as far as the signature names any.

        Raises:
            InvalidInput: The data or a parameter is not what the signature says.
        """
        signature = self.metadata.signature
        return self._loaded.predict(enforce(signature, data), enforce_params(signature, params))

    def unwrap(self) -> Any:
        """Return the library's own object, a scikit-learn estimator for example."""
        return self._loaded.native

    def __repr__(self) -> str:
        """Show the flavors and where the model comes from."""
        origin = f", run_id={self.metadata.run_id!r}" if self.metadata.run_id else ""
        return f"PyFuncModel(flavors={sorted(self.metadata.flavors)}{origin})"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """A model's address and what its MLmodel file says, under MLflow's names.

    `registered_model_version` is the version that `log_model` registered, if it was asked to.
    """

    model_uri: str
    manifest: Manifest
    registered_model_version: int | None = None

    @property
    def run_id(self) -> str | None:
        """The run that logged the model."""
        return self.manifest.run_id

    @property
    def artifact_path(self) -> str | None:
        """Where the model is among the run's artifacts."""
        return self.manifest.artifact_path

    @property
    def model_uuid(self) -> str | None:
        """The model's own id, kept wherever it is copied."""
        return self.manifest.model_uuid

    @property
    def flavors(self) -> Mapping[str, Mapping[str, Any]]:
        """Each flavor with what it needs to load the model."""
        return self.manifest.flavors

    @property
    def signature(self) -> ModelSignature | None:
        """What the model takes and returns."""
        return self.manifest.signature

    @property
    def saved_input_example_info(self) -> Mapping[str, Any] | None:
        """Where the input example is and how it is written."""
        return self.manifest.saved_input_example_info

    @property
    def metadata(self) -> Mapping[str, Any] | None:
        """What the caller attached to the model."""
        return self.manifest.metadata

    @property
    def utc_time_created(self) -> str | None:
        """When the model was saved, in UTC."""
        return self.manifest.utc_time_created
