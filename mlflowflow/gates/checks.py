"""How each kind of check weighs evidence: one pure function per kind, told apart by `match`.

The sentences are the product. They are what a person reads when a model was refused at night, so
each names the metric, both numbers and, where something is missing, the next step.
"""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from mlflowflow.gates.grounds import bounds
from mlflowflow.gates.outcomes import OUTCOMES_ARTIFACT
from mlflowflow.gates.policy import Check, Goal, PairedTest, Relative, SignatureCheck, Threshold
from mlflowflow.gates.statistics import PairedCounts, mcnemar_exact, paired_counts, rows_to_tell
from mlflowflow.gates.verdict import CheckResult, Outcome
from mlflowflow.gates.wording import differing, named, number, told_apart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.gates.evidence import Evaluation, Evidence
    from mlflowflow.gates.outcomes import Outcomes

_NOT_APPLICABLE: Final[Mapping[str, float]] = MappingProxyType({"applicable": 0.0})
#: Decimal fractions have no exact binary form: 0.3 - 0.2 must count as an improvement of 0.1.
_ROUNDING: Final = 1e-9


def weigh(check: Check, evidence: Evidence) -> CheckResult:
    """Weigh `evidence` by one check. Pure: the same arguments give the same result."""
    match check:
        case Threshold():
            return _weigh_threshold(check, evidence.candidate)
        case Relative() if evidence.champion:
            return _weigh_relative(check, evidence.candidate, evidence.champion)
        case PairedTest() if evidence.champion:
            return _weigh_paired(check, evidence.candidate, evidence.champion)
        case SignatureCheck() if evidence.champion:
            return _weigh_signature(check, evidence, evidence.champion)
        case Relative() | PairedTest() | SignatureCheck():
            return CheckResult(
                id=check.id,
                outcome=Outcome.PASS,
                sentence="There is no champion yet, so there is nothing to compare with.",
                numbers=_NOT_APPLICABLE,
            )


def _weigh_threshold(check: Threshold, candidate: Evaluation) -> CheckResult:
    value = candidate.metrics.get(check.metric)
    if value is None:
        return _missing(check.id, check.metric, candidate, who="the candidate")
    numbers = {**_bounds(check), check.metric: value}  # in this order: a metric may be called "min"
    outcome, sentence = _against_bounds(check, value)
    return CheckResult(id=check.id, outcome=outcome, sentence=sentence, numbers=numbers)


def _bounds(check: Threshold) -> dict[str, float]:
    return {name: bound for name, bound in (("min", check.min), ("max", check.max)) if bound is not None}


def _against_bounds(check: Threshold, value: float) -> tuple[Outcome, str]:
    if math.isnan(value):
        return Outcome.FAIL, f"{check.metric} is not a number (NaN), which satisfies no bound."
    if check.min is not None and value < check.min:
        found, bound = differing(value, check.min)
        return Outcome.FAIL, f"{check.metric} is {found}, below the minimum of {bound}."
    if check.max is not None and value > check.max:
        found, bound = differing(value, check.max)
        return Outcome.FAIL, f"{check.metric} is {found}, above the maximum of {bound}."
    return Outcome.PASS, f"{check.metric} is {number(value)}; {bounds(check)} was asked for."


def _weigh_relative(check: Relative, candidate: Evaluation, champion: Evaluation) -> CheckResult:
    if champion.run_id is None:
        return _unseen(check.id, champion)
    new, old = candidate.metrics.get(check.metric), champion.metrics.get(check.metric)
    if new is None:
        return _missing(check.id, check.metric, candidate, who="the candidate")
    if old is None:
        return _missing(check.id, check.metric, champion, who="the champion")
    difference = _rows_differ(candidate, champion)
    if difference:
        return _inconclusive(check.id, difference)
    gain = new - old if check.goal is Goal.MAXIMIZE else old - new
    outcome = _relative_outcome(new, old, gain=gain, wanted=check.min_improvement)
    return CheckResult(
        id=check.id,
        outcome=outcome,
        sentence=_relative_sentence(check, new, old, gain=gain),
        numbers={
            "candidate": new,
            "champion": old,
            "improvement": gain,
            "min_improvement": check.min_improvement,
        },
    )


def _relative_outcome(new: float, old: float, *, gain: float, wanted: float) -> Outcome:
    if math.isnan(new):
        return Outcome.FAIL
    if math.isnan(old) or math.isnan(gain):
        return Outcome.ERROR
    return Outcome.PASS if gain >= wanted - _ROUNDING * max(1.0, abs(wanted)) else Outcome.FAIL


def _relative_sentence(check: Relative, new: float, old: float, *, gain: float) -> str:
    shown_new, shown_old = told_apart(new, old)
    both = f"{check.metric} is {shown_new} against the champion's {shown_old}"
    if math.isnan(gain):
        return f"{both}; the two cannot be compared."
    change = "no change" if gain == 0 else f"{'better' if gain > 0 else 'worse'} by {number(abs(gain))}"
    return f"{both}, {change}; {_margin(check.min_improvement)}."


def _margin(wanted: float) -> str:
    if wanted > 0:
        return f"an improvement of at least {number(wanted)} was asked for"
    return f"a loss of up to {number(-wanted)} is allowed" if wanted < 0 else "no loss is allowed"


