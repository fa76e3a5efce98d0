"""The grammar: what is read as what, and how mistakes are answered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidFilter
from mlflowflow.tracking.query.parser import parse
from mlflowflow.tracking.query.records import RUNS, parse_filter
from mlflowflow.tracking.query.tree import (
    AllOf,
    AnyOf,
    Comparison,
    Entity,
    Expression,
    Field,
    Membership,
    Not,
    Operator,
    Presence,
    to_text,
)
from tests.tracking.query.strategies import expressions, run


def _equal(entity: Entity, key: str, value: str) -> Comparison:
    return Comparison(field=Field(entity=entity, key=key), operator=Operator.EQ, value=value)


def _mistake(text: str) -> int:
    try:
        parse_filter(text)
    except InvalidFilter as error:
        return error.position
    return 0


@given(expression=expressions)
def test_printing_is_undone_by_parsing(expression: Expression) -> None:
    """Every expression, written out, parses to itself."""
    assert parse(to_text(expression), RUNS).expression == expression


@given(text=st.text("abp.'\"`()=!<>%, 01ANDORINT", max_size=30))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    """No text makes the parser fail in another way than `InvalidFilter`."""
    assert 0 <= _mistake(text) <= len(text)


@pytest.mark.parametrize(
    ("text", "entity", "key"),
    [
        ("params.a = 'v'", Entity.PARAM, "a"),
        ('parameter."b c" = "v"', Entity.PARAM, "b c"),
        ("Tag.`x:y` = 'v'", Entity.TAG, "x:y"),
        ("tags.mlflow.runName = 'v'", Entity.TAG, "mlflow.runName"),
        ("run_id = 'v'", Entity.ATTRIBUTE, "run_id"),
        ("attr.run_name = 'v'", Entity.ATTRIBUTE, "run_name"),
        ('attributes."Run name" = "v"', Entity.ATTRIBUTE, "run_name"),
        ("`Run ID` = 'v'", Entity.ATTRIBUTE, "run_id"),
        ("run.user = 'v'", Entity.ATTRIBUTE, "user_id"),
    ],
)
def test_fields_have_mlflows_spellings(text: str, entity: Entity, key: str) -> None:
    """Every way MLflow names a field is understood."""
    assert parse_filter(text).expression == _equal(entity, key, "v")


def test_and_binds_tighter_than_or() -> None:
    """``a OR b AND c`` is ``a OR (b AND c)``."""
    a, b, c = (_equal(Entity.TAG, key, "1") for key in "abc")
    found = parse_filter("tags.a = '1' or tags.b = '1' and tags.c = '1'").expression
    assert found == AnyOf(parts=(a, AllOf(parts=(b, c))))


def test_not_binds_tightest() -> None:
    """``NOT a AND b`` is ``(NOT a) AND b``."""
    a, b = (_equal(Entity.TAG, key, "1") for key in "ab")
    assert parse_filter("NOT tags.a='1' AND tags.b='1'").expression == AllOf(parts=(Not(part=a), b))


def test_parentheses_group() -> None:
    """Parentheses overrule the precedence."""
    a, b, c = (_equal(Entity.TAG, key, "1") for key in "abc")
    found = parse_filter("(tags.a='1' OR tags.b='1') AND tags.c='1'").expression
    assert found == AllOf(parts=(AnyOf(parts=(a, b)), c))


def test_length_is_not_depth() -> None:
    """Many groups side by side are no deeper than one."""
    assert parse_filter(" AND ".join(["NOT (tags.a = 'b')"] * 200)).matches(run(tags={"a": "c"}))


def test_lists() -> None:
    """IN and NOT IN take lists of texts."""
    field = Field(entity=Entity.ATTRIBUTE, key="run_id")
    assert parse_filter("run_id NOT IN ('a', \"b\")").expression == Membership(
        field=field, values=("a", "b"), negated=True
    )


def test_null() -> None:
    """IS NULL asks for absence."""
    field = Field(entity=Entity.TAG, key="a")
    assert parse_filter("tags.a is null").expression == Presence(field=field, present=False)


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ("metrics.a = '1'", 12, "number without quotes"),
        ("params.a = 1", 11, "text in quotes"),
        ("params.a = `b`", 11, "text in quotes"),
        ("params.a > 'b'", 9, "one of =, !=, LIKE, ILIKE"),
        ("metrics.a LIKE 'b'", 10, "one of =, !=, >, >=, <, <="),
        ("metrics.a IN ('b')", 10, "takes text only"),
        ("metric.a = 1 metric.b = 2", 13, "Expected AND, OR or the end"),
        ("metrics.a = 1e999", 12, "too large"),
        ("colour = 'red'", 0, "not an attribute"),
        ("traces.name = 'x'", 0, "not a thing to search by"),
        ("dataset.size = 'x'", 0, "nothing of a dataset"),
        ("dataset.name > 'x'", 13, "is compared with one of"),
        ("max(params.a) = 'x'", 4, "takes a metric"),
        ("max(metrics.a > 1", 3, "is not closed"),
        ("median(metrics.a) > 1", 0, "is not an attribute"),
        ("tags. 'x' = 'y'", 6, "Expected a key after tags."),
        ("(tags.a = 'b'", 0, "not closed"),
        ("tags.a IS 'b'", 10, "NULL or NOT NULL"),
        ("tags.a NOT LIKE 'b'", 7, "Expected IN after NOT"),
        ("run_id IN 'a'", 7, "needs a list"),
        ("run_id IN ('a' 'b')", 15, "comma"),
        ("tags.a = 'b' AND", 16, "Expected a key"),
        ("(" * 60 + "tags.a = 'b'" + ")" * 60, 50, "nested deeper"),
        ("NOT " * 60 + "tags.a = 'b'", 200, "nested deeper"),
    ],
)
def test_mistakes_are_named_at_their_place(text: str, position: int, reason: str) -> None:
    """Every mistake is a sentence and a position."""
    with pytest.raises(InvalidFilter) as caught:
        parse_filter(text)
    assert caught.value.position == position
    assert reason in caught.value.reason


@pytest.mark.parametrize("text", ["", "  \n "])
def test_no_expression_finds_everything(text: str) -> None:
    """An empty filter matches every run."""
    assert parse_filter(text).matches(run())


@pytest.mark.parametrize("text", ["params.a != 'x'", "NOT params.a = 'x'", "metrics.m != 1"])
def test_a_missing_key_leaves_the_run_out(text: str) -> None:
    """What a run does not have differs from nothing, as in MLflow."""
    assert not parse_filter(text).matches(run())


@pytest.mark.parametrize(("text", "found"), [("a LIKE 'Re%'", True), ("a LIKE 're%'", False)])
def test_like_minds_the_case(text: str, *, found: bool) -> None:
    """LIKE is case-sensitive."""
    assert parse_filter(f"params.{text}").matches(run(params={"a": "ResNet"})) is found


def test_ilike_does_not_mind_the_case() -> None:
    """ILIKE is case-insensitive."""
    assert parse_filter("params.a ILIKE 'rES%'").matches(run(params={"a": "ResNet"}))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("MIN( metric.loss ) < 1", "min(metrics.loss) < 1.0"),
        ("best(metrics.`a b`) IS NOT NULL", "best(metrics.`a b`) IS NOT NULL"),
        (
            "last(metrics.a) > 1 AND dataset.name LIKE 'w%'",
            "last(metrics.a) > 1.0 AND datasets.name LIKE 'w%'",
        ),
        ("metrics.min > 1", "metrics.min > 1.0"),
        ("datasets.context IN ('train')", "datasets.context IN ('train')"),
    ],
)
def test_functions_and_datasets_are_read(text: str, written: str) -> None:
    """A function is one only before a parenthesis; a metric may be called min."""
    assert str(parse_filter(text)) == written
    assert parse_filter(written).expression == parse_filter(text).expression
