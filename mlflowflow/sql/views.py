"""The tables that SQL sees: their names, columns, types, and what each is for.

This is the contract with people's saved statements. Columns may be added; none changes its meaning or
goes. Names are MLflow's where MLflow has one.

Times are in UTC and without a zone, so that a statement means the same on every machine. A time that
a client logged outside the years 1 to 9999 has no such form and is NULL; `metrics.timestamp` always
holds what was logged.

This module imports pyarrow; the modules that need it import it inside their functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

_TEXT: Final = pa.string()
_NUMBER: Final = pa.int64()
_VALUE: Final = pa.float64()
_TEXTS: Final = pa.map_(pa.string(), pa.string())
_VALUES: Final = pa.map_(pa.string(), pa.float64())
_NAMES: Final = pa.list_(pa.string())
#: A moment in UTC; microseconds, because that is what SQL's TIMESTAMP counts.
_TIME: Final = pa.timestamp("us")

#: How SQL calls the types above.
_SQL_TYPES: Final = {
    _TEXT: "VARCHAR",
    _NUMBER: "BIGINT",
    _VALUE: "DOUBLE",
    _TEXTS: "MAP(VARCHAR, VARCHAR)",
    _VALUES: "MAP(VARCHAR, DOUBLE)",
    _NAMES: "VARCHAR[]",
    _TIME: "TIMESTAMP",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its `name`, its Arrow type `kind`, and its `meaning` (a phrase)."""

    name: str
    kind: Any
    meaning: str

    @property
    def sql_type(self) -> str:
        """The type as SQL calls it."""
        return _SQL_TYPES[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One table that statements may name: its `name`, its `meaning` (a sentence) and its `columns`."""

    name: str
    meaning: str
    columns: tuple[Column, ...]

    @property
    def schema(self) -> Any:
        """The columns as an Arrow schema."""
        return pa.schema([(column.name, column.kind) for column in self.columns])


def _view(name: str, meaning: str, *columns: tuple[str, Any, str]) -> View:
    made = tuple(Column(name=each, kind=kind, meaning=phrase) for each, kind, phrase in columns)
    return View(name=name, meaning=meaning, columns=made)


_EXPERIMENT: Final = ("experiment_id", _TEXT, "the experiment the run belongs to")
_RUN: Final = ("run_id", _TEXT, "the run")
_STAGE: Final = "'active' or 'deleted'"

#: Every view, in the order they are listed.
VIEWS: Final = (
    _view(
        "experiments",
        "One row per experiment, deleted ones included.",
        ("experiment_id", _TEXT, "its id, which never changes"),
        ("name", _TEXT, "its present name"),
        ("lifecycle_stage", _TEXT, _STAGE),
        ("creation_time", _TIME, "when it was created"),
        ("last_update_time", _TIME, "when it was last changed"),
        ("artifact_location", _TEXT, "where its runs' artifacts lie"),
        ("tags", _TEXTS, "its tags: tags['team']"),
    ),
    _view(
        "runs",
        "One row per run, deleted ones included, with what it logged as maps.",
        ("run_id", _TEXT, "its id"),
        _EXPERIMENT,
        ("run_name", _TEXT, "its name"),
        ("status", _TEXT, "RUNNING, SCHEDULED, FINISHED, FAILED or KILLED"),
        ("start_time", _TIME, "when it began"),
        ("end_time", _TIME, "when it ended; NULL while it runs"),
        ("user_id", _TEXT, "who began it"),
        ("lifecycle_stage", _TEXT, _STAGE),
        ("parent_run_id", _TEXT, "the run it is nested in, or NULL"),
        ("artifact_uri", _TEXT, "where its artifacts lie"),
        ("metrics", _VALUES, "the latest value of each metric: metrics['loss']"),
        ("params", _TEXTS, "its params: params['depth']"),
        ("tags", _TEXTS, "its tags: tags['team']"),
        ("attempt", _NUMBER, "in which attempt it is, 1 unless it was tried again"),
    ),
    _view(
        "metrics",
        "One row per logged point, without those of earlier attempts of a run.",
        _EXPERIMENT,
        _RUN,
        ("key", _TEXT, "the metric's name"),
        ("step", _NUMBER, "the step"),
        ("ts", _TIME, "when it was logged"),
        ("timestamp", _NUMBER, "the same in milliseconds since 1970, exactly as logged"),
        ("value", _VALUE, "the value; NaN and infinities as they are"),
    ),
    _view(
        "latest_metrics",
        "One row per run and metric: its latest point, the one that searches compare.",
        _EXPERIMENT,
        _RUN,
        ("key", _TEXT, "the metric's name"),
        ("step", _NUMBER, "the greatest step"),
        ("ts", _TIME, "when it was logged; of equal steps the latest counts"),
        ("timestamp", _NUMBER, "the same in milliseconds since 1970, exactly as logged"),
        ("value", _VALUE, "the value"),
    ),
    _view(
        "params",
        "One row per run and param.",
        _EXPERIMENT,
        _RUN,
        ("key", _TEXT, "the param's name"),
        ("value", _TEXT, "its text; CAST(value AS DOUBLE) for numbers"),
    ),
    _view(
        "tags",
        "One row per run and tag.",
        _EXPERIMENT,
        _RUN,
        ("key", _TEXT, "the tag's name"),
        ("value", _TEXT, "its text"),
    ),
    _view(
        "logged_models",
        "One row per logged model that was not deleted.",
        ("model_id", _TEXT, "its id"),
        ("experiment_id", _TEXT, "the experiment the model belongs to"),
        ("name", _TEXT, "its name, which others may have too"),
        ("status", _TEXT, "PENDING, READY, FAILED or UNSPECIFIED"),
        ("model_type", _TEXT, "its type, or NULL"),
        ("source_run_id", _TEXT, "the run that made it, or NULL"),
        ("creation_time", _TIME, "when it was begun"),
        ("last_updated_time", _TIME, "when its status was last set"),
        ("artifact_location", _TEXT, "where its files lie"),
        ("metrics", _VALUES, "the latest value of each metric that was linked to it"),
        ("params", _TEXTS, "its params"),
        ("tags", _TEXTS, "its tags"),
    ),
    _view(
        "models",
        "One row per version of a registered model.",
        ("name", _TEXT, "the model's name"),
        ("version", _NUMBER, "the version's number"),
        ("stage", _TEXT, "None, Staging, Production or Archived"),
        ("aliases", _NAMES, "the aliases that point to it: list_contains(aliases, 'champion')"),
        ("run_id", _TEXT, "the run that made it, or NULL"),
        ("source", _TEXT, "where its files are"),
        ("digest", _TEXT, "the SHA-256 over its files, or NULL"),
        ("description", _TEXT, "what somebody wrote about it"),
        ("creation_time", _TIME, "when it was registered"),
        ("last_updated_time", _TIME, "when it was last changed"),
        ("tags", _TEXTS, "its tags"),
    ),
    _view(
        "decisions",
        "One row per decision in the registry: the whole history, refusals of gates included.",
        ("model", _TEXT, "the model that was decided about"),
        ("number", _NUMBER, "the decision's place in the model's history, from 0"),
        ("time", _TIME, "when"),
        ("who", _TEXT, "who decided"),
        ("what", _TEXT, "the kind of change, such as 'alias.promoted'"),
        ("why", _TEXT, "the verdict's sentence, or the reason somebody gave"),
        ("version", _NUMBER, "the version it is about, or NULL"),
        ("alias", _TEXT, "the alias it is about, or NULL"),
        ("verdict", _TEXT, "the digest of a gate's verdict, or NULL"),
        ("change", _TEXT, "everything about the change, as JSON"),
    ),
)
