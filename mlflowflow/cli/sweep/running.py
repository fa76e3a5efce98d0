"""``mlff sweep run | resume``: a sweep of a project, begun or gone on with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlflowflow.cli.context import json_option, open_tracker, settings_for, store_option
from mlflowflow.cli.launching import (
    cluster_option,
    experiment_option,
    launched,
    params_option,
    read_given,
    report_option,
    tell,
)
from mlflowflow.cli.render import print_json
from mlflowflow.cli.sweep import words
from mlflowflow.cli.sweep.amounts import Amount, amount_options, fields_of
from mlflowflow.cli.sweep.find import FoundSweep, open_sweep, sweep_argument
from mlflowflow.errors import InvalidInput, InvalidState, NotFound
from mlflowflow.ids import RandomIds
from mlflowflow.projects.sweep_spec import Budget, Sampler, SamplerName
from mlflowflow.sweeps.standing import Limit, limits_of

if TYPE_CHECKING:
    from mlflowflow.projects.plan import Plan
    from mlflowflow.projects.spec import ProjectSpec
    from mlflowflow.projects.sweep_spec import SweepSpec


@click.command("run")
@click.argument("project", type=click.Path(path_type=Path))
@click.option("-e", "--sweep", "name", metavar="NAME", help="The sweep.  [default: the only one]")
@params_option
@amount_options(
    {
        Limit.TRIALS: "Try so many.",
        Limit.WALL: "Start no trial after so long: 30m, 2h.",
        Limit.COST: "Spend so much, at the prices of the file's resources.",
        Limit.FAILED_TRIALS: "End after so many failures.",
    }
)
@click.option("--parallel", type=click.IntRange(min=1), help="Run so many trials at once.")
@click.option("--seed", type=click.IntRange(min=0), help="Of the sampler; the same seed tries the same.")
@click.option(
    "--sampler", type=click.Choice([each.value for each in SamplerName]), help="How to choose trials."
)
@click.option(
    "--plan", is_flag=True, help="Run nothing; show what would be, and what it is expected to take."
)
@cluster_option
@experiment_option
@report_option
@store_option
@json_option
def run(
    project: Path,
    *,
    name: str | None,
    params: tuple[str, ...],
    plan: bool,
    cluster: str | None,
    experiment: str | None,
    report: bool,
    store: str | None,
    as_json: bool,
    **changes: Any,
) -> None:
    """Run a sweep of PROJECT, a folder with an MLproject file.

    That is what 'mlff run -e NAME' does, with parts of the sweep changed for this time. What is
    changed is kept with the sweep: 'mlff sweep resume' goes on with it.

    \b
      mlff sweep run examples/digits -e tune
      mlff sweep run examples/digits -e tune --trials 100 --parallel 8 --cluster local:8
      mlff sweep run examples/digits -e tune --sampler random --seed 7 --wall 30m
      mlff sweep run examples/digits -e tune --trials 500 --plan
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    from mlflowflow.cli.live import choose_view
    from mlflowflow.projects.plan import make_plan
    from mlflowflow.projects.spec import load_project

    spec = load_project(project)
    chosen = _chosen(spec, name)
    spec = replace(spec, sweeps={**spec.sweeps, chosen: changed(spec.sweeps[chosen], **changes)})
    given = read_given(spec, chosen, params)
    if plan:
        _show_plan(make_plan(spec, chosen, given), store=store, as_json=as_json)
        return
    with choose_view(as_json=as_json) as view:
        from mlflowflow.orchestration.cluster import parse_cluster
        from mlflowflow.orchestration.launch import Order

        settings = settings_for(store)
        order = Order(
            project=spec,
            name=chosen,
            given=given,
            settings=settings,
            experiment=experiment or settings.experiment_name or spec.name,
            root_run_id=RandomIds().run_id(),
            cluster=parse_cluster(cluster),
            report=report,
            listener=view,
        )
        summary = launched(order, as_json=as_json)
    tell(summary, store=store, as_json=as_json)


def _show_plan(plan: Plan, *, store: str | None, as_json: bool) -> None:
    from mlflowflow.cli.sweep.plan import earlier_sweeps, plan_json, plan_lines

    sweep = plan.project.sweeps[plan.name]
    with open_tracker(store, owns_runs=False) as tracker:
        earlier = earlier_sweeps(tracker, sweep)
    fixed = {**sweep.params, **plan.params}
    if as_json:
        print_json(plan_json(sweep, fixed, earlier))
    else:
        click.echo("\n".join(plan_lines(sweep, fixed, earlier)))


