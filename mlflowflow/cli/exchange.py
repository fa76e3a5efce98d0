"""``mlff import``: bring runs and models over from MLflow."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from mlflowflow.cli.context import json_option, open_catalog, open_tracker, store_option
from mlflowflow.cli.render import print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.exchange.report import Report

#: What the exit code says if something could not be brought over.
_INCOMPLETE = 1


@click.group("import")
def import_group() -> None:
    """Bring runs and models over from MLflow."""


@import_group.command("mlflow")
@click.argument("uri")
@click.option(
    "--experiment", "names", multiple=True, metavar="NAME", help="Only this one.  [default: all; repeatable]"
)
@click.option("--no-artifacts", "without_files", is_flag=True, help="Leave files where they are.")
@click.option("--no-models", "without_models", is_flag=True, help="Leave registered models out.")
@store_option
@json_option
def import_mlflow(
    *,
    uri: str,
    names: tuple[str, ...],
    without_files: bool,
    without_models: bool,
    store: str | None,
    as_json: bool,
) -> int:
    """Bring everything in the MLflow store at URI over: a folder, a SQLite file, or a server.

    Ids, times, authors, every point of every metric, params, tags, datasets, files, logged models,
    registered models with their stages and aliases keep what they are. Nothing is written to URI.
    Repeating it adds what came since, and nothing twice.

    \b
      mlff import mlflow ./mlruns
      mlff import mlflow sqlite:///mlflow.db --experiment digits
      mlff import mlflow http://localhost:5000
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    from mlflowflow.exchange.importing import Wanted, import_store
    from mlflowflow.exchange.opening import open_source

    wanted = Wanted(experiments=frozenset(names), files=not without_files, models=not without_models)
    source = open_source(uri)
    with open_tracker(store) as tracker:
        catalog = None if without_models else open_catalog(store)
        report = import_store(
            source, tracker=tracker, catalog=catalog, wanted=wanted, progress=_progress(as_json=as_json)
        )
    if as_json:
        print_json(report.to_dict())
    else:
        print_report(report)
    return _INCOMPLETE if report.problems else 0


def print_report(report: Report) -> None:
    """Print what there was, what of it was new, and what went wrong."""
    from mlflowflow.exchange.report import NOUNS

    rows = [
        (noun, f"{getattr(report.found, name):,}", f"{getattr(report.new, name):,}")
        for name, noun in NOUNS.items()
        if getattr(report.found, name)
    ]
    print_table(("", "found", "new"), rows, empty="There was nothing in it.")
    for problem in report.problems:
        click.echo(f"! {problem}", err=True)


def _progress(*, as_json: bool) -> Callable[[str, int], None]:
    """Return what shows how far it is, on a terminal in one line, elsewhere not at all."""
    if as_json or not sys.stderr.isatty():
        return lambda _experiment, _done: None
    return lambda experiment, done: click.echo(f"\r{experiment}: {done} runs", err=True, nl=False)
