"""Going on with an execution from what the store keeps of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidState, NotFound
from mlflowflow.ids import derived
from mlflowflow.orchestration.resumption import Means, kept_order
from mlflowflow.orchestration.source import DIGEST_TAG
from mlflowflow.projects.plan import make_plan
from mlflowflow.projects.sweep_spec import Budget

if TYPE_CHECKING:
    from mlflowflow.projects.spec import ProjectSpec
    from mlflowflow.tracking.tracker import Tracker
    from tests.orchestration.places import Place

ROOT = "0190a1b2c3d47e5f8a9b0c1d2e3f4a5b"
PROJECT = """
    entry_points:
      train: {parameters: {x: {type: float, default: 0}, rows: {type: int, default: 3}}, command: "true"}
    sweeps:
      tune: {entry_point: train, space: {x: {float: [0, 1]}}, objectives: [{metric: loss, goal: minimize}],
             budget: {trials: 4}}
      free: {entry_point: script.py, space: {x: {float: [0, 1]}}, objectives: [{metric: loss, goal: minimize}],
             budget: {trials: 4}}
    pipelines:
      all: {params: {day: string}, steps: [{id: search, sweep: tune}]}
"""


class Begun:
    """An execution of a project that was begun, as its runs tell it."""

    def __init__(self, place: Place) -> None:
        """Write the project and pack it."""
        self.place = place
        self.project: ProjectSpec = place.project(PROJECT, script="print()")
        self.tracker: Tracker = place.workplace().tracker()
        self.digest = place.source().digest
        self.means = Means(settings=place.settings)

    def begin(self, run_id: str, name: str, *, root: str = ROOT, **params: str) -> None:
        """Make a run of the execution."""
        tags = {
            "mlff.root": root,
            "mlflow.project.entryPoint": name,
            "mlflow.source.name": str(self.project.root),
            DIGEST_TAG: self.digest,
        }
        self.tracker.create_run(self.place.workplace().experiment_id, run_id=run_id, tags=tags)
        self.tracker.log_batch(run_id, params=params)


@pytest.fixture
def begun(place: Place) -> Begun:
    """Give a project whose files are packed."""
    return Begun(place)


def test_a_sweep_goes_on_without_its_folder(begun: Begun) -> None:
    """Name, parameters, experiment and files come from the store."""
    begun.begin(ROOT, "tune", rows="7")
    for path in Path(begun.project.root).iterdir():
        path.unlink()
    Path(begun.project.root).rmdir()
    sweep = begun.project.sweeps["tune"]
    with kept_order(begun.tracker, ROOT, sweep, begun.means) as order:
        assert (order.name, dict(order.given), order.root_run_id) == ("tune", {"rows": "7"}, ROOT)
        assert order.experiment == "tiny"
        assert order.source is not None
        assert order.source.digest == begun.digest
        assert Path(order.source.root, "script.py").read_text() == "print()"
        assert make_plan(order.project, order.name, order.given).params["rows"] == 7


def test_data_beside_the_project_is_looked_for_where_it_was(begun: Begun) -> None:
    """What is too large to be packed is not lost, as long as its folder is there; the packed files count."""
    begun.begin(ROOT, "tune")
    Path(begun.project.root, "MLproject").write_text("name: changed\n")
    with kept_order(begun.tracker, ROOT, begun.project.sweeps["tune"], begun.means) as order:
        assert order.source is not None
        assert order.source.root == str(begun.project.root)
        assert order.project.name == "tiny"


def test_the_sweep_is_the_one_of_the_log_not_of_the_file(begun: Begun) -> None:
    """It may have been begun with another budget."""
    begun.begin(ROOT, "tune")
    larger = replace(begun.project.sweeps["tune"], budget=Budget(trials=99))
    with kept_order(begun.tracker, ROOT, larger, begun.means) as order:
        assert order.project.sweeps["tune"].budget.trials == 99
        assert order.project.sweeps["free"] == begun.project.sweeps["free"]


def test_what_the_sweep_logged_itself_is_no_parameter_that_was_given(begun: Begun) -> None:
    """Its run has the fixed parameters of its trials as well."""
    begun.begin(ROOT, "tune", rows="7", x="0.5")
    with kept_order(begun.tracker, ROOT, begun.project.sweeps["tune"], begun.means) as order:
        assert dict(order.given) == {"rows": "7"}


def test_a_script_keeps_every_parameter(begun: Begun) -> None:
    """Nothing declares which it takes."""
    begun.begin(ROOT, "free", depth="3")
    with kept_order(begun.tracker, ROOT, begun.project.sweeps["free"], begun.means) as order:
        assert dict(order.given) == {"depth": "3"}


def test_a_sweep_in_a_pipeline_goes_on_as_the_pipeline(begun: Begun) -> None:
    """With the pipeline's parameters, not the step's."""
    step = derived(ROOT, "step", "search")
    begun.begin(ROOT, "all", day="monday")
    begun.begin(step, "search", rows="7")
    with kept_order(begun.tracker, step, begun.project.sweeps["tune"], begun.means) as order:
        assert (order.name, dict(order.given), order.root_run_id) == ("all", {"day": "monday"}, ROOT)


def test_what_was_not_made_from_files_is_refused(begun: Begun) -> None:
    """A function is in somebody's program."""
    begun.tracker.create_run("0", run_id=ROOT)
    with (
        pytest.raises(InvalidState, match=r"call resume\(\) of the sweep in Python"),
        kept_order(begun.tracker, ROOT, begun.project.sweeps["tune"], begun.means),
    ):
        pass


def test_files_that_are_gone_from_the_store_are_named(begun: Begun) -> None:
    """Nothing runs with other files instead."""
    begun.begin(ROOT, "tune")
    begun.tracker.store.delete(f"projects/{begun.digest}.tar")
    with (
        pytest.raises(NotFound, match=begun.digest),
        kept_order(begun.tracker, ROOT, begun.project.sweeps["tune"], begun.means),
    ):
        pass
