"""A verdict as lines of plain text, for terminals, logs and pull requests.

Plain on purpose: no colour, no table drawing; whoever wants those has the frozen verdict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.gates.verdict import CheckResult, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.gates.verdict import Verdict

_OUTCOME_WIDTH = max(len(outcome) for outcome in Outcome)


def lines(verdict: Verdict) -> Iterator[str]:
    """Yield the verdict in words: the outcome first, then each check with its reason."""
    yield f"Gate '{verdict.gate}': {verdict.outcome}"
    yield f"  {verdict.sentence}"
    id_width = max(len(check.id) for check in verdict.checks)
    for check in verdict.checks:
        yield f"  {_shown(check):<{_OUTCOME_WIDTH}}  {check.id:<{id_width}}  {check.sentence}"
    yield f"  verdict {verdict.digest[:12]}, policy {verdict.policy_digest[:12]}"


def _shown(check: CheckResult) -> str:
    return check.outcome if check.applies else "-"
