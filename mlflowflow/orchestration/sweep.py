"""The coordinator of a sweep: one process that asks, dispatches, and is told.

Every ask and every tell is appended to a write-once log in the store before it takes effect, so a
sweep continues from its log after any crash: the log is replayed into a fresh sampler, which
suggests the same parameters again, and trials that were in flight run again under the same run
ids. The log is also the fence: its entries are numbered and put-if-absent, so of two coordinators
of one sweep the second to append learns it and stops.

Trial *n* of a sweep is a run whose id is derived from the sweep's run and *n*.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from mlflowflow.errors import Conflict, CorruptData, InvalidInput, StepFailed
from mlflowflow.gates.policy import Goal
from mlflowflow.ids import derived
from mlflowflow.orchestration.suggestion import Suggester, make_suggester
from mlflowflow.projects.value import fact_digest
from mlflowflow.storage.blob import Created
from mlflowflow.storage.log import NumberedLog
from mlflowflow.storage.seal import add_seal, check_seal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflowflow.projects.sweep_spec import SweepSpec
    from mlflowflow.projects.value import Scalar
    from mlflowflow.storage.blob import BlobStore

_LARGEST_SEED: Final = 2**32 - 1


class TrialState(StrEnum):
    """How a trial ended."""

    COMPLETE = "COMPLETE"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One trial to run: its `number`, its `run_id`, the sampled `params`, and which `attempt` this is."""

    number: int
    run_id: str
    params: Mapping[str, Scalar]
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialEnd:
    """What came of one attempt: the latest `metrics`, or the `error` that ended it."""

    trial: Trial
    metrics: Mapping[str, float] = field(default_factory=dict[str, float])
    error: Exception | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The best trial so far."""

    trial: Trial
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How far a sweep is: trials asked for in all, ended, running, and the best so far."""

    total: int
    complete: int
    failed: int
    running: int
    best: Best | None

    @property
    def ended(self) -> int:
        """How many trials need no more work."""
        return self.complete + self.failed


class Pool(Protocol):
    """Run trials somewhere, several at a time."""

    def submit(self, trial: Trial) -> None:
        """Start an attempt of `trial`."""
        ...

    def wait(self) -> list[TrialEnd]:
        """Block until at least one submitted attempt ended, and return those that did."""
        ...

    def cancel(self) -> list[Trial]:
        """Stop everything that runs and return the trials that were cut off."""
        ...


class SweepLog:
    """The write-once ask/tell log of one sweep run.

    `append` raises `Conflict` when another coordinator has appended meanwhile: its trials are its
    own, and this one must stop.
    """

    def __init__(self, store: BlobStore, sweep_run_id: str, *, token: str) -> None:
        """Open the log of `sweep_run_id`; `token` tells this coordinator's entries from another's."""
        self._log = NumberedLog(store, f"sweeps/{sweep_run_id}/log")
        self._run_id = sweep_run_id
        self._token = token
        self._next = 0

    def read(self) -> list[dict[str, Any]]:
        """Return all entries; later appends follow the last of them. Raises `CorruptData` for a changed one."""
        entries = [
            check_seal(cast("dict[str, Any]", json.loads(body)), key=self._log.key(number))
            for number, body in self._log.entries()
        ]
        self._next = len(entries)
        return entries

    def append(self, entry: Mapping[str, object]) -> None:
        """Write the next entry before what it says takes effect."""
        body = json.dumps(add_seal({**entry, "token": self._token}), sort_keys=True).encode()
        if self._log.append(self._next, body) is Created.EXISTS:
            raise Conflict(
                f"Sweep run '{self._run_id}' is coordinated by another process; this one stops. "
                "Wait for that one to end, or stop it, then resume the run."
            )
        self._next += 1


