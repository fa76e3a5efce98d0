"""Move an alias through a gate: weigh, decide and record as one step that happens once.

The gate is weighed *inside* the registry's compare-and-set: against the champion of the state that
the decision continues. If another decision comes first, the candidate is weighed again, against
whoever is champion then; so no alias ever moves on a verdict about somebody else.

Verdict and evidence are stored before the decision that names them. Refusals are decisions too:
they move nothing and stand in the model's history with their reason. What is announced in the
journal follows from the decision alone, so repeating the call after a crash completes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput, InvalidState
from mlflowflow.gates.archive import VerdictArchive
from mlflowflow.gates.collect import assemble, read_evaluations
from mlflowflow.gates.verdict import GateOutcome
from mlflowflow.registry.change import GateEvaluated, Promoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflowflow.events.canonical import Json
    from mlflowflow.events.journal import Event, Journal
    from mlflowflow.gates.collect import RunReader
    from mlflowflow.gates.evidence import Evaluation
    from mlflowflow.gates.policy import GatePolicy
    from mlflowflow.gates.verdict import Verdict
    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.registry.entry import Entry
    from mlflowflow.registry.state import ModelState

#: How a `cause` names an event of the journal.
EVENT_CAUSE: Final = "event "

_EVENTS: Final[Mapping[GateOutcome, str]] = {
    GateOutcome.PASSED: "mlff.gate.passed",
    GateOutcome.FAILED: "mlff.gate.failed",
    GateOutcome.HELD: "mlff.gate.held",
    GateOutcome.ERROR: "mlff.gate.errored",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """What a gate decided: the `verdict`, the `entry` that records it, and whether the alias `moved`.

    `champion_before` held the alias when it was decided; `sentence` says everything in one line. A
    version that held the alias already did not move, and comes with the decision that put it there.
    """

    verdict: Verdict
    entry: Entry
    moved: bool
    champion_before: int | None
    sentence: str


def promote(
    policy: GatePolicy,
    *,
    version: int,
    evaluations: Sequence[str],
    tracker: RunReader,
    catalog: Catalog,
    journal: Journal,
    idem: str | None = None,
    cause: str | None = None,
) -> Promotion:
    """Weigh `version` by `policy` and move the policy's alias to it if the verdict says so.

    `evaluations` are ids of finished runs that evaluated the candidate and, for comparisons, the
    champion. `idem` is a key of this request: repeated, it returns the first decision and its
    verdict, whatever has changed since. `cause` says what asked, for the history.

    Raises `InvalidState` if a run has not finished or the version got the alias by hand, `NotFound`
    for an unknown model, version or run, `InvalidInput` for evidence about something else, and what
    `Catalog.decide` raises. After `OutcomeUnknown` repeat it with the same `idem`.
    """
    weighing = _Weighing(
        policy=policy,
        version=version,
        evaluations=tuple(evaluations),
        tracker=tracker,
        catalog=catalog,
        cause=cause,
    )
    entry = catalog.decide(policy.model, weighing.choose, reason=f"gate '{policy.name}'", idem=idem)
    if entry is None:
        return standing(policy, version=version, catalog=catalog)
    change = demand_decision(entry, version=version, alias=policy.alias)
    promotion = as_promotion(entry, change, archive=weighing.archive)
    announce(promotion, change, journal=journal)
    return promotion


def standing(policy: GatePolicy, *, version: int, catalog: Catalog) -> Promotion:
    """Return the decision by which `version`, which holds the alias, came to it.

    Raises `InvalidState` if it was put there by hand, without a verdict.
    """
    already = f"Version {version} of '{policy.model}' is '{policy.alias}' already"
    history = catalog.history(policy.model)
    for entry in reversed(history):
        change = entry.change
        if isinstance(change, Promoted) and (change.version, change.alias) == (version, policy.alias):
            archive = VerdictArchive.about(catalog.store, policy.model, history)
            found = as_promotion(entry, change, archive=archive)
            return replace(found, moved=False, sentence=f"{already}; nothing was changed.")
    raise InvalidState(f"{already}, put there without a gate; there is nothing to promote.")


class _Weighing:
    """One request: reads its runs once and weighs them against every champion it meets."""

    def __init__(
        self,
        *,
        policy: GatePolicy,
        version: int,
        evaluations: tuple[str, ...],
        tracker: RunReader,
        catalog: Catalog,
        cause: str | None,
    ) -> None:
        self.archive = VerdictArchive(catalog.store, policy.model)
        self._policy = policy
        self._version = version
        self._run_ids = evaluations
        self._tracker = tracker
        self._catalog = catalog
        self._cause = cause

    def choose(self, state: ModelState) -> Promoted | GateEvaluated | None:
        """Weigh the candidate against the champion in `state`, keep the verdict, and return its consequence.

        None if the candidate is that champion: there is nothing to decide.
        """
        champion = state.holder(self._policy.alias)
        if champion == self._version:
            return None
        evidence = assemble(
            state,
            version=self._version,
            champion=champion,
            evaluations=self._evaluations,
            recorded=self._recorded,
        )
        verdict = self.archive.keep(self._policy, evidence)
        return self._consequence(verdict, champion=champion)

    @cached_property
    def _evaluations(self) -> Mapping[int, Evaluation]:
        return read_evaluations(self._run_ids, model=self._policy.model, runs=self._tracker)

    def _recorded(self, version: int) -> Evaluation | None:
        """Return how `version` showed itself when a gate last weighed it as a candidate."""
        history = self._catalog.history(self._policy.model)
        archive = VerdictArchive.about(self._catalog.store, self._policy.model, history)
        for entry in reversed(history):
            match entry.change:
                case Promoted(version=weighed, verdict=name) | GateEvaluated(version=weighed, verdict=name):
                    if weighed == version:
                        return archive.get(name).evidence.candidate
                case _:
                    pass
        return None

    def _consequence(self, verdict: Verdict, *, champion: int | None) -> Promoted | GateEvaluated:
        if verdict.passed:
            return Promoted(
                alias=self._policy.alias,
                version=self._version,
                verdict=verdict.digest,
                sentence=verdict.explanation,
                previous=champion,
                evaluations=self._run_ids,
                cause=self._cause,
            )
        return GateEvaluated(
            alias=self._policy.alias,
            version=self._version,
            outcome=verdict.outcome,
            verdict=verdict.digest,
            sentence=verdict.explanation,
            champion=champion,
            evaluations=self._run_ids,
            cause=self._cause,
        )


def demand_decision(entry: Entry, *, version: int, alias: str) -> Promoted | GateEvaluated:
    """Return the gate's decision in `entry`, or raise `InvalidInput` if its key stood for something else."""
    match entry.change:
        case (Promoted() | GateEvaluated()) as change if (change.version, change.alias) == (version, alias):
            return change
        case other:
            raise InvalidInput(
                f"The idempotency key '{entry.idem}' was already used for another request ({other.kind}); "
                "use a new key."
            )


