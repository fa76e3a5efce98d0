"""Rows as a table for people, or as JSON, CSV or a Parquet file for programs: one option each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mlflowflow.cli.render import print_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Form(StrEnum):
    """How an answer is wanted."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """The form of an answer, and the file if it is to be one."""

    form: Form = Form.TABLE
    path: Path | None = None

    def write(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """Print `columns`, all of one length, as CSV or JSON, or write them as a Parquet file.

        A table for people is drawn by the command, who knows what they look for.
        """
        match self.form:
            case Form.JSON:
                names = list(columns)
                print_json(
                    [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]
                )
            case Form.CSV:
                _print_csv(columns)
            case _:
                _write_parquet(columns, self.path or Path("out.parquet"))


def output_options(command: _Command) -> _Command:
    """Add ``--json``, ``--csv`` and ``--parquet FILE``; the command gets an `Output` as ``output``."""

    @wraps(command)
    def with_output(*args: Any, as_json: bool, as_csv: bool, parquet: Path | None, **options: Any) -> Any:
        if as_json + as_csv + (parquet is not None) > 1:
            raise click.UsageError("--json, --csv and --parquet are three forms of one answer; choose one.")
        form = Form.JSON if as_json else Form.CSV if as_csv else Form.PARQUET if parquet else Form.TABLE
        return command(*args, output=Output(form=form, path=parquet), **options)

    file = click.Path(dir_okay=False, path_type=Path)
    for option in (
        click.option("--parquet", metavar="FILE", type=file, help="Write a Parquet file."),
        click.option("--csv", "as_csv", is_flag=True, help="Print CSV."),
        click.option("--json", "as_json", is_flag=True, help="Print JSON for machines."),
    ):
        with_output = option(with_output)
    return with_output  # type: ignore[return-value] # the wrapper takes what the command's callers give


def _print_csv(columns: Mapping[str, Sequence[Any]]) -> None:
    from mlflowflow.sql.export import csv_texts

    for text in csv_texts(_batches(columns)):
        click.echo(text, nl=False)


def _write_parquet(columns: Mapping[str, Sequence[Any]], path: Path) -> None:
    from mlflowflow.sql.export import write_parquet

    rows = write_parquet(_batches(columns), path)
    click.echo(f"{path}: {rows} {'row' if rows == 1 else 'rows'}")


def _batches(columns: Mapping[str, Sequence[Any]]) -> Iterable[Any]:
    import pyarrow as pa

    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    return [pa.RecordBatch.from_pylist([], schema=table.schema), *table.to_batches()]
