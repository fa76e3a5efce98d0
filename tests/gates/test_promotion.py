"""An alias moves once, on a verdict about the champion it replaces, and the history says why."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput, InvalidState, NotFound, StoreUnavailable
from mlflowflow.events.journal import Journal
from mlflowflow.gates.promotion import Promotion, promote
from mlflowflow.gates.verdict import GateOutcome
from mlflowflow.registry.change import GateEvaluated, Promoted
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.tracker import Tracker
from tests.gates.examples import BETTER, QUALITY, paired, policy
from tests.gates.registry import Registry, RunsInMemory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlflowflow.storage.blob import Created
    from mlflowflow.tracking.run import Run

_BETTER_ROWS, _WORSE_ROWS = paired(candidate_only=20, champion_only=5)


class _InterruptedRuns(RunsInMemory):
    """Runs whose first reading lets somebody else decide in between."""

    def __init__(self, runs: RunsInMemory, interruption: Callable[[], object]) -> None:
        super().__init__(runs=runs.runs, files=runs.files)
        self._interruption = interruption

    def get_run(self, run_id: str) -> Run:
        if not self.reads:
            self._interruption()
        return super().get_run(run_id)


class _ForgetfulStore(MemoryBlobStore):
    """A store that fails for everything below a prefix, once."""

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self._prefix = prefix

    def create(self, key: str, data: bytes) -> Created:
        if self._prefix and key.startswith(self._prefix):
            self._prefix = ""
            raise StoreUnavailable(self.url, "the test says so")
        return super().create(key, data)


def test_first_model_is_promoted(registry: Registry) -> None:
    """A candidate that meets the absolute checks becomes the first champion."""
    version = registry.version()
    promotion = registry.promote(version, registry.evaluated(version))
    assert (promotion.moved, promotion.champion_before, registry.champion()) == (True, None, 1)
    assert promotion.sentence == "Version 1 of 'digits' became 'champion'."


def test_better_model_replaces_the_champion(registry: Registry) -> None:
    """A candidate that wins the paired test takes the champion's place."""
    registry.version()
    registry.catalog.set_alias("digits", "champion", 1)
    candidate = registry.version()
    runs = registry.evaluated(1, rows=_WORSE_ROWS), registry.evaluated(candidate, rows=_BETTER_ROWS)
    promotion = registry.promote(candidate, *runs, by=policy(QUALITY, BETTER))
    assert (promotion.moved, promotion.champion_before, registry.champion()) == (True, 1, 2)


def test_history_says_why(registry: Registry) -> None:
    """The decision names verdict, evidence, cause and actor, and its verdict can be recomputed."""
    version = registry.version()
    run = registry.evaluated(version)
    promotion = registry.promote(version, run)
    entry = registry.catalog.history("digits")[-1]
    assert isinstance(entry.change, Promoted)
    assert (entry.actor, entry.change.evaluations, entry.change.cause) == ("ada", (run,), "test")
    assert registry.archive.recompute(entry.change.verdict).digest == promotion.verdict.digest


def test_refusal_is_in_the_history(registry: Registry) -> None:
    """A candidate that fails moves nothing, and the history has the reason in words."""
    version = registry.version()
    promotion = registry.promote(version, registry.evaluated(version, accuracy=0.5))
    change = registry.catalog.history("digits")[-1].change
    assert not promotion.moved
    assert isinstance(change, GateEvaluated)
    assert change.outcome == "FAILED"
    assert "accuracy is 0.5, below the minimum of 0.9." in change.sentence
    with pytest.raises(NotFound):
        registry.champion()


def test_champion_without_an_evaluation(registry: Registry) -> None:
    """Against a champion that nobody evaluated the gate holds, and says what to do."""
    registry.version()
    registry.catalog.set_alias("digits", "champion", 1)
    candidate = registry.version()
    promotion = registry.promote(
        candidate, registry.evaluated(candidate, rows=_BETTER_ROWS), by=policy(BETTER)
    )
    assert promotion.verdict.outcome is GateOutcome.HELD
    assert "no evaluation of the champion, version 1" in promotion.sentence


