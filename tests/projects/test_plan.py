"""A plan knows all values and the order of all steps before anything runs, or says what is wrong."""

from __future__ import annotations

import pickle

import pytest

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.projects.plan import PlanKind, PlanRow, describe, make_plan, parameters_of
from mlflowflow.projects.sections import EntryPointStep, SweepStep
from tests.projects.examples import DIGITS, changed, project


def test_plan_of_a_pipeline() -> None:
    """Given values are typed, the others are defaults, and the steps are the pipeline's."""
    plan = make_plan(project(), "retrain", {"seed": "7", "day": "2026-01-01"})
    assert plan.kind is PlanKind.PIPELINE
    assert plan.params == {"seed": 7, "day": "2026-01-01", "promotion": "here"}
    assert [step.id for step in plan.steps] == ["ingest", "tune", "train", "register", "promote"]


def test_steps_follow_what_they_need() -> None:
    """A file may list its steps in any order."""
    first = '      - {id: tune, sweep: tune, params: {data: "${{ steps.ingest.outputs.data }}"}}\n'
    text = DIGITS.replace(first, "").replace("    steps:\n", f"    steps:\n{first}")
    assert [step.id for step in make_plan(project(text), "retrain", {"day": "x"}).steps][:2] == [
        "ingest",
        "tune",
    ]


def test_plan_of_an_entry_point() -> None:
    """An entry point alone is one step with the given values; the plan knows all of them."""
    plan = make_plan(project(), "train", {"data": "d", "C": "1e-1"})
    assert plan.kind is PlanKind.ENTRY_POINT
    assert plan.steps == (EntryPointStep(id="train", entry_point="train", params={"data": "d", "C": 0.1}),)
    assert plan.params == {"data": "d", "model": "svc", "C": 0.1, "depth": 12, "fit_on": "train"}


def test_plan_of_a_sweep() -> None:
    """A sweep alone takes what it does not search, and what it fixes can be overridden."""
    plan = make_plan(project(), "tune", {"data": "d", "fit_on": "all"})
    assert plan.kind is PlanKind.SWEEP
    assert plan.steps == (SweepStep(id="tune", sweep="tune", params={"data": "d", "fit_on": "all"}),)
    assert plan.params == {"data": "d", "fit_on": "all"}


def test_fixed_values_of_a_sweep_are_its_defaults() -> None:
    """What a sweep fixes is in force when nothing else is given."""
    assert make_plan(project(), "tune", {"data": "d"}).params == {"data": "d", "fit_on": "train"}


def test_plan_of_a_script() -> None:
    """A script that is not declared takes any parameter, as text."""
    plan = make_plan(project(), "clean.py", {"rows": "5"})
    assert plan.steps == (EntryPointStep(id="clean.py", entry_point="clean.py", params={"rows": "5"}),)


def test_sweep_over_a_script() -> None:
    """A sweep over such a script takes anything but what it searches."""
    text = (
        "spec: mlflowflow/v1\nsweeps: {s: {entry_point: clean.py, space: {x: {choice: [1, 2]}}, params: {y: 1},"
        " objectives: [{metric: m, goal: minimize}], budget: {trials: 1}}}\n"
    )
    assert make_plan(project(text), "s", {"z": "3"}).params == {"y": "1", "z": "3"}
    with pytest.raises(InvalidInput, match=r"^'x' is not a parameter that can be given to sweep 's'\."):
        make_plan(project(text), "s", {"x": "3"})


def test_unknown_names_are_told_with_the_nearest() -> None:
    """A slip in the name is answered with what can be run."""
    with pytest.raises(NotFound) as caught:
        make_plan(project(), "retrian", {})
    assert str(caught.value) == (
        "There is no entry point, sweep or pipeline 'retrian'. Did you mean 'retrain'? Known entry points, "
        "sweeps and pipelines: clean.py, ingest, retrain, train, tune, up.sh."
    )


def test_everything_wrong_with_a_request_is_told() -> None:
    """Unknown, wrong and missing values come in one message."""
    with pytest.raises(InvalidInput) as caught:
        make_plan(project(), "train", {"modl": "svc", "C": "high", "depth": "${{ params.x }}"})
    assert str(caught.value).splitlines() == [
        (
            "'modl' is not a parameter that can be given to entry point 'train'. Did you mean 'model'? "
            "Known parameters: C, data, depth, fit_on, model."
        ),
        "The value of 'depth' has a look-up; look-ups belong in the project file, give the value itself.",
        "Parameter 'C' is the text 'high'; expected a finite number, such as 0.1.",
        "Parameter 'depth' is the text '${{ params.x }}'; expected a whole number, such as 12.",
        "Entry point 'train' needs a value for the parameter 'data'.",
    ]


def test_searched_parameters_cannot_be_given() -> None:
    """A value for what a sweep searches would be ignored, so it is refused."""
    with pytest.raises(InvalidInput, match=r"^'C' is not a parameter that can be given to sweep 'tune'\."):
        make_plan(project(), "tune", {"data": "d", "C": "1"})


def test_pipeline_choices() -> None:
    """Choices hold for what is given, not only for what is written."""
    with pytest.raises(
        InvalidInput, match=r"^Parameter 'promotion' is the text 'now'; expected here or event\.$"
    ):
        make_plan(project(), "retrain", {"day": "x", "promotion": "now"})


def test_parameters_of() -> None:
    """What can be given is known before anything is."""
    assert list(parameters_of(project(), "retrain")) == ["seed", "day", "promotion"]
    assert list(parameters_of(project(), "tune")) == ["data", "fit_on"]


def test_the_digest_names_what_is_done() -> None:
    """Writing a default out is the same plan; another value or another file is not."""
    plan = make_plan(project(), "retrain", {"day": "x"})
    assert make_plan(project(), "retrain", {"day": "x", "seed": "0"}).digest == plan.digest
    assert make_plan(project(), "retrain", {"day": "y"}).digest != plan.digest
    assert make_plan(project(changed("min: 0.9", "min: 0.8")), "retrain", {"day": "x"}).digest != plan.digest


def test_rows_to_show() -> None:
    """A plan can be shown without knowing the kinds of steps."""
    rows = describe(make_plan(project(), "retrain", {"day": "x"}))
    assert rows[0] == PlanRow(step="ingest", kind="entry_point", target="ingest", needs=(), when_exists=None)
    assert rows[-1] == PlanRow(
        step="promote",
        kind="gate",
        target="champion",
        needs=("train", "register"),
        when_exists="models:/digits@champion",
    )
    assert [row.target for row in rows] == ["ingest", "tune", "train", "digits", "champion"]


def test_plans_travel() -> None:
    """A plan is the same in another process."""
    plan = make_plan(project(), "retrain", {"day": "x"})
    assert pickle.loads(pickle.dumps(plan)) == plan
