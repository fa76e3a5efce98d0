"""Random search expressions and runs, and small builders of both."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from mlflowflow.tracking.query.tree import (
    AllOf,
    AnyOf,
    Comparison,
    Entity,
    Expression,
    Field,
    Function,
    Membership,
    Not,
    Operator,
    Presence,
)
from mlflowflow.tracking.run import Run, RunData, RunInfo, RunStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Few, so that expressions and runs often meet; one needs quotes, one has dots.
KEYS = ("a", "b c", "mlflow.x", "it`s")
TEXTS = ("", "a", "ab", "a%", "it's", 'say "hi"')
NUMBERS = (-1.0, 0.0, 0.5, 1e300)

_TEXT_OPERATORS = (Operator.EQ, Operator.NE, Operator.LIKE)
_NUMBER_OPERATORS = (Operator.EQ, Operator.NE, Operator.GT, Operator.GE, Operator.LT, Operator.LE)


def run(
    run_id: str = "r1",
    *,
    metrics: Mapping[str, float] | None = None,
    params: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    start_time: int = 1000,
    end_time: int | None = None,
    run_name: str = "plain-name-1",
) -> Run:
    """Build a run that has just what a test names."""
    return Run(
        info=RunInfo(
            run_id=run_id,
            experiment_id="0",
            run_name=run_name,
            user_id="ada",
            status=RunStatus.FINISHED,
            start_time=start_time,
            end_time=end_time,
        ),
        data=RunData(
            metrics=MappingProxyType(dict(metrics or {})),
            params=MappingProxyType(dict(params or {})),
            tags=MappingProxyType(dict(tags or {})),
        ),
    )


_keys = st.sampled_from(KEYS)
_texts = st.sampled_from(TEXTS)
_numbers = st.sampled_from(NUMBERS)
_text_fields = st.builds(Field, entity=st.sampled_from((Entity.PARAM, Entity.TAG)), key=_keys)
_number_fields = st.builds(
    Field,
    entity=st.just(Entity.METRIC),
    key=_keys,
    function=st.sampled_from([each for each in Function if each is not Function.BEST]),
)

_leaves: st.SearchStrategy[Expression] = st.one_of(
    st.builds(Comparison, field=_text_fields, operator=st.sampled_from(_TEXT_OPERATORS), value=_texts),
    st.builds(Comparison, field=_number_fields, operator=st.sampled_from(_NUMBER_OPERATORS), value=_numbers),
    st.builds(
        Membership,
        field=_text_fields,
        values=st.lists(_texts, min_size=1, max_size=3).map(tuple),
        negated=st.booleans(),
    ),
    st.builds(Presence, field=_text_fields | _number_fields, present=st.booleans()),
)


def _compound(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.builds(AllOf, parts=parts) | st.builds(AnyOf, parts=parts) | st.builds(Not, part=inner)


#: Every shape of expression.
expressions: st.SearchStrategy[Expression] = st.recursive(_leaves, _compound, max_leaves=8)

#: Runs over the same few keys and values.
runs: st.SearchStrategy[Run] = st.builds(
    run,
    metrics=st.dictionaries(_keys, _numbers),
    params=st.dictionaries(_keys, _texts),
    tags=st.dictionaries(_keys, _texts),
)
