"""What one execution of a project will do: the values it works with and its steps in order.

A plan is made before anything runs, from the spec and from what the user gave, without touching
disk or network. Whatever can be wrong with the request is wrong here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.projects.expression import OPEN
from mlflowflow.projects.parameter import EntryPoint, Parameter, bind
from mlflowflow.projects.sections import (
    EntryPointStep,
    GateStep,
    PipelineSpec,
    RegisterStep,
    Step,
    SweepStep,
    runnable_order,
)
from mlflowflow.projects.sweep_spec import SweepSpec, sweep_parameters
from mlflowflow.projects.value import fact_digest, frozen
from mlflowflow.projects.wording import choose_among, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.projects.spec import ProjectSpec
    from mlflowflow.projects.value import Scalar


class PlanKind(StrEnum):
    """What a name stands for."""

    ENTRY_POINT = "entry_point"
    SWEEP = "sweep"
    PIPELINE = "pipeline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One execution of `name`: all its `params`, defaults included, and its `steps` in a valid order.

    ``${{ params.… }}`` in steps looks into `params`. An entry point or a sweep run alone is one
    step with the plan's name, whose params are the ones that were given.
    """

    project: ProjectSpec
    name: str
    kind: PlanKind
    params: Mapping[str, Scalar]
    steps: tuple[Step, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the project's digest, the name and the params: what is done, not when or where."""
        return fact_digest((self.project.digest, self.name, self.kind, self.params))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """One line of a plan as it is shown: `target` is what the step runs, registers or decides."""

    step: str
    kind: str
    target: str
    needs: tuple[str, ...]
    when_exists: str | None


#: What a plan can be made of.
_Runnable: TypeAlias = EntryPoint | SweepSpec | PipelineSpec


def make_plan(spec: ProjectSpec, name: str, given: Mapping[str, str]) -> Plan:
    """Return the plan for the entry point, sweep or pipeline `name` with the values `given` as text.

    Raises:
        NotFound: nothing has that name.
        InvalidInput: given values that are unknown or do not fit, or values that are missing; all
            of them in one message.
    """
    runnable = _named(spec, name)
    kind, owner = _kind(runnable), f"{_kind(runnable).replace('_', ' ')} '{name}'"
    accepted = _accepted(spec, runnable, given)
    mistakes = [_unknown(owner, key, accepted) for key in given if key not in accepted]
    mistakes += [_not_literal(key) for key, text in given.items() if OPEN in text]
    params: Mapping[str, Scalar] = frozen({})
    try:
        params = bind(tuple(accepted.values()), given, owner=sentence(owner))
    except InvalidInput as mistake:
        mistakes.append(str(mistake))
    if mistakes:
        raise InvalidInput("\n".join(mistakes))
    chosen = frozen({key: params[key] for key in given})
    return Plan(project=spec, name=name, kind=kind, params=params, steps=_steps(runnable, chosen))


def parameters_of(spec: ProjectSpec, name: str) -> Mapping[str, Parameter]:
    """Return the parameters that an execution of `name` takes, by name.

    Raises:
        NotFound: nothing has that name.
    """
    return _accepted(spec, _named(spec, name), {})


def describe(plan: Plan) -> tuple[PlanRow, ...]:
    """Return one row per step, in the plan's order."""
    return tuple(
        PlanRow(
            step=step.id, kind=step.kind, target=_target(step), needs=step.needs, when_exists=step.when_exists
        )
        for step in plan.steps
    )


def _named(spec: ProjectSpec, name: str) -> _Runnable:
    runnables: dict[str, _Runnable] = {**spec.programs, **spec.sweeps, **spec.pipelines}
    if name not in runnables:
        hint = choose_among(name, runnables, noun="entry points, sweeps and pipelines")
        raise NotFound("entry point, sweep or pipeline", name, hint=hint)
    return runnables[name]


def _kind(runnable: _Runnable) -> PlanKind:
    match runnable:
        case EntryPoint():
            return PlanKind.ENTRY_POINT
        case SweepSpec():
            return PlanKind.SWEEP
        case PipelineSpec():
            return PlanKind.PIPELINE


def _accepted(spec: ProjectSpec, runnable: _Runnable, given: Mapping[str, str]) -> Mapping[str, Parameter]:
    """Return the parameters that may be given; a script that is not declared takes any."""
    match runnable:
        case PipelineSpec():
            return runnable.params
        case EntryPoint(declared=True):
            return runnable.parameters
        case EntryPoint():
            return {key: Parameter(name=key) for key in given}
        case SweepSpec():
            return _accepted_by_sweep(runnable, spec.programs[runnable.entry_point], given)


def _accepted_by_sweep(
    sweep: SweepSpec, entry_point: EntryPoint, given: Mapping[str, str]
) -> Mapping[str, Parameter]:
    if entry_point.declared:
        return {each.name: each for each in sweep_parameters(sweep, entry_point)}
    searched = {dimension.name for dimension in sweep.space}
    free = [key for key in (*sweep.params, *given) if key not in searched]
    return {key: Parameter(name=key, default=sweep.params.get(key)) for key in free}


def _unknown(owner: str, key: str, accepted: Mapping[str, Parameter]) -> str:
    hint = choose_among(key, accepted, noun="parameters")
    return f"'{key}' is not a parameter that can be given to {owner}. {hint}"


def _not_literal(key: str) -> str:
    return f"The value of '{key}' has a look-up; look-ups belong in the project file, give the value itself."


def _steps(runnable: _Runnable, chosen: Mapping[str, Scalar]) -> tuple[Step, ...]:
    match runnable:
        case EntryPoint(name=name):
            return (EntryPointStep(id=name, entry_point=name, params=chosen),)
        case SweepSpec(name=name):
            return (SweepStep(id=name, sweep=name, params=chosen),)
        case PipelineSpec(steps=steps):
            return runnable_order(steps)


def _target(step: Step) -> str:
    match step:
        case EntryPointStep(entry_point=target) | SweepStep(sweep=target):
            return target
        case RegisterStep(model=target) | GateStep(gate=target):
            return target
