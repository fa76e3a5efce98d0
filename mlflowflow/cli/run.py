"""``mlff run``: a project, compiled into a Prefect flow, on a Dask cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlflowflow.cli.context import json_option, settings_for, store_option
from mlflowflow.cli.render import print_json
from mlflowflow.errors import InvalidInput
from mlflowflow.ids import RandomIds

if TYPE_CHECKING:
    from mlflowflow.orchestration.launch import Order
    from mlflowflow.projects.spec import ProjectSpec


@click.command()
@click.argument("project", type=click.Path(path_type=Path))
@click.option(
    "-e",
    "--entry-point",
    "name",
    default="main",
    show_default=True,
    metavar="NAME",
    help="An entry point, a sweep or a pipeline of the project.",
)
@click.option(
    "-P", "--param", "params", multiple=True, metavar="KEY=VALUE", help="A parameter; may be repeated."
)
@click.option(
    "--cluster",
    metavar="WHERE",
    help="local, local:<workers>, a scheduler's address (tcp://host:8786), "
    "or a YAML file with the class and kwargs of a Dask cluster.  [default: local]",
)
@click.option("--experiment", metavar="NAME", help="Where the runs go.  [default: the project's name]")
@click.option(
    "--resume",
    metavar="RUN_ID",
    help="Continue an interrupted or failed run: finished steps and trials are kept.",
)
@store_option
@json_option
def run(
    project: Path,
    *,
    name: str,
    params: tuple[str, ...],
    cluster: str | None,
    experiment: str | None,
    resume: str | None,
    store: str | None,
    as_json: bool,
) -> None:
    """Run NAME of PROJECT, a folder with an MLproject file.

    Steps and trials run on Dask workers; the flow, its task runs, logs and artifacts are visible in
    Prefect: in the server that PREFECT_API_URL names, or in a temporary one.

    \b
    Examples:
      mlff run examples/digits -e ingest -P rows=900
      mlff run examples/digits -e retrain --cluster local:4
      mlff run examples/digits -e retrain --cluster tcp://10.0.0.5:8786 --store s3://bucket/ml
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    from mlflowflow.cli.live import choose_view
    from mlflowflow.projects.spec import load_project

    spec = load_project(project)
    given = _given(spec, name, params)
    with choose_view(as_json=as_json) as view:
        from mlflowflow.orchestration.cluster import parse_cluster
        from mlflowflow.orchestration.launch import Order, launch

        settings = settings_for(store)
        order = Order(
            project=spec,
            name=name,
            given=given,
            settings=settings,
            experiment=experiment or settings.experiment_name or spec.name,
            root_run_id=resume or RandomIds().run_id(),
            cluster=parse_cluster(cluster),
            listener=view,
        )
        summary = _launched(order, launch, as_json=as_json)
    if as_json:
        print_json(summary)
    else:
        _print_summary(summary, store)


def _launched(order: Order, launch: Any, *, as_json: bool) -> dict[str, Any]:
    try:
        summary: dict[str, Any] = launch(order)
    except InvalidInput:
        raise
    except BaseException as error:
        if as_json:
            print_json(
                {"status": "FAILED", "run_id": order.root_run_id, "error": str(error) or type(error).__name__}
            )
        else:
            click.echo(
                f"Run {order.root_run_id} did not finish. Look with 'mlff runs show {order.root_run_id}', "
                f"continue it with '--resume {order.root_run_id}'.",
                err=True,
            )
        raise
    return summary


def _given(spec: ProjectSpec, name: str, params: tuple[str, ...]) -> dict[str, str]:
    """Read ``-P`` texts; a path is meant from where the user stands, if it is there."""
    from mlflowflow.projects.given import from_here

    given: dict[str, str] = {}
    for text in params:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise InvalidInput(f"'-P {text}' is no parameter; expected -P KEY=VALUE, such as -P rows=900.")
        if key in given:
            raise InvalidInput(f"'-P {key}=…' is given twice; give each parameter once.")
        given[key] = value
    return from_here(spec, name, given)


def _print_summary(summary: dict[str, Any], store: str | None) -> None:
    at = f" --store {store}" if store else ""
    click.echo(f"\nRun {summary['run_id']} finished.")
    for step in summary["steps"]:
        if step["kind"] == "gate":
            click.echo("\n" + "\n".join(step["details"] or [step["sentence"]]))
    click.echo("\nLook further:")
    click.echo(f"  mlff runs show {summary['run_id']}{at}")
    for model in sorted(
        {step["outputs"]["uri"].split("/")[1] for step in summary["steps"] if "uri" in step["outputs"]}
    ):
        click.echo(f"  mlff models history {model}{at}")
