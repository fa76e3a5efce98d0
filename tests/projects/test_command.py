"""Command lines carry every value to the program unchanged, whatever is in it."""

from __future__ import annotations

import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.command import render
from mlflowflow.projects.parameter import EntryPoint, Parameter

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
names = texts.filter(lambda name: name not in {"", "a", "b"})


def entry_point(command: str, *parameters: str) -> EntryPoint:
    """Return an entry point with text parameters."""
    return EntryPoint(
        name="train", command=command, parameters={name: Parameter(name=name) for name in parameters}
    )


@given(texts, texts, names, texts)
def test_values_arrive_unchanged(first: str, second: str, extra: str, value: str) -> None:
    """Splitting the line as a shell does gives back every value, and the extra ones as options."""
    line = render(entry_point("run {b} {a}", "a", "b"), {"a": first, "b": second, extra: value})
    assert shlex.split(line) == ["run", second, first, f"--{extra}", value]


@pytest.mark.parametrize("value", ["$(echo no)", "`id`", "a; exit 3", "' \"", "new\nline", "*", "{a}", "%s"])
def test_a_real_shell_agrees(value: str) -> None:
    """The shell passes the value on and runs nothing in it."""
    line = render(entry_point("printf %s {a}", "a"), {"a": value})
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout == value


def test_option_names_are_quoted_too() -> None:
    """The name of an extra parameter cannot become a command."""
    assert shlex.split(render(entry_point("run"), {"x; rm": "1"})) == ["run", "--x; rm", "1"]


def test_literal_braces() -> None:
    """Doubled braces are braces, as in MLflow."""
    assert render(entry_point("awk '{{print ${a}}}'", "a"), {"a": 1}) == "awk '{print $1}'"


def test_missing_values_are_named() -> None:
    """Nothing runs with a hole in its command line."""
    with pytest.raises(InvalidInput, match=r"^Entry point 'train' needs a value for the parameter 'b'.$"):
        render(entry_point("run {a} {b}", "a", "b"), {"a": 1})


@pytest.mark.parametrize("command", ["{c}", "{a.x}", "{a[0]}", "{a:>5}", "{a!r}", "{}", "{0}"])
def test_fields_are_plain_names(command: str) -> None:
    """A template looks nothing up inside a value and formats nothing."""
    with pytest.raises(
        InvalidInput, match=r"not the plain name of one of its parameters\. .*: 0, a, a\.x\.$"
    ):
        render(entry_point(command, "a", "0", "a.x"), {"a": "1", "0": "1", "a.x": "1"})


@pytest.mark.parametrize("command", ["{a", "a}", "awk '{print $1}"])
def test_unbalanced_braces(command: str) -> None:
    """A single brace is refused with the way to write it."""
    with pytest.raises(InvalidInput, match=r"unbalanced braces|not the plain name"):
        render(entry_point(command), {})
