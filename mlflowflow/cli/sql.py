"""``mlff sql``: ask the store in SQL."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from mlflowflow.cli.context import json_option, open_catalog, open_tracker, store_option
from mlflowflow.cli.prompt import Prompt
from mlflowflow.cli.render import print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.sql.answer import Answer
    from mlflowflow.sql.database import Database
    from mlflowflow.tracking.tracker import Tracker

#: More rows than these are not for reading; --csv and --parquet have no bound.
_SHOWN: Final = 1000
_GREETING: Final = "SQL about {url}. End a statement with ';'. '.tables' explains the tables, '.quit' leaves."
_NO_RUNS: Final = "There are no runs in this store yet; 'mlff run PROJECT' makes some."


@click.command()
@click.argument("statement", required=False)
@click.option("--tables", is_flag=True, help="List the tables with their columns, and what each is for.")
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option(
    "--parquet", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write a Parquet file."
)
@click.option("--at", metavar="TIME", help="As it was then, in ISO 8601: 2026-11-23T12:00:00Z.")
@store_option
def sql(
    *,
    statement: str | None,
    tables: bool,
    as_json: bool,
    as_csv: bool,
    parquet: Path | None,
    at: str | None,
    store: str | None,
) -> None:
    """Ask the store in SQL, in DuckDB's dialect. Nothing is changed.

    \b
      mlff sql "SELECT run_name, metrics['loss'] AS loss FROM runs ORDER BY loss LIMIT 10"
      mlff sql "SELECT key, count(*) AS points FROM metrics GROUP BY key" --json
      mlff sql "SELECT * FROM metrics" --parquet metrics.parquet

    Without a statement they are asked for, one after the other, or read from standard input.
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    if as_json + as_csv + (parquet is not None) > 1:
        raise click.UsageError("--json, --csv and --parquet are three forms of one answer; choose one.")
    if tables:
        _list_tables(as_json=as_json)
        return
    with open_tracker(store) as tracker:
        form: Callable[[Answer], None] = partial(_print_table, tracker=tracker)
        if as_json or as_csv:
            form = _print_json if as_json else _print_csv
        elif parquet is not None:
            form = partial(_write_parquet, path=parquet)
        _Desk(tracker=tracker, store=store, at=at, form=form).serve(statement)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """Where statements come in and answers go out in one `form`. Each sees the store as it is then."""

    tracker: Tracker
    store: str | None
    at: str | None
    form: Callable[[Answer], None]

    def serve(self, statement: str | None) -> None:
        if statement is not None:
            self.answer(statement)
        elif sys.stdin.isatty():
            click.echo(_GREETING.format(url=self.tracker.uri))
            if not _any_runs(self.tracker):
                click.echo(_NO_RUNS)
            Prompt(answer=self.answer, commands={".tables": partial(_list_tables, as_json=False)}).run()
        else:
            self._read(sys.stdin.read())

    def answer(self, statement: str) -> None:
        with self._database() as database:
            self.form(database.ask(statement))

    def _read(self, text: str) -> None:
        with self._database() as database:
            statements = database.statements(text)
        for statement in statements or [text]:
            self.answer(statement)

    def _database(self) -> Database:
        from mlflowflow.sql.database import Database
        from mlflowflow.sql.source import Source, instant

        at_us = None if self.at is None else instant(self.at)
        return Database(Source(self.tracker, partial(open_catalog, self.store), at_us=at_us))


def _list_tables(*, as_json: bool) -> None:
    from mlflowflow.sql.views import VIEWS

    if as_json:
        print_json(
            [
                {
                    "table": view.name,
                    "meaning": view.meaning,
                    "columns": [
                        {"name": column.name, "type": column.sql_type, "meaning": column.meaning}
                        for column in view.columns
                    ],
                }
                for view in VIEWS
            ]
        )
        return
    for number, view in enumerate(VIEWS):
        rows = [(f"  {column.name}", column.sql_type, column.meaning) for column in view.columns]
        click.echo("\n" * bool(number) + f"{view.name}: {view.meaning}")
        print_table(("  column", "type", "meaning"), rows, empty="")


def _print_table(answer: Answer, *, tracker: Tracker) -> None:
    from mlflowflow.sql.export import plain_rows

    shown: list[tuple[str, ...]] = []
    for row in plain_rows(answer.batches(_SHOWN + 1)):
        if len(shown) == _SHOWN:
            click.echo(f"These are the first {_SHOWN} rows; --csv and --parquet give all.", err=True)
            break
        shown.append(tuple(_cell(value) for value in row))
    empty = "No rows." if shown or _any_runs(tracker) else f"No rows. {_NO_RUNS}"
    print_table(answer.columns, shown, empty=empty)


def _cell(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case dict():
            return "{" + ", ".join(f"{key}={_cell(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_cell, value)) + "]"
        case _:
            return str(value)


def _any_runs(tracker: Tracker) -> bool:
    ids = [each.experiment_id for each in tracker.list_experiments(view="all")]
    return bool(tracker.search_runs(ids, view="all", max_results=1))


def _print_json(answer: Answer) -> None:
    from mlflowflow.sql.export import BATCH_ROWS, json_lines

    for line in json_lines(answer.batches(BATCH_ROWS)):
        click.echo(line)


def _print_csv(answer: Answer) -> None:
    from mlflowflow.sql.export import BATCH_ROWS, csv_texts

    for text in csv_texts(answer.batches(BATCH_ROWS)):
        click.echo(text, nl=False)


def _write_parquet(answer: Answer, *, path: Path) -> None:
    from mlflowflow.sql.export import BATCH_ROWS, write_parquet

    rows = write_parquet(answer.batches(BATCH_ROWS), path)
    click.echo(f"{path}: {rows} {'row' if rows == 1 else 'rows'}")