def test_champion_as_it_was_weighed_before(registry: Registry) -> None:
    """A champion that came through a gate is compared by the evidence of then."""
    gate = policy(QUALITY, BETTER)
    first = registry.version()
    registry.promote(first, registry.evaluated(first, rows=_WORSE_ROWS), by=gate)
    second = registry.version()
    promotion = registry.promote(second, registry.evaluated(second, rows=_BETTER_ROWS), by=gate)
    assert promotion.moved


def test_champion_is_not_mistaken_for_a_refused_candidate(registry: Registry) -> None:
    """The evidence of then is the champion's own, not that of a candidate weighed since."""
    gate = policy(QUALITY, BETTER)
    first, refused = registry.version(), registry.version()
    registry.promote(first, registry.evaluated(first, rows=_WORSE_ROWS), by=gate)
    registry.promote(refused, registry.evaluated(refused, rows=_WORSE_ROWS), by=gate)
    third = registry.version()
    verdict = registry.promote(third, registry.evaluated(third, rows=_BETTER_ROWS), by=gate).verdict
    champion = registry.archive.get(verdict.digest).evidence.champion
    assert champion is not None
    assert (champion.version, champion.run_id) == (first, "evaluation-of-1")


def test_every_decision_has_its_own_events(registry: Registry) -> None:
    """Two refusals of one version are two events."""
    version = registry.version()
    for accuracy in (0.5, 0.6):
        registry.promote(version, registry.evaluated(version, accuracy=accuracy))
    assert registry.events() == ["mlff.gate.failed", "mlff.gate.failed"]


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [(0.95, ["mlff.gate.passed", "mlff.promotion.committed"]), (0.5, ["mlff.gate.failed"])],
)
def test_events(registry: Registry, outcome: float, expected: list[str]) -> None:
    """What was decided is journaled: the verdict, and the move if there was one."""
    version = registry.version()
    registry.promote(version, registry.evaluated(version, accuracy=outcome))
    assert registry.events() == expected


# ---- once ------------------------------------------------------------------------------------------------------


def test_repeat_returns_the_first_decision(registry: Registry) -> None:
    """A repeated request gets the first answer, though evidence and champion have changed since."""
    first = registry.version()
    before = registry.promote(first, registry.evaluated(first), idem="request")
    second = registry.version()
    registry.promote(second, registry.evaluated(second))
    registry.runs.runs.clear()
    assert registry.promote(first, "evaluation-of-1", idem="request") == before
    assert registry.champion() == second


def test_repeated_refusal_stays(registry: Registry) -> None:
    """A refusal is an answer too: the same request is not weighed twice."""
    version = registry.version()
    before = registry.promote(version, registry.evaluated(version, accuracy=0.5), idem="request")
    registry.evaluated(version, accuracy=0.99)
    assert registry.promote(version, "evaluation-of-1", idem="request") == before


def test_key_of_another_request(registry: Registry) -> None:
    """A key that answered about another version is refused, not silently reused."""
    first, second = registry.version(), registry.version()
    registry.promote(first, registry.evaluated(first), idem="request")
    with pytest.raises(InvalidInput, match="'request' was already used"):
        registry.promote(second, registry.evaluated(second), idem="request")


def test_champion_is_not_promoted_again(registry: Registry) -> None:
    """A version that is champion already comes with the decision that made it so."""
    version = registry.version()
    before = registry.promote(version, registry.evaluated(version))
    again = registry.promote(version, "evaluation-of-1")
    assert (again.moved, again.entry) == (False, before.entry)
    assert len(registry.catalog.history("digits")) == 2  # registered, promoted


def test_champion_by_hand_is_not_promoted(registry: Registry) -> None:
    """A version that was made champion by hand has no verdict to show."""
    version = registry.version()
    registry.catalog.set_alias("digits", "champion", version)
    with pytest.raises(InvalidState, match="put there without a gate"):
        registry.promote(version, registry.evaluated(version))


def test_repeat_completes_what_a_crash_left_out() -> None:
    """Decided but not announced: repeating the request announces it, and decides nothing new."""
    registry = Registry(_ForgetfulStore("events/"))
    version = registry.version()
    run = registry.evaluated(version)
    with pytest.raises(StoreUnavailable):
        registry.promote(version, run, idem="request")
    registry.promote(version, run, idem="request")
    assert registry.events() == ["mlff.gate.passed", "mlff.promotion.committed"]
    assert len(registry.catalog.history("digits")) == 2


