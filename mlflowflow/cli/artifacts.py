"""``mlff artifacts``: the files of a run or a logged model."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from mlflowflow.cli.complete import run_ids
from mlflowflow.cli.context import json_option, open_tracker, store_option
from mlflowflow.cli.render import print_json, print_table, size_text
from mlflowflow.tracking.artifacts.path import clean_path
from mlflowflow.tracking.artifacts.places import Place, all_in, fetch_first, places_of_run, read_first

if TYPE_CHECKING:
    from mlflowflow.tracking.tracker import Tracker

#: How the ids of logged models begin; no run's does.
_MODEL: Final = "m-"
_OWNER: Final = click.argument("owner", metavar="RUN_ID", shell_complete=run_ids)


@click.group()
def artifacts() -> None:
    """List, fetch, print, add and remove the files of a run.

    A model that the run logged is found under its name. Where a run's id is asked for, that of a logged
    model (m-...) does as well.

    \b
      mlff artifacts list 0192f0...
      mlff artifacts download 0192f0... model --to ./model
      mlff artifacts cat 0192f0... report.json | jq .accuracy
    """  # noqa: D301 - backspace is how click is told to leave lines as they are


@artifacts.command("list")
@_OWNER
@click.argument("path", default="")
@click.option("-r", "--recursive", is_flag=True, help="Also what is in folders.")
@store_option
@json_option
def list_artifacts(*, owner: str, path: str, recursive: bool, store: str | None, as_json: bool) -> None:
    """List the files in a folder, by default those at the top."""
    with open_tracker(store) as tracker:
        found = all_in(_places(tracker, owner, path))
        for at in found if recursive else ():  # the list grows while it is walked
            if at.is_dir:
                found.extend(all_in(_places(tracker, owner, at.path)))
    found.sort(key=lambda each: each.path)
    if as_json:
        print_json(
            [{"path": each.path, "is_dir": each.is_dir, "file_size": each.file_size} for each in found]
        )
        return
    rows = [
        (f"{each.path}/", "") if each.is_dir else (each.path, size_text(each.file_size or 0))
        for each in found
    ]
    print_table(("path", "size"), rows, empty=f"There are no files{f' in {path}' if path else ''}.")


@artifacts.command("download")
@_OWNER
@click.argument("path", default="")
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default="here",
    help="The folder to put it in; made if need be.",
)
@store_option
def download(*, owner: str, path: str, folder: Path, store: str | None) -> None:
    """Fetch a file or a folder, by default all, and print where it is."""
    with open_tracker(store) as tracker:
        folder.mkdir(parents=True, exist_ok=True)
        click.echo(fetch_first(_places(tracker, owner, path), folder))


@artifacts.command("cat")
@_OWNER
@click.argument("path")
@store_option
def cat(*, owner: str, path: str, store: str | None) -> None:
    """Print a file as it is."""
    with open_tracker(store) as tracker:
        content = read_first(_places(tracker, owner, path))
    click.echo(content, nl=False, file=getattr(sys.stdout, "buffer", sys.stdout))


@artifacts.command("upload")
@_OWNER
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--into", "folder", default="", metavar="FOLDER", help="The run's folder to put it in.")
@store_option
def upload(*, owner: str, source: Path, folder: str, store: str | None) -> None:
    """Add a file or a folder to a run; one of the same name is replaced."""
    with open_tracker(store) as tracker:
        files = tracker.artifacts(owner)
        files.put_path(source, folder or None)
        click.echo(files.uri(f"{folder}/{source.absolute().name}" if folder else source.absolute().name))


@artifacts.command("delete")
@_OWNER
@click.argument("path")
@click.option("--yes", is_flag=True, help="Do not ask.")
@store_option
def delete(*, owner: str, path: str, yes: bool, store: str | None) -> None:
    """Remove a file, or a folder and all in it. That cannot be taken back."""
    with open_tracker(store) as tracker:
        files = tracker.artifacts(owner)
        count = sum(1 for _ in files.walk(path)) or 1
        what = f"'{path}' of {owner}" if count == 1 else f"'{path}' of {owner}, {count} files"
        if not yes:
            click.confirm(f"Remove {what}, for good?", abort=True, err=True)
        files.delete(path)
    click.echo(f"Removed {what}.")


def _places(tracker: Tracker, owner: str, path: str) -> tuple[Place, ...]:
    """Return where a file may be: of a run also among the files of the models that it logged."""
    if owner.startswith(_MODEL):
        return (Place(files=tracker.model_artifacts(owner), path=clean_path(path)),)
    return places_of_run(tracker, owner, path)
