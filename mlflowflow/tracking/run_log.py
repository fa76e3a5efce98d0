"""What this process logs to runs: the bound runs of its stream and the params it knows to be taken."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from mlflowflow.errors import InvalidState, SpoolFull
from mlflowflow.tracking.attempts import Attempts
from mlflowflow.tracking.record import FIRST_ATTEMPT, Kind, Record
from mlflowflow.tracking.reporting import LISTENERS, ask, listen_as_told, tell
from mlflowflow.tracking.run import RunStatus
from mlflowflow.tracking.writing.lost import REFUSED_TAG
from mlflowflow.tracking.writing.overflow import Attempt
from mlflowflow.tracking.writing.queues import Retired

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mlflowflow.tracking.attempts import Homes
    from mlflowflow.tracking.run import Metric
    from mlflowflow.tracking.writing.queues import BoundRun
    from mlflowflow.tracking.writing.stream import Stream


class RunLog:
    """Turn what is logged to a run into records of the stream. Thread-safe."""

    def __init__(
        self,
        stream: Stream,
        homes: Homes,
        *,
        params_of: Callable[[str], Mapping[str, str]],
        attempts: Attempts | None = None,
        owns_runs: bool = True,
    ) -> None:
        """Write to `stream`; `params_of` returns the params a run has already.

        `attempts` knows for which attempt of a run is logged, by default for the first.
        Without `owns_runs` no run that is set running is taken for lost when this process ends.
        """
        self._stream = stream
        self._owns_runs = owns_runs
        self._flusher = stream.flusher
        self._homes = homes
        self._params_of = params_of
        self._attempts = attempts or Attempts({}, look_up=lambda _: FIRST_ATTEMPT)
        self._bound: dict[str, BoundRun] = {}
        self._params: dict[str, dict[str, str]] = {}
        self._lock = threading.RLock()
        listen_as_told()

    def begin(self, run_id: str, params: Mapping[str, str] | None = None) -> int:
        """Say which params the run has, none for a new one, so that they need not be looked up.

        Return the attempt that is logged for: the first, unless another was joined.
        """
        self._params[run_id] = dict(params or {})
        return self.resume(run_id, FIRST_ATTEMPT)

    def resume(self, run_id: str, attempt: int) -> int:
        """Say in which attempt the run is; return the one that is logged for, another if one was joined."""
        self._attempts.found(run_id, attempt)
        self._bound.pop(run_id, None)
        return self._attempts.of(run_id)

    def join(self, run_id: str, attempt: int) -> None:
        """Log for this attempt of the run, whatever others do. Raises `InvalidInput` for what is none."""
        self._attempts.join(run_id, attempt)
        self._bound.pop(run_id, None)

    def forget(self, run_id: str) -> None:
        """Drop what is kept of a run that has ended; it is looked up again if needed."""
        self._params.pop(run_id, None)
        self._bound.pop(run_id, None)
        self._attempts.forget(run_id)

    def metric(self, run_id: str, key: str, value: float, *, step: int, timestamp: int | None) -> None:
        """Log one point: the hot path."""
        try:
            bound = self._bound[run_id]
            full = bound.writer.metric(bound, key, value, step=step, timestamp=timestamp)
        except (KeyError, Retired, SpoolFull):
            full = self._insist(
                run_id,
                lambda bound: bound.writer.metric(bound, key, value, step=step, timestamp=timestamp),
                attempt=self._attempts.of(run_id),
            )
        if full or self._stream.eager:
            self._stream.acknowledged(full=full)
        elif not self._flusher.dirty:
            self._flusher.touch()
        if LISTENERS:
            tell(run_id, key, value, step)

    def batch(
        self,
        run_id: str,
        *,
        metrics: Iterable[Metric],
        params: Mapping[str, str],
        tags: Mapping[str, str],
        attempt: int | None = None,
    ) -> None:
        """Log all or nothing. Raises `InvalidState` for a param that has another value already."""
        with self._lock:
            news = self._new_params(run_id, params) if params else {}
            facts = [Record(run_id=run_id, kind=Kind.PARAM, key=key, text=news[key], at=0) for key in news]
            self.note(run_id, [*facts, *tag_records(run_id, tags)], metrics=metrics, attempt=attempt)
            if news:
                self._params[run_id] |= news

    def note(
        self,
        run_id: str,
        facts: Sequence[Record],
        *,
        metrics: Iterable[Metric] = (),
        attempt: int | None = None,
    ) -> None:
        """Log `facts`, whose times the writer sets, and `metrics`, all or nothing.

        They are of this `attempt`, by default of the one that this process logs for.
        """
        points = tuple(metrics)
        if not facts and not points:
            return
        if attempt is None:
            attempt = self._attempt_of(run_id, facts, points)
        if attempt != FIRST_ATTEMPT:
            facts = [replace(fact, attempt=attempt) for fact in facts]
        ends = any(fact.kind is Kind.STATUS and fact.text != RunStatus.RUNNING for fact in facts)
        if not self._owns_runs:
            facts = [_nobodys(fact) for fact in facts]
        experiment_id = self._homes.experiment_of(run_id)
        refused = self._stream.refusals(experiment_id, run_id) if ends else 0
        told = [*facts, *tag_records(run_id, {REFUSED_TAG: str(refused)})] if refused else facts
        full = self._insist(
            run_id,
            lambda bound: bound.writer.append(bound, facts=told, metrics=points),
            attempt=attempt,
            records=len(facts) + len(points),
            vital=ends,
        )
        if refused:
            self._stream.told_refusals(experiment_id, run_id, refused)
        self._stream.noted(experiment_id, run_id, facts)
        self._stream.acknowledged(full=full, soon=bool(facts))
        if LISTENERS:
            for point in points:
                tell(run_id, point.key, point.value, point.step)
            if not points:
                ask(run_id)

    def _attempt_of(self, run_id: str, facts: Sequence[Record], points: Sequence[Metric]) -> int:
        """Return the attempt that is logged for; what belongs to the run as a whole is the first's."""
        statuses = [fact.text for fact in facts if fact.kind is Kind.STATUS]
        if RunStatus.RUNNING in statuses:  # it is resumed, perhaps for an attempt that others have begun
            self._attempts.forget(run_id)
        return self._attempts.of(run_id) if statuses or points else FIRST_ATTEMPT

    def _insist(
        self,
        run_id: str,
        use: Callable[[BoundRun], bool],
        *,
        attempt: int,
        records: int = 1,
        vital: bool = False,
    ) -> bool:
        """Give the run, bound to the present writer, to `use` until its records are taken."""
        experiment_id = self._homes.experiment_of(run_id)

        def try_it(*, vital: bool) -> bool:
            bound = self._stream.bind(experiment_id, run_id, attempt, vital=vital)
            full = use(bound)
            if not bound.writer.retired and attempt == self._attempts.known(run_id):
                self._bound[run_id] = bound
            return full

        return self._stream.insist(
            Attempt(experiment_id=experiment_id, run_id=run_id, records=records, try_it=try_it, vital=vital)
        )

    def _new_params(self, run_id: str, params: Mapping[str, str]) -> dict[str, str]:
        if run_id not in self._params:
            self._params[run_id] = dict(self._params_of(run_id))
        known = self._params[run_id]
        for key, value in params.items():
            if known.get(key, value) != value:
                raise InvalidState(
                    f"The param '{key}' of the run '{run_id}' is '{known[key]}' and cannot become '{value}'. "
                    "Params are written once; use a tag for what changes, or another run.",
                    error_code="INVALID_PARAMETER_VALUE",
                )
        return {key: value for key, value in params.items() if key not in known}


def _nobodys(fact: Record) -> Record:
    """Return `fact` without the word that makes a running run this process's own: no word says RUNNING too."""
    is_running = fact.kind is Kind.STATUS and fact.text == RunStatus.RUNNING
    return replace(fact, text="") if is_running else fact


def tag_records(run_id: str, tags: Mapping[str, str]) -> list[Record]:
    """Return the records that set `tags`; their times are set when they are logged."""
    return [Record(run_id=run_id, kind=Kind.TAG, key=key, text=text, at=0) for key, text in tags.items()]
