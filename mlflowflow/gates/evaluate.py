"""From a policy and evidence to a verdict: a pure function, so verdicts can be computed again.

Order of precedence: a failed check refuses; else a check that could not be computed makes the
verdict an error; else doubt is settled by the policy's `on_inconclusive`; else the candidate passed.
While there is no champion, `when_no_champion` can refuse or hold what would have passed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.gates.checks import weigh
from mlflowflow.gates.grounds import ground
from mlflowflow.gates.policy import GatePolicy, OnInconclusive, WhenNoChampion
from mlflowflow.gates.verdict import CheckResult, GateOutcome, Outcome, Verdict
from mlflowflow.gates.wording import named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.gates.evidence import Evidence

_WHEN_INCONCLUSIVE: Final[Mapping[OnInconclusive, GateOutcome]] = {
    OnInconclusive.HOLD: GateOutcome.HELD,
    OnInconclusive.FAIL: GateOutcome.FAILED,
    OnInconclusive.PASS: GateOutcome.PASSED,
}
_WHEN_NO_CHAMPION: Final[Mapping[WhenNoChampion, GateOutcome]] = {
    WhenNoChampion.ABSOLUTE_ONLY: GateOutcome.PASSED,
    WhenNoChampion.REQUIRE_APPROVAL: GateOutcome.HELD,
    WhenNoChampion.FAIL: GateOutcome.FAILED,
}
_VERBS: Final[Mapping[Outcome, str]] = {
    Outcome.PASS: "passed",
    Outcome.FAIL: "failed",
    Outcome.INCONCLUSIVE: "cannot tell",
    Outcome.ERROR: "could not be computed",
}
#: The checks' outcome that explains each verdict best.
_REASONS: Final[Mapping[GateOutcome, tuple[Outcome, ...]]] = {
    GateOutcome.FAILED: (Outcome.FAIL, Outcome.INCONCLUSIVE),
    GateOutcome.ERROR: (Outcome.ERROR,),
    GateOutcome.HELD: (Outcome.INCONCLUSIVE,),
    GateOutcome.PASSED: (Outcome.INCONCLUSIVE,),
}


def evaluate(policy: GatePolicy, evidence: Evidence) -> Verdict:
    """Weigh `evidence` by every check of `policy` and say whether the alias may move."""
    checks = tuple(weigh(check, evidence) for check in policy.checks)
    has_champion = evidence.champion is not None
    outcome = _outcome(policy, {check.outcome for check in checks}, has_champion=has_champion)
    return Verdict(
        outcome=outcome,
        sentence=_sentence(policy, evidence, outcome, checks=checks),
        gate=policy.name,
        model=policy.model,
        version=evidence.candidate.version,
        champion=None if evidence.champion is None else evidence.champion.version,
        checks=checks,
        policy_digest=policy.digest,
        evidence_digest=evidence.digest,
    )


def _outcome(policy: GatePolicy, found: set[Outcome], *, has_champion: bool) -> GateOutcome:
    if Outcome.FAIL in found:
        return GateOutcome.FAILED
    if not has_champion and policy.when_no_champion is WhenNoChampion.FAIL:
        return GateOutcome.FAILED
    if Outcome.ERROR in found:
        return GateOutcome.ERROR
    settled = (
        _WHEN_INCONCLUSIVE[policy.on_inconclusive] if Outcome.INCONCLUSIVE in found else GateOutcome.PASSED
    )
    if has_champion or settled is not GateOutcome.PASSED:
        return settled
    return _WHEN_NO_CHAMPION[policy.when_no_champion]


def _sentence(
    policy: GatePolicy, evidence: Evidence, outcome: GateOutcome, *, checks: tuple[CheckResult, ...]
) -> str:
    return f"{_headline(policy, evidence, outcome)}: {_why(policy, evidence, outcome, checks=checks)}"


def _headline(policy: GatePolicy, evidence: Evidence, outcome: GateOutcome) -> str:
    candidate = f"Version {evidence.candidate.version} of '{policy.model}'"
    replacing = "" if evidence.champion is None else f" in place of version {evidence.champion.version}"
    place = f"'{policy.alias}'{replacing}"
    match outcome:
        case GateOutcome.PASSED:
            return f"{candidate} may become {place}"
        case GateOutcome.FAILED:
            return f"{candidate} does not become {place}"
        case GateOutcome.HELD:
            return f"{candidate} is held and does not become {place} yet"
        case GateOutcome.ERROR:
            return f"{candidate} could not be judged and does not become {place}"


def _why(
    policy: GatePolicy, evidence: Evidence, outcome: GateOutcome, *, checks: tuple[CheckResult, ...]
) -> str:
    for reason in _REASONS[outcome]:
        concerned = [check for check in checks if check.outcome is reason]
        if concerned:
            return _counted(concerned, reason, outcome=outcome, of=len(checks))
    if outcome is GateOutcome.PASSED:
        first = "" if evidence.champion else "there is no champion yet; "
        return f"{first}{_passed(policy, checks)}."
    rule = f"the policy says '{policy.when_no_champion}'"
    return f"there is no champion to compare with, and for that {rule}."


def _counted(concerned: list[CheckResult], reason: Outcome, *, outcome: GateOutcome, of: int) -> str:
    although = ", which this policy lets pass" if outcome is GateOutcome.PASSED else ""
    ids = ", ".join(check.id for check in concerned)
    return f"{len(concerned)} of {named(of, 'check')} {_VERBS[reason]}{although} ({ids})."


def _passed(policy: GatePolicy, checks: tuple[CheckResult, ...]) -> str:
    grounds = [
        f"{result.id}: {ground(check, result.numbers)}"
        for check, result in zip(policy.checks, checks, strict=True)
        if result.applies
    ]
    applied = f"{len(grounds)} of {named(len(checks), 'check')} applied"
    if not grounds:
        return applied
    count = _all(len(checks)) if len(grounds) == len(checks) else f"{applied} and"
    return f"{count} passed ({'; '.join(grounds)})"


def _all(count: int) -> str:
    return "the one check" if count == 1 else f"all {count} checks"