def test_no_decision_without_its_verdict() -> None:
    """If the verdict cannot be stored, nothing is decided."""
    registry = Registry(_ForgetfulStore("registry/models/digits/verdicts/"))
    version = registry.version()
    with pytest.raises(StoreUnavailable):
        registry.promote(version, registry.evaluated(version))
    assert len(registry.catalog.history("digits")) == 1


# ---- against whom ------------------------------------------------------------------------------------------------


def test_weighed_again_when_the_champion_changes(registry: Registry) -> None:
    """A champion that arrives between weighing and deciding is the one that counts."""
    gate = policy(QUALITY, BETTER)
    slow, fast = registry.version(), registry.version()
    slow_run = registry.evaluated(slow, rows=_WORSE_ROWS)
    fast_run = registry.evaluated(fast, rows=_BETTER_ROWS)
    interrupted = _InterruptedRuns(registry.runs, lambda: registry.promote(fast, fast_run, by=gate))
    promotion = promote(
        gate,
        version=slow,
        evaluations=[slow_run],
        tracker=interrupted,
        catalog=registry.catalog,
        journal=registry.journal,
    )
    assert (promotion.verdict.champion, promotion.champion_before) == (fast, fast)
    assert promotion.verdict.outcome is GateOutcome.FAILED
    assert registry.champion() == fast


def test_racing_candidates(registry: Registry) -> None:
    """Of racing candidates each was weighed against exactly the champion it replaced or met."""
    gate, count = policy(QUALITY), 6
    versions = [registry.version() for _ in range(count)]
    runs = {version: registry.evaluated(version) for version in versions}
    start = threading.Barrier(count)

    def race(version: int) -> Promotion:
        start.wait()
        return registry.promote(version, runs[version], by=gate)

    with ThreadPoolExecutor(count) as pool:
        promotions = sorted(pool.map(race, versions), key=lambda each: each.entry.seq)
    chain = [None, *(each.verdict.version for each in promotions)]
    assert [each.verdict.champion for each in promotions] == chain[:-1]
    assert registry.champion() == chain[-1]


def test_unknown_version(registry: Registry) -> None:
    """A version that does not exist is refused and leaves no trace."""
    registry.version()
    with pytest.raises(NotFound, match="digits/9"):
        registry.promote(9, registry.evaluated(9))
    assert len(registry.catalog.history("digits")) == 1


def test_journal_may_be_elsewhere(registry: Registry) -> None:
    """Registry and journal may live in different stores."""
    elsewhere = Journal(MemoryBlobStore())
    version = registry.version()
    promote(
        policy(),
        version=version,
        evaluations=[registry.evaluated(version)],
        tracker=registry.runs,
        catalog=registry.catalog,
        journal=elsewhere,
    )
    assert len(elsewhere.list()) == 2
    assert registry.events() == []


def test_evidence_from_tracked_runs(tmp_path: Path) -> None:
    """Runs logged through a tracker are evidence: their metrics, tags and rows arrive."""
    registry = Registry(MemoryBlobStore())
    first, second = registry.version(), registry.version()
    registry.catalog.set_alias("digits", "champion", first)
    with Tracker(registry.store, spool_dir=tmp_path, flush_intervals=()) as tracker:
        for version, rows in ((first, _WORSE_ROWS), (second, _BETTER_ROWS)):
            tags = {"mlff.model": f"models:/digits/{version}"}
            tracker.create_run("0", run_id=f"run-{version}", tags=tags)
            tracker.log_metric(f"run-{version}", "accuracy", 0.95)
            tracker.artifacts(f"run-{version}").put_bytes(rows.to_parquet(), "outcomes.parquet")
            tracker.end_run(f"run-{version}")
        promotion = promote(
            policy(QUALITY, BETTER),
            version=second,
            evaluations=["run-1", "run-2"],
            tracker=tracker,
            catalog=registry.catalog,
            journal=registry.journal,
        )
    assert (promotion.moved, registry.champion()) == (True, second)
