"""What a project's own sections say, as frozen facts: sweeps, pipelines and their steps.

Entry points are in :mod:`mlflowflow.projects.parameter`, gates in :mod:`mlflowflow.gates.policy`.
Durations are seconds. Values of `params` are literals or texts holding ``${{ … }}`` look-ups.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.ordering import in_order
from mlflowflow.projects.value import Scalar, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.gates.policy import Goal
    from mlflowflow.projects.parameter import EntryPoint, Parameter


class SamplerName(StrEnum):
    """How the next trial's parameters are chosen."""

    TPE = "tpe"
    RANDOM = "random"
    GRID = "grid"


class Decide(StrEnum):
    """Where a gate is decided: in the pipeline's own flow, or by the flow its event starts."""

    HERE = "here"
    EVENT = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class FloatRange:
    """A dimension of floats in [`low`, `high`], uniform in the logarithm if `log`, else in steps of `step`."""

    name: str
    low: float
    high: float
    log: bool = False
    step: float | None = None
    when: Mapping[str, Scalar] = field(default_factory=lambda: frozen({}))
    kind: Literal["float"] = "float"

    def __post_init__(self) -> None:
        """Refuse an empty range and settings that contradict each other."""
        object.__setattr__(self, "when", frozen(self.when))
        _demand_range(self)
        if self.log and self.step is not None:
            raise InvalidInput(f"Dimension '{self.name}' has both 'log' and 'step'; leave one out.")


