"""Dask's performance report of a flow: one page that says how the cluster spent its time, when it is gone.

The scheduler draws it, so Bokeh must be installed where the scheduler runs: here for a cluster of our own.
With Bokeh there, Dask also serves its dashboard, which makes every cluster slower to start; so neither is
asked for unless somebody wants the report.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import distributed

from mlflowflow.errors import MissingExtra
from mlflowflow.orchestration.cluster import LocalCluster
from mlflowflow.orchestration.failure import reason

if TYPE_CHECKING:
    from collections.abc import Generator

    from mlflowflow.orchestration.cluster import ClusterSpec, OpenCluster
    from mlflowflow.tracking.tracker import Tracker

_LOG: Final = logging.getLogger(__name__)

#: Where the report is kept among the files of the flow's run.
REPORT_PATH: Final = "dask/performance-report.html"
#: The tags of a flow's run that say where Dask's dashboard is while it runs, and where the report is then.
DASHBOARD_TAG: Final = "mlff.dask.dashboard"
REPORT_TAG: Final = "mlff.dask.report"


def demand_bokeh(cluster: ClusterSpec) -> None:
    """Raise `MissingExtra` if `cluster` is to be started in this environment, which cannot draw the report."""
    if isinstance(cluster, LocalCluster) and find_spec("bokeh") is None:
        raise MissingExtra("bokeh", extra="dashboard", purpose="Dask's performance report")


@contextmanager
def performance_reported(cluster: OpenCluster, *, run_id: str, tracker: Tracker) -> Generator[None]:
    """Keep the report of what `cluster` does meanwhile among the files of a run, also if that fails.

    A report that cannot be made is a warning: it must not cost what was computed.
    """
    with (
        TemporaryDirectory(prefix="mlff-report-") as folder,
        distributed.Client(cluster.address, set_as_default=False, **cluster.client_kwargs) as client,
    ):
        page = Path(folder, "report.html")
        # with all scripts inside: the page must work wherever it is read
        report: Any = distributed.performance_report(filename=str(page), mode="inline")
        with client.as_current():
            report.__enter__()
        try:
            yield
        finally:
            try:
                with client.as_current():
                    report.__exit__(None, None, None)
                tracker.artifacts(run_id).put_bytes(page.read_bytes(), REPORT_PATH)
                tracker.log_batch(run_id, tags={REPORT_TAG: REPORT_PATH})
            except Exception as error:  # noqa: BLE001 - whatever the scheduler lacks, or its end
                _LOG.warning(
                    "Dask's performance report could not be kept: %s. The scheduler at '%s' needs Bokeh: "
                    "pip install 'mlflowflow[dashboard]' where it runs.",
                    reason(error),
                    cluster.address,
                )
