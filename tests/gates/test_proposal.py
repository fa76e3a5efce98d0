"""An announced candidate is decided about exactly once, however often somebody is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import CorruptData, InvalidInput, InvalidState, NotFound
from mlflowflow.gates.proposal import CANDIDATE_READY, PROMOTE_CONSUMER, promote_candidate, propose
from mlflowflow.registry.change import Promoted
from tests.gates.examples import policy

if TYPE_CHECKING:
    from mlflowflow.gates.promotion import Promotion
    from tests.gates.registry import Registry


def _decide(registry: Registry, version: int = 1) -> Promotion:
    return promote_candidate(
        "digits", version, tracker=registry.runs, catalog=registry.catalog, journal=registry.journal
    )


def _announced(registry: Registry, *, accuracy: float = 0.95) -> str:
    version = registry.version()
    run = registry.evaluated(version, accuracy=accuracy)
    return propose(policy(), version=version, evaluations=[run], journal=registry.journal).id


def test_announced_candidate_is_promoted(registry: Registry) -> None:
    """The announcement carries all that the decision needs; the decision names the announcement."""
    event_id = _announced(registry)
    promotion = _decide(registry)
    assert (promotion.moved, registry.champion()) == (True, 1)
    assert isinstance(promotion.entry.change, Promoted)
    assert promotion.entry.change.cause == f"event {event_id}"


def test_events_follow_the_announcement(registry: Registry) -> None:
    """Events of a decision name the event that led to it."""
    event_id = _announced(registry)
    _decide(registry)
    (committed,) = registry.journal.list("mlff.promotion.committed")
    assert committed.follows == event_id


def test_announcing_twice_is_one_announcement(registry: Registry) -> None:
    """The same candidate, evidence and policy are the same event."""
    first = _announced(registry)
    again = propose(
        policy(), version=1, evaluations=["evaluation-of-1"], journal=registry.journal, cause="later"
    )
    assert again.id == first


def test_late_delivery_changes_nothing(registry: Registry) -> None:
    """Delivered again after another version won, the event gets its first answer."""
    _announced(registry)
    before = _decide(registry)
    second = registry.version()
    registry.promote(second, registry.evaluated(second))
    assert _decide(registry) == before
    assert registry.champion() == second


def test_decision_is_acknowledged(registry: Registry) -> None:
    """A decided announcement is not offered again, a refusal included."""
    event_id = _announced(registry, accuracy=0.5)
    _decide(registry)
    assert registry.journal.unacknowledged(PROMOTE_CONSUMER, CANDIDATE_READY) == []
    done = registry.journal.acknowledgement(event_id, PROMOTE_CONSUMER)
    assert done is not None
    assert (done.result["outcome"], done.result["moved"]) == ("FAILED", False)


def test_crash_before_the_acknowledgement(registry: Registry) -> None:
    """Decided but not acknowledged: the next delivery finds the decision and acknowledges it."""
    event_id = _announced(registry)
    before = registry.promote(1, "evaluation-of-1", idem=f"event:{event_id}")
    assert _decide(registry) == before
    assert registry.journal.unacknowledged(PROMOTE_CONSUMER, CANDIDATE_READY) == []


def test_new_evidence_is_a_new_question(registry: Registry) -> None:
    """A candidate that failed may be announced again with a new evaluation, and is decided anew."""
    _announced(registry, accuracy=0.5)
    assert not _decide(registry).moved
    registry.clock.advance(1)
    better = registry.runs.add(
        "second-look", metrics={"accuracy": 0.99}, tags={"mlff.model": "models:/digits/1"}
    )
    propose(policy(), version=1, evaluations=[better], journal=registry.journal)
    assert _decide(registry).moved


def test_announced_again_after_it_won(registry: Registry) -> None:
    """A second announcement of the champion finds it there, once and for all."""
    _announced(registry)
    _decide(registry)
    registry.clock.advance(1)
    propose(policy(), version=1, evaluations=["evaluation-of-1", "evaluation-of-1"], journal=registry.journal)
    again = _decide(registry)
    assert not again.moved
    assert _decide(registry) == again
    assert registry.journal.unacknowledged(PROMOTE_CONSUMER) != []  # events that others wait for
    assert registry.journal.unacknowledged(PROMOTE_CONSUMER, CANDIDATE_READY) == []


def test_hopeless_candidate_is_rejected_once(registry: Registry) -> None:
    """A candidate whose evidence is gone is acknowledged, and every repeat says why."""
    _announced(registry)
    registry.runs.runs.clear()
    with pytest.raises(NotFound, match="evaluation-of-1"):
        _decide(registry)
    assert registry.journal.unacknowledged(PROMOTE_CONSUMER, CANDIDATE_READY) == []
    with pytest.raises(InvalidState, match="rejected before: There is no run 'evaluation-of-1'"):
        _decide(registry)


def test_hopeless_announcement_does_not_stop_a_later_one(registry: Registry) -> None:
    """An announcement that cannot be decided is passed over for the next one."""
    registry.version()
    propose(policy(), version=1, evaluations=["gone"], journal=registry.journal)
    registry.clock.advance(1)
    propose(policy(), version=1, evaluations=[registry.evaluated(1)], journal=registry.journal)
    assert _decide(registry).moved


def test_unannounced_candidate(registry: Registry) -> None:
    """What nobody announced is not decided about."""
    with pytest.raises(NotFound, match="announced candidate"):
        _decide(registry)


def test_foreign_announcement(registry: Registry) -> None:
    """An announcement that does not say what to decide is called damaged, not guessed at."""
    registry.journal.record(CANDIDATE_READY, subject="models:/digits/1", payload={"version": 1})
    with pytest.raises(CorruptData):
        _decide(registry)


def test_key_is_the_events(registry: Registry) -> None:
    """The decision's key comes from the announcement, so no other request shares it."""
    event_id = _announced(registry)
    _decide(registry)
    second = registry.version()
    with pytest.raises(InvalidInput, match="already used"):
        registry.promote(second, registry.evaluated(second), idem=f"event:{event_id}")
