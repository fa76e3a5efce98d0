"""NumPy arrays as a dataset: one array of features or several by name, and targets likewise."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from mlflowflow.data.dataset import DescribedDataset, source_or_program
from mlflowflow.data.digest_utils import compute_numpy_digest
from mlflowflow.data.evaluation_dataset import EvaluationDataset
from mlflowflow.data.schema import TensorDatasetSchema, schema_of
from mlflowflow.errors import InvalidInput
from mlflowflow.models.inference import is_array

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np

    from mlflowflow.data.dataset_source import DatasetSource

Arrays: TypeAlias = "np.ndarray[Any, Any] | dict[str, np.ndarray[Any, Any]]"


class NumpyDataset(DescribedDataset):
    """The array or arrays `features`, whose first axis counts the examples, and `targets`."""

    def __init__(
        self,
        features: Arrays,
        source: DatasetSource,
        targets: Arrays | None = None,
        name: str | None = None,
        digest: str | None = None,
    ) -> None:
        """Keep the arrays as they are. Raises `InvalidInput` for anything that is no array."""
        self._features = _arrays(features, "features")
        self._targets = None if targets is None else _arrays(targets, "targets")
        super().__init__(source=source, name=name, digest=digest)

    def _compute_digest(self) -> str:
        return compute_numpy_digest(self._features, self._targets)

    @property
    def features(self) -> Arrays:
        """What a model is given."""
        return self._features

    @property
    def targets(self) -> Arrays | None:
        """What is to be predicted."""
        return self._targets

    @property
    def profile(self) -> dict[str, Any]:
        """The shape, the number of elements and the number of bytes of each array."""
        parts = {"features": self._features, "targets": self._targets}
        return {
            f"{part}_{attribute}": _attribute(arrays, attribute)
            for part, arrays in parts.items()
            if arrays is not None
            for attribute in ("shape", "size", "nbytes")
        }

    @cached_property
    def schema(self) -> TensorDatasetSchema | None:
        """The types and shapes of the arrays."""
        features = schema_of(self._features)
        targets = None if self._targets is None else schema_of(self._targets)
        return None if features is None else TensorDatasetSchema(features, targets)

    def to_evaluation_dataset(
        self, path: str | None = None, feature_names: Sequence[str] | None = None
    ) -> EvaluationDataset:
        """Return the arrays with names for the features. Raises `InvalidInput` unless there are two axes."""
        return EvaluationDataset(
            self._features,
            targets=self._targets,
            name=self.name,
            path=path,
            feature_names=feature_names,
            digest=self.digest,
        )


def from_numpy(
    features: Arrays,
    source: str | Path | DatasetSource | None = None,
    targets: Arrays | None = None,
    name: str | None = None,
    digest: str | None = None,
) -> NumpyDataset:
    """Make a dataset of NumPy arrays.

    Args:
        features: An array, or arrays by name; the first axis counts the examples.
        source: Their address, or a `DatasetSource`; by default the program that runs.
        targets: What is to be predicted, in the same form.
        name: A name for people, ``dataset`` by default.
        digest: A fingerprint, by default computed from the first 10,000 numbers of each array.

    Raises:
        InvalidInput: Something is no array, or the address is of no known kind.

    >>> import numpy as np
    >>> from_numpy(np.zeros((3, 2)), targets=np.array([0, 1, 0])).profile["features_shape"]
    (3, 2)
    """
    return NumpyDataset(features, source_or_program(source), targets, name, digest)


def _arrays(found: Any, role: str) -> Arrays:
    parts = list(found.values()) if isinstance(found, dict) else [found]
    if parts and all(is_array(part) for part in parts):
        return found  # type: ignore[no-any-return]
    raise InvalidInput(
        f"The {role} of a NumPy dataset must be an array or arrays by name, not a {type(found).__name__}."
    )


def _attribute(arrays: Arrays, attribute: str) -> Any:
    if isinstance(arrays, dict):
        return {name: getattr(array, attribute) for name, array in arrays.items()}
    return getattr(arrays, attribute)