def _weigh_paired(check: PairedTest, candidate: Evaluation, champion: Evaluation) -> CheckResult:
    if champion.run_id is None:
        return _unseen(check.id, champion)
    if candidate.outcomes is None:
        return _without_rows(check.id, candidate, who="candidate")
    if champion.outcomes is None:
        return _without_rows(check.id, champion, who="champion")
    difference = _rows_differ(candidate, champion)
    if difference:
        return _inconclusive(check.id, difference)
    counts = paired_counts(candidate.outcomes.right, champion.outcomes.right)
    p = mcnemar_exact(counts)
    outcome, sentence = _paired_answer(counts, p=p, alpha=check.alpha)
    numbers = {
        "rows": counts.rows,
        "candidate_only": counts.candidate_only,
        "champion_only": counts.champion_only,
        "p": p,
        "alpha": check.alpha,
    }
    return CheckResult(id=check.id, outcome=outcome, sentence=sentence, numbers=numbers)


def _rows_differ(candidate: Evaluation, champion: Evaluation) -> str:
    """Say how the two evaluations' rows differ; averages over different rows are no comparison either."""
    if candidate.outcomes is None or champion.outcomes is None:
        return ""
    difference = _different_rows(candidate.outcomes, champion.outcomes)
    again = f"evaluate the champion, version {champion.version}, on the candidate's rows and pass that run"
    return f"{difference}; {again} as evidence too." if difference else ""


def _different_rows(candidate: Outcomes, champion: Outcomes) -> str:
    if candidate.row_ids != champion.row_ids:
        shared = len(set(candidate.row_ids) & set(champion.row_ids))
        return (
            f"The candidate was evaluated on {named(len(candidate), 'row')} and the champion on "
            f"{named(len(champion), 'row')}, of which {shared} are the same"
        )
    changed = sum(a != b for a, b in zip(candidate.labels, champion.labels, strict=True))
    return f"{named(changed, 'row')} had another label when the champion was evaluated" if changed else ""


def _paired_answer(counts: PairedCounts, *, p: float, alpha: float) -> tuple[Outcome, str]:
    if not counts.discordant:
        same = f"The two are right and wrong on exactly the same {named(counts.rows, 'row')}"
        return Outcome.FAIL, f"{same}, so the candidate is no better."
    won = (
        f"Of the {named(counts.discordant, 'row')} that only one of the two gets right, "
        f"the candidate has {counts.candidate_only}"
    )
    if counts.candidate_only <= counts.champion_only:
        return Outcome.FAIL, f"{won} and the champion {counts.champion_only}, so the candidate is no better."
    if p <= alpha:
        return Outcome.PASS, f"{won}; p = {number(p)}, at most {number(alpha)}: more than chance would give."
    shown_p, shown_alpha = differing(p, alpha, digits=2)
    too_few = f"{won}; p = {shown_p} > {shown_alpha}: too few to tell."
    return Outcome.INCONCLUSIVE, f"{too_few} {_next_step(counts, enough=rows_to_tell(counts, alpha=alpha))}"


def _next_step(counts: PairedCounts, *, enough: int | None) -> str:
    if enough is None:
        return f"Evaluate both on more rows (now {counts.rows})."
    return f"If the difference is real, about {enough} rows in all (now {counts.rows}) would show it."


def _weigh_signature(check: SignatureCheck, evidence: Evidence, champion: Evaluation) -> CheckResult:
    reasons = evidence.incompatibilities
    if reasons is None:
        who = "candidate" if evidence.candidate.signature is None else "champion"
        return _inconclusive(
            check.id,
            f"The {who} was registered without a signature, so the two cannot be compared; "
            "log models with a signature or an input example.",
        )
    caller = f"callers of the champion, version {champion.version},"
    if reasons:
        sentence = f"Some {caller} could not call the candidate: {'; '.join(reasons)}."
    else:
        sentence = f"All {caller} can call the candidate unchanged."
    return CheckResult(
        id=check.id,
        outcome=Outcome.FAIL if reasons else Outcome.PASS,
        sentence=sentence,
        numbers={"incompatibilities": len(reasons)},
    )


def _missing(check_id: str, metric: str, side: Evaluation, *, who: str) -> CheckResult:
    existing = ", ".join(sorted(side.metrics)) or "none"
    return CheckResult(
        id=check_id,
        outcome=Outcome.ERROR,
        sentence=(
            f"Run '{side.run_id}', the evaluation of {who}, has no metric '{metric}'; "
            f"the metrics it has: {existing}."
        ),
    )


def _unseen(check_id: str, champion: Evaluation) -> CheckResult:
    return _inconclusive(
        check_id,
        f"There is no evaluation of the champion, version {champion.version}, to compare with; "
        "evaluate it on the candidate's rows and pass that run as evidence too.",
    )


def _without_rows(check_id: str, side: Evaluation, *, who: str) -> CheckResult:
    return _inconclusive(
        check_id,
        f"The {who}'s evaluation run '{side.run_id}' has no '{OUTCOMES_ARTIFACT}', so the two cannot be "
        "compared row by row; log one with the columns row_id, label and prediction.",
    )


def _inconclusive(check_id: str, sentence: str) -> CheckResult:
    return CheckResult(id=check_id, outcome=Outcome.INCONCLUSIVE, sentence=sentence)
