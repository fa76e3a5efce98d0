"""A registration as a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import NotFound

if TYPE_CHECKING:
    from tests.orchestration.places import Place

ROOT = "0190a1b2c3d47e5f8a9b0c1d2e3f4a5b"
PROJECT = """
    entry_points:
      main: {command: "true"}
    pipelines:
      keep:
        params: {source: string}
        steps:
          - {id: register, register: {model: digits, from: "${{ params.source }}"}}
    """


def test_a_registration_that_is_run_again_makes_no_second_version(flows: Place) -> None:
    """Continuing a run registers what that run registered."""
    project, source = flows.project(PROJECT), flows.model()
    first = flows.flow(project, "keep", root=ROOT, source=source)["steps"]["register"]
    again = flows.flow(project, "keep", root=ROOT, source=source)["steps"]["register"]
    assert first["outputs"] == again["outputs"] == {"uri": "models:/digits/1", "version": 1}
    (version,) = flows.workplace().catalog().get_model("digits").versions
    assert version.tags == {"mlff.pipeline_run_id": ROOT}
    assert flows.run(first["run_id"]).data.tags["mlff.model"] == "models:/digits/1"


def test_another_run_registers_another_version(flows: Place) -> None:
    """The same files, trained again, are a new decision."""
    project, source = flows.project(PROJECT), flows.model()
    versions = [
        flows.flow(project, "keep", source=source)["steps"]["register"]["outputs"]["version"]
        for _ in range(2)
    ]
    assert versions == [1, 2]


def test_a_model_that_is_not_there_fails_the_step(flows: Place) -> None:
    """Nothing is registered."""
    with pytest.raises(NotFound):
        flows.flow(flows.project(PROJECT), "keep", root=ROOT, source=flows.model() + "-not")
    assert flows.workplace().catalog().list_models() == []
