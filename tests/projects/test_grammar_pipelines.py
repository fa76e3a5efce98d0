"""A pipeline is steps that can be told apart and can all start some day."""

from __future__ import annotations

import pytest

from mlflowflow.projects.parameter import Parameter, ParameterType
from tests.projects.examples import changed, mistakes, project, wrong

HEAD = """\
spec: mlflowflow/v1
entry_points: {e: {parameters: {x: {default: 0}}, command: "run {x}"}}
pipelines:
  p:
"""


def test_params_of_a_pipeline() -> None:
    """A pipeline declares what can be given to it, as an entry point does."""
    assert project().pipelines["retrain"].params == {
        "seed": Parameter(name="seed", type=ParameterType.INT, default=0),
        "day": Parameter(name="day"),
        "promotion": Parameter(name="promotion", default="here", choices=("here", "event")),
    }


@pytest.mark.parametrize(
    ("steps", "sentences"),
    [
        ("[]", ["line 4, column 3: Pipeline 'p' has no 'steps'; give it at least one."]),
        (
            "[{id: a, entry_point: e}, {id: a, entry_point: e}]",
            ["line 5, column 38: Pipeline 'p' has two steps with the id 'a'; rename one."],
        ),
        (
            "[{id: a, entry_point: e, sweep: s}]",
            [
                (
                    "line 5, column 13: Step 'a' of pipeline 'p' has 'entry_point', 'sweep'; expected exactly one "
                    "of entry_point, sweep, register or gate."
                )
            ],
        ),
        (
            "[{id: a}, b]",
            [
                (
                    "line 5, column 13: Step 'a' of pipeline 'p' has nothing to do; expected exactly one of "
                    "entry_point, sweep, register or gate."
                ),
                "line 5, column 22: Step 2 of pipeline 'p' is the text 'b'; expected a mapping.",
            ],
        ),
        ("[{entry_point: e}]", ["line 5, column 13: Step 1 of pipeline 'p' has no 'id'; expected text."]),
        (
            "[{id: a, entry_point: e, needs: [b]}, {id: b, entry_point: e, params: {x: '${{ steps.a.run_id }}'}}]",
            ["line 5, column 5: These steps need each other in a circle: 'a' needs 'b', which needs 'a'."],
        ),
        (
            "[{id: a, entry_point: e, needs: [a]}]",
            ["line 5, column 5: These steps need each other in a circle: 'a' needs 'a'."],
        ),
    ],
)
def test_mistakes(steps: str, sentences: list[str]) -> None:
    """Whatever keeps a pipeline from running is told before it starts."""
    assert mistakes(f"{HEAD}    steps: {steps}\n") == sentences


def test_outputs_of_a_broken_step_are_not_asked_for() -> None:
    """A step with a mistake of its own is the only one that is told."""
    text = f"""{HEAD}    steps:
      - {{id: a}}
      - {{id: b, entry_point: e, params: {{x: "${{{{ steps.a.outputs.y }}}}"}}}}
"""
    assert len(mistakes(text)) == 1


def test_a_circle_is_told_beside_other_mistakes() -> None:
    """A wrong parameter does not hide that the pipeline could never finish."""
    found = wrong("day: {type: string}", "day: {type: string, dflt: 1}")
    text = changed("day: {type: string}", "day: {type: string, dflt: 1}").replace(
        "id: tune, sweep", "id: tune, needs: [promote], sweep"
    )
    assert len(mistakes(text)) == len(found) + 1
