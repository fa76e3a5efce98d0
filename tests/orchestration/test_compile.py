"""Projects as Prefect flows."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import cloudpickle
import pytest
from prefect.exceptions import ParameterTypeError

from mlflowflow.config import Settings
from mlflowflow.errors import InvalidInput, InvalidState, NotFound
from mlflowflow.orchestration.compile import Launch, compile_flow, end_if_open
from mlflowflow.tracking.run import RunStatus

if TYPE_CHECKING:
    from prefect import Flow

    from tests.orchestration.places import Place

PROJECT = """
    entry_points:
      main:
        parameters: {rows: {type: int, default: 3}, rate: float, where: {type: path, default: here}}
        command: "true"
    pipelines:
      re-train:
        params:
          on: {type: string, default: a, choices: [a, b]}
        steps: [{id: one, entry_point: main, params: {rate: 0.5, where: "."}}]
    """


def compiled(place: Place, name: str) -> Flow[..., dict[str, Any]]:
    """Return the flow of `name`; nothing is started."""
    return compile_flow(place.project(PROJECT), name)


def test_a_flows_parameters_are_the_projects_with_their_types(place: Place) -> None:
    """Prefect shows a form from them; required ones come first."""
    signature = inspect.signature(compiled(place, "main").fn)
    described = {each.name: (each.annotation, each.default) for each in signature.parameters.values()}
    empty = inspect.Parameter.empty
    assert list(described.items()) == [("rate", (float, empty)), ("rows", (int, 3)), ("where", (str, "here"))]


def test_choices_are_the_only_values_a_form_offers(place: Place) -> None:
    """The schema that Prefect keeps lists them."""
    flow = compiled(place, "re-train")
    assert inspect.signature(flow.fn).parameters["on"].annotation == Literal["a", "b"]
    assert flow.parameters.model_dump()["properties"]["on"]["enum"] == ["a", "b"]


@pytest.mark.parametrize("values", [{"on": "c"}, {"on": 3}])
def test_a_value_that_does_not_fit_is_refused_before_a_run(place: Place, values: dict[str, Any]) -> None:
    """Prefect says so itself."""
    with pytest.raises(ParameterTypeError):
        compiled(place, "re-train").validate_parameters(values)


def test_a_flow_is_named_after_the_project_and_versioned_by_what_it_declares(place: Place) -> None:
    """An edited project is another version of the same flow."""
    flow = compiled(place, "re-train")
    edited = compile_flow(place.project(PROJECT.replace("0.5", "0.6")), "re-train")
    assert (flow.name, edited.name) == ("tiny.re-train", "tiny.re-train")
    assert flow.version != edited.version
    assert flow.version == compiled(place, "re-train").version


def test_a_name_that_is_not_there_is_refused_when_compiling(place: Place) -> None:
    """A deployment fails when it is made, not when it runs."""
    with pytest.raises(NotFound, match="Did you mean 'main'"):
        compiled(place, "mian")


def test_a_store_that_others_cannot_see_is_refused(place: Place) -> None:
    """Steps are other processes."""
    launch = replace(place.launch, settings=Settings(tracking_uri="memory://alone"))
    with pytest.raises(InvalidInput, match=r"visible to this process only.*MLFLOWFLOW_TRACKING_URI"):
        launch.workplace()


def test_a_deployed_flow_takes_everything_from_its_environment(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The experiment is the project's unless the environment names one."""
    monkeypatch.setenv("MLFLOWFLOW_TRACKING_URI", str(place.folder))
    monkeypatch.delenv("MLFLOWFLOW_EXPERIMENT_NAME", raising=False)
    launch = Launch.from_environ(place.project(PROJECT))
    assert (launch.settings.tracking_uri, launch.experiment) == (str(place.folder), "tiny")
    monkeypatch.setenv("MLFLOWFLOW_EXPERIMENT_NAME", "mine")
    assert Launch.from_environ(place.project(PROJECT)).experiment == "mine"


def test_a_flow_that_nobody_launched_can_be_served(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """`serve` runs it in a process of its own, where the environment says everything; a launch stays at home."""
    monkeypatch.setenv("MLFLOWFLOW_TRACKING_URI", str(place.folder / "elsewhere"))
    free, launched = (
        compile_flow(place.project(PROJECT), "re-train", launch=launch)
        for launch in (None, lambda: place.launch)
    )
    arrived = cloudpickle.loads(cloudpickle.dumps(free))
    closure = inspect.getclosurevars(arrived.fn).nonlocals
    assert closure["held"].launch().settings.tracking_uri == str(place.folder / "elsewhere")
    with pytest.raises(InvalidState, match="run where it was compiled"):
        inspect.getclosurevars(cloudpickle.loads(cloudpickle.dumps(launched)).fn).nonlocals["held"].launch()


def test_without_a_root_the_flow_run_gives_one(flows: Place) -> None:
    """A flow run that Prefect retries continues its own runs."""
    summary = flows.flow(flows.project(PROJECT), "re-train")
    assert summary["run_id"][:12] == summary["flow_run_id"].replace("-", "")[:12]
    assert flows.run(summary["run_id"]).data.params == {"on": "a"}
    assert flows.run(summary["run_id"]).info.status is RunStatus.FINISHED


def test_only_a_run_that_goes_on_is_ended(place: Place) -> None:
    """What has ended keeps its end; what never was stays unknown."""
    here = place.workplace()
    tracker = here.tracker()
    done, open_ = (tracker.create_run(here.experiment_id).info.run_id for _ in range(2))
    tracker.end_run(done, RunStatus.FINISHED)
    for run_id in (done, open_, "never"):
        end_if_open(here, run_id, RunStatus.KILLED)
    assert (place.run(done).info.status, place.run(open_).info.status) == (
        RunStatus.FINISHED,
        RunStatus.KILLED,
    )