def as_promotion(entry: Entry, change: Promoted | GateEvaluated, *, archive: VerdictArchive) -> Promotion:
    """Tell what was decided from the `entry` alone, the same today and in a year."""
    return Promotion(
        verdict=archive.get(change.verdict).verdict,
        entry=entry,
        moved=isinstance(change, Promoted),
        champion_before=change.previous if isinstance(change, Promoted) else change.champion,
        sentence=_moved_sentence(entry.model, change) if isinstance(change, Promoted) else change.sentence,
    )


def _moved_sentence(model: str, change: Promoted) -> str:
    replacing = "" if change.previous is None else f" in place of version {change.previous}"
    return f"Version {change.version} of '{model}' became '{change.alias}'{replacing}."


def announce(
    promotion: Promotion, change: Promoted | GateEvaluated, *, journal: Journal
) -> tuple[Event, ...]:
    """Journal what was decided, once however often this is called, and return the events."""
    entry, cause = promotion.entry, change.cause or ""
    payload: Mapping[str, Json] = {
        "model": entry.model,
        "version": change.version,
        "alias": change.alias,
        "champion_before": promotion.champion_before,
        "outcome": str(promotion.verdict.outcome),
        "verdict": change.verdict,
        "sentence": promotion.sentence,
        "seq": entry.seq,
        "actor": entry.actor,
        "cause": change.cause,
    }
    return tuple(
        journal.record(
            name,
            subject=f"models:/{entry.model}/{change.version}",
            payload=payload,
            identity={"entry": entry.digest},
            follows=cause.removeprefix(EVENT_CAUSE) if cause.startswith(EVENT_CAUSE) else None,
        )
        for name in _event_names(promotion)
    )


def _event_names(promotion: Promotion) -> tuple[str, ...]:
    match promotion:
        case Promotion(moved=False):
            return (_EVENTS[promotion.verdict.outcome],)
        case Promotion(verdict=verdict) if verdict.passed:
            return (_EVENTS[verdict.outcome], "mlff.promotion.committed")
        case _:
            return ("mlff.approval.granted", "mlff.promotion.committed")
