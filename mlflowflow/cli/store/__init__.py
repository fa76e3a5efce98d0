"""``mlff store``: look after the store."""

from __future__ import annotations

import click

from mlflowflow.cli.store.health import doctor, fsck
from mlflowflow.cli.store.layout import layout
from mlflowflow.cli.store.merging import merge
from mlflowflow.cli.store.size import show, stats
from mlflowflow.cli.store.upkeep import compact, gc, reap, recover


@click.group()
def store() -> None:
    """Look after the store: what it is, whether it is whole, and what has to be done now and then.

    \b
      mlff store doctor            is the place fit to be a store, and this machine to use it?
      mlff store fsck              is everything in it as it was written?
      mlff store stats             how large is it, and what would it cost in a bucket?
    """  # noqa: D301 - backspace is how click is told to leave lines as they are


for command in (show, doctor, fsck, stats, compact, gc, reap, recover, merge, layout):
    store.add_command(command)
