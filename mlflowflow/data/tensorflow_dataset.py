"""TensorFlow tensors, or a ``tf.data.Dataset``, as a dataset; known by their methods."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from mlflowflow.data.dataset import DescribedDataset, source_or_program
from mlflowflow.data.digest_utils import (
    MAX_ROWS,
    compute_numpy_digest,
    get_normalized_md5_digest,
    pandas,
)
from mlflowflow.data.evaluation_dataset import EvaluationDataset
from mlflowflow.data.optional import optional
from mlflowflow.data.schema import TensorDatasetSchema, schema_of
from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mlflowflow.data.dataset_source import DatasetSource
    from mlflowflow.models.schema import Schema


class TensorFlowDataset(DescribedDataset):
    """Tensors, or streams of them, `features` and `targets`: both of one kind."""

    def __init__(
        self,
        features: Any,
        source: DatasetSource,
        targets: Any = None,
        name: str | None = None,
        digest: str | None = None,
    ) -> None:
        """Keep the data as it is. Raises `InvalidInput` for anything else, and for two kinds at once."""
        kinds = {_kind(part) for part in (features, targets) if part is not None}
        if None in kinds or len(kinds) != 1:
            found = " and ".join(type(part).__name__ for part in (features, targets) if part is not None)
            raise InvalidInput(
                f"Expected TensorFlow tensors, or tf.data.Datasets, for features and targets alike; found {found}."
            )
        self._features = features
        self._targets = targets
        super().__init__(source=source, name=name, digest=digest)

    def _compute_digest(self) -> str:
        if _kind(self._features) == "tensor":
            targets = None if self._targets is None else self._targets.numpy()
            return compute_numpy_digest(self._features.numpy(), targets)
        parts = [part for part in (self._features, self._targets) if part is not None]
        elements = (element for part in parts for element in part.as_numpy_iterator())
        return get_normalized_md5_digest(_element_hash(element) for element in elements)

    @property
    def data(self) -> Any:
        """What a model is given."""
        return self._features

    @property
    def targets(self) -> Any:
        """What is to be predicted."""
        return self._targets

    @property
    def profile(self) -> dict[str, int]:
        """The number of numbers in a tensor or of elements in a stream."""
        parts = {"features": self._features, "targets": self._targets}
        return {f"{name}_cardinality": _size(part) for name, part in parts.items() if part is not None}

    @cached_property
    def schema(self) -> TensorDatasetSchema | None:
        """The types and shapes, of a stream those of its first element."""
        features, targets = _schema(self._features), _schema(self._targets)
        return None if features is None else TensorDatasetSchema(features, targets)

    def to_evaluation_dataset(
        self, path: str | None = None, feature_names: Sequence[str] | None = None
    ) -> EvaluationDataset:
        """Return tensors as arrays. Raises `InvalidInput` for a stream."""
        if _kind(self._features) != "tensor":
            raise InvalidInput("A tf.data.Dataset cannot be evaluated; pass tensors or arrays.")
        return EvaluationDataset(
            self._features.numpy(),
            targets=None if self._targets is None else self._targets.numpy(),
            name=self.name,
            path=path,
            feature_names=feature_names,
            digest=self.digest,
        )


def from_tensorflow(
    features: Any,
    source: str | Path | DatasetSource | None = None,
    targets: Any = None,
    name: str | None = None,
    digest: str | None = None,
) -> TensorFlowDataset:
    """Make a dataset of TensorFlow data; the arguments are those of `from_numpy`.

    Raises `MissingExtra` if TensorFlow is not installed and `InvalidInput` for other data.

    >>> import tensorflow as tf  # doctest: +SKIP
    >>> from_tensorflow(tf.zeros((3, 2)), targets=tf.zeros(3)).profile  # doctest: +SKIP
    {'features_cardinality': 6, 'targets_cardinality': 3}
    """
    optional("tensorflow", extra="tensorflow", purpose="A dataset of TensorFlow")
    return TensorFlowDataset(features, source_or_program(source), targets, name, digest)


def _kind(part: Any) -> str | None:
    if hasattr(part, "as_numpy_iterator"):
        return "stream"
    return "tensor" if hasattr(part, "numpy") else None


def _size(part: Any) -> int:
    return int(part.cardinality().numpy() if _kind(part) == "stream" else part.numpy().size)


def _schema(part: Any) -> Schema | None:
    if part is None:
        return None
    first = next(part.as_numpy_iterator()) if _kind(part) == "stream" else part.numpy()
    return schema_of(
        {str(place): one for place, one in enumerate(first)} if isinstance(first, tuple) else first
    )


def _element_hash(element: Any) -> bytes:
    import numpy as np

    pd = pandas("The digest of a dataset of TensorFlow")
    flat = np.concatenate([np.asarray(leaf).flatten() for leaf in _leaves(element)])[:MAX_ROWS]
    try:
        return bytes(pd.util.hash_array(flat).tobytes())
    except TypeError:
        return np.int64(flat.size).tobytes()


def _leaves(element: Any) -> Iterator[Any]:
    """Go through a nested element in TensorFlow's order: dicts by key."""
    if isinstance(element, dict):
        for key in sorted(element):
            yield from _leaves(element[key])
    elif isinstance(element, tuple | list):
        for one in element:
            yield from _leaves(one)
    else:
        yield element
