"""Data as an evaluation takes it: features, targets and predictions parted, each row at one place."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.data.digest_utils import pandas
from mlflowflow.errors import InvalidInput
from mlflowflow.models.inference import is_array, is_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

_AXES: Final = 2


class EvaluationDataset:
    """Features with their names and, if there are any, targets and predictions.

    Of a table, `targets` and `predictions` name columns; of an array, `targets` is another one. The
    attributes are MLflow's: `features_data`, `feature_names`, `labels_data`, `predictions_data`.
    """

    def __init__(
        self,
        data: Any,
        *,
        targets: Any = None,
        name: str | None = None,
        path: str | None = None,
        feature_names: Sequence[str] | None = None,
        predictions: str | None = None,
        digest: str | None = None,
    ) -> None:
        """Part the data. Raises `InvalidInput` if the parts do not fit together."""
        for role, text in (("name", name), ("path", path)):
            if text is not None and '"' in text:
                raise InvalidInput(f"A dataset's {role} cannot contain a double quote, as '{text}' does.")
        names = None if feature_names is None else list(feature_names)
        if names is not None and len(set(names)) < len(names):
            raise InvalidInput(f"The feature names {names} are not all different.")
        self._name = name
        self.path = path
        self.digest = digest
        self.features_data: Any
        self.feature_names: list[Any]
        self.labels_data: Any = None
        self.predictions_data: Any = None
        self.targets_name: str | None = None
        self.predictions_name: str | None = None
        #: whether the names of the features are made up, because an array has none
        self.names_generated = names is None and not is_frame(data)
        if is_frame(data):
            self._part_table(data, targets, predictions, names)
        else:
            self._part_array(data, targets, predictions, names)

    def _part_table(self, data: Any, targets: Any, predictions: Any, names: list[str] | None) -> None:
        for role, column in (("targets", targets), ("predictions", predictions)):
            if column is not None and (not isinstance(column, str) or column not in data.columns):
                raise InvalidInput(
                    f"Of a table, `{role}` is the name of a column of it; found {_short(column)}, "
                    f"and the columns {', '.join(map(str, data.columns[:20]))}."
                )
        self.targets_name, self.predictions_name = targets, predictions
        if targets is not None:
            self.labels_data = data[targets].to_numpy()
        if predictions is not None:
            self.predictions_data = data[predictions].to_numpy()
        if names is None:
            drop = [column for column in (targets, predictions) if column is not None]
            self.features_data = data.drop(columns=drop)
            self.feature_names = [
                column if isinstance(column, str) else f"feature_{column}" for column in self.features_data
            ]
            return
        absent = [name for name in names if name not in data.columns]
        if absent:
            raise InvalidInput(f"The table has no column {absent[0]!r} to take a feature from.")
        self.features_data, self.feature_names = data[names], names

    def _part_array(self, data: Any, targets: Any, predictions: Any, names: list[str] | None) -> None:
        import numpy as np

        if predictions is not None:
            raise InvalidInput("`predictions` names a column, so the data must be a table.")
        if not (is_array(data) or isinstance(data, list)):
            raise InvalidInput(
                f"An evaluation takes a table, an array or a list of rows, not a {type(data).__name__}."
            )
        features = _array(data)
        if features.ndim != _AXES:
            raise InvalidInput(
                f"Rows of features make an array with two axes; found the shape {features.shape}."
            )
        if targets is not None and not (is_array(targets) or isinstance(targets, list)):
            raise InvalidInput(f"Of an array, `targets` is an array or a list; found {_short(targets)}.")
        self.features_data = features
        if targets is not None:
            self.labels_data = np.asarray(targets)
            if len(self.labels_data) != len(features):
                raise InvalidInput(f"There are {len(features)} rows and {len(self.labels_data)} targets.")
        width = features.shape[1]
        if names is not None and len(names) != width:
            raise InvalidInput(f"There are {width} features and {len(names)} names for them.")
        digits = math.ceil(math.log10(width + 1))
        self.feature_names = names or [f"feature_{place + 1:0{digits}d}" for place in range(width)]

    @property
    def has_targets(self) -> bool:
        """Whether it is known what is to be predicted."""
        return self.labels_data is not None

    @property
    def has_predictions(self) -> bool:
        """Whether predictions came with the data."""
        return self.predictions_data is not None

    @property
    def name(self) -> str:
        """The name, by default the hash."""
        return self.hash if self._name is None else self._name

    @property
    def hash(self) -> str:
        """A hash of all parts, row by row."""
        pd = pandas("The hash of a dataset")
        digest = hashlib.sha256(",".join(map(str, self.feature_names)).encode())
        for part in (self.features_data, self.labels_data, self.predictions_data):
            if part is not None:
                table = pd.DataFrame(part)
                try:
                    content = pd.util.hash_pandas_object(table).to_numpy().tobytes()
                except TypeError:  # lists and dictionaries in cells
                    content = table.to_json(default_handler=str).encode()
                digest.update(content)
        return digest.hexdigest()[:32]

    def frame(self) -> Any:
        """Return a copy of the features as a table under `feature_names`."""
        pd = pandas("An evaluation")
        table = pd.DataFrame(self.features_data).copy()
        return table.rename(columns=dict(zip(table.columns, self.feature_names, strict=False)))

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.features_data)


def _array(data: Any) -> Any:
    import numpy as np

    try:
        return np.asarray(data)
    except ValueError as error:
        raise InvalidInput(f"The rows of the data have different lengths ({error}).") from error


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"a {type(value).__name__}"  # noqa: PLR2004 - one line of a message
