"""What a training was given, as datasets of the run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.models.inference import is_frame
from mlflowflow.tracking.run import DatasetInput, InputTag

if TYPE_CHECKING:
    from mlflowflow.tracking.run import Dataset

_CONTEXT: Final = "mlflow.data.context"


def dataset_of(data: Any, targets: Any = None, *, name: str | None = None) -> Dataset | None:
    """Describe tables, arrays and sparse matrices; None for data of another kind.

    >>> import numpy as np
    >>> dataset_of(np.zeros((2, 3))).name
    'dataset'
    """
    made = _made(data, targets, name)
    return None if made is None else made.to_entity()


def used_for(dataset: Dataset, context: str) -> DatasetInput:
    """Return a dataset as the input of a run for "train" or "eval"."""
    return DatasetInput(dataset, (InputTag(_CONTEXT, context),))


def _made(data: Any, targets: Any, name: str | None) -> Any:
    from mlflowflow.data.code_dataset_source import CodeDatasetSource

    source = CodeDatasetSource()
    if _is_polars(data):
        from mlflowflow.data.polars_dataset import from_polars

        return from_polars(data, source=source, name=name)
    if is_frame(data):
        from mlflowflow.data.pandas_dataset import from_pandas

        return from_pandas(data, source=source, name=name)
    features = _dense(data)
    if features is None:
        return None
    from mlflowflow.data.numpy_dataset import from_numpy

    return from_numpy(features, source=source, targets=_dense(targets), name=name)


def _dense(data: Any) -> Any:
    """Return arrays as they are and sparse matrices as arrays; None for everything else."""
    import numpy as np

    if hasattr(data, "toarray"):
        return data.toarray()
    if isinstance(data, np.ndarray):
        return data
    return np.asarray(data) if hasattr(data, "__array__") else None


def _is_polars(data: Any) -> bool:
    polars = sys.modules.get("polars")
    return polars is not None and isinstance(data, polars.DataFrame)
