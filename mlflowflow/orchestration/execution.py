"""Execute a plan: start each step as soon as what it needs is there, and keep what it yields.

A step that this run has finished before, with the same parameters and the same files, is not run
again: that is how an interrupted run is continued. A failed step ends the execution with its error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from mlflowflow.errors import InvalidState, NotFound
from mlflowflow.orchestration import gate_step, prefect_task, register_step, sweep_step
from mlflowflow.orchestration.failure import reason
from mlflowflow.orchestration.progress import StepEnded, StepStarted, StepState
from mlflowflow.orchestration.step import StepCall, StepResult, earlier_result
from mlflowflow.projects.expression import resolve
from mlflowflow.projects.sections import EntryPointStep, GateStep, RegisterStep, SweepStep
from mlflowflow.registry.uri import parse_model_uri, resolve_version

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflowflow.orchestration.session import Session, Yielded
    from mlflowflow.projects.sections import Step
    from mlflowflow.projects.value import JSON, Scalar


def _nothing() -> Mapping[str, JSON]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOutcome:
    """What a step yields to the steps after it; `run_id` is None if it was skipped."""

    state: StepState
    run_id: str | None
    outputs: Mapping[str, JSON] = field(default_factory=_nothing)
    metrics: Mapping[str, float] = field(default_factory=dict[str, float])
    sentence: str = ""
    details: tuple[str, ...] = ()

    @property
    def scope(self) -> dict[str, JSON]:
        """What look-ups find below ``steps.<id>``."""
        return {"run_id": self.run_id, "outputs": self.outputs, "metrics": dict(self.metrics)}


class Execution:
    """One pass over a plan. `outcomes` grows as steps end."""

    def __init__(self, session: Session) -> None:
        """Prepare to execute the session's plan."""
        self._session = session
        self._pending: dict[str, tuple[float, Callable[[], StepOutcome]]] = {}
        self.outcomes: dict[str, StepOutcome] = {}

    def run(self) -> dict[str, StepOutcome]:
        """Execute all steps and return what each yielded. Raises the first error of a step."""
        for step in self._session.plan.steps:
            for needed in step.needs:
                self._settle(needed)
            self._start(step)
        for step in self._session.plan.steps:
            self._settle(step.id)
        return self.outcomes

    @property
    def unfinished_run_ids(self) -> list[str]:
        """The runs of steps that were started and not yet seen to end."""
        return [self._session.run_id(step_id) for step_id in self._pending]

    def _start(self, step: Step) -> None:
        if step.when_exists is not None and not self._exists(step.when_exists):
            sentence = f"skipped: there is no '{step.when_exists}' yet"
            self.outcomes[step.id] = StepOutcome(state=StepState.SKIPPED, run_id=None, sentence=sentence)
            self._session.listener(
                StepEnded(step=step.id, state=StepState.SKIPPED, seconds=0.0, sentence=sentence)
            )
            return
        run_id = self._session.run_id(step.id)
        self._session.listener(StepStarted(step=step.id, kind=step.kind, run_id=run_id))
        self._pending[step.id] = (self._session.clock.monotonic_s(), _not_started)
        try:
            finish = self._begin(step, run_id)
        except BaseException as error:
            self._ended(step.id, StepState.FAILED, _first_line(error))
            raise
        self._pending[step.id] = (self._pending[step.id][0], finish)
        if not isinstance(step, EntryPointStep):
            self._settle(step.id)

    def _settle(self, step_id: str) -> None:
        """Wait for a step that was started, once."""
        if step_id not in self._pending:
            return
        try:
            outcome = self._pending[step_id][1]()
        except BaseException as error:
            self._ended(step_id, StepState.FAILED, _first_line(error))
            raise
        self.outcomes[step_id] = outcome
        self._ended(step_id, outcome.state, outcome.sentence)

    def _ended(self, step_id: str, state: StepState, sentence: str) -> None:
        began, _ = self._pending[step_id]
        if state is not StepState.FAILED:
            del self._pending[step_id]
        seconds = self._session.clock.monotonic_s() - began
        self._session.listener(StepEnded(step=step_id, state=state, seconds=seconds, sentence=sentence))

    def _begin(self, step: Step, run_id: str) -> Callable[[], StepOutcome]:
        scope = self._scope()
        match step:
            case EntryPointStep():
                return self._begin_entry_point(step, run_id, scope)
            case SweepStep():
                params = cast("Mapping[str, Scalar]", resolve(dict(step.params), scope))
                best = sweep_step.run(self._session, step, params=params)
                return _completed(run_id, best)
            case RegisterStep():
                version = register_step.run(self._session, step, source=str(resolve(step.source, scope)))
                return _completed(run_id, version)
            case GateStep():
                decision = gate_step.run(
                    self._session,
                    step,
                    version=int(cast("Scalar", resolve(step.version, scope))),
                    evaluations=[
                        str(each) for each in (resolve(e, scope) for e in step.evidence) if each is not None
                    ],
                    decide=str(resolve(step.decide, scope)),
                )
                return _completed(run_id, decision)

    def _begin_entry_point(
        self, step: EntryPointStep, run_id: str, scope: Mapping[str, JSON]
    ) -> Callable[[], StepOutcome]:
        call = self._call(step, run_id, scope)
        earlier = earlier_result(call)
        if earlier is not None:
            return lambda: _outcome(earlier, StepState.REUSED, "finished before, with the same inputs")
        wait = prefect_task.submit(call, step.retries)
        return lambda: _outcome(wait(), StepState.COMPLETED, "")

    def _call(self, step: EntryPointStep, run_id: str, scope: Mapping[str, JSON]) -> StepCall:
        session = self._session
        given: dict[str, JSON] = {}
        if step.params_from is not None:
            given.update(cast("Mapping[str, JSON]", resolve(step.params_from, scope)))
        given.update(cast("Mapping[str, JSON]", resolve(dict(step.params), scope)))
        pinned = {name: self._pinned(value) for name, value in given.items()}
        entry_point = session.project.programs[step.entry_point]
        models = [
            value for value in pinned.values() if isinstance(value, str) and value.startswith("models:/")
        ]
        return StepCall(
            workplace=session.workplace,
            source=session.source,
            step=step.id,
            run_id=run_id,
            run_name=session.run_name(step.id),
            parent_run_id=session.parent_run_id,
            entry_point=entry_point,
            params=entry_point.bind(pinned),
            tags={**session.tags(), **({"mlff.model": models[0]} if models else {})},
            outputs=step.outputs,
            timeout_s=step.timeout_s,
        )

    def _pinned(self, value: JSON) -> JSON:
        """Return a model's address by number: what an alias means must not change during a step."""
        if not isinstance(value, str) or not value.startswith("models:/"):
            return value
        version = resolve_version(self._session.workplace.catalog(), parse_model_uri(value))
        return f"models:/{version.name}/{version.version}"

    def _exists(self, model_uri: str) -> bool:
        try:
            resolve_version(self._session.workplace.catalog(), parse_model_uri(model_uri))
        except NotFound:
            return False
        return True

    def _scope(self) -> dict[str, JSON]:
        steps: dict[str, JSON] = {step_id: outcome.scope for step_id, outcome in self.outcomes.items()}
        return {"params": self._session.plan.params, "steps": steps}


def _outcome(result: StepResult, state: StepState, sentence: str) -> StepOutcome:
    return StepOutcome(
        state=state, run_id=result.run_id, outputs=result.outputs, metrics=result.metrics, sentence=sentence
    )


def _completed(run_id: str, yielded: Yielded) -> Callable[[], StepOutcome]:
    outcome = StepOutcome(
        state=StepState.COMPLETED,
        run_id=run_id,
        outputs=yielded.outputs,
        sentence=yielded.sentence,
        details=yielded.details,
    )
    return lambda: outcome


def _not_started() -> StepOutcome:
    raise InvalidState("The step has not been started.")


def _first_line(error: BaseException) -> str:
    return reason(error).splitlines()[0]
