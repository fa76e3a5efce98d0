"""Experiments and runs as tables by column, for the pages.

The columns come from the parts as Arrow tables: making a run of each of 50,000 rows would take seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias
from weakref import WeakKeyDictionary

import pyarrow as pa

from mlflowflow.errors import InvalidInput
from mlflowflow.ids import digest
from mlflowflow.server.handlers.best import best_of
from mlflowflow.server.shown import number
from mlflowflow.tracking.goals import Goal, goals_of
from mlflowflow.tracking.run import LifecycleStage, RunStatus
from mlflowflow.tracking.searching import matching_ids
from mlflowflow.tracking.table.segment import pc

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mlflowflow.server.desk import Desk
    from mlflowflow.server.message import Message
    from mlflowflow.server.sheets import (
        AskMatching,
        AskRuns,
        Best,
        ExperimentsSheet,
        Matching,
        OfExperiments,
        RunsColumns,
        RunsSheet,
    )
    from mlflowflow.tracking.run import Experiment
    from mlflowflow.tracking.table.reader import Reader

#: Names of columns that every run has, and the column of a runs part that each is.
_ATTRIBUTES: Final = {
    "run_id": "run_id",
    "run_name": "tags.mlflow.runName",
    "status": "status",
    "start_time": "start_time",
    "end_time": "end_time",
    "user_id": "user",
    "stage": "lifecycle_stage",
}
_FAMILIES: Final = ("params.", "metrics.", "metrics_min.", "metrics_max.", "tags.")
_LISTED: Final = ("params.", "metrics.", "tags.")
_NOTE: Final = "mlflow.note.content"
_PARENT: Final = "tags.mlflow.parentRunId"
_DELETED: Final = "deleted"
#: when the newest run began, how many are in each state, how many are nested, the best
_Summary: TypeAlias = "tuple[int | None, dict[str, int], int, Best | None]"
_SUMMARIES: Final[WeakKeyDictionary[Reader, dict[str, tuple[object, _Summary]]]] = WeakKeyDictionary()


# ---- versions ----------------------------------------------------------------------------------------------


def version_of_all(desk: Desk, _asked: Message) -> str:
    """Return what changes with any experiment or run."""
    return version_of(desk, [each.experiment_id for each in _experiments(desk)])


def version_of_some(desk: Desk, asked: OfExperiments) -> str:
    """Return what changes with the experiments that were asked about, or with any if none was named."""
    return version_of(desk, _ids(desk, asked.experiment))


def version_of(desk: Desk, experiment_ids: Sequence[str]) -> str:
    """Return what changes with any run of some experiments."""
    said = " ".join(f"{each}:{desk.tracker.reader.version(each)}" for each in experiment_ids)
    return digest(said.encode())


def _ids(desk: Desk, asked: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(asked)) or [each.experiment_id for each in _experiments(desk)]


def _experiments(desk: Desk) -> list[Experiment]:
    return list(desk.tracker.list_experiments(view="active"))


# ---- experiments -------------------------------------------------------------------------------------------


def experiments(desk: Desk, _asked: Message) -> ExperimentsSheet:
    """Return all experiments with what their runs came to."""
    rows = [(each, *_kept_summary(desk, each)) for each in _experiments(desk)]
    rows.sort(key=lambda row: (row[1] or 0, row[0].creation_time), reverse=True)
    return {
        "ids": [each.experiment_id for each, *_ in rows],
        "names": [each.name for each, *_ in rows],
        "created_ms": [each.creation_time for each, *_ in rows],
        "latest_ms": [latest for _, latest, *_ in rows],
        "running": [counts.get(RunStatus.RUNNING, 0) for *_, counts, _, _ in rows],
        "finished": [counts.get(RunStatus.FINISHED, 0) for *_, counts, _, _ in rows],
        "failed": [counts.get(RunStatus.FAILED, 0) for *_, counts, _, _ in rows],
        "killed": [counts.get(RunStatus.KILLED, 0) for *_, counts, _, _ in rows],
        "nested": [nested for *_, nested, _ in rows],
        "descriptions": [each.tags.get(_NOTE, "") for each, *_ in rows],
        "goals": [{metric: goal.value for metric, goal in goals_of(each.tags).items()} for each, *_ in rows],
        "best": [best for *_, best in rows],
    }


def _kept_summary(desk: Desk, experiment: Experiment) -> _Summary:
    """Return the summary of an experiment, made anew only if something happened in it.

    Of a thousand experiments one or two change at a time.
    """
    known = _SUMMARIES.setdefault(desk.tracker.reader, {})
    state = (desk.tracker.reader.version(experiment.experiment_id), dict(experiment.tags))
    found = known.get(experiment.experiment_id)
    if found is None or found[0] != state:
        found = known[experiment.experiment_id] = (state, _summary(desk, experiment))
    return found[1]


def _summary(desk: Desk, experiment: Experiment) -> _Summary:
    """Return when an experiment's newest run began, how many are in each state, how many nested, and the best."""
    metric, goal = next(iter(goals_of(experiment.tags).items()), (None, Goal.MAXIMIZE))
    end = f"metrics_{'max' if goal is Goal.MAXIMIZE else 'min'}.{metric}"
    of_metric = () if metric is None else (end, f"metrics.{metric}")
    names = ("run_id", "status", "start_time", "lifecycle_stage", _PARENT, *of_metric)
    table = _staged(_table(desk, [experiment.experiment_id], names), "active")
    if not len(table):
        return None, {}, 0, None
    counted = pc.value_counts(_column(table, "status").combine_chunks()).to_pylist()
    latest = pc.max(_milliseconds(table["start_time"])).as_py()
    nested = len(table) - table[_PARENT].null_count if _PARENT in table.column_names else 0
    values = None if metric is None else _column(table, end)
    best = None
    if metric is not None and values is not None:
        best = best_of(
            metric,
            goal,
            run_ids=table["run_id"].to_numpy(),
            starts=_milliseconds(table["start_time"]).to_numpy(),
            values=values.cast(pa.float64()).to_numpy(),
        )
    return latest, {each["values"]: each["counts"] for each in counted}, nested, best