class Coordinator:
    """Decide which trial is next and keep the score of one sweep."""

    def __init__(self, sweep: SweepSpec, *, run_id: str, log: SweepLog, fresh_seed: int) -> None:
        """Open or continue the sweep run `run_id`.

        A new sweep takes the seed of its spec or else `fresh_seed` (0 to 2**32 - 1); a continued one
        keeps the seed in its log. Raises `InvalidInput` if the log belongs to a different spec.
        """
        if len(sweep.objectives) != 1:
            raise InvalidInput(
                f"Sweep '{sweep.name}' has {len(sweep.objectives)} objectives; this release optimizes exactly one. "
                "Keep the most important one; the others can be logged and compared afterwards."
            )
        self._sweep = sweep
        self._run_id = run_id
        self._log = log
        self._asked: list[Trial] = []
        self._told: dict[int, float | None] = {}
        self._waiting: list[Trial] = []
        self._suggester = self._open(fresh_seed)

    def _open(self, fresh_seed: int) -> Suggester:
        entries = self._log.read()
        spec_digest = fact_digest(self._sweep)
        if not entries:
            seed = (
                self._sweep.sampler.seed
                if self._sweep.sampler.seed is not None
                else fresh_seed % _LARGEST_SEED
            )
            self._log.append(
                {"kind": "opened", "sweep": self._sweep.name, "digest": spec_digest, "seed": seed}
            )
            return make_suggester(self._sweep, seed)
        opened = entries[0]
        if opened["digest"] != spec_digest:
            raise InvalidInput(
                f"Sweep '{self._sweep.name}' has changed since run '{self._run_id}' began; "
                "start a new run, or restore the project to continue this one."
            )
        suggester = make_suggester(self._sweep, int(opened["seed"]))
        for entry in entries[1:]:
            self._replay(suggester, entry)
        self._waiting = [replace(trial, attempt=2) for trial in self._asked if trial.number not in self._told]
        return suggester

    def _replay(self, suggester: Suggester, entry: Mapping[str, Any]) -> None:
        number = int(entry["trial"])
        if entry["kind"] == "told":
            suggester.tell(number, entry["value"])
            self._told[number] = entry["value"]
            return
        params = suggester.ask()
        if params is None or params != entry["params"]:
            raise CorruptData(
                f"sweeps/{self._run_id}/log",
                f"trial {number} was {entry['params']} and the sampler now suggests {params}; "
                "another Optuna release wrote it, so start a new sweep",
            )
        self._asked.append(self._trial(number, params))

    def _trial(self, number: int, params: Mapping[str, Scalar]) -> Trial:
        return Trial(number=number, run_id=derived(self._run_id, "trial", str(number)), params=params)

    def next_trial(self) -> Trial | None:
        """Return a trial to run now, or None if all that may run have been handed out."""
        if self._waiting:
            return self._waiting.pop(0)
        number = len(self._asked)
        if number >= self._sweep.trials:
            return None
        params = self._suggester.ask()
        if params is None:
            return None
        self._log.append({"kind": "asked", "trial": number, "params": params})
        self._asked.append(self._trial(number, params))
        return self._asked[-1]

    def finish(self, end: TrialEnd) -> TrialState | None:
        """Take the end of an attempt: record the trial, or None if it is to be attempted again."""
        value, number = self._value(end), end.trial.number
        if value is None and end.error is not None and end.trial.attempt < self._sweep.attempts:
            self._waiting.append(replace(end.trial, attempt=end.trial.attempt + 1))
            return None
        state = TrialState.FAILED if value is None else TrialState.COMPLETE
        self._log.append({"kind": "told", "trial": number, "state": state.value, "value": value})
        self._told[number] = value
        self._suggester.tell(number, value)
        return state

    def _value(self, end: TrialEnd) -> float | None:
        value = end.metrics.get(self._sweep.objectives[0].metric)
        return None if end.error is not None or value is None or math.isnan(value) else value

    def tally(self, running: int) -> Tally:
        """Return the score, given how many trials are `running`."""
        failed = sum(value is None for value in self._told.values())
        return Tally(
            total=self._sweep.trials,
            complete=len(self._told) - failed,
            failed=failed,
            running=running,
            best=self.best(),
        )

    def best(self) -> Best | None:
        """Return the best complete trial, the earliest of equals; None while there is none."""
        sign = 1.0 if self._sweep.objectives[0].goal is Goal.MINIMIZE else -1.0
        values = {number: value for number, value in self._told.items() if value is not None}
        if not values:
            return None
        number = min(values, key=lambda each: (sign * values[each], each))
        return Best(trial=self._asked[number], value=values[number])


def run_trials(
    coordinator: Coordinator,
    pool: Pool,
    *,
    parallel: int,
    on_change: Callable[[Tally, TrialEnd | None], None],
    on_cut_off: Callable[[Trial], None],
) -> Best:
    """Run a sweep to its end and return the best trial.

    At most `parallel` attempts are in the `pool` at once. `on_change` hears the score after every
    start and end, `on_cut_off` of every trial that was stopped because this call was interrupted.
    Raises `StepFailed` if no trial was completed.
    """
    running = 0
    last_error: Exception | None = None
    try:
        while True:
            while running < parallel and (trial := coordinator.next_trial()) is not None:
                pool.submit(trial)
                running += 1
                on_change(coordinator.tally(running), None)
            if not running:
                break
            for end in pool.wait():
                running -= 1
                last_error = end.error or last_error
                coordinator.finish(end)
                on_change(coordinator.tally(running), end)
    except BaseException:
        for trial in pool.cancel():
            on_cut_off(trial)
        raise
    best = coordinator.best()
    if best is None:
        raise StepFailed(
            "sweep", "completed no trial", tail=str(last_error or "no trial logged the objective's metric")
        )
    return best
