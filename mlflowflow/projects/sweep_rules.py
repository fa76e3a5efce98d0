"""What must hold between the parts of a sweep, as a table of rules.

The file's grammar checks each rule whose keys could be read and tells a broken one at its first
key, so that one reading finds all mistakes. A `SweepSpec` checks all of them, so that one that was
built in Python is as sound as one from a file.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.point import fitted
from mlflowflow.projects.space import Choice, conditions_first, demand_grid
from mlflowflow.projects.sweep_parts import PrunerName, SamplerName
from mlflowflow.projects.wording import alternatives, choose_among, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Set as AbstractSet

    from mlflowflow.projects.space import Dimension
    from mlflowflow.projects.sweep_spec import SweepDraft

#: What the addresses of a starting point begin with.
ADDRESSES: Final = ("models:/", "runs:/", "sweeps:/")
#: In fewer dimensions CMA-ES has nothing to learn, and Optuna samples at random instead.
_FEWEST_FOR_CMAES: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What must hold between the `keys`: `check` raises `InvalidInput` for a draft that breaks it."""

    keys: tuple[str, ...]
    check: Callable[[SweepDraft], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A broken rule: the `key` at which it is told, and a `sentence` (or several, a line each)."""

    key: str
    sentence: str


def breaches(draft: SweepDraft, *, unread: AbstractSet[str] = frozenset()) -> list[Breach]:
    """Return what `draft` breaks, asking no rule about a key that is `unread` or unsound by itself.

    Without a sound space, for example, nobody can say what fits into it.
    """
    found: list[Breach] = []
    unsound = set(unread)
    for rule in RULES:
        if not unsound.isdisjoint(rule.keys):
            continue
        try:
            rule.check(draft)
        except InvalidInput as mistake:
            found.append(Breach(key=rule.keys[0], sentence=str(mistake)))
            if len(rule.keys) == 1:
                unsound.add(rule.keys[0])
    return found


def _space(draft: SweepDraft) -> None:
    if not draft.space:
        raise InvalidInput(f"Sweep '{draft.name}' searches nothing; give its 'space' at least one dimension.")
    twice = _twice(dimension.name for dimension in draft.space)
    if twice:
        raise InvalidInput(f"Sweep '{draft.name}' has two dimensions {quoted(twice)}; name each once.")
    conditions_first(draft.space)


def _params(draft: SweepDraft) -> None:
    searched = {dimension.name for dimension in draft.space}
    both = [name for name in draft.params if name in searched]
    if both:
        raise InvalidInput(f"Sweep '{draft.name}' both fixes and searches {quoted(both)}; remove one.")


def _objectives(draft: SweepDraft) -> None:
    if not draft.objectives:
        raise InvalidInput(
            f"Sweep '{draft.name}' has no 'objectives'; name at least one metric and its goal."
        )
    twice = _twice(objective.metric for objective in draft.objectives)
    if twice:
        raise InvalidInput(f"Sweep '{draft.name}' has two objectives {quoted(twice)}; name each metric once.")
    marked = [objective.metric for objective in draft.objectives if objective.prune]
    if len(marked) > 1:
        raise InvalidInput(
            f"Sweep '{draft.name}' prunes on {quoted(marked)}, but only one objective can decide; mark one."
        )


def _grid(draft: SweepDraft) -> None:
    if draft.sampler.name is SamplerName.GRID:
        demand_grid(draft.space)


def _cmaes(draft: SweepDraft) -> None:
    if draft.sampler.name is not SamplerName.CMAES:
        return
    if len(draft.objectives) > 1:
        raise InvalidInput(
            f"Sweep '{draft.name}' has {len(draft.objectives)} objectives, and the sampler 'cmaes' can only follow "
            "one; take 'tpe' or 'nsga2'."
        )
    ranges = [each for each in draft.space if _is_open_range(each) and not each.when]
    if len(ranges) < _FEWEST_FOR_CMAES:
        raise InvalidInput(
            f"The sampler 'cmaes' needs two or more ranges without conditions, but sweep '{draft.name}' has "
            f"{len(ranges)}: it would only try at random. Take 'tpe'."
        )


def _is_open_range(dimension: Dimension) -> bool:
    """Answer whether it is a range of more than one value."""
    if isinstance(dimension, Choice):
        return False
    width = dimension.high - dimension.low
    return width > 0 if dimension.step is None else width >= dimension.step


def _pruner(draft: SweepDraft) -> None:
    if draft.pruner.name is not PrunerName.NONE and draft.pruned_objective is None:
        raise InvalidInput(
            f"Sweep '{draft.name}' has several objectives and a pruner; mark the one that decides with "
            "'prune_on: true' (in Python, 'prune=True')."
        )


def _end(draft: SweepDraft) -> None:
    limits = (draft.budget.trials, draft.budget.wall_s, draft.budget.cost)
    if draft.sampler.name is not SamplerName.GRID and all(limit is None for limit in limits):
        raise InvalidInput(
            f"Sweep '{draft.name}' would never end; give its 'budget' trials, wall or cost, such as {{trials: 20}}."
        )


def _money(draft: SweepDraft) -> None:
    resources = draft.trial.resources
    if draft.budget.cost is not None and (resources is None or resources.price_per_hour == 0.0):
        raise InvalidInput(
            f"Sweep '{draft.name}' has a budget in money, but its trials cost nothing; name 'resources' with a "
            "'price_per_hour' for its trials."
        )


def _target(draft: SweepDraft) -> None:
    _demand_objectives(draft, draft.stop.target, verb="stops at")


def _by(draft: SweepDraft) -> None:
    _demand_objectives(draft, [] if draft.select.by is None else [draft.select.by], verb="selects by")


def _start(draft: SweepDraft) -> None:
    mistakes: list[str] = []
    for number, start in enumerate(draft.start_from, start=1):
        subject = f"Starting point {number} of sweep '{draft.name}'"
        if isinstance(start, str):
            if not start.startswith(ADDRESSES):
                mistakes.append(
                    f"{subject} is '{start}'; expected values of dimensions, or an address that begins with "
                    f"{alternatives(ADDRESSES)}."
                )
            continue
        try:
            fitted(draft.space, start)
        except InvalidInput as mistake:
            mistakes.extend(f"{subject}: {line}" for line in str(mistake).splitlines())
    if mistakes:
        raise InvalidInput("\n".join(mistakes))


def _parallel(draft: SweepDraft) -> None:
    if draft.parallel < 1:
        raise InvalidInput(f"Sweep '{draft.name}' has the parallel {draft.parallel}; expected 1 or more.")


def _demand_objectives(draft: SweepDraft, metrics: Iterable[str], *, verb: str) -> None:
    known = [objective.metric for objective in draft.objectives]
    mistakes = [
        f"Sweep '{draft.name}' {verb} '{metric}', which is not an objective. "
        f"{choose_among(metric, known, noun='objectives')}"
        for metric in metrics
        if metric not in known
    ]
    if mistakes:
        raise InvalidInput("\n".join(mistakes))


def _twice(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


#: All rules; what later ones rely on stands before them.
RULES: Final = (
    Rule(keys=("space",), check=_space),
    Rule(keys=("objectives",), check=_objectives),
    Rule(keys=("params", "space"), check=_params),
    Rule(keys=("sampler", "space"), check=_grid),
    Rule(keys=("sampler", "space", "objectives"), check=_cmaes),
    Rule(keys=("pruner", "objectives"), check=_pruner),
    Rule(keys=("budget", "sampler"), check=_end),
    Rule(keys=("budget", "trial"), check=_money),
    Rule(keys=("stop", "objectives"), check=_target),
    Rule(keys=("select", "objectives"), check=_by),
    Rule(keys=("start_from", "space"), check=_start),
    Rule(keys=("parallel",), check=_parallel),
)
