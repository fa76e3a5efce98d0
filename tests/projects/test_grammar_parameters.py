"""Entry points are MLflow's: read tolerantly, but with types that are held to."""

from __future__ import annotations

import pytest

from mlflowflow.projects.parameter import Parameter, ParameterType
from tests.projects.examples import ENTRY_POINTS, mistakes, project, wrong


def parameter(declaration: str) -> Parameter:
    """Return the parameter `p` that is declared so."""
    text = f"entry_points:\n  e:\n    parameters: {{p: {declaration}}}\n    command: run\n"
    return project(text).entry_points["e"].parameters["p"]


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        ("float", Parameter(name="p", type=ParameterType.FLOAT)),
        ("", Parameter(name="p")),
        ("{}", Parameter(name="p")),
        ("{default: 1.10}", Parameter(name="p", default="1.10")),
        ("{type: string, default: true}", Parameter(name="p", default="true")),
        ("{type: float, default: '1e-4'}", Parameter(name="p", type=ParameterType.FLOAT, default=1e-4)),
        ("{type: float, default: 1e-4}", Parameter(name="p", type=ParameterType.FLOAT, default=1e-4)),
        ("{type: bool, default: no}", Parameter(name="p", type=ParameterType.BOOL, default=False)),
        ("{type: whatever, default: x, help: yes}", Parameter(name="p", default="x")),
        ("{type: int, default: ~}", Parameter(name="p", type=ParameterType.INT)),
        ("{choices: [a, b]}", Parameter(name="p", choices=("a", "b"))),
    ],
)
def test_declarations(declaration: str, expected: Parameter) -> None:
    """Both of MLflow's forms are read; keys and types it ignores are ignored, and texts stay as written."""
    assert parameter(declaration) == expected


def test_an_entry_point_needs_no_parameters() -> None:
    """An empty section is no mistake in somebody else's file."""
    assert not project("entry_points: {e: {parameters: , command: run}}").entry_points["e"].parameters


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "C: {type: float, default: 1.0}",
            "C: {type: float, default: high}",
            "Parameter 'C' is the text 'high'; expected a finite number, such as 0.1.",
        ),
        (
            "C: {type: float, default: 1.0}",
            "C: {type: float, default: [1]}",
            "Parameter 'C' is a list; expected a single value.",
        ),
        (
            "--seed {seed} --day",
            "--seed {sed} --day",
            (
                "The command of entry point 'ingest' uses '{sed}', which is not the plain name of one of its "
                "parameters. Did you mean 'seed'? Known parameters: day, seed."
            ),
        ),
        (
            'command: "python ingest.py --seed {seed} --day {day}"',
            "run: x",
            "Entry point 'ingest' has no 'command'; expected text.",
        ),
    ],
)
def test_mistakes(old: str, new: str, sentence: str) -> None:
    """What could never run is told at once."""
    assert wrong(old, new) == [sentence]


def test_mistakes_in_command_and_parameters_come_together() -> None:
    """A wrong default does not hide a wrong command."""
    text = "entry_points:\n  e:\n    parameters: {p: {type: int, default: x}}\n    command: run {q}\n"
    assert [mistake.split(":")[0] for mistake in mistakes(text)] == ["line 3, column 21", "line 4, column 5"]


def test_pipeline_params_are_strict() -> None:
    """In our own sections an unknown type or key is a mistake."""
    assert wrong("day: {type: string}", "day: {type: str, dflt: x}") == [
        (
            "'type' of parameter 'day' of pipeline 'retrain' is the text 'str'. Did you mean 'string'? "
            "Known types: bool, float, int, path, string, uri."
        ),
        (
            "Parameter 'day' of pipeline 'retrain' has an unknown key 'dflt'. Did you mean 'default'? "
            "Known keys: choices, default, type."
        ),
    ]


def test_plain_files_have_no_sections() -> None:
    """A file of MLflow's alone is a whole project."""
    assert list(project(ENTRY_POINTS).entry_points) == ["ingest", "train"]
