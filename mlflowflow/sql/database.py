"""DuckDB, shut off from everything but the views of one store.

A statement may come from a stranger: there are no files, no network, no extensions, no variables of
this program and no changing of settings; what a statement can reach is what the views show. It runs
in memory and can change nothing. What it costs in time and memory is not bounded here.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias

from mlflowflow.errors import InvalidInput, MissingExtra, MlflowflowError
from mlflowflow.sql.answer import Answer
from mlflowflow.sql.interruption import interruptible

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from types import TracebackType

    from mlflowflow.sql.points import PointsDataset
    from mlflowflow.sql.source import Source

#: Values for a statement's ``?`` or for its ``$name``.
Params: TypeAlias = "Sequence[Any] | Mapping[str, Any] | None"

_SETTINGS: Final = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
}
#: The kinds of statement that read; a PIVOT is several statements to DuckDB.
_READING: Final = frozenset({"SELECT", "EXPLAIN", "MULTI"})
#: How a stored point becomes a row of `metrics`. `xor` with 0 changes nothing and keeps DuckDB from
#: handing a comparison of `timestamp` to Arrow, where the column of the files is of another type.
_METRICS: Final = (
    "experiment_id, run_id, key, step, "
    "CASE WHEN ts BETWEEN {first} AND {last} THEN make_timestamp_ms(ts) END AS ts, "
    "xor(ts, 0) AS timestamp, value"
)
_MISSING: Final = re.compile(r"Table with name (?P<name>\S+) does not exist")


class Database:
    """The views of one store, and the statements about them. For one thread.

    Raises `MissingExtra` if DuckDB is not installed.
    """

    def __init__(self, source: Source) -> None:
        """Offer the views of `source`; nothing is read yet."""
        self._duckdb = _duckdb()
        self._source = source
        self._lazy: list[Any] = []
        self._points: PointsDataset | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="mlflowflow-sql-")  # for what outgrows memory
        places = {"temp_directory": self._folder.name, "secret_directory": self._folder.name}
        settings = {**_SETTINGS, **places}
        self._connection = self._duckdb.connect(":memory:", config=settings)
        self._offer()
        self._connection.execute("SET lock_configuration = true")

    def ask(self, statement: str, params: Params = None) -> Answer:
        """Run one statement that reads, with values for its ``?`` or ``$name``.

        Raises `InvalidInput`, with the place DuckDB points at, for a mistake in the statement; whatever
        reading the store raises; and `CorruptData` if a part is damaged.
        """
        with self._translated(partial(self._repeated, statement, params)):
            self._demand_reading(statement)
            relation = interruptible(  # EXPLAIN ANALYZE runs here
                lambda: self._connection.sql(statement, params=_given(params)),
                interrupt=self._connection.interrupt,
            )
            return Answer(relation, translated=self._translated, interrupt=self._connection.interrupt)

    def statements(self, text: str) -> list[str]:
        """Return the statements in `text`, which are parted by semicolons. Raises `InvalidInput`."""
        with self._translated():
            return [each.query.strip() for each in self._connection.extract_statements(text)]

    def close(self) -> None:
        """Let go of memory and of temporary files."""
        self._connection.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        """Return the database itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    # ---- views ---------------------------------------------------------------------------------------------

    def _offer(self) -> None:
        from mlflowflow.sql import rows, wide
        from mlflowflow.sql.lazy import ColumnsDataset
        from mlflowflow.sql.points import POINTS_SCHEMA
        from mlflowflow.sql.views import VIEWS

        source = self._source
        runs = next(view.schema for view in VIEWS if view.name == "runs")
        openers: dict[str, Callable[[], Any]] = {
            "experiments": _in_memory(lambda: rows.experiments_table(source.experiments())),
            "runs": lambda: ColumnsDataset(runs, partial(wide.run_columns, source.run_rows())),
            "latest_metrics": _in_memory(lambda: wide.latest_table(source.run_rows())),
            "params": _in_memory(lambda: wide.params_table(source.run_rows())),
            "tags": _in_memory(lambda: wide.tags_table(source.run_rows())),
            "logged_models": _in_memory(lambda: rows.logged_models_table(source.logged_models())),
            "models": _in_memory(lambda: rows.models_table(source.models())),
            "decisions": _in_memory(lambda: rows.decisions_table(source.decisions())),
        }
        for view in VIEWS:
            if view.name in openers:
                self._relation(view.schema, openers[view.name]).create_view(view.name)
        metrics = _METRICS.format(first=rows.FIRST_MS, last=rows.LAST_MS)
        self._relation(POINTS_SCHEMA, self._open_points).project(metrics).create_view("metrics")

    def _relation(self, schema: Any, open_dataset: Callable[[], Any]) -> Any:
        from mlflowflow.sql.lazy import LazyDataset

        lazy = LazyDataset(schema, open_dataset)
        self._lazy.append(lazy)
        return self._connection.from_arrow(lazy)

    def _open_points(self) -> Any:
        from mlflowflow.sql.points import PointsDataset

        self._points = PointsDataset(self._source.store, self._source.points())
        return self._points.dataset

    # ---- statements ----------------------------------------------------------------------------------------

    def _demand_reading(self, statement: str) -> None:
        parsed = self._connection.extract_statements(statement)
        if len(parsed) != 1:
            found = f"there are {len(parsed)}" if parsed else "there is none"
            raise InvalidInput(f"Exactly one SQL statement can be asked at a time; {found}.")
        kind = _kind(parsed[0])
        if kind not in _READING:
            raise InvalidInput(
                f"Only statements that read can be asked, such as SELECT; this one is {kind}. "
                "Runs are logged and models are registered by their own calls."
            )

    def _repeated(self, statement: str, params: Params) -> None:
        """Run a refused statement again in the way in which DuckDB says where the mistake is."""
        self._connection.execute(statement, _given(params))

    @contextmanager
    def _translated(self, repeat: Callable[[], None] | None = None) -> Generator[None]:
        """Turn DuckDB's errors into ours."""
        import pyarrow as pa

        try:
            yield
        except (self._duckdb.Error, pa.ArrowException, OSError) as error:  # the last two: while rows stream
            raise self._reason(error, repeat) from error

    def _reason(self, error: Exception, repeat: Callable[[], None] | None) -> MlflowflowError:
        for lazy in self._lazy:
            if lazy.failure is not None:
                return _again(lazy.failure)
        if self._points is not None and (failure := self._points.failure()) is not None:
            return _again(failure)
        return InvalidInput(_sentence(self._located(error, repeat)))

    def _located(self, error: Exception, repeat: Callable[[], None] | None) -> str:
        if repeat is not None and "\nLINE " not in str(error):
            try:
                repeat()
            except self._duckdb.Error as located:
                return str(located)
        return str(error)


