"""A sweep in Python: parts made with :mod:`mlflowflow.sweeps.words`, put together to a `SweepSpec`.

The result is the same fact that the project file is read to, and has the same digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypedDict

from mlflowflow.errors import CorruptData, InvalidInput
from mlflowflow.events.canonical import plain
from mlflowflow.projects.duration import parse_duration
from mlflowflow.projects.sweep_spec import (
    Budget,
    Constraint,
    Dedupe,
    Objective,
    OnPrune,
    Pruner,
    Resources,
    Sampler,
    Selection,
    Stop,
    SweepSpec,
    TrialPolicy,
    Visibility,
)
from mlflowflow.sweeps.words import Axis, word

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from mlflowflow.projects.space import Dimension
    from mlflowflow.projects.sweep_spec import StartPoint
    from mlflowflow.projects.value import Scalar

_USUAL: Final = TrialPolicy()


class SweepOptions(TypedDict, total=False):
    """What a sweep may be told besides its space and its objectives; `budget` as a number is trials."""

    params: Mapping[str, Scalar]
    constraints: Sequence[Constraint]
    sampler: Sampler
    pruner: Pruner
    start_from: StartPoint | Sequence[StartPoint]
    dedupe: str
    parallel: int
    budget: Budget | int
    stop: Stop
    select: Selection
    visibility: str
    resources: Resources
    timeout: str | float
    attempts: int
    retry_on: str | type[BaseException] | Sequence[str | type[BaseException]]
    on_prune: str
    grace: str | float
    isolated: bool
    priority: int


def sweep_spec_of(
    name: str,
    *,
    entry_point: str,
    space: Mapping[str, Axis],
    objectives: Objective | Sequence[Objective],
    **options: Unpack[SweepOptions],
) -> SweepSpec:
    """Return the sweep `name` over the runs of `entry_point`.

    Args:
        name: what the sweep is called.
        entry_point: what each trial runs.
        space: dimensions by their names.
        objectives: one or several, the most important first.
        options: see `SweepOptions`.

    Raises:
        InvalidInput: parts that make no sense, alone or together; all of it in one message.

    >>> from mlflowflow.sweeps.words import maximize, real
    >>> spec = sweep_spec_of(
    ...     "tune", entry_point="train", space={"lr": real(1e-4, 1)}, objectives=maximize("auc"), budget=20
    ... )
    >>> spec.budget.trials, spec.sampler.name.value
    (20, 'tpe')
    """
    aims = (objectives,) if isinstance(objectives, Objective) else tuple(objectives)
    limit = options.get("budget", Budget())
    spec = SweepSpec(
        name=name,
        entry_point=entry_point,
        space=_space(space),
        objectives=aims,
        budget=Budget(trials=limit) if isinstance(limit, int) else limit,
        params=options.get("params", {}),
        constraints=tuple(options.get("constraints", ())),
        sampler=options.get("sampler", Sampler()),
        pruner=options.get("pruner", Pruner()),
        start_from=_start_from(options.get("start_from", ())),
        dedupe=word(Dedupe, options.get("dedupe", Dedupe.OFF), "dedupe"),
        parallel=options.get("parallel", 1),
        stop=options.get("stop", Stop()),
        trial=_trial(options),
        select=options.get("select", Selection()),
        visibility=word(Visibility, options.get("visibility", Visibility.SWEEP), "visibility"),
    )
    return _typed(spec)


def _space(axes: Mapping[str, object]) -> tuple[Dimension, ...]:
    dimensions: list[Dimension] = []
    mistakes: list[str] = []
    for name, axis in axes.items():
        if not isinstance(axis, Axis):
            mistakes.append(
                f"Dimension '{name}' is a {type(axis).__name__}; expected choice(…), integer(…) or real(…)."
            )
            continue
        try:
            dimensions.append(axis.named(name))
        except InvalidInput as mistake:
            mistakes.append(str(mistake))
    if mistakes:
        raise InvalidInput("\n".join(mistakes))
    return tuple(dimensions)


def _trial(options: SweepOptions) -> TrialPolicy:
    timeout = options.get("timeout")
    return TrialPolicy(
        resources=options.get("resources"),
        timeout_s=None if timeout is None else parse_duration(timeout),
        attempts=options.get("attempts", _USUAL.attempts),
        retry_on=_retry_on(options.get("retry_on", _USUAL.retry_on)),
        on_prune=word(OnPrune, options.get("on_prune", _USUAL.on_prune), "on_prune"),
        grace_s=parse_duration(options.get("grace", _USUAL.grace_s)),
        isolated=options.get("isolated", False),
        priority=options.get("priority", 0),
    )


def _retry_on(words: str | type[BaseException] | Sequence[str | type[BaseException]]) -> tuple[str, ...]:
    several = (words,) if isinstance(words, str | type) else words
    return tuple(each if isinstance(each, str) else each.__name__ for each in several)


def _start_from(points: StartPoint | Sequence[StartPoint]) -> tuple[StartPoint, ...]:
    return (points,) if isinstance(points, str | Mapping) else tuple(points)


def _typed(spec: SweepSpec) -> SweepSpec:
    """Return `spec` as everybody will read it from the store, so that a wrong type is found here and not there."""
    try:
        return SweepSpec.from_plain(plain(spec), key=f"sweep '{spec.name}'")
    except CorruptData as mistake:
        raise InvalidInput(f"Sweep '{spec.name}' cannot be recorded: {mistake.reason}.") from mistake
