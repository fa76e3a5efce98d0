"""Queries: what is understood, and that nothing else is half understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput
from mlflowflow.server.graphql import MOST_CHARACTERS, MOST_DEPTH, read

PAGE = """
# as MLflow's pages write it
query GetRun($data: MlflowGetRunInput! = 3, $more: [String!]) @component(name: "MLflow.(Experiment)") @x {
  mlflowGetRun(input: $data, other: $more) {
    apiError { code, message __typename }
    run { info { runName status } data { metrics { key } } }
    __typename
  }
  again: mlflowGetRun(input: $data) { run { info { runName } } }
}
"""


def test_a_pages_query_is_read() -> None:
    """With types and directives left out, which are for others."""
    first, again = read(PAGE)
    assert (first.alias, first.name, again.alias, again.name) == ("mlflowGetRun",) * 2 + (
        "again",
        "mlflowGetRun",
    )
    assert first.arguments == {"input": "data", "other": "more"}
    assert [each.name for each in first.fields] == ["apiError", "run", "__typename"]
    assert first.wants("run", "data", "metrics", "key")
    assert not first.wants("run", "data", "params")
    assert not again.wants("apiError")


def test_a_query_needs_no_name() -> None:
    """Nor the word before it."""
    assert read("{a}") == read("query{a}") == read("query Q { a }") == read("query Q() @c { a }")


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("", "query ends where a name"),
        ("{", "query ends where a name"),
        ("{}", "has '}' where a name"),
        ("{a", "query ends where a name"),
        ("{a{b}", "query ends where a name"),
        ("{a}}", "After the first operation comes '}'"),
        ("{a} {b}", "expected one operation"),
        ("mutation M { a }", "only a 'query'"),
        ("subscription { a }", "only a 'query'"),
        ("fragment F on T { a } query { ...F }", "only a 'query'"),
        ("{a { ...F }}", "has '...' where a name"),
        ("{a(b: 3)}", "has '3' where '\\$'"),
        ('{a(b: "x")}', "where '\\$' is expected"),
        ("{a(b: {c: $d})}", "where '\\$' is expected"),
        ("{a @skip(if: $b)}", "has '@' where a name"),
        ("query ($a: Int { a }", "query ends where '\\)'"),
        ("{a: }", "has '}' where a name"),
        ("{a ; b}", "has ';' where a name or a sign"),
        ('{a(b: "x)}', "has '\"' where a name or a sign"),
        (f"{{{'a' * MOST_CHARACTERS}}}", "characters; at most"),
        ("{a" * (MOST_DEPTH + 1) + "}" * (MOST_DEPTH + 1), "deeper than"),
    ],
)
def test_what_is_not_understood_is_refused(query: str, why: str) -> None:
    """By its name."""
    with pytest.raises(InvalidInput, match=why):
        read(query)


def test_the_deepest_query_is_read() -> None:
    """One level more is not."""
    assert read("{a" * MOST_DEPTH + "}" * MOST_DEPTH)


@given(st.text(alphabet='{}()[]:$@!=." abq_3#\n', max_size=60))
def test_any_text_is_read_or_refused(query: str) -> None:
    """And nothing else happens."""
    try:
        fields = read(query)
    except InvalidInput:
        return
    assert fields
