"""A report that cannot be drawn costs nothing that was computed; how one is drawn is tested where Bokeh is."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import MissingExtra
from mlflowflow.orchestration.cluster import ExistingCluster, LocalCluster
from mlflowflow.orchestration.launch import launch
from mlflowflow.orchestration.performance import DASHBOARD_TAG, REPORT_TAG, demand_bokeh
from tests.orchestration.test_launch import order

if TYPE_CHECKING:
    from tests.orchestration.places import Place

without_bokeh = pytest.mark.skipif(find_spec("bokeh") is not None, reason="Bokeh is installed here")


@without_bokeh
def test_a_cluster_of_our_own_must_be_able_to_draw_it(flows: Place) -> None:
    """Else the order is refused before anything is made, with what to install."""
    wanted = order(flows, report=True, cluster=LocalCluster())
    with pytest.raises(MissingExtra, match=r"pip install 'mlflowflow\[dashboard\]'"):
        launch(wanted)
    assert flows.heard == []
    demand_bokeh(ExistingCluster(address="tcp://10.0.0.5:8786"))  # what is installed there is not known


@without_bokeh
def test_a_report_that_cannot_be_drawn_is_a_warning(flows: Place, caplog: pytest.LogCaptureFixture) -> None:
    """The flow ends as it would have, and its run says where the dashboard was."""
    wanted = order(flows, report=True)
    assert launch(wanted)["status"] == "FINISHED"
    assert "Dask's performance report could not be kept" in caplog.text
    assert "mlflowflow[dashboard]" in caplog.text
    tags = flows.run(wanted.root_run_id).data.tags
    assert tags[DASHBOARD_TAG].startswith("http://127.0.0.1:")
    assert REPORT_TAG not in tags
