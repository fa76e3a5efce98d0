"""A search space is over parameters that exist, in values they can take."""

from __future__ import annotations

import pytest

from mlflowflow.projects.space import Choice, FloatRange, IntRange
from tests.projects.examples import changed, project, wrong

C = "C: {float: [1e-1, 100], log: true, when: {model: svc}}"
DEPTH = "depth: {int: [4, 16], when: {model: forest}}"
MODEL = "model: {choice: [svc, forest]}"


def test_a_whole_space() -> None:
    """Each kind of dimension arrives with its values and conditions."""
    assert project().sweeps["tune"].space == (
        Choice(name="model", options=("svc", "forest")),
        FloatRange(name="C", low=0.1, high=100.0, log=True, when={"model": "svc"}),
        IntRange(name="depth", low=4, high=16, when={"model": "forest"}),
    )


def test_options_have_the_type_of_the_parameter() -> None:
    """YAML's 4 is the text '4' for a text parameter, and '1e-4' is a number for a float."""
    text = changed(C, 'C: {choice: ["1e-4", 1]}').replace(MODEL, "model: {choice: [4, 5]}")
    model, c = (
        project(text.replace(DEPTH, "depth: {int: [4, 16], when: {model: 4}}")).sweeps["tune"].space[1::-1]
    )
    assert isinstance(model, Choice)
    assert isinstance(c, Choice)
    assert {model.name: model.options, c.name: c.options} == {"model": ("4", "5"), "C": (1e-4, 1.0)}


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            C,
            "c: {float: [0.1, 1]}",
            (
                "Dimension 'c' of sweep 'tune' is not a parameter of its entry point. Did you mean 'C'? "
                "Known parameters: C, data, depth, fit_on, model."
            ),
        ),
        (C, "C: {float: [100, 1]}", "Dimension 'C' is empty: its low 100.0 is above its high 1.0."),
        (
            C,
            "C: {float: [0, 1], log: true}",
            "Dimension 'C' has 'log' and the low 0.0; a logarithm needs a low above 0.",
        ),
        (
            C,
            "C: {float: [1]}",
            "'float' of dimension 'C' of sweep 'tune' has 1 value; expected two, [low, high].",
        ),
        (
            C,
            "C: {float: [0.1, x]}",
            "An item of 'float' of dimension 'C' of sweep 'tune' is the text 'x'; expected a finite number.",
        ),
        (C, "C: {float: 5}", "'float' of dimension 'C' of sweep 'tune' is the number 5; expected a list."),
        (
            C,
            "C: {log: true}",
            "Dimension 'C' of sweep 'tune' has no values; expected exactly one of float, int or choice.",
        ),
        (
            C,
            "C: {float: [1, 2], int: [1, 2]}",
            "Dimension 'C' of sweep 'tune' has 'float', 'int'; expected exactly one of float, int or choice.",
        ),
        (
            C,
            "C: {choice: [1, 2], log: true}",
            "Dimension 'C' of sweep 'tune' is a choice, which has no 'log'; remove it.",
        ),
        (C, "C: {choice: []}", "Dimension 'C' has no options; list at least one."),
        (
            C,
            "C: {choice: [high]}",
            "Parameter 'C' is the text 'high'; expected a finite number, such as 0.1.",
        ),
        (C, "C: {choice: [1, ~]}", "Dimension 'C' of sweep 'tune' lists nothing; expected a single value."),
        (
            C,
            "C: {float: [1, 2], when: {model: tree}}",
            "The 'when' of dimension 'C' names 'model', which has no option 'tree'; expected one of svc, forest.",
        ),
        (
            C,
            "C: {float: [1, 2], when: {depth: 5}}",
            "The 'when' of dimension 'C' names 'depth', which is a range; conditions can only be on a choice.",
        ),
        (
            C,
            "C: {float: [1, 2], when: {kernel: rbf}}",
            (
                "The 'when' of dimension 'C' names 'kernel', which is not in the space; expected one of C, depth, "
                "model."
            ),
        ),
        (
            DEPTH,
            "depth: {float: [1, 2]}",
            "Dimension 'depth' of sweep 'tune' is a range of floats, but the parameter is declared as int.",
        ),
        (
            "name: tpe, startup: 8",
            "name: grid",
            "Dimension 'C' has endlessly many values, so the sampler 'grid' cannot visit them all;",
        ),
    ],
)
def test_mistakes(old: str, new: str, sentence: str) -> None:
    """Each mistake is told, and it is the only one that is."""
    (mistake,) = wrong(old, new)
    assert mistake.startswith(sentence)


def test_an_empty_space_is_a_mistake() -> None:
    """A sweep that searches nothing would run the same trial again and again."""
    text = f"    space:\n      {MODEL}\n      {C}\n      {DEPTH}\n"
    assert wrong(text, "") == ["Sweep 'tune' searches nothing; give its 'space' at least one dimension."]


def test_a_condition_is_checked_beside_other_mistakes() -> None:
    """A wrong dimension does not hide a condition that never holds."""
    text = "C: {float: [1, 2], when: {model: tree}}"
    assert len(wrong(C, f"{text}\n      q: 5")) == 1
