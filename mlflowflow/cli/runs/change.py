"""``mlff runs rename | tag | end | delete | restore``: small corrections by hand."""

from __future__ import annotations

import click

from mlflowflow.cli.complete import run_ids
from mlflowflow.cli.context import open_tracker, store_option
from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.run import TERMINAL, RunStatus


@click.command("rename")
@click.argument("run_id", shell_complete=run_ids)
@click.argument("name")
@store_option
def rename(*, run_id: str, name: str, store: str | None) -> None:
    """Give a run another name."""
    with open_tracker(store) as tracker:
        tracker.get_run(run_id)
        tracker.log_batch(run_id, tags={"mlflow.runName": name})
    click.echo(f"{run_id} is named {name}.")


@click.command("tag")
@click.argument("run_id", shell_complete=run_ids)
@click.argument("key")
@click.argument("value", required=False)
@click.option("--delete", "remove", is_flag=True, help="Remove the tag.")
@store_option
def tag(*, run_id: str, key: str, value: str | None, remove: bool, store: str | None) -> None:
    """Set a tag of a run, or remove one."""
    if (value is None) != remove:
        raise click.UsageError("Give a VALUE to set the tag, or --delete to remove it.")
    with open_tracker(store) as tracker:
        tracker.get_run(run_id)
        if value is None:
            tracker.delete_tag(run_id, key)
        else:
            tracker.log_batch(run_id, tags={key: value})
    click.echo(f"{key} is {'removed' if value is None else value}.")


@click.command("end")
@click.argument("run_id", shell_complete=run_ids)
@click.option(
    "--status",
    type=click.Choice([status.value for status in RunStatus if status in TERMINAL]),
    default=RunStatus.KILLED.value,
    show_default=True,
)
@store_option
def end(*, run_id: str, status: str, store: str | None) -> None:
    """Mark a run as ended.

    That is for a run whose process can no longer do it. No process is stopped.
    """
    with open_tracker(store) as tracker:
        found = tracker.get_run(run_id).info.status
        if found.is_terminal:
            raise InvalidInput(f"The run '{run_id}' has ended already: it is {found}. Nothing was changed.")
        tracker.end_run(run_id, RunStatus(status))
    click.echo(f"{run_id} is {status}.")


@click.command("delete")
@click.argument("run_ids", nargs=-1, required=True, metavar="RUN_ID...", shell_complete=run_ids)
@store_option
def delete(*, run_ids: tuple[str, ...], store: str | None) -> None:
    """Put runs out of use. Nothing is removed: 'mlff runs restore' takes it back."""
    with open_tracker(store) as tracker:
        for run_id in run_ids:  # first all of them, so that a typing mistake changes nothing
            tracker.get_run(run_id)
        for run_id in run_ids:
            tracker.delete_run(run_id)
            click.echo(f"{run_id} is deleted.")


@click.command("restore")
@click.argument("run_ids", nargs=-1, required=True, metavar="RUN_ID...")
@store_option
def restore(*, run_ids: tuple[str, ...], store: str | None) -> None:
    """Put deleted runs back into use."""
    with open_tracker(store) as tracker:
        for run_id in run_ids:
            tracker.get_run(run_id)
        for run_id in run_ids:
            tracker.restore_run(run_id)
            click.echo(f"{run_id} is restored.")
