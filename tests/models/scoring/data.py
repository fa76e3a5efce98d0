"""Parquet files to score, and a model that answers what can be checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from mlflowflow.models.scoring.plan import Question

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mlflowflow.models.signature import ModelSignature

ALL = Question(columns=None, keep=(), params={}, prediction="prediction", batch_rows=4)


@dataclass(frozen=True)
class Doubler:
    """Answer with twice the column ``x``."""

    signature: ModelSignature | None = None

    def predict(self, data: Any, params: Mapping[str, Any] | None = None) -> Any:
        """Double, or fail where there is a 13."""
        if (data["x"] == 13).any():
            raise RuntimeError("unlucky")
        return data["x"] * (params or {}).get("factor", 2)


def write(path: Path, values: list[Any], *, group: int = 3) -> Path:
    """Write a file with the columns ``id`` (counted from 0) and ``x`` in row groups of `group` rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.table({"id": list(range(len(values))), "x": pa.array(values)})
    pq.write_table(table, path, row_group_size=group)
    return path
