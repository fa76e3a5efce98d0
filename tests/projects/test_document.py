"""YAML is read with its places and its original texts, and never harms the reader."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlflowflow.projects.document import ListNode, MapNode, Node, Place, ScalarNode, Unreadable, read

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(min_codepoint=32, max_codepoint=126))
values = st.recursive(
    scalars | texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=8
)


def bare(node: Node) -> object:
    """Return what `node` says, without places."""
    match node:
        case ScalarNode(value=value):
            return value
        case ListNode(items=items):
            return [bare(item) for item in items]
        case MapNode(items=items):
            return {key: bare(item) for key, item in items.items()}


@settings(max_examples=60)
@given(st.dictionaries(texts, values, max_size=4))
def test_json_is_yaml(value: dict[str, object]) -> None:
    """Any JSON text is read as what it says."""
    assert bare(read(json.dumps(value)).root) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-4", 1e-4),
        ("1_000", 1000),
        ("012", 12),
        ("0x1F", 31),
        ("no", "no"),
        ("True", True),
        ("~", None),
        ("12:30", "12:30"),
        ("2026-01-01", "2026-01-01"),
        ("'5'", "5"),
        ("!!str 5", "5"),
        ("!!int x", "x"),
        (".5", 0.5),
        ("-.inf", float("-inf")),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_scalars(text: str, value: object) -> None:
    """Scalars are those of YAML 1.2; what is no number stays text."""
    root = read(f"k: {text}").root
    assert isinstance(root, MapNode)
    assert bare(root.items["k"]) == value


def test_places_and_texts() -> None:
    """Everything knows where it stands, counted from 1, and how it was written."""
    root = read("a: 1\nversion: 1.10\nlist:\n  - x\n").root
    assert isinstance(root, MapNode)
    version = root.items["version"]
    assert version == ScalarNode(place=Place(line=2, column=10), value=1.1, text="1.10")
    assert root.places["list"] == Place(line=3, column=1)


def test_an_empty_value_stands_at_its_key() -> None:
    """YAML puts nothing at the next line; people look at the key."""
    root = read("a: 1\nb:\nc: 3\n").root
    assert isinstance(root, MapNode)
    assert root.items["b"].place == Place(line=2, column=1)


def test_merge_keys() -> None:
    """`<<` brings in what is not written, wherever it stands; the first of several wins."""
    text = "one: &one {a: 1, b: 1}\ntwo: &two {b: 2, c: 2}\nthree: {c: 3, <<: [*one, *two]}\n"
    root = read(text).root
    assert isinstance(root, MapNode)
    assert bare(root.items["three"]) == {"a": 1, "b": 1, "c": 3}


def test_repeated_keys_are_noted() -> None:
    """The first of two values is not lost without a word."""
    assert [str(problem) for problem in read("a: 1\nb: 2\na: 3\n").problems] == [
        "line 3, column 1: The key 'a' is written twice; remove one."
    ]


def test_an_empty_file_is_an_empty_mapping() -> None:
    """Nothing declares nothing."""
    assert bare(read("# only a comment\n").root) == {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "a:\n\t- b\n",
            (
                "line 2, column 1: This is not YAML: while scanning for the next token found character '\\t' that "
                "cannot start any token. YAML does not allow tabs for indentation; use spaces."
            ),
        ),
        ("a: [1\nb: 2\n", "line 2, column 2: This is not YAML: while parsing a flow sequence"),
        ("a: *b\n", "line 1, column 4: This is not YAML: found undefined alias 'b'."),
        ("a: 1\n---\nb: 2\n", "line 2, column 1: This is not YAML: expected a single document"),
        ("a: \x01\n", "This is not YAML: unacceptable character #x0001"),
        (
            "a: &x [*x]\n",
            "line 1, column 4: This part contains itself; write it out instead of using an alias.",
        ),
        ("a: {<<: 5}\n", "line 1, column 9: '<<' merges mappings; found the number 5."),
        ("- " * 2_000, "The file is nested too deeply."),
        ("- " * 60, "line 1, column 101: The file is nested too deeply."),
    ],
)
def test_unreadable_text(text: str, sentence: str) -> None:
    """What is not YAML is refused with the place at which reading stopped."""
    with pytest.raises(Unreadable) as caught:
        read(text)
    assert str(caught.value).startswith(sentence)


def test_lists_are_no_keys() -> None:
    """A key that is no text is noted and does not take another's place."""
    document = read("[a]: 1\n{b: c}: 2\n")
    assert [problem.message for problem in document.problems] == [
        "A key must be text; lists and mappings cannot be keys."
    ] * 2


def test_aliases_do_not_explode() -> None:
    """Nine levels of nine aliases are read at once and held once."""
    lines = ["a0: &a0 [x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 40)]
    root = read("\n".join(lines)).root
    assert isinstance(root, MapNode)
    assert len(root.items) == 40
