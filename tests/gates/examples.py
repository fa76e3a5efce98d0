"""Policies, evaluations and strategies that the gates' tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from mlflowflow.gates.evidence import Evaluation, Evidence
from mlflowflow.gates.outcomes import Outcomes
from mlflowflow.gates.policy import (
    Check,
    GatePolicy,
    Goal,
    OnInconclusive,
    PairedTest,
    Relative,
    SignatureCheck,
    Threshold,
    WhenNoChampion,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

QUALITY = Threshold(id="quality", metric="accuracy", min=0.9)
NO_HARM = Relative(id="no_harm", metric="log_loss", goal=Goal.MINIMIZE, min_improvement=-0.05)
BETTER = PairedTest(id="better")
SCHEMA = SignatureCheck(id="schema")


def policy(
    *checks: Check,
    when_no_champion: WhenNoChampion = WhenNoChampion.ABSOLUTE_ONLY,
    on_inconclusive: OnInconclusive = OnInconclusive.HOLD,
    model: str = "digits",
) -> GatePolicy:
    """Return a policy for the alias 'champion' of `model`, by default with one threshold."""
    return GatePolicy(
        name="gate",
        model=model,
        alias="champion",
        when_no_champion=when_no_champion,
        on_inconclusive=on_inconclusive,
        checks=checks or (QUALITY,),
    )


def outcomes(right: Sequence[bool], *, first_row: int = 0) -> Outcomes:
    """Return outcomes that are right on exactly the rows said."""
    rows = range(first_row, first_row + len(right))
    return Outcomes(
        row_ids=tuple(rows), labels=(1,) * len(right), predictions=tuple(int(each) for each in right)
    )


def paired(*, both: int = 80, candidate_only: int = 0, champion_only: int = 0) -> tuple[Outcomes, Outcomes]:
    """Return the candidate's and the champion's outcomes with these counts; nobody is wrong together."""
    candidate = [True] * (both + candidate_only) + [False] * champion_only
    champion = [True] * both + [False] * candidate_only + [True] * champion_only
    return outcomes(candidate), outcomes(champion)


def evaluation(
    version: int, metrics: Mapping[str, float] | None = None, *, rows: Outcomes | None = None
) -> Evaluation:
    """Return the evaluation of `version` by a run named after it."""
    return Evaluation(version=version, run_id=f"run-of-{version}", metrics=metrics or {}, outcomes=rows)


def against(
    candidate: Mapping[str, float] | None = None,
    champion: Mapping[str, float] | None = None,
    *,
    rows: tuple[Outcomes | None, Outcomes | None] = (None, None),
    incompatibilities: tuple[str, ...] | None = None,
) -> Evidence:
    """Return evidence about version 4 against the champion, version 3."""
    return Evidence(
        candidate=evaluation(4, candidate, rows=rows[0]),
        champion=evaluation(3, champion, rows=rows[1]),
        incompatibilities=incompatibilities,
    )


def alone(**metrics: float) -> Evidence:
    """Return evidence about version 1 while there is no champion."""
    return Evidence(candidate=evaluation(1, metrics))


_names = st.text(min_size=1, max_size=8)
_numbers = st.floats(allow_nan=False, allow_infinity=False)


def _threshold(check_id: str) -> st.SearchStrategy[Check]:
    bounds = st.tuples(_numbers, _numbers).map(sorted)
    return st.builds(
        lambda metric, pair, which: Threshold(
            id=check_id,
            metric=metric,
            min=pair[0] if which != "max" else None,
            max=pair[1] if which != "min" else None,
        ),
        _names,
        bounds,
        st.sampled_from(["min", "max", "both"]),
    )


def _check(check_id: str) -> st.SearchStrategy[Check]:
    alphas = st.floats(min_value=0.001, max_value=0.4)
    return st.one_of(
        _threshold(check_id),
        st.builds(
            Relative,
            id=st.just(check_id),
            metric=_names,
            goal=st.sampled_from(Goal),
            min_improvement=_numbers,
        ),
        st.builds(PairedTest, id=st.just(check_id), alpha=alphas),
        st.builds(SignatureCheck, id=st.just(check_id)),
    )


#: Any policy whatever.
policies: st.SearchStrategy[GatePolicy] = st.lists(_names, min_size=1, max_size=4, unique=True).flatmap(
    lambda ids: st.builds(
        GatePolicy,
        name=_names,
        model=st.sampled_from(["digits", "größe", "a b"]),
        alias=st.sampled_from(["champion", "live"]),
        when_no_champion=st.sampled_from(WhenNoChampion),
        on_inconclusive=st.sampled_from(OnInconclusive),
        checks=st.tuples(*(_check(each) for each in ids)),
    )
)

#: Rows as a file may hold them: (row_id, label, prediction), ids unique, in any order.
row_lists: st.SearchStrategy[list[tuple[int, int, int]]] = st.lists(
    st.tuples(st.integers(-99, 99), st.integers(0, 2), st.integers(0, 2)),
    max_size=20,
    unique_by=lambda row: row[0],
)


def from_rows(rows: Sequence[tuple[int, int, int]]) -> Outcomes:
    """Return the outcomes that consist of `rows`."""
    return Outcomes(
        row_ids=tuple(row[0] for row in rows),
        labels=tuple(row[1] for row in rows),
        predictions=tuple(row[2] for row in rows),
    )


_metrics = st.dictionaries(st.sampled_from(["accuracy", "log_loss", "f1"]), st.floats(), max_size=3)


def _evaluations(version: int) -> st.SearchStrategy[Evaluation]:
    return st.builds(
        Evaluation,
        version=st.just(version),
        run_id=st.none() | _names,
        metrics=_metrics,
        outcomes=st.none() | row_lists.map(from_rows),
        signature=st.none() | _names,
    )


#: Any evidence, with and without a champion, complete or not.
evidences: st.SearchStrategy[Evidence] = st.builds(
    Evidence,
    candidate=_evaluations(4),
    champion=st.none() | _evaluations(3),
    incompatibilities=st.none() | st.lists(_names, max_size=2).map(tuple),
)