def _chosen(spec: ProjectSpec, name: str | None) -> str:
    """Return the sweep's name. Raises `NotFound` if it has none of that name, `InvalidInput` if none was given."""
    from mlflowflow.projects.wording import choose_among

    known = list(spec.sweeps)
    if not known:
        raise NotFound(
            "sweep", name or "-e", hint=f"The project '{spec.name}' declares none in its section 'sweeps'."
        )
    if name is None:
        if len(known) > 1:
            raise InvalidInput(
                f"The project '{spec.name}' has several sweeps; choose one with -e: {', '.join(known)}."
            )
        return known[0]
    if name not in known:
        raise NotFound("sweep", name, hint=choose_among(name, known, noun="sweeps"))
    return name


def changed(
    sweep: SweepSpec,
    *,
    parallel: int | None = None,
    seed: int | None = None,
    sampler: str | None = None,
    **amounts: Amount | None,
) -> SweepSpec:
    """Return `sweep` with what is given in place of its own; more of a limit is more than the file's.

    Raises `InvalidInput` for what makes no sense.
    """
    present = limits_of(sweep.budget)
    given = {Limit(name): each for name, each in amounts.items() if each is not None}
    totals = {**present, **{name: each.after(present[name] or 0) for name, each in given.items()}}
    budget = Budget(**fields_of(totals))
    # another sampler has other settings; the file's are for its own
    method = sweep.sampler
    if sampler is not None and sampler != method.name:
        method = Sampler(name=SamplerName(sampler), seed=method.seed)
    if seed is not None:
        method = replace(method, seed=seed)
    return replace(
        sweep,
        budget=budget,
        sampler=method,
        parallel=sweep.parallel if parallel is None else parallel,
    )


@click.command("resume")
@sweep_argument
@cluster_option
@store_option
@json_option
def resume(*, run: str, cluster: str | None, store: str | None, as_json: bool) -> None:
    """Go on with a sweep that was interrupted, stopped or extended.

    It runs the files of the project as they were, which are kept in the store, so the project's
    folder is not needed. Trials that are done stay, those that were cut off are run again with the
    same parameters. If the sweep is a step of a pipeline, the pipeline goes on. A sweep with nothing
    left to do is left as it is.

    \b
      mlff sweep resume 0192f0
      mlff sweep resume 0192f0 --cluster tcp://10.0.0.5:8786 --store s3://bucket/ml
    """  # noqa: D301 - backspace is how click is told to leave lines as they are
    go_on(run, cluster=cluster, store=store, as_json=as_json)


def go_on(run: str, *, cluster: str | None, store: str | None, as_json: bool) -> None:
    """Resume the sweep `run` of `store`, unless it has nothing left to do."""
    from mlflowflow.cli.live import choose_view

    with open_sweep(store, run) as found:
        done = _nothing_left(found)
        if done is not None:
            if as_json:
                print_json({"status": "FINISHED", "run_id": found.run_id, "resumed": False, "sentence": done})
            else:
                click.echo(done)
            return
        _demand_unheld(found)
        with choose_view(as_json=as_json) as view:
            from mlflowflow.orchestration.cluster import parse_cluster
            from mlflowflow.orchestration.resumption import Means, kept_order

            means = Means(settings=settings_for(store), cluster=parse_cluster(cluster), listener=view)
            with kept_order(found.tracker, found.run_id, found.history.sweep, means) as order:
                summary = launched(order, as_json=as_json)
    tell(summary, store=store, as_json=as_json)


def _nothing_left(found: FoundSweep) -> str | None:
    """Say why there is nothing to resume, or return None."""
    from mlflowflow.sweeps.requests import Requests
    from mlflowflow.tracking.run import RunStatus

    history = found.history
    if words.phase_of(history, is_held=False) is not words.Phase.FINISHED:
        return None
    if Requests(found.tracker.store, found.run_id).after(history.requests):
        return None
    run = found.run()
    root = None if run is None else found.tracker.get_run(run.data.tags.get("mlff.root", found.run_id))
    is_done = root is None or root.info.status is RunStatus.FINISHED
    is_hopeless = root is not None and root.info.run_id == found.run_id and history.best is None
    if not is_done and not is_hopeless:
        return None  # what comes after the sweep, or the end of its run, is still to be done
    sentence = "" if history.ended is None else f": {history.ended.sentence}"
    return (
        f"The sweep '{found.run_id}' has finished{sentence}. There is nothing to resume; "
        f"'mlff sweep extend {found.run_id}' gives it more."
    )


def _demand_unheld(found: FoundSweep) -> None:
    holder = found.holder()
    if holder is not None:
        raise InvalidState(
            f"The sweep '{found.run_id}' is coordinated by process {holder.pid} on '{holder.host}'. Follow it "
            f"with 'mlff sweep status {found.run_id} --watch', or stop it with 'mlff sweep stop {found.run_id}'."
        )
