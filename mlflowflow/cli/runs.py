"""``mlff runs``: list runs, show one with what it logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mlflowflow.cli.context import at_option, json_option, open_tracker, store_option
from mlflowflow.cli.render import duration, moment, print_json, print_table

if TYPE_CHECKING:
    from mlflowflow.tracking.run import Run
    from mlflowflow.tracking.tracker import Tracker


@click.group()
def runs() -> None:
    """List and show runs."""


@runs.command("list")
@click.option("--experiment", metavar="NAME", help="Only this experiment.  [default: all]")
@click.option(
    "--filter",
    "filter_string",
    default="",
    metavar="EXPR",
    help="Such as: metrics.accuracy > 0.9 AND status = 'FINISHED'.",
)
@click.option("--order-by", multiple=True, metavar="KEY", help="Such as: 'metrics.accuracy DESC'.")
@click.option("--max", "limit", default=50, show_default=True, help="How many.")
@at_option
@store_option
@json_option
def list_runs(
    *,
    experiment: str | None,
    filter_string: str,
    order_by: tuple[str, ...],
    limit: int,
    at_us: int | None,
    store: str | None,
    as_json: bool,
) -> None:
    """List runs, the newest first unless told otherwise.

    With --at, as of the last compaction before that time; a day back at most, unless the store keeps
    more (mlff store gc --help).

    \b
      mlff runs list --filter "params.model = 'tree'" --order-by "metrics.accuracy DESC" --max 10
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    with open_tracker(store) as tracker:
        ids = _experiment_ids(tracker, experiment)
        found = tracker.search_runs(
            ids, filter_string=filter_string, order_by=order_by, max_results=limit, at_us=at_us
        )
    if as_json:
        print_json([run_to_json(run) for run in found])
        return
    print_table(
        ("run", "name", "status", "started", "took", "metrics"),
        [_row(run) for run in found],
        empty="There are no such runs. 'mlff run PROJECT' makes some.",
    )


def _experiment_ids(tracker: Tracker, experiment: str | None) -> list[str]:
    from mlflowflow.errors import NotFound

    if experiment is None:
        return [each.experiment_id for each in tracker.list_experiments()]
    found = tracker.get_experiment_by_name(experiment)
    if found is None:
        raise NotFound("experiment", experiment, hint="'mlff experiments list' names them all.")
    return [found.experiment_id]


def _row(run: Run) -> tuple[str, ...]:
    metrics = ", ".join(f"{key}={value:.4g}" for key, value in sorted(run.data.metrics.items())[:4])
    info = run.info
    took = duration(info.start_time, info.end_time)
    return (info.run_id, info.run_name, info.status.value, moment(info.start_time), took, metrics)


@runs.command("show")
@click.argument("run_id")
@store_option
@json_option
def show(run_id: str, store: str | None, as_json: bool) -> None:
    """Show one run: state, parameters, metrics, tags, artifacts, and the runs below it."""
    with open_tracker(store) as tracker:
        run = tracker.get_run(run_id)
        children = tracker.children(run_id)
        artifacts = [item.path + ("/" if item.is_dir else "") for item in tracker.list_artifacts(run_id)]
    if as_json:
        print_json(
            {
                **run_to_json(run),
                "artifacts": artifacts,
                "children": [child.info.run_id for child in children],
            }
        )
        return
    info = run.info
    click.echo(f"{info.run_name}  {info.status}\nrun {info.run_id}, experiment {info.experiment_id}")
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
    if children:
        click.echo("\nruns below")
        print_table(
            ("run", "name", "status", "started", "took", "metrics"),
            [_row(child) for child in children],
            empty="",
        )


def _section(title: str, values: dict[str, str] | Any) -> None:
    if values:
        width = max(len(key) for key in values)
        click.echo(
            f"\n{title}\n" + "\n".join(f"  {key:<{width}}  {value}" for key, value in sorted(values.items()))
        )


def run_to_json(run: Run) -> dict[str, Any]:
    """Return a run as JSON values; times in milliseconds."""
    info = run.info
    return {
        "run_id": info.run_id,
        "run_name": info.run_name,
        "experiment_id": info.experiment_id,
        "status": info.status.value,
        "user_id": info.user_id,
        "start_time": info.start_time,
        "end_time": info.end_time,
        "lifecycle_stage": info.lifecycle_stage.value,
        "artifact_uri": info.artifact_uri,
        "params": dict(run.data.params),
        "metrics": dict(run.data.metrics),
        "tags": dict(run.data.tags),
    }
