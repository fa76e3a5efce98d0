"""``mlff run``: a project, compiled into a Prefect flow, on a Dask cluster."""

from __future__ import annotations

from pathlib import Path

import click

from mlflowflow.cli.context import json_option, settings_for, store_option
from mlflowflow.cli.launching import (
    cluster_option,
    experiment_option,
    launched,
    params_option,
    read_given,
    report_option,
    tell,
)
from mlflowflow.ids import RandomIds


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
@params_option
@cluster_option
@experiment_option
@report_option
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
    report: bool,
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
    given = read_given(spec, name, params)
    with choose_view(as_json=as_json) as view:
        from mlflowflow.orchestration.cluster import parse_cluster
        from mlflowflow.orchestration.launch import Order

        settings = settings_for(store)
        order = Order(
            project=spec,
            name=name,
            given=given,
            settings=settings,
            experiment=experiment or settings.experiment_name or spec.name,
            root_run_id=resume or RandomIds().run_id(),
            cluster=parse_cluster(cluster),
            report=report,
            listener=view,
        )
        summary = launched(order, as_json=as_json)
    tell(summary, store=store, as_json=as_json)
