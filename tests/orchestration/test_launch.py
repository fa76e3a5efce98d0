"""A project run from this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from mlflowflow.errors import InvalidInput, OrchestratorUnavailable
from mlflowflow.ids import RandomIds
from mlflowflow.orchestration.cluster import ExistingCluster
from mlflowflow.orchestration.launch import Order, launch
from mlflowflow.orchestration.progress import Progress, Started, StepEnded
from mlflowflow.tracking.run import RunStatus
from tests.orchestration.test_prefect_api import servers

if TYPE_CHECKING:
    from tests.orchestration.places import Place

PROJECT = """
    entry_points:
      main: {parameters: {word: {type: string, default: hello}}, command: "echo {word}"}
    pipelines:
      chain:
        params: {word: {type: string, default: hello}}
        steps: [{id: one, entry_point: main, params: {word: "${{ params.word }}"}}]
    """


def order(place: Place, name: str = "chain", **changes: Any) -> Order:
    """Return an order to run `name` on the shared cluster."""
    assert place.cluster is not None
    known: dict[str, Any] = {
        "project": place.project(PROJECT),
        "name": name,
        "given": {},
        "settings": place.settings,
        "experiment": "tiny",
        "root_run_id": RandomIds().run_id(),
        "cluster": ExistingCluster(address=place.cluster.address),
        "listener": place.heard.append,
    }
    return Order(**{**known, **changes})


def test_a_project_is_run_and_summed_up_with_one_prefect_server_in_all(flows: Place) -> None:
    """Neither the flow nor a worker starts a server beside the one that is in use."""
    counted: list[int] = []
    before = servers()

    def listener(fact: Progress) -> None:
        flows.heard.append(fact)
        if isinstance(fact, StepEnded):
            counted.append(len(servers() - before))

    wanted = order(flows, listener=listener)
    summary = launch(wanted)
    assert (summary["status"], summary["run_id"]) == ("FINISHED", wanted.root_run_id)
    assert counted == [0]
    assert [fact.what.split()[0] for fact in flows.heard if isinstance(fact, Started)] == [
        "connecting",
        "connecting",
        "running",
    ]


def test_bad_input_is_refused_before_anything_is_made(flows: Place) -> None:
    """There is not even a store."""
    with pytest.raises(InvalidInput, match="'wrod' is not a parameter"):
        launch(order(flows, given={"wrod": "x"}))
    assert not (flows.folder / "store").exists()


def test_an_error_on_the_way_leaves_the_root_run_failed_with_the_reason(flows: Place) -> None:
    """Whoever looks into the store sees what happened, whatever was printed."""
    wanted = order(flows)
    with (
        temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}),
        pytest.raises(OrchestratorUnavailable),
    ):
        launch(wanted)
    run = flows.run(wanted.root_run_id)
    assert run.info.status is RunStatus.FAILED
    assert "No Prefect API answers" in run.data.tags["mlff.failure"]


@pytest.mark.parametrize("name", ["chain", "main"])
def test_a_run_cannot_be_continued_as_another_one(flows: Place, name: str) -> None:
    """Other parameters are refused, and the run stays what it was."""
    first = order(flows, name)
    launch(first)
    before = flows.run(first.root_run_id)
    with pytest.raises(InvalidInput, match="begun with word=hello, so it cannot be continued with word=bye"):
        launch(order(flows, name, root_run_id=first.root_run_id, given={"word": "bye"}))
    assert flows.run(first.root_run_id) == before
