"""``mlff import`` and ``mlff export``: bring runs and models over from MLflow, and back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from mlflowflow.cli.context import json_option, open_catalog, open_tracker, store_option
from mlflowflow.cli.render import print_json, print_table

if TYPE_CHECKING:
    from mlflowflow.exchange.report import Report

#: What the exit code says if something could not be brought over.
_INCOMPLETE: Final = 1
_uri = click.argument("uri")
_experiments = click.option(
    "--experiment", "names", multiple=True, metavar="NAME", help="Only this one.  [default: all; repeatable]"
)
_no_artifacts = click.option(
    "--no-artifacts", "without_files", is_flag=True, help="Leave files where they are."
)
_no_models = click.option("--no-models", "without_models", is_flag=True, help="Leave registered models out.")


@click.group("import")
def import_group() -> None:
    """Bring runs and models over from MLflow."""


@import_group.command("mlflow")
@_uri
@_experiments
@_no_artifacts
@_no_models
@click.option("--dry-run", is_flag=True, help="Count what is there, and write nothing.")
@store_option
@json_option
def import_mlflow(
    *,
    uri: str,
    names: tuple[str, ...],
    without_files: bool,
    without_models: bool,
    dry_run: bool,
    store: str | None,
    as_json: bool,
) -> int:
    """Bring everything in the MLflow store at URI over: a folder, a SQLite file, or a server.

    Ids, times, authors, every point of every metric, params, tags, datasets, files, logged models,
    registered models with their stages and aliases keep what they are. Nothing is written to URI.
    Repeating it adds what came since, and nothing twice. What cannot be read is named, the rest comes
    over, and the exit code is 1.

    \b
      mlff import mlflow ./mlruns --dry-run
      mlff import mlflow ./mlruns
      mlff import mlflow sqlite:///mlflow.db --experiment digits
      mlff import mlflow http://localhost:5000

    A server is asked as MLFLOW_TRACKING_USERNAME with MLFLOW_TRACKING_PASSWORD, or with
    MLFLOW_TRACKING_TOKEN.
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    from mlflowflow.exchange.counting import count_store
    from mlflowflow.exchange.importing import Wanted, import_store
    from mlflowflow.exchange.opening import open_source

    wanted = Wanted(experiments=frozenset(names), files=not without_files, models=not without_models)
    source = open_source(uri)
    progress = _Progress(shown=not as_json and sys.stderr.isatty())
    if dry_run:
        report = count_store(source, wanted=wanted, progress=progress)
    else:
        with open_tracker(store, owns_runs=False) as tracker:
            catalog = None if without_models else open_catalog(store)
            report = import_store(source, tracker=tracker, catalog=catalog, wanted=wanted, progress=progress)
    progress.end()
    return _told(report, as_json=as_json, dry_run=dry_run)


@click.group("export")
def export_group() -> None:
    """Write runs and models back into MLflow."""


@export_group.command("mlflow")
@_uri
@_experiments
@_no_artifacts
@_no_models
@click.option(
    "--artifacts-to",
    "files_to",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where files go with a SQLite file.  [default: mlruns beside it]",
)
@store_option
@json_option
def export_mlflow(
    *,
    uri: str,
    names: tuple[str, ...],
    without_files: bool,
    without_models: bool,
    files_to: Path | None,
    store: str | None,
    as_json: bool,
) -> int:
    """Write everything in the store into the MLflow store at URI: a SQLite file, or a server.

    Into a SQLite file everything goes under its own id, with its times. MLflow makes the tables first. A
    server gives ids of its own; ours are in the tags mlff.run_id and mlff.model_id. Nothing is changed
    here. Repeating it adds what came since, and nothing twice.

    \b
      mlflow db upgrade sqlite:///mlflow.db
      mlff export mlflow sqlite:///mlflow.db
      mlff export mlflow http://localhost:5000 --experiment digits
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    from mlflowflow.exchange.exporting import export_store
    from mlflowflow.exchange.importing import Wanted
    from mlflowflow.exchange.opening import open_target

    wanted = Wanted(experiments=frozenset(names), files=not without_files, models=not without_models)
    progress = _Progress(shown=not as_json and sys.stderr.isatty())
    with open_tracker(store) as tracker:
        target = open_target(uri, origin=tracker.uri, files_to=files_to)
        catalog = None if without_models else open_catalog(store)
        report = export_store(target, tracker=tracker, catalog=catalog, wanted=wanted, progress=progress)
        target.close()
    progress.end()
    return _told(report, as_json=as_json)


def _told(report: Report, *, as_json: bool, dry_run: bool = False) -> int:
    if as_json:
        print_json(report.to_dict())
    else:
        print_report(report, dry_run=dry_run)
    return _INCOMPLETE if report.problems else 0


def print_report(report: Report, *, dry_run: bool = False) -> None:
    """Print what there was, what of it was new, and what went wrong."""
    from mlflowflow.exchange.report import NOUNS

    rows = [
        (noun, *(f"{getattr(each, name):,}" for each in (report.found, report.new)[: 1 if dry_run else 2]))
        for name, noun in NOUNS.items()
        if getattr(report.found, name)
    ]
    columns = ("", "found") if dry_run else ("", "found", "new")
    print_table(columns, rows, empty="There was nothing in it.")
    for problem in report.problems:
        click.echo(f"! {problem}", err=True)


class _Progress:
    """Show how far it is: on a terminal in one line, elsewhere not at all."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown
        self._width = 0

    def __call__(self, experiment: str, done: int) -> None:
        if self._shown:
            self._write(f"{experiment}: {done:,} runs")

    def end(self) -> None:
        """Remove the line."""
        if self._width:
            self._write("")
            click.echo("\r", err=True, nl=False)

    def _write(self, text: str) -> None:
        click.echo(f"\r{text:<{self._width}}", err=True, nl=False)
        self._width = len(text)
