"""What datasets of rows and columns share, whatever library holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflowflow.data.dataset import DescribedDataset, demand_column
from mlflowflow.data.evaluation_dataset import EvaluationDataset

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mlflowflow.data.dataset_source import DatasetSource


class TabularDataset(DescribedDataset):
    """Rows of which some columns have a role: `targets` and `predictions` are their names."""

    def __init__(
        self,
        source: DatasetSource,
        *,
        columns: Iterable[Any],
        targets: str | None,
        predictions: str | None,
        name: str | None,
        digest: str | None,
    ) -> None:
        """Keep the roles. Raises `InvalidInput` for one of a column that is not among `columns`."""
        names = list(columns)
        demand_column(names, targets, "targets")
        demand_column(names, predictions, "predictions")
        self._targets = targets
        self._predictions = predictions
        super().__init__(source=source, name=name, digest=digest)

    def _frame(self) -> Any:
        """Return the rows that an evaluation looks at as a pandas table."""
        raise NotImplementedError(f"{type(self).__name__} does not say how its rows become a pandas table.")

    @property
    def targets(self) -> str | None:
        """The column of what is to be predicted."""
        return self._targets

    @property
    def predictions(self) -> str | None:
        """The column of what a model predicted."""
        return self._predictions

    def to_evaluation_dataset(
        self, path: str | None = None, feature_names: Sequence[str] | None = None
    ) -> EvaluationDataset:
        """Return the rows, as pandas has them, parted into features, targets and predictions."""
        return EvaluationDataset(
            self._frame(),
            targets=self._targets,
            name=self.name,
            path=path,
            feature_names=feature_names,
            predictions=self._predictions,
            digest=self.digest,
        )
