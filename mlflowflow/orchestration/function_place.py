"""Where a sweep over a function lives: its store and experiment, and the Dask cluster of its trials.

What is not given is what is set in this process: the tracking store, the experiment, the cluster of the
flow that this runs in, Dask's default client. Only then workers are started on this machine.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.fluent.session import (
    current_experiment_id,
    current_registry_uri,
    current_session,
    current_tracking_uri,
)
from mlflowflow.tracking.run import DEFAULT_EXPERIMENT_ID

if TYPE_CHECKING:
    from collections.abc import Generator
    from contextlib import ExitStack
    from pathlib import Path
    from typing import TypeAlias

    import distributed

    from mlflowflow.orchestration.workplace import Workplace

    #: Where trials run: as ``mlff run --cluster`` takes it, or a client or a cluster of Dask's.
    Where: TypeAlias = str | distributed.Client | Any | None


def workplace_of(store: str | Path | None, experiment: str | None) -> Workplace:
    """Return the place of a sweep: `store` and `experiment`, by default what is set in this process.

    Raises `InvalidInput` if the store is visible to this process only.
    """
    from mlflowflow.orchestration.workplace import Workplace

    settings = replace(
        current_session().settings,
        tracking_uri=current_tracking_uri() if store is None else str(store),
        registry_uri=current_registry_uri() if store is None else None,
    )
    place = Workplace.of(settings)
    tracker = place.tracker()
    if not tracker.store.shared:
        raise InvalidInput(
            f"The store '{tracker.uri}' is visible to this process only, and trials run in processes of their "
            "own. Use a directory or a bucket: set_tracking_uri('./mlff-data')."
        )
    if experiment is not None:
        return place.in_experiment(tracker.ensure_experiment(experiment).experiment_id)
    return place.in_experiment(current_experiment_id() if store is None else DEFAULT_EXPERIMENT_ID)


class Client:
    """A client of Dask's that is made when it is first needed: a sweep that has ended needs none."""

    def __init__(self, stack: ExitStack, where: Where, parallel: int) -> None:
        """Make nothing yet; what is made is closed with `stack`."""
        self._stack = stack
        self._where = where
        self._parallel = parallel
        self._client: distributed.Client | None = None

    def get(self) -> distributed.Client:
        """Return the client, the same one each time. Raises `ClusterUnavailable`."""
        if self._client is None:
            self._client = self._stack.enter_context(opened(self._where, self._parallel))
        return self._client


@contextmanager
def opened(where: Where, parallel: int) -> Generator[distributed.Client]:
    """Give a client; what is made here is closed in the end, what was given stays its owner's."""
    import distributed

    given = (_flow_client() or _default_client()) if where is None else where
    if isinstance(given, distributed.Client):
        yield given
    elif given is not None and not isinstance(given, str):
        with distributed.Client(given, set_as_default=False) as client:
            yield client
    else:
        yield from _own_client(given, parallel)


def _own_client(where: str | None, parallel: int) -> Generator[distributed.Client]:
    import distributed
    from dask.system import CPU_COUNT

    from mlflowflow.orchestration.cluster import LocalCluster, open_cluster, parse_cluster

    spec = LocalCluster(workers=min(parallel, CPU_COUNT)) if where is None else parse_cluster(where)
    with (
        open_cluster(spec) as opened,
        distributed.Client(opened.address, set_as_default=False, **opened.client_kwargs) as client,
    ):
        yield client


def _default_client() -> distributed.Client | None:
    import distributed

    try:
        found: distributed.Client = distributed.default_client()
    except ValueError:
        return None
    return found


def _flow_context() -> Any:
    """Return the context of the Prefect flow that this runs in; None outside, without importing Prefect."""
    if "prefect" not in sys.modules:
        return None
    from prefect.context import FlowRunContext

    return FlowRunContext.get()


def _flow_client() -> distributed.Client | None:
    """Return the client of the flow's task runner, if its tasks run on Dask."""
    runner = getattr(_flow_context(), "task_runner", None)
    if runner is None or "prefect_dask" not in sys.modules:
        return None
    from prefect_dask.task_runners import DaskTaskRunner

    if not isinstance(runner, DaskTaskRunner):
        return None
    client: distributed.Client = runner.client
    return client


def flow_tags() -> dict[str, str]:
    """Return the tags of runs that are made in a flow; none outside."""
    flow_run = getattr(_flow_context(), "flow_run", None)
    return {} if flow_run is None else {"prefect.flow_run_id": str(flow_run.id)}
