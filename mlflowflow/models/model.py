"""A loaded model, which predicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflowflow.errors import InvalidState
from mlflowflow.models.enforcement import enforce, enforce_params
from mlflowflow.models.info import ModelInfo
from mlflowflow.models.manifest import PYFUNC
from mlflowflow.models.mlmodel import Model

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlflowflow.models.flavors import Loaded
    from mlflowflow.models.manifest import Manifest

__all__ = ["ModelInfo", "PyFuncModel"]


class PyFuncModel:
    """A model of any flavor behind one call.

    `predict` first brings its data into the form of the model's signature: columns by name and in
    order, numbers in the promised precision. See `mlflowflow.models.enforcement` for the rules.
    """

    def __init__(self, *, metadata: Manifest, loaded: Loaded, input_example: Any = None) -> None:
        """Wrap what a flavor loaded; `load_model` does this."""
        #: What the model's MLmodel file says.
        self.metadata = Model.from_manifest(metadata)
        #: The input example kept with the model.
        self.input_example = input_example
        self._loaded = loaded
        self._checks_itself = bool(metadata.extra.get("is_signature_from_type_hint"))

    def predict(self, data: Any, params: Mapping[str, Any] | None = None) -> Any:
        """Return the model's predictions for `data`, in the form the model itself gives them.

        Args:
            data: A DataFrame, array, list or dictionary that the signature's inputs describe.
            params: Parameters by name, as far as the signature names any.

        Raises:
            InvalidInput: The data or a parameter is not what the signature says.
        """
        return self._loaded.predict(self._enforced(data), enforce_params(self.metadata.signature, params))

    def predict_stream(self, data: Any, params: Mapping[str, Any] | None = None) -> Iterator[Any]:
        """Yield the model's answer piece by piece. Raises `InvalidState` for a model that has only whole ones."""
        if self._loaded.stream is None:
            raise InvalidState("This model does not answer piece by piece; use predict().")
        return iter(
            self._loaded.stream(self._enforced(data), enforce_params(self.metadata.signature, params))
        )

    def unwrap(self) -> Any:
        """Return the library's own object, a scikit-learn estimator for example."""
        return self._loaded.native

    def unwrap_python_model(self) -> Any:
        """Return the `PythonModel` that was saved. Raises `InvalidState` for a model of a framework."""
        from mlflowflow.models.python_model import PythonModel

        if not isinstance(self._loaded.native, PythonModel):
            raise InvalidState(
                f"This is a model of the flavors {', '.join(self.metadata.flavors)} and no PythonModel; "
                "unwrap() returns the framework's own object."
            )
        return self._loaded.native

    def get_raw_model(self) -> Any:
        """Return the library's own object, as `unwrap` does."""
        return self.unwrap()

    @property
    def model_config(self) -> Mapping[str, Any]:
        """What a model that can be configured was configured with."""
        return self._loaded.configuration

    @property
    def model_id(self) -> str | None:
        """The id of the logged model that this is."""
        return self.metadata.model_id

    @property
    def loader_module(self) -> str | None:
        """The module that MLflow loads the model with."""
        found = self.metadata.flavors.get(PYFUNC, {}).get("loader_module")
        return None if found is None else str(found)

    def __repr__(self) -> str:
        """Show where the model comes from and what loads it, line by line as MLflow does."""
        facts = {
            "artifact_path": self.metadata.artifact_path,
            "flavor": self.loader_module,
            "run_id": self.metadata.run_id,
        }
        lines = [f"  {name}: {value}\n" for name, value in facts.items() if value is not None]
        return "".join(["mlflow.pyfunc.loaded_model:\n", *lines])

    def _enforced(self, data: Any) -> Any:
        """Leave the data of a model that checks it against its own type hints to the model."""
        return data if self._checks_itself else enforce(self.metadata.signature, data)
