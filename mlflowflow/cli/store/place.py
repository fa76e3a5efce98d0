"""What the commands of ``mlff store`` share: the store itself, its spool, and progress on a terminal."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from mlflowflow.cli.context import settings_for

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from mlflowflow.maintenance.finding import Finding
    from mlflowflow.storage.blob import BlobStore

#: Progress is shown after so many objects.
_EVERY = 20


def open_blobs(store: str | None) -> BlobStore:
    """Open the store's objects; nothing is read or written yet."""
    from mlflowflow.storage.location import open_store

    return open_store(settings_for(store).tracking_uri)


def spool_of(store: str | None) -> Path | None:
    """Return where records for the store wait on this machine, None if they never do."""
    from mlflowflow.tracking.lifetime import spool_folder

    return settings_for(store).spool_dir or spool_folder(open_blobs(store))


class Progress:
    """Count objects on the terminal's last line; without a terminal nothing is shown."""

    def __init__(self, verb: str) -> None:
        """Say what is done to the objects, such as "read"."""
        self._verb = verb
        self._is_shown = sys.stderr.isatty()
        self._width = 0

    def __call__(self, done: int, total: int | None = None) -> None:
        """Show how many there have been."""
        if self._is_shown and done % _EVERY == 0:
            of_all = "" if total is None else f" of {total}"
            self._write(f"{done}{of_all} objects {self._verb}")

    def clear(self) -> None:
        """Leave the line empty."""
        if self._width:
            self._write("")

    def _write(self, text: str) -> None:
        click.echo(f"\r{text:<{self._width}}\r{text}", nl=False, err=True)
        self._width = len(text)


@contextmanager
def progress(verb: str) -> Generator[Progress]:
    """Show progress as long as the block lasts."""
    shown = Progress(verb)
    try:
        yield shown
    finally:
        shown.clear()


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return a finding for machines."""
    return {
        "level": str(finding.level),
        "subject": finding.subject,
        "trouble": None if finding.trouble is None else str(finding.trouble),
        "sentence": finding.sentence,
        "advice": finding.advice,
    }


def fail_if(failed: object) -> None:
    """End the command with exit code 1 if something `failed`, after everything has been printed."""
    if failed:
        raise click.exceptions.Exit(1)
