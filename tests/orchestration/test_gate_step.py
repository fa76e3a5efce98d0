"""A gate as a step: decided here, or announced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.errors import NotFound
from mlflowflow.gates.proposal import CANDIDATE_READY

if TYPE_CHECKING:
    from tests.orchestration.places import Place

ROOT = "0190a1b2c3d47e5f8a9b0c1d2e3f4a5b"
PROJECT = """
    entry_points:
      main: {command: "true"}
    gates:
      champion:
        model: digits
        alias: champion
        when_no_champion: absolute_only
        on_inconclusive: hold
        checks: [{id: quality, metric: accuracy, min: 0.9}]
    pipelines:
      weigh:
        params: {evidence: string, decide: {type: string, default: here}}
        steps:
          - id: promote
            gate: champion
            params: {version: 1}
            evidence: ["${{ params.evidence }}"]
            decide: "${{ params.decide }}"
    """


def weighed(flows: Place, accuracy: float, **params: str) -> dict[str, Any]:
    """Weigh version 1, evaluated with that accuracy, and return the step's summary."""
    flows.workplace().catalog().create_version("digits", source=flows.model(), idem="one")
    evidence = flows.evaluation("models:/digits/1", accuracy=accuracy)
    found: dict[str, Any] = flows.flow(
        flows.project(PROJECT), "weigh", root=ROOT, evidence=evidence, **params
    )["steps"]["promote"]
    return found


def test_a_candidate_that_passes_is_promoted(flows: Place) -> None:
    """The verdict stands in the step's run and in its outputs."""
    step = weighed(flows, 0.95)
    assert step["outputs"] == {"verdict": "PASSED", "version": 1, "moved": True}
    assert flows.workplace().catalog().get_version_by_alias("digits", "champion").version == 1
    tags = flows.run(step["run_id"]).data.tags
    assert (tags["mlff.verdict"], tags["mlff.verdict.sentence"]) == ("PASSED", step["sentence"])


def test_a_verdict_that_says_no_is_a_result(flows: Place) -> None:
    """The step is completed, the alias is where it was."""
    step = weighed(flows, 0.5)
    assert (step["state"], step["outputs"]["verdict"], step["outputs"]["moved"]) == (
        "COMPLETED",
        "FAILED",
        False,
    )
    with pytest.raises(NotFound):
        flows.workplace().catalog().get_version_by_alias("digits", "champion")


def test_an_announced_candidate_waits_in_the_journal(flows: Place) -> None:
    """Nothing is decided in this flow; whoever decides finds version and policy."""
    step = weighed(flows, 0.95, decide="event")
    assert step["outputs"] == {"verdict": "ANNOUNCED", "version": 1, "moved": False}
    (event,) = flows.workplace().journal().list(CANDIDATE_READY)
    assert (event.subject, event.payload["version"]) == ("models:/digits/1", 1)
    assert flows.workplace().catalog().get_model("digits").aliases == {}
