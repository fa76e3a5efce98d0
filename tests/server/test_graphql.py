"""Queries: what is understood, and that nothing else is half understood."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput
from mlflowflow.server.graphql import MOST_DEPTH, MOST_TOKENS, read

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
    assert read("{a}") == read("query{a}") == read("query Q { a }") == read("query Q($b: C) @c { a @d }")


def test_fragments_stand_for_their_fields() -> None:
    """Whether they have a name or not, and wherever they are used."""
    found = read(
        "fragment F on T { b ...G } fragment G on T { c } query { a { ...F } d { ... on T { b } ...G } }"
    )
    assert found == read("{ a { b c } d { b c } }")


#: Each fragment stands eight times in the one before it.
GROWING = " ".join(f"fragment F{at} on T {{ a {f'...F{at + 1} ' * 8} }}" for at in range(5))


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("", "cannot be read: Syntax Error: Unexpected <EOF>"),
        ("{a", "cannot be read: .*<EOF>"),
        ("{a}}", "cannot be read: .*'}'"),
        ("{a ; b}", "cannot be read: .*';'"),
        ("{a} {b}", "has 2 operations"),
        ("fragment F on T { a }", "has 0 operations"),
        ("mutation M { a }", "is a 'mutation'; only a 'query'"),
        ("subscription { a }", "is a 'subscription'; only a 'query'"),
        ("{a { ...F }}", "no fragment 'F'"),
        ("fragment F on T { ...F } { ...F }", "deeper than"),
        ("{a(b: 3)}", "'b' of 'a' is written into the query; give it in a variable"),
        ("{a(b: {c: $d})}", "give it in a variable"),
        (f"{{{'a ' * MOST_TOKENS}}}", "cannot be read: .*tokens"),
        (f"{GROWING} fragment F5 on T {{ a }} {{ ...F0 }}", "more than"),
        ("{a" * (MOST_DEPTH + 1) + "}" * (MOST_DEPTH + 1), "deeper than"),
        ("{a" * 900 + "}" * 900, "deep"),
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
    with contextlib.suppress(InvalidInput):
        read(query)
