"""``mlff experiments``: list, show, make and change experiments."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import click

from mlflowflow.cli.complete import experiment_names
from mlflowflow.cli.context import json_option, open_tracker, store_option
from mlflowflow.cli.output import Form, Output, output_options
from mlflowflow.cli.render import print_json, print_table
from mlflowflow.clock import moment
from mlflowflow.errors import NotFound
from mlflowflow.tracking.validation import experiment_name

if TYPE_CHECKING:
    from mlflowflow.tracking.run import Experiment
    from mlflowflow.tracking.tracker import Tracker

_VIEWS: Final = ("active", "deleted", "all")
_NAME = click.argument("name", shell_complete=experiment_names)


@click.group()
def experiments() -> None:
    """List, show, make and change experiments.

    \b
      mlff experiments list
      mlff experiments tag digits mlff.goal.accuracy maximize
    """  # noqa: D301 - backspace is how click is told to leave lines as they are


@experiments.command("list")
@click.option("--view", type=click.Choice(_VIEWS), default="active", show_default=True)
@store_option
@output_options
def list_experiments(*, view: str, store: str | None, output: Output) -> None:
    """List experiments, the newest first."""
    with open_tracker(store) as tracker:
        found = sorted(tracker.list_experiments(view=view), key=lambda each: each.creation_time, reverse=True)
    if output.form is Form.JSON:
        print_json([experiment_to_json(each) for each in found])
    elif output.form is Form.TABLE:
        print_table(
            ("id", "name", "created"),
            [(each.experiment_id, each.name, moment(each.creation_time)) for each in found],
            empty="There are no experiments.",
        )
    else:
        output.write(
            {
                name: [experiment_to_json(each)[name] for each in found]
                for name in ("experiment_id", "name", "creation_time", "lifecycle_stage")
            }
        )


@experiments.command("show")
@_NAME
@store_option
@json_option
def show(*, name: str, store: str | None, as_json: bool) -> None:
    """Show an experiment: its tags, and its runs by state."""
    with open_tracker(store) as tracker:
        found = named(tracker, name)
        runs = tracker.reader.runs(found.experiment_id)
    states = Counter(run.info.status.value for run in runs if run.info.lifecycle_stage.value == "active")
    if as_json:
        print_json({**experiment_to_json(found), "runs": dict(states)})
        return
    click.echo(f"{found.name}  {found.lifecycle_stage.value}\nexperiment {found.experiment_id}")
    click.echo(f"created {moment(found.creation_time)}, artifacts in {found.artifact_location}")
    counted = ", ".join(f"{count} {state.lower()}" for state, count in sorted(states.items()))
    click.echo(f"runs: {counted or 'none'}")
    for key, value in sorted(found.tags.items()):
        click.echo(f"  {key}  {value}")


@experiments.command("create")
@click.argument("name")
@click.option("--tag", "tags", multiple=True, metavar="KEY=VALUE", help="May be repeated.")
@store_option
def create(*, name: str, tags: tuple[str, ...], store: str | None) -> None:
    """Make an experiment, and print its id."""
    wanted = dict(_pair(text) for text in tags)
    with open_tracker(store) as tracker:
        click.echo(tracker.create_experiment(experiment_name(name), tags=wanted))


@experiments.command("rename")
@_NAME
@click.argument("new_name")
@store_option
def rename(*, name: str, new_name: str, store: str | None) -> None:
    """Give an experiment another name."""
    with open_tracker(store) as tracker:
        tracker.rename_experiment(named(tracker, name).experiment_id, experiment_name(new_name))
    click.echo(f"{name} is named {new_name}.")


@experiments.command("tag")
@_NAME
@click.argument("key")
@click.argument("value")
@store_option
def tag(*, name: str, key: str, value: str, store: str | None) -> None:
    """Set a tag of an experiment.

    'mlff.goal.METRIC' set to maximize or minimize says which values of a metric are the better ones.
    """
    with open_tracker(store) as tracker:
        tracker.set_experiment_tag(named(tracker, name).experiment_id, key, value)
    click.echo(f"{key} is {value}.")


@experiments.command("delete")
@_NAME
@store_option
def delete(*, name: str, store: str | None) -> None:
    """Put an experiment and its runs out of use.

    Nothing is removed: 'mlff experiments restore' takes it back.
    """
    with open_tracker(store) as tracker:
        tracker.delete_experiment(named(tracker, name).experiment_id)
    click.echo(f"{name} is deleted.")


@experiments.command("restore")
@click.argument("name")
@store_option
def restore(*, name: str, store: str | None) -> None:
    """Put a deleted experiment back into use."""
    with open_tracker(store) as tracker:
        tracker.restore_experiment(named(tracker, name).experiment_id)
    click.echo(f"{name} is restored.")


def named(tracker: Tracker, name: str) -> Experiment:
    """Return the experiment of that name, or else of that id. Raises `NotFound`."""
    found = tracker.get_experiment_by_name(name)
    if found is not None:
        return found
    try:
        return tracker.get_experiment(name)
    except NotFound as error:
        hint = "'mlff experiments list --view all' names them all."
        raise NotFound("experiment", name, hint=hint) from error


def experiment_to_json(experiment: Experiment) -> dict[str, Any]:
    """Return an experiment as JSON values; times in milliseconds."""
    return {
        "experiment_id": experiment.experiment_id,
        "name": experiment.name,
        "creation_time": experiment.creation_time,
        "last_update_time": experiment.last_update_time,
        "lifecycle_stage": experiment.lifecycle_stage.value,
        "artifact_location": experiment.artifact_location,
        "tags": dict(experiment.tags),
    }


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise click.UsageError(f"'{text}' is no tag; expected KEY=VALUE.")
    return key, value