@dataclass(frozen=True, slots=True, kw_only=True)
class IntRange:
    """A dimension of integers `low`, `low` + `step`, … up to `high`; uniform in the logarithm if `log`."""

    name: str
    low: int
    high: int
    log: bool = False
    step: int = 1
    when: Mapping[str, Scalar] = field(default_factory=lambda: frozen({}))
    kind: Literal["int"] = "int"

    def __post_init__(self) -> None:
        """Refuse an empty range and settings that contradict each other."""
        object.__setattr__(self, "when", frozen(self.when))
        _demand_range(self)
        if self.log and self.step != 1:
            raise InvalidInput(f"Dimension '{self.name}' has both 'log' and 'step'; leave one out.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A dimension of unordered `options`."""

    name: str
    options: tuple[Scalar, ...]
    when: Mapping[str, Scalar] = field(default_factory=lambda: frozen({}))
    kind: Literal["choice"] = "choice"

    def __post_init__(self) -> None:
        """Refuse a choice without options or with one twice."""
        object.__setattr__(self, "when", frozen(self.when))
        if not self.options:
            raise InvalidInput(f"Dimension '{self.name}' has no options; list at least one.")
        if len(set(self.options)) < len(self.options):
            raise InvalidInput(f"Dimension '{self.name}' has an option twice; list each once.")


#: One dimension of a search space. It exists only in trials where every `when` holds.
Dimension: TypeAlias = FloatRange | IntRange | Choice


def _demand_range(dimension: FloatRange | IntRange) -> None:
    name, low, high, step = dimension.name, dimension.low, dimension.high, dimension.step
    if low > high:
        raise InvalidInput(f"Dimension '{name}' is empty: its low {low} is above its high {high}.")
    if dimension.log and low <= 0:
        raise InvalidInput(
            f"Dimension '{name}' has 'log' and the low {low}; a logarithm needs a low above 0."
        )
    if step is not None and step <= 0:
        raise InvalidInput(f"Dimension '{name}' has the step {step}; expected a step above 0.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A metric of the trials and the direction in which it is better."""

    metric: str
    goal: Goal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampler:
    """How trials are chosen: the first `startup` at random (TPE only), all from `seed` if there is one."""

    name: SamplerName = SamplerName.TPE
    seed: int | None = None
    startup: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepSpec:
    """A search over `space` with the runs of one entry point as trials.

    `space` lists dimensions after those their `when` names, otherwise by name, so that the order
    in which they are asked for does not depend on the file. At most `parallel` trials run at once;
    each may take `timeout_s` and is attempted `attempts` times before it counts as failed.
    """

    name: str
    entry_point: str
    space: tuple[Dimension, ...]
    objectives: tuple[Objective, ...]
    trials: int
    params: Mapping[str, Scalar] = field(default_factory=lambda: frozen({}))
    sampler: Sampler = field(default_factory=Sampler)
    parallel: int = 1
    timeout_s: float | None = None
    attempts: int = 1

    def __post_init__(self) -> None:
        """Order the space; refuse conditions that can never hold or go round in a circle."""
        object.__setattr__(self, "params", frozen(self.params))
        object.__setattr__(self, "space", conditions_first(self.space))
        if not self.objectives:
            raise InvalidInput(
                f"Sweep '{self.name}' has no objectives; name at least one metric and its goal."
            )
        if self.sampler.name is SamplerName.GRID:
            _demand_grid(self.space)


def sweep_parameters(sweep: SweepSpec, entry_point: EntryPoint) -> tuple[Parameter, ...]:
    """Return what a user of `sweep` may give: the entry point's parameters that are not searched.

    The values that the sweep fixes are the defaults, so they can be overridden.
    """
    searched = {dimension.name for dimension in sweep.space}
    return tuple(
        replace(parameter, default=sweep.params.get(name, parameter.default))
        for name, parameter in entry_point.parameters.items()
        if name not in searched
    )


def conditions_first(space: tuple[Dimension, ...]) -> tuple[Dimension, ...]:
    """Return the dimensions by name, but each after the ones its conditions name.

    Raises:
        InvalidInput: a condition can never hold, or conditions go round in a circle.
    """
    by_name = {each.name: each for each in sorted(space, key=lambda each: each.name)}
    for dimension in space:
        _demand_conditions(dimension, by_name)
    order = in_order({name: tuple(each.when) for name, each in by_name.items()}, noun="dimensions")
    return tuple(by_name[name] for name in order)


def _demand_conditions(dimension: Dimension, space: Mapping[str, Dimension]) -> None:
    for name, option in dimension.when.items():
        match space.get(name):
            case None:
                reason = f"which is not in the space; expected one of {', '.join(sorted(space))}"
            case Choice(options=options) if option in options:
                continue
            case Choice(options=options):
                reason = f"which has no option '{option}'; expected one of {', '.join(map(str, options))}"
            case _:
                reason = "which is a range; conditions can only be on a choice"
        raise InvalidInput(f"The 'when' of dimension '{dimension.name}' names '{name}', {reason}.")


def _demand_grid(space: tuple[Dimension, ...]) -> None:
    for dimension in space:
        if isinstance(dimension, FloatRange) and dimension.step is None:
            raise InvalidInput(
                f"Dimension '{dimension.name}' has endlessly many values, so the sampler 'grid' cannot "
                "visit them all; give it a 'step' or list the values as a 'choice'."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How often a failed step is run again, and after which pause."""

    max: int = 0
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scheduled:
    """What every step has.

    `needs` names all steps that come before, whether the file lists them or a look-up implies them,
    in the pipeline's order. `when_exists` is a model address; if it leads nowhere the step is skipped.
    """

    id: str
    needs: tuple[str, ...] = ()
    when_exists: str | None = None
    retries: Retries = field(default_factory=Retries)
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPointStep(_Scheduled):
    """Run an entry point as a run of its own.

    `params` go over what the look-up `params_from` yields, which goes over the defaults. Each
    value of `outputs` is an artifact path of the run; the step's output is the artifact's URI.
    """

    entry_point: str
    params: Mapping[str, Scalar] = field(default_factory=lambda: frozen({}))
    params_from: str | None = None
    outputs: Mapping[str, str] = field(default_factory=lambda: frozen({}))
    kind: Literal["entry_point"] = "entry_point"

    def __post_init__(self) -> None:
        """Keep read-only copies."""
        object.__setattr__(self, "params", frozen(self.params))
        object.__setattr__(self, "outputs", frozen(self.outputs))


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepStep(_Scheduled):
    """Run a sweep; `params` go over the sweep's own fixed ones."""

    sweep: str
    params: Mapping[str, Scalar] = field(default_factory=lambda: frozen({}))
    kind: Literal["sweep"] = "sweep"

    def __post_init__(self) -> None:
        """Keep a read-only copy."""
        object.__setattr__(self, "params", frozen(self.params))


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterStep(_Scheduled):
    """Register what `source` resolves to as the next version of `model`."""

    model: str
    source: str
    kind: Literal["register"] = "register"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateStep(_Scheduled):
    """Hold `version` against a gate's policy; `evidence` are the ids of evaluation runs.

    `decide` is a `Decide` word, or an expression that must resolve to one.
    """

    gate: str
    version: Scalar
    evidence: tuple[str, ...] = ()
    decide: str = Decide.HERE.value
    kind: Literal["gate"] = "gate"


#: One step of a pipeline; taken apart with `match`.
Step: TypeAlias = EntryPointStep | SweepStep | RegisterStep | GateStep


#: What a step of each kind offers to ``${{ steps.<id>.outputs.<name> }}``; an entry point declares its own.
FIXED_OUTPUTS: Final[Mapping[str, tuple[str, ...]]] = frozen(
    {
        "sweep": ("best_params", "best_run_id", "best_value"),
        "register": ("uri", "version"),
        "gate": ("moved", "verdict", "version"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSpec:
    """Steps that run one after the other or side by side, as their look-ups and `needs` demand."""

    name: str
    params: Mapping[str, Parameter] = field(default_factory=lambda: frozen({}))
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        """Keep a read-only copy; refuse a pipeline that does nothing or can never finish."""
        object.__setattr__(self, "params", frozen(self.params))
        if not self.steps:
            raise InvalidInput(f"Pipeline '{self.name}' has no steps; give it at least one.")
        runnable_order(self.steps)


def runnable_order(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return `steps` so that each follows all it needs, otherwise in the given order.

    Raises:
        InvalidInput: some steps need each other, or one that is not there.
    """
    by_id = {step.id: step for step in steps}
    return tuple(
        by_id[step_id] for step_id in in_order({step.id: step.needs for step in steps}, noun="steps")
    )
