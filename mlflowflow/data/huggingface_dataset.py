"""A dataset of the package ``datasets``; digest and schema come from its first 10,000 rows."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from mlflowflow.data.dataset import DescribedDataset, demand_column, source_or_program
from mlflowflow.data.digest_utils import MAX_ROWS, compute_pandas_digest
from mlflowflow.data.evaluation_dataset import EvaluationDataset
from mlflowflow.data.huggingface_dataset_source import HuggingFaceDatasetSource, datasets
from mlflowflow.data.schema import schema_of
from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mlflowflow.data.dataset_source import DatasetSource
    from mlflowflow.models.schema import Schema


class HuggingFaceDataset(DescribedDataset):
    """A ``datasets.Dataset``; `targets` is the name of a column of it."""

    def __init__(
        self,
        ds: Any,
        source: DatasetSource,
        targets: str | None = None,
        name: str | None = None,
        digest: str | None = None,
    ) -> None:
        """Keep the dataset as it is. Raises `InvalidInput` for a column that is not there."""
        demand_column(ds.column_names, targets, "targets")
        self._ds = ds
        self._targets = targets
        super().__init__(source=source, name=name, digest=digest)

    def _compute_digest(self) -> str:
        return compute_pandas_digest(self._head)

    @cached_property
    def _head(self) -> Any:
        return next(iter(self._ds.to_pandas(batch_size=MAX_ROWS, batched=True)))

    @property
    def ds(self) -> Any:
        """The dataset."""
        return self._ds

    @property
    def targets(self) -> str | None:
        """The column of what is to be predicted."""
        return self._targets

    @property
    def profile(self) -> dict[str, Any]:
        """The number of rows and the sizes in bytes that the package knows."""
        names = ("num_rows", "dataset_size", "size_in_bytes")
        return {name: getattr(self._ds, name) for name in names}

    @cached_property
    def schema(self) -> Schema | None:
        """The columns, None if one of them holds values of no known type."""
        return schema_of(self._head)

    def to_evaluation_dataset(
        self, path: str | None = None, feature_names: Sequence[str] | None = None
    ) -> EvaluationDataset:
        """Return the table, as pandas has it, parted into features and targets."""
        return EvaluationDataset(
            self._ds.to_pandas(),
            targets=self._targets,
            name=self.name,
            path=path,
            feature_names=feature_names,
            digest=self.digest,
        )


def from_huggingface(
    ds: Any,
    path: str | None = None,
    targets: str | None = None,
    data_dir: str | None = None,
    data_files: Any = None,
    revision: Any = None,
    name: str | None = None,
    digest: str | None = None,
    trust_remote_code: bool | None = None,
    source: str | Path | DatasetSource | None = None,
) -> HuggingFaceDataset:
    """Make a dataset of a ``datasets.Dataset``.

    Args:
        ds: The dataset; a ``DatasetDict`` is several, and is refused.
        path: What it is called on the hub, so that its source can load it again.
        targets: The column of what is to be predicted.
        data_dir: What ``load_dataset`` was given.
        data_files: What ``load_dataset`` was given.
        revision: What ``load_dataset`` was given.
        name: A name for people, ``dataset`` by default.
        digest: A fingerprint, by default computed from the first 10,000 rows.
        trust_remote_code: What ``load_dataset`` was given.
        source: An address, or a `DatasetSource`, instead of `path`; by default the program that runs.

    Raises:
        MissingExtra: The package is not installed.
        InvalidInput: This is no ``datasets.Dataset``, or the column is not there.

    >>> import datasets  # doctest: +SKIP
    >>> ds = datasets.Dataset.from_dict({"text": ["good", "bad"], "label": [1, 0]})  # doctest: +SKIP
    >>> from_huggingface(ds, targets="label").profile["num_rows"]  # doctest: +SKIP
    2
    """
    kind = datasets("A dataset of Hugging Face").Dataset
    if not isinstance(ds, kind):
        raise InvalidInput(f"Expected a datasets.Dataset, not a {type(ds).__name__}; pass one split of it.")
    if source is None and path is not None:
        source = HuggingFaceDatasetSource(
            path, ds.config_name, data_dir, data_files, ds.split, revision, trust_remote_code
        )
    return HuggingFaceDataset(ds, source_or_program(source), targets, name, digest)
