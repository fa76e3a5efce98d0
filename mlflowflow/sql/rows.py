"""From facts to Arrow, for the views that are small: experiments, models and decisions.

This module imports pyarrow; the modules that need it import it inside their functions.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from mlflowflow.registry.change import to_json
from mlflowflow.sql.views import VIEWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mlflowflow.registry.entry import Entry
    from mlflowflow.registry.version import RegisteredModel
    from mlflowflow.tracking.logged.model import LoggedModel
    from mlflowflow.tracking.run import Experiment

_SCHEMAS: Final = {view.name: view.schema for view in VIEWS}
#: The first and the last millisecond that SQL and Python both have a date for: the years 1 to 9999.
FIRST_MS: Final = -62_135_596_800_000
LAST_MS: Final = 253_402_300_799_999


def experiments_table(experiments: Sequence[Experiment]) -> Any:
    """Return one row per experiment."""
    rows = [
        (
            each.experiment_id,
            each.name,
            each.lifecycle_stage.value,
            moment(each.creation_time),
            moment(each.last_update_time),
            each.artifact_location,
            list(each.tags.items()),
        )
        for each in experiments
    ]
    return _table("experiments", rows)


def logged_models_table(models: Sequence[LoggedModel]) -> Any:
    """Return one row per logged model; of each metric the latest point on whatever dataset."""
    rows = [
        (
            each.model_id,
            each.experiment_id,
            each.name,
            each.status.value,
            each.model_type,
            each.source_run_id,
            moment(each.creation_timestamp),
            moment(each.last_updated_timestamp),
            each.artifact_location,
            list(_latest(each).items()),
            list(each.params.items()),
            list(each.tags.items()),
        )
        for each in models
    ]
    return _table("logged_models", rows)


def _latest(model: LoggedModel) -> dict[str, float]:
    points = sorted(model.metrics or (), key=lambda point: (point.key, point.step, point.timestamp))
    return {point.key: point.value for point in points}


def models_table(models: Sequence[RegisteredModel]) -> Any:
    """Return one row per version."""
    rows = [
        (
            each.name,
            each.version,
            each.stage.value,
            list(each.aliases),
            each.run_id,
            each.source,
            each.digest,
            each.description,
            moment(each.creation_time),
            moment(each.last_updated_time),
            list(each.tags.items()),
        )
        for model in models
        for each in model.versions
    ]
    return _table("models", rows)


def decisions_table(entries: Iterable[Entry]) -> Any:
    """Return one row per decision."""
    return _table("decisions", [_decision(entry) for entry in entries])


def moment(time_ms: int | None) -> int | None:
    """Return a time in milliseconds as SQL's microseconds, or None if it is none or not of this era.

    >>> moment(1), moment(2**63 - 1)
    (1000, None)
    """
    return time_ms * 1000 if time_ms is not None and FIRST_MS <= time_ms <= LAST_MS else None


def _decision(entry: Entry) -> tuple[Any, ...]:
    change = entry.change
    return (
        entry.model,
        entry.seq,
        entry.at_us,
        entry.actor,
        change.kind,
        getattr(change, "sentence", "") or entry.reason,
        getattr(change, "version", None),
        getattr(change, "alias", None),
        getattr(change, "verdict", None),
        json.dumps(to_json(change), sort_keys=True, ensure_ascii=False),
    )


def _table(name: str, rows: Sequence[tuple[Any, ...]]) -> Any:
    schema = _SCHEMAS[name]
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in schema.names]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
