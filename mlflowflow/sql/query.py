"""``mlflowflow.query``: ask a store in SQL."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal, overload

from mlflowflow.errors import InvalidInput
from mlflowflow.registry.current import catalog_at
from mlflowflow.sql.database import Database
from mlflowflow.sql.source import Source, instant
from mlflowflow.tracking.fluent.session import current_session, current_tracker

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import pandas as pd

    from mlflowflow.sql.database import Params


@overload
def query(
    statement: str,
    *,
    tracking_uri: str | Path | None = ...,
    params: Params = ...,
    at: str | datetime | None = ...,
    output_format: Literal["arrow"] = ...,
) -> Any: ...


@overload
def query(
    statement: str,
    *,
    tracking_uri: str | Path | None = ...,
    params: Params = ...,
    at: str | datetime | None = ...,
    output_format: Literal["pandas"],
) -> pd.DataFrame: ...


@overload
def query(
    statement: str,
    *,
    tracking_uri: str | Path | None = ...,
    params: Params = ...,
    at: str | datetime | None = ...,
    output_format: Literal["rows"],
) -> list[dict[str, Any]]: ...


def query(
    statement: str,
    *,
    tracking_uri: str | Path | None = None,
    params: Params = None,
    at: str | datetime | None = None,
    output_format: Literal["arrow", "pandas", "rows"] = "arrow",
) -> Any:
    """Return what a SQL statement finds in a store: an Arrow table, a pandas table, or dictionaries.

    The tables are experiments, runs, metrics, latest_metrics, params, tags, models and decisions;
    ``mlff sql --tables`` explains them. Whatever was logged is in them, by this process at once.
    `params` are the values of the statement's ``?`` or ``$name``. The dialect is DuckDB's, shut off
    from files, network and settings, so a statement may come from a stranger::

        mlflow.query("SELECT run_id, metrics['loss'] AS loss FROM runs ORDER BY loss LIMIT 10")
        mlflow.query("SELECT step, value FROM metrics WHERE run_id = ? AND key = 'loss'", params=[run_id])

    `at` (ISO 8601 or a datetime) asks how things stood then: models and decisions exactly, runs and
    metrics as of the last compaction before it, as far back as those are kept.

    Raises `InvalidInput` for a mistake in the statement, with its place, and `MissingExtra` if DuckDB
    (the extra "sql") is not installed.

    >>> with mlflow.start_run(run_name="baseline"):
    ...     mlflow.log_metric("loss", 0.5)
    >>> query("SELECT run_name, metrics['loss'] AS loss FROM runs", output_format="rows")
    [{'run_name': 'baseline', 'loss': 0.5}]
    """
    if output_format not in {"arrow", "pandas", "rows"}:
        raise InvalidInput(
            f"The output_format '{output_format}' is unknown; expected 'arrow', 'pandas' or 'rows'."
        )
    tracker = current_tracker() if tracking_uri is None else current_session().tracker(tracking_uri)
    at_us = None if at is None else instant(at)
    source = Source(tracker, partial(catalog_at, tracking_uri), at_us=at_us)
    with Database(source) as database:
        answer = database.ask(statement, params)
        forms = {"arrow": answer.table, "pandas": answer.frame, "rows": answer.rows}
        return forms[output_format]()
