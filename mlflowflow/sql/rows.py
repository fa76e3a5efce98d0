"""From facts to Arrow: one function per view that fits in memory; the points of metrics do not.

This module imports pyarrow; the modules that need it import it inside their functions.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from mlflowflow.registry.change import to_json
from mlflowflow.sql.views import VIEWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mlflowflow.registry.entry import Entry
    from mlflowflow.registry.version import RegisteredModel
    from mlflowflow.tracking.run import Experiment, Run

_SCHEMAS: Final = {view.name: view.schema for view in VIEWS}
_PARENT_TAG: Final = "mlflow.parentRunId"
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


def runs_table(runs: Sequence[Run]) -> Any:
    """Return one row per run."""
    columns = {
        "run_id": [run.info.run_id for run in runs],
        "experiment_id": [run.info.experiment_id for run in runs],
        "run_name": [run.info.run_name for run in runs],
        "status": [run.info.status.value for run in runs],
        "start_time": [moment(run.info.start_time) for run in runs],
        "end_time": [moment(run.info.end_time) for run in runs],
        "user_id": [run.info.user_id for run in runs],
        "lifecycle_stage": [run.info.lifecycle_stage.value for run in runs],
        "parent_run_id": [run.data.tags.get(_PARENT_TAG) for run in runs],
        "artifact_uri": [run.info.artifact_uri for run in runs],
        "metrics": _maps([run.data.metrics for run in runs], pa.float64()),
        "params": _maps([run.data.params for run in runs], pa.string()),
        "tags": _maps([run.data.tags for run in runs], pa.string()),
    }
    return pa.table(columns, schema=_SCHEMAS["runs"])


def latest_table(runs: Sequence[Run]) -> Any:
    """Return one row per run and metric."""
    return _long("latest_metrics", runs, lambda run: run.data.metrics)


def params_table(runs: Sequence[Run]) -> Any:
    """Return one row per run and param."""
    return _long("params", runs, lambda run: run.data.params)


def tags_table(runs: Sequence[Run]) -> Any:
    """Return one row per run and tag."""
    return _long("tags", runs, lambda run: run.data.tags)


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


def _long(name: str, runs: Sequence[Run], cells: Callable[[Run], Mapping[str, Any]]) -> Any:
    counts = pa.array([len(cells(run)) for run in runs], pa.int32())
    places = _repeated(counts)
    columns = [
        pa.array([run.info.experiment_id for run in runs], pa.string()).take(places),
        pa.array([run.info.run_id for run in runs], pa.string()).take(places),
        pa.array(list(chain.from_iterable(cells(run) for run in runs)), pa.string()),
        pa.array(
            list(chain.from_iterable(cells(run).values() for run in runs)), _SCHEMAS[name].field("value").type
        ),
    ]
    return pa.Table.from_arrays(columns, schema=_SCHEMAS[name])


def _repeated(counts: Any) -> Any:
    """Return each place as often as it counts: 2, 0, 1 give 0, 0, 2."""
    return pa.array(
        [place for place, count in enumerate(counts.to_pylist()) for _ in range(count)], pa.int64()
    )


def _maps(cells: Sequence[Mapping[str, Any]], kind: Any) -> Any:
    """Return a column of maps; made from three flat columns, which is several times faster than from rows."""
    ends = [0]
    for each in cells:
        ends.append(ends[-1] + len(each))
    keys = pa.array(list(chain.from_iterable(cells)), pa.string())
    items = pa.array(list(chain.from_iterable(each.values() for each in cells)), kind)
    return pa.MapArray.from_arrays(pa.array(ends, pa.int32()), keys, items)
