"""An approval counts for one held verdict, against the champion it was about, and once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput, InvalidState, NotFound
from mlflowflow.gates.approval import approve
from mlflowflow.gates.policy import WhenNoChampion
from mlflowflow.gates.verdict import GateOutcome
from mlflowflow.registry.change import Promoted
from tests.gates.examples import QUALITY, policy

if TYPE_CHECKING:
    from mlflowflow.gates.promotion import Promotion
    from tests.gates.registry import Registry

_ASKS = policy(QUALITY, when_no_champion=WhenNoChampion.REQUIRE_APPROVAL)


def _held(registry: Registry) -> str:
    version = registry.version()
    promotion = registry.promote(version, registry.evaluated(version), by=_ASKS)
    assert promotion.verdict.outcome is GateOutcome.HELD
    return promotion.verdict.digest


def _approve(registry: Registry, verdict: str) -> Promotion:
    return approve(
        "digits", verdict, catalog=registry.catalog, journal=registry.journal, comment="looks right"
    )


def test_approval_moves_the_alias(registry: Registry) -> None:
    """A held candidate that is approved becomes champion; the history has who and why."""
    promotion = _approve(registry, _held(registry))
    change = promotion.entry.change
    assert (promotion.moved, registry.champion()) == (True, 1)
    assert isinstance(change, Promoted)
    assert (promotion.entry.reason, change.sentence) == ("looks right", "Approved by ada: looks right")


def test_start_of_the_digest_is_enough(registry: Registry) -> None:
    """People name a verdict as the report shows it."""
    assert _approve(registry, _held(registry)[:12]).moved


def test_approving_twice(registry: Registry) -> None:
    """The second approval returns the first and changes nothing."""
    verdict = _held(registry)
    assert _approve(registry, verdict) == _approve(registry, verdict)
    assert registry.events() == ["mlff.approval.granted", "mlff.gate.held", "mlff.promotion.committed"]


def test_champion_has_changed(registry: Registry) -> None:
    """An approval to become the first champion does not replace one that came in between."""
    verdict = _held(registry)
    registry.version()
    registry.catalog.set_alias("digits", "champion", 2)
    with pytest.raises(InvalidState, match="version 2 is 'champion' now"):
        _approve(registry, verdict)
    assert registry.champion() == 2


def test_failed_verdict_cannot_be_approved(registry: Registry) -> None:
    """A person settles doubt, not failure."""
    version = registry.version()
    promotion = registry.promote(version, registry.evaluated(version, accuracy=0.1))
    with pytest.raises(InvalidState, match="FAILED"):
        _approve(registry, promotion.verdict.digest)


@pytest.mark.parametrize(("verdict", "error"), [("0" * 64, NotFound), ("0", InvalidInput)])
def test_unknown_verdict(registry: Registry, verdict: str, error: type[Exception]) -> None:
    """A verdict that the history does not have, or a name too short to mean one, is refused."""
    _held(registry)
    with pytest.raises(error):
        _approve(registry, verdict)