# ---- runs --------------------------------------------------------------------------------------------------


def columns(desk: Desk, asked: OfExperiments) -> RunsColumns:
    """Return which params, metrics and tags the runs have."""
    table = _staged(_table(desk, _ids(desk, asked.experiment), _LISTED, "lifecycle_stage"), asked.stage)
    names = sorted(
        (name for name in table.column_names if name.startswith(_LISTED)),
        key=lambda name: ([name.startswith(each) for each in _LISTED].index(True), name),
    )
    return {
        "runs": len(table),
        "columns": [
            {
                "name": name,
                "filled": filled,
                "values": pc.count_distinct(table[name], mode="only_valid").as_py(),
            }
            for name in names
            if (filled := len(table) - table[name].null_count)
        ],
    }


def runs(desk: Desk, asked: AskRuns) -> RunsSheet:
    """Return the runs with the columns that were asked for; one that no run has is all null."""
    families = tuple(name.removesuffix("*") for name in asked.column if name.endswith(".*"))
    wanted = {name: _place(name) for name in asked.column if not name.endswith(".*")}
    ids = _ids(desk, asked.experiment)
    latest = [f"metrics.{each.partition('.')[2]}" for each in wanted.values() if each.startswith("metrics_")]
    table = _table(
        desk, ids, (*wanted.values(), *latest, *families, "run_id", "start_time", "lifecycle_stage")
    )
    table = _staged(table, asked.stage)
    if asked.run:
        table = table.filter(pc.is_in(table["run_id"], value_set=pa.array(asked.run, pa.string())))
    for name in table.column_names if families else ():
        if name.startswith(families) and table[name].null_count < len(table):
            wanted.setdefault(name, name)
    order = pc.sort_indices(table, sort_keys=[("start_time", "descending"), ("run_id", "descending")])
    table = table.take(order)
    return {
        "run_ids": table["run_id"].to_pylist(),
        "columns": {name: _cells(table, place) for name, place in wanted.items()},
    }


