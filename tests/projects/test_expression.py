"""Look-ups give the value that is there, and say which part is missing when it is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.projects.expression import only_reference, parse, resolve
from mlflowflow.projects.value import JSON, as_text

names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,8}", fullmatch=True)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values: st.SearchStrategy[JSON] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(), inner, max_size=3),
)
plain = st.text().filter(lambda text: "${{" not in text)
SCOPE: JSON = {"params": {"seed": 7}, "steps": {"a": {"run_id": None, "outputs": {"data": "x"}}}}


@given(st.lists(names, min_size=1, max_size=4), values)
def test_lone_expression_keeps_the_value(path: list[str], value: JSON) -> None:
    """A text that is one expression becomes the value itself, whatever its type."""
    scope = value
    for name in reversed(path):
        scope = {name: scope}
    assert isinstance(scope, dict)
    assert resolve("${{ " + ".".join(path) + " }}", scope) == value


@given(plain.filter(bool), scalars.filter(lambda value: value is not None), plain)
def test_embedded_expression_is_written_out(before: str, value: JSON, after: str) -> None:
    """Inside a text the value stands as a command line would show it, and nothing else moves."""
    whole = before + "${{x}}" + after
    if whole.strip() != "${{x}}" and not before.endswith("$"):
        assert resolve(whole, {"x": value}) == before + as_text(value) + after


@given(plain)
def test_text_without_expressions_is_itself(text: str) -> None:
    """Braces and dollars alone mean nothing."""
    assert resolve(text, {}) == text


def test_values_are_not_searched_again() -> None:
    """What a step yields can never smuggle in a look-up."""
    assert resolve("${{ a }}", {"a": "${{ b }}", "b": 1}) == "${{ b }}"


def test_expressions_inside_collections() -> None:
    """Lists and mappings are resolved item by item."""
    assert resolve({"k": ["${{ n }}", 1]}, {"n": 2}) == {"k": (2, 1)}


def test_references_are_found_in_order() -> None:
    """All look-ups of a value are found, also in collections."""
    found = parse(["${{ steps.b.run_id }} and ${{params.x}}", {"k": "${{ steps.a }}"}, 5, None])
    assert [str(each) for each in found] == ["steps.b.run_id", "params.x", "steps.a"]


@pytest.mark.parametrize("value", ["x ${{ a }}", "${{ a }}${{ b }}", "a", "", 5, None])
def test_only_a_lone_expression_is_one(value: JSON) -> None:
    """Two expressions or text around one make a text."""
    assert only_reference(value) is None


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        (
            "steps.a.outputs.dat",
            "'dat' is missing. Did you mean 'data'? Known names at 'steps.a.outputs': data.",
        ),
        ("steps.b.run_id", "'b' is missing. Known names at 'steps': a."),
        (
            "paramz.seed",
            "'paramz' is missing. Did you mean 'params'? Known names at 'the top': params, steps.",
        ),
        ("params.seed.x", "'params.seed' is the number 7; it has no parts."),
    ],
)
def test_missing_part_is_named(path: str, sentence: str) -> None:
    """An error shows the whole path, the part that is missing and what there is."""
    assert isinstance(SCOPE, dict)
    with pytest.raises(NotFound) as caught:
        resolve("${{ " + path + " }}", SCOPE)
    assert str(caught.value) == f"There is no value '{path}'. {sentence}"


def test_nothing_inside_a_text_is_refused() -> None:
    """A skipped step must not put the word None into an address."""
    assert isinstance(SCOPE, dict)
    with pytest.raises(InvalidInput, match=r"'steps\.a\.run_id' has no value"):
        resolve("runs:/${{ steps.a.run_id }}/model", SCOPE)


@pytest.mark.parametrize("text", ["${{ a + 1 }}", "${{ }}", "${{ f(x) }}", "${{ a. }}", "x${{ ${{ a }} }}"])
def test_computing_is_refused(text: str) -> None:
    """Only dotted paths are expressions."""
    with pytest.raises(InvalidInput, match="Expressions do not compute"):
        parse(text)


@pytest.mark.parametrize("text", ["${{ a", "x ${{ a }", "${{ a }} ${{ b"])
def test_unclosed_expression_is_refused(text: str) -> None:
    """A forgotten brace is not silently plain text."""
    with pytest.raises(InvalidInput, match="never closes it with '}}'"):
        parse(text)
