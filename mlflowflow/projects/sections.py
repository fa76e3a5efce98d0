"""What a project's own sections say, as frozen facts: pipelines and their steps.

Entry points are in :mod:`mlflowflow.projects.parameter`, sweeps in
:mod:`mlflowflow.projects.sweep_spec`, gates in :mod:`mlflowflow.gates.policy`.
Durations are seconds. Values of `params` are literals or texts holding ``${{ … }}`` look-ups.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.ordering import in_order
from mlflowflow.projects.value import Scalar, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.projects.parameter import Parameter


class Decide(StrEnum):
    """Where a gate is decided: in the pipeline's own flow, or by the flow its event starts."""

    HERE = "here"
    EVENT = "event"


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
        "sweep": ("best_params", "best_run_id", "best_value", "best_values", "front", "refit_run_id"),
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
