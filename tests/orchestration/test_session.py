"""What the steps of one execution share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import distributed

    from tests.orchestration.places import Place

PROJECT = """
    entry_points:
      main: {command: "true"}
    pipelines:
      chain:
        steps: [{id: one, entry_point: main}, {id: two, entry_point: main}]
    """


def test_steps_of_a_pipeline_are_runs_below_its_own(client: distributed.Client, place: Place) -> None:
    """Each has its own id, the same whenever the root is executed again."""
    session = place.session(place.project(PROJECT), "chain", client)
    ids = {session.root_run_id, session.run_id("one"), session.run_id("two")}
    assert len(ids) == 3
    assert session.run_id("one") == session.run_id("one")
    assert (session.parent_run_id, session.run_name("one")) == (session.root_run_id, "chain/one")


def test_an_entry_point_alone_is_the_root_itself(client: distributed.Client, place: Place) -> None:
    """There is no run around a single run."""
    session = place.session(place.project(PROJECT), "main", client)
    assert (session.run_id("main"), session.parent_run_id) == (session.root_run_id, None)
    assert session.run_name("main") == "main"


@pytest.mark.parametrize("name", ["main", "chain"])
def test_every_run_names_its_flow_run_and_its_root(
    client: distributed.Client, place: Place, name: str
) -> None:
    """From any run one id leads to Prefect, another to the whole."""
    session = place.session(place.project(PROJECT), name, client)
    assert session.tags() == {"prefect.flow_run_id": "a-flow-run", "mlff.root": session.root_run_id}
