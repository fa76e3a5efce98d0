"""Run a project from this process: one Prefect API, one cluster, one flow run.

This is what ``mlff run`` does. Everything that is started here ends with this process.
"""

from __future__ import annotations

import logging
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from prefect.settings import PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW, temporary_settings

from mlflowflow.clock import Clock, SystemClock
from mlflowflow.errors import TakenOver
from mlflowflow.orchestration.cluster import ClusterSpec, LocalCluster, open_cluster
from mlflowflow.orchestration.compile import Launch, compile_flow, end_if_open, open_root
from mlflowflow.orchestration.failure import FAILURE_TAG, reason, status_after
from mlflowflow.orchestration.performance import DASHBOARD_TAG, demand_bokeh, performance_reported
from mlflowflow.orchestration.prefect_api import one_api
from mlflowflow.orchestration.progress import Listener, Started, nobody
from mlflowflow.projects.plan import Plan, make_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.config import Settings
    from mlflowflow.orchestration.source import Source
    from mlflowflow.projects.spec import ProjectSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to run and how: `given` are parameters as text, `root_run_id` a new or an interrupted run.

    A `source` is run instead of what is in the project's folder now. With `report` Dask's performance report is
    kept among the files of the root run.
    """

    project: ProjectSpec
    name: str
    given: Mapping[str, str]
    settings: Settings
    experiment: str
    root_run_id: str
    cluster: ClusterSpec = field(default_factory=LocalCluster)
    source: Source | None = None
    report: bool = False
    listener: Listener = nobody
    clock: Clock = field(default_factory=SystemClock)


def launch(order: Order) -> dict[str, Any]:
    """Run the order to its end and return its summary as JSON values.

    Bad input is refused before anything is made. From then on the root run exists, and any error
    leaves it FAILED (KILLED if interrupted) with the reason in its tags.
    """
    plan = make_plan(order.project, order.name, order.given)
    if order.report:
        demand_bokeh(order.cluster)
    settings = Launch(
        settings=order.settings,
        experiment=order.experiment,
        root_run_id=order.root_run_id,
        source=order.source,
        listener=order.listener,
        clock=order.clock,
    )
    place = settings.workplace()
    open_root(place, plan=plan, run_id=order.root_run_id)
    try:
        return _run(order, plan, settings)
    except TakenOver:
        raise
    except BaseException as error:
        tracker = place.tracker()
        tracker.log_batch(order.root_run_id, tags={FAILURE_TAG: reason(error)})
        end_if_open(place, order.root_run_id, status_after(error))
        raise
    finally:
        place.tracker().flush()


def _run(order: Order, plan: Plan, settings: Launch) -> dict[str, Any]:
    _quiet_console()
    order.listener(Started(what="connecting to Prefect"))
    with one_api(clock=order.clock):
        order.listener(Started(what="connecting to Dask"))
        with (
            open_cluster(order.cluster) as cluster,
            # Reused workers may log after their flow; that is no reason to print a traceback.
            temporary_settings({PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW: "ignore"}),
        ):
            flow = compile_flow(order.project, order.name, launch=lambda: settings, cluster=cluster)
            order.listener(
                Started(what=f"running on {cluster.workers} workers, dashboard {cluster.dashboard}")
            )
            tracker = settings.workplace().tracker()
            tracker.log_batch(order.root_run_id, tags={DASHBOARD_TAG: cluster.dashboard})
            reported = (
                performance_reported(cluster, run_id=order.root_run_id, tracker=tracker)
                if order.report
                else nullcontext()
            )
            try:
                with reported:
                    return flow(**plan.params)
            finally:
                _send_logs()


def _send_logs() -> None:
    """Send what Prefect has not sent yet while its API is still there; it sends in the background."""
    for handler in logging.getLogger("prefect.flow_runs").handlers:
        handler.flush()


def _quiet_console() -> None:
    """Keep Prefect's log lines out of the terminal; they go to its API as ever."""
    for name in ("prefect", "prefect.flow_runs", "prefect.task_runs", "prefect.extra", ""):
        for handler in logging.getLogger(name).handlers:
            if type(handler).__name__ == "PrefectConsoleHandler":
                handler.setLevel(logging.CRITICAL + 1)