def matching(desk: Desk, asked: AskMatching) -> Matching:
    """Return the runs that the filter is true of. Raises `InvalidFilter` with the place of a mistake."""
    found = matching_ids(
        desk.tracker.reader,
        _ids(desk, asked.experiment),
        filter_string=asked.filter,
        view=asked.stage,
        tags_of=lambda each: desk.tracker.get_experiment(each).tags,
    )
    return {"run_ids": found}


def _place(name: str) -> str:
    if name in _ATTRIBUTES:
        return _ATTRIBUTES[name]
    if name == "experiment_id" or name.startswith(_FAMILIES):
        return name
    raise InvalidInput(
        f"Runs have no column '{name}'; expected one of {', '.join(_ATTRIBUTES)}, experiment_id, or a name after "
        f"{', '.join(_FAMILIES)}."
    )


def _table(desk: Desk, experiment_ids: Iterable[str], *wanted: str | Sequence[str]) -> Any:
    """Return all runs of the experiments with the columns that are `wanted` by name or by how they begin."""
    names = {each for one in wanted for each in ([one] if isinstance(one, str) else one)}
    beginnings = tuple(each for each in names if each.endswith("."))

    def is_wanted(name: str) -> bool:
        return name in names or (bool(beginnings) and name.startswith(beginnings))

    tables: list[Any] = []
    for experiment_id in experiment_ids:
        for each in desk.tracker.reader.run_rows(experiment_id).tables(is_wanted):
            column = pa.array([experiment_id], pa.string()).take(pa.array([0] * len(each), pa.int32()))
            tables.append(_plain(each).append_column("experiment_id", column))
    return pa.concat_tables(tables, promote_options="permissive") if tables else pa.table({"run_id": []})


def _plain(table: Any) -> Any:
    """Return a table without dictionaries: folded parts have them, what was said since has not."""
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(field.type.value_type))
    return table


def _staged(table: Any, stage: str) -> Any:
    if stage == "all" or not len(table):
        return table
    is_deleted = pc.equal(pc.fill_null(table["lifecycle_stage"], "active"), _DELETED)
    return table.filter(is_deleted if stage == _DELETED else pc.invert(is_deleted))


def _cells(table: Any, name: str) -> list[Any]:
    column = _column(table, name)
    if column is None:
        return [None] * len(table)
    if pa.types.is_timestamp(column.type):
        column = _milliseconds(column)
    found: list[Any] = column.to_pylist()
    if pa.types.is_floating(column.type) and not pc.all(pc.is_finite(column), min_count=0).as_py():
        return [None if each is None else number(each) for each in found]
    return found


def _column(table: Any, name: str) -> Any:
    """Return a column as it is meant: what is not stored because it is the usual thing is filled in."""
    found = table[name] if name in table.column_names else None
    if name == "status" and found is not None:
        return pc.if_else(pc.equal(found, ""), RunStatus.RUNNING.value, found)
    if name == "lifecycle_stage" and found is not None:
        return pc.if_else(pc.equal(found, ""), LifecycleStage.ACTIVE.value, found)
    if name.startswith(("metrics_min.", "metrics_max.")):
        latest = _column(table, f"metrics.{name.partition('.')[2]}")
        if latest is None:
            return None
        end = latest if found is None else pc.coalesce(found, latest)
        return pc.if_else(pc.is_nan(end), None, end)  # it is not known
    return found


def _milliseconds(column: Any) -> Any:
    return column.cast(pa.timestamp("ms")).cast(pa.int64()) if pa.types.is_timestamp(column.type) else column
