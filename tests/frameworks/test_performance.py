"""Dask's performance report is kept among the files of a run; it needs Bokeh, which other tests go without."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import distributed
import pytest

from mlflowflow.orchestration.cluster import LocalCluster, open_cluster
from mlflowflow.orchestration.performance import (
    REPORT_PATH,
    REPORT_TAG,
    demand_bokeh,
    performance_reported,
)
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from pathlib import Path


def _nap() -> None:
    time.sleep(0.01)


def _fails(client: distributed.Client) -> None:
    client.submit(_nap).result()
    raise ValueError("the flow failed")


def test_what_the_cluster_did_is_kept_as_one_page(tmp_path: Path) -> None:
    """Also of a flow that failed; the page has all its scripts inside, and asks nobody for more."""
    demand_bokeh(LocalCluster())
    with (
        Tracker(LocalBlobStore(tmp_path / "store")) as tracker,
        open_cluster(LocalCluster(workers=1)) as cluster,
    ):
        run_id = tracker.create_run("0").info.run_id
        with (
            pytest.raises(ValueError, match="the flow failed"),
            performance_reported(cluster, run_id=run_id, tracker=tracker),
            distributed.Client(cluster.address, set_as_default=False) as client,
        ):
            _fails(client)
        assert tracker.get_run(run_id).data.tags[REPORT_TAG] == REPORT_PATH
        page = tracker.artifacts(run_id).read(REPORT_PATH).decode()
    assert "Dask Performance Report" in page
    assert "number of tasks: 1" in page
    assert not re.search(r"<script[^>]*\ssrc=", page)
