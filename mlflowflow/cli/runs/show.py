"""``mlff runs show``: everything about one run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mlflowflow.cli.complete import run_ids
from mlflowflow.cli.context import json_option, open_tracker, store_option
from mlflowflow.cli.render import duration, print_json
from mlflowflow.cli.runs.printed import print_runs, run_to_json
from mlflowflow.clock import moment
from mlflowflow.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.tracking.run import Run
    from mlflowflow.tracking.tracker import Tracker


@click.command("show")
@click.argument("run_id", shell_complete=run_ids)
@store_option
@json_option
def show(run_id: str, store: str | None, as_json: bool) -> None:
    """Show everything about one run.

    That is its state, parameters, metrics, tags, artifacts, models, and the runs below it.
    """
    with open_tracker(store) as tracker:
        run = tracker.get_run(run_id)
        children = tracker.children(run_id)
        models = _models(tracker, run)
        artifacts = [item.path + ("/" if item.is_dir else "") for item in tracker.artifacts(run_id).list()]
        attempt = tracker.reader.states(run.info.experiment_id, [run_id])[run_id].attempt
    if as_json:
        print_json(
            {
                **run_to_json(run),
                "attempt": attempt,
                "artifacts": artifacts,
                "models": models,
                "children": [child.info.run_id for child in children],
            }
        )
        return
    info = run.info
    again = f" in attempt {attempt}" if attempt > 1 else ""
    click.echo(f"{info.run_name}  {info.status}{again}\nrun {info.run_id}, experiment {info.experiment_id}")
    click.echo(
        f"started {moment(info.start_time)}, took {duration(info.start_time, info.end_time)}, by {info.user_id}"
    )
    failure = run.data.tags.get("mlff.failure")
    if failure:
        click.echo(f"failed: {failure}")
    _section("parameters", run.data.params)
    _section("metrics", {key: f"{value:.6g}" for key, value in run.data.metrics.items()})
    _section("tags", {key: value for key, value in run.data.tags.items() if key != "mlff.failure"})
    if artifacts:
        click.echo("\nartifacts\n" + "\n".join(f"  {path}" for path in artifacts))
    if models:
        named = "\n".join(f"  {model['name']}  {model['model_id']}" for model in models)
        click.echo(f"\nmodels\n{named}")
    if children:
        click.echo("\nruns below")
        print_runs(children, empty="")


def _models(tracker: Tracker, run: Run) -> list[dict[str, Any]]:
    """Return the models that a run logged; one that was deleted since has no name any more."""
    found: list[dict[str, Any]] = []
    for output in run.outputs.model_outputs:
        try:
            name = tracker.logged_models.get(output.model_id).name
        except NotFound:
            name = "(deleted)"
        found.append({"name": name, "model_id": output.model_id, "step": output.step})
    return found


def _section(title: str, values: Mapping[str, str]) -> None:
    if values:
        width = max(len(key) for key in values)
        click.echo(
            f"\n{title}\n" + "\n".join(f"  {key:<{width}}  {value}" for key, value in sorted(values.items()))
        )