def _kind(statement: Any) -> str:
    try:
        name: str = statement.type.name
    except ValueError:  # DuckDB knows kinds that its Python package has no names for
        return "of another kind"
    return name


def _duckdb() -> Any:
    try:
        import duckdb
    except ImportError as error:
        raise MissingExtra("duckdb", extra="sql", purpose="Asking a store in SQL") from error
    return duckdb


def _in_memory(make: Callable[[], Any]) -> Callable[[], Any]:
    import pyarrow.dataset as ds

    return lambda: ds.InMemoryDataset(make())


def _again(failure: MlflowflowError) -> MlflowflowError:
    """Return an error that was raised inside DuckDB, to be raised once more."""
    return failure.with_traceback(None)


def _given(params: Params) -> Any:
    return None if params is None else dict(params) if isinstance(params, Mapping) else list(params)


def _sentence(message: str) -> str:
    """Return DuckDB's message, led by a sentence of ours where it names no table of this store."""
    found = _MISSING.search(message)
    if found is None:
        return f"DuckDB refused the statement. {message}"
    from mlflowflow.sql.views import VIEWS

    names = [view.name for view in VIEWS]
    close = get_close_matches(found["name"].strip('"').lower(), names, n=1)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    _, _, place = message.partition("\n\n")
    tables = f"There is no table '{found['name']}'.{hint} The tables are {', '.join(names)}."
    return f"{tables}\n\n{place}" if place else tables
