"""What commands share: the store they look at, from ``--store`` or the environment."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mlflowflow.clock import parse_instant
from mlflowflow.config import Settings
from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from mlflowflow.events.journal import Journal
    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.tracking.tracker import Tracker

_Command = TypeVar("_Command", bound=Callable[..., Any])


def store_option(command: _Command) -> _Command:
    """Add ``--store``."""
    return click.option(
        "--store",
        metavar="URL",
        help="The store: a directory or s3://bucket/prefix [default: $MLFLOWFLOW_TRACKING_URI or ./mlff-data].",
    )(command)


def json_option(command: _Command) -> _Command:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")(command)


def at_option(command: _Command) -> _Command:
    """Add ``--at``, a time in the past; the command gets it in microseconds."""
    return click.option(
        "--at",
        "at_us",
        metavar="TIME",
        callback=lambda _context, _option, text: _instant(text),
        help="As it was then, in ISO 8601: 2026-11-23T12:00:00Z.",
    )(command)


def _instant(text: str | None) -> int | None:
    try:
        return None if text is None else parse_instant(text)
    except ValueError as error:
        raise InvalidInput(
            f"'{text}' is no time; expected ISO 8601, such as 2026-11-23T12:00:00Z."
        ) from error


def settings_for(store: str | None) -> Settings:
    """Return the environment's settings, with `store` in place of its store."""
    settings = Settings.from_environ()
    return replace(settings, tracking_uri=store) if store else settings


@contextmanager
def open_tracker(store: str | None, *, owns_runs: bool = True) -> Generator[Tracker]:
    """Open the store for reading and writing runs, and close it.

    Without `owns_runs`, the runs that are written are those of others, and go on when this process dies.
    """
    from mlflowflow.storage.location import open_store
    from mlflowflow.tracking.tracker import Tracker
    from mlflowflow.tracking.writing.policy import Writing

    settings = settings_for(store)
    opened = open_store(settings.tracking_uri)
    writing = replace(Writing.of(settings), owns_runs=owns_runs)
    with Tracker(opened, user=settings.user, writing=writing) as tracker:
        yield tracker


def open_catalog(store: str | None) -> Catalog:
    """Open the registry."""
    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.storage.location import open_store

    return Catalog(open_store(registry_address(store)), actor=settings_for(store).user)


def registry_address(store: str | None) -> str:
    """Return where models are registered."""
    settings = settings_for(store)
    return store or settings.registry_uri or settings.tracking_uri


def open_journal(store: str | None) -> Journal:
    """Open the journal of events."""
    from mlflowflow.events.journal import Journal
    from mlflowflow.storage.location import open_store

    return Journal(open_store(settings_for(store).tracking_uri))
