"""One reading notes every mistake, and no fact is made of values that were wrong."""

from __future__ import annotations

from enum import StrEnum

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.document import MapNode, Place, read
from mlflowflow.projects.grammar import (
    DURATION,
    FLAG,
    NUMBER,
    TEXT,
    WHOLE,
    Kind,
    Problems,
    Section,
    at_least,
    demand_name,
    look_up,
    one_of,
)


class Colour(StrEnum):
    """Some words."""

    RED = "red"
    BLUE = "blue"


def section(text: str, *known: str) -> Section:
    """Return `text` as the section "sweep 'tune'" with the `known` keys, or any if there are none."""
    root = read(text).root
    assert isinstance(root, MapNode)
    return Section(
        root, owner="sweep 'tune'", place=Place(line=9, column=3), problems=Problems(), known=known or None
    )


def noted(reader: Section) -> list[str]:
    """Return the problems noted so far."""
    return [str(problem) for problem in reader.problems.in_file_order()]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (TEXT, "5", "is the number 5; expected text."),
        (TEXT, "''", "is the text ''; expected text."),
        (NUMBER, "x", "is the text 'x'; expected a finite number."),
        (WHOLE, "1.5", "is the number 1.5; expected a whole number."),
        (FLAG, "maybe", "is the text 'maybe'; expected true or false."),
        (at_least(1), "0", "is the number 0; expected a whole number of at least 1."),
        (one_of(Colour), "green", "is the text 'green'; expected red or blue."),
        (DURATION, "soon", "is the text 'soon'; expected a duration such as"),
        (TEXT, "[a]", "is a list; expected text."),
        (NUMBER, "{a: 1}", "is a mapping; expected a finite number."),
        (TEXT, "~", "is nothing; expected text."),
    ],
)
def test_mismatches(kind: Kind[object], text: str, expected: str) -> None:
    """What was found stands beside what was expected, at its place."""
    reader = section(f"key: {text}")
    assert reader.get("key", kind) is None
    assert noted(reader)[0].startswith(f"line 1, column 6: 'key' of sweep 'tune' {expected}")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (NUMBER, "'1e-4'", 1e-4),
        (WHOLE, "1e3", 1000),
        (FLAG, "no", False),
        (DURATION, "5m", 300.0),
        (one_of(Colour), "blue", Colour.BLUE),
    ],
)
def test_values(kind: Kind[object], text: str, value: object) -> None:
    """Right values are typed, however they are written."""
    assert section(f"key: {text}").get("key", kind) == value


def test_missing_key_is_noted_at_the_section() -> None:
    """What is not there has no place of its own."""
    reader = section("a: 1")
    assert reader.require("budget", WHOLE) == 0
    assert noted(reader) == ["line 9, column 3: Sweep 'tune' has no 'budget'; expected a whole number."]


def test_unknown_keys_are_noted() -> None:
    """A slip in a key is not ignored, and the nearest key is offered."""
    reader = section("a: 1\nparalel: 2\n", "a", "parallel")
    assert noted(reader) == [
        (
            "line 2, column 1: Sweep 'tune' has an unknown key 'paralel'. Did you mean 'parallel'? "
            "Known keys: a, parallel."
        )
    ]


def test_every_wrong_item_is_noted() -> None:
    """Right items of a list are kept, wrong ones are all told."""
    reader = section("list: [1, x, 2, [3]]")
    assert reader.each("list", WHOLE) == (1, 2)
    assert len(noted(reader)) == 2


@pytest.mark.parametrize("text", ["a: ~", "b: 1"])
def test_empty_collections(text: str) -> None:
    """An empty value is an empty collection."""
    reader = section(text)
    assert (reader.items("a"), dict(reader.children("a")), dict(reader.scalars("a"))) == ((), {}, {})
    assert noted(reader) == []


def test_collections_of_the_wrong_shape() -> None:
    """A list where a mapping belongs is noted, and the other way round."""
    reader = section("a: [1]\nb: {c: 1}\n")
    reader.children("a")
    reader.items("b")
    assert noted(reader) == [
        "line 1, column 4: 'a' of sweep 'tune' is a list; expected a mapping.",
        "line 2, column 4: 'b' of sweep 'tune' is a mapping; expected a list.",
    ]


def test_mistakes_are_told_in_file_order() -> None:
    """The order of reading is ours; people go through a file from its top."""
    reader = section("a: x\nb: x\n")
    reader.get("b", WHOLE)
    reader.get("a", WHOLE)
    assert [mistake.split(",")[0] for mistake in noted(reader)] == ["line 1", "line 2"]


def test_a_mistake_is_noted_once() -> None:
    """Reading a value twice does not tell the mistake twice."""
    reader = section("a: [1]")
    reader.children("a")
    reader.children("a")
    assert len(noted(reader)) == 1


def test_nothing_is_made_of_wrong_values() -> None:
    """A blank never becomes part of a fact, also if it was wrong in a section inside."""
    reader = section("trial: {attempts: x}")
    inner = reader.section("trial", known=("attempts",))
    assert inner is not None
    inner.get("attempts", WHOLE)
    assert reader.build(lambda: pytest.fail("made of blanks")) is None


def test_a_fact_that_refuses_itself_is_a_problem() -> None:
    """What a constructor refuses is told like any other mistake, each line as one."""

    def refuse() -> object:
        raise InvalidInput("First.\nSecond.")

    reader = section("a: 1")
    assert reader.build(refuse) is None
    assert noted(reader) == ["line 9, column 3: First.", "line 9, column 3: Second."]


def test_look_up() -> None:
    """A name that is declared but broken is no second mistake."""
    reader = section("gate: a\nsweep: b\n")
    assert look_up(reader, "gate", {"a": None}, noun="gate") == ("a", None)
    assert look_up(reader, "sweep", {"bb": 1}, noun="sweep") == ("b", None)
    assert noted(reader) == [
        (
            "line 2, column 1: Sweep 'tune' names the sweep 'b', which is not declared. Did you mean 'bb'? "
            "Known sweeps: bb."
        )
    ]


@pytest.mark.parametrize("name", ["a.b", "a b", "-a", "ä", "a/b"])
def test_names_fit_into_look_ups(name: str) -> None:
    """A step that no look-up could name is refused."""
    reader = section("a: 1")
    demand_name(reader, name)
    assert len(noted(reader)) == 1
