"""How `sweeps` are read: an entry point, what is fixed, what is searched, and how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.gates.policy import Goal
from mlflowflow.projects.expression import parse
from mlflowflow.projects.grammar import DURATION, TEXT, at_least, demand_name, look_up, one_of
from mlflowflow.projects.grammar_parameters import read_values
from mlflowflow.projects.grammar_space import read_space
from mlflowflow.projects.sweep_spec import Budget, Objective, Sampler, SamplerName, SweepSpec, TrialPolicy
from mlflowflow.projects.wording import quoted, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.projects.grammar import Section
    from mlflowflow.projects.parameter import EntryPoint, Parameter
    from mlflowflow.projects.value import Scalar

_KEYS: Final = ("entry_point", "params", "space", "objectives", "sampler", "parallel", "budget", "trial")
_GOAL: Final = one_of(Goal)
_POSITIVE: Final = at_least(1)


def read_sweeps(file: Section, entry_points: Mapping[str, EntryPoint | None]) -> dict[str, SweepSpec | None]:
    """Return every declared sweep; None for one that has problems."""
    return {
        name: None if section is None else _sweep(section, name, entry_points)
        for name, section in file.sections("sweeps", noun="sweep", known=_KEYS)
    }


def _sweep(section: Section, name: str, entry_points: Mapping[str, EntryPoint | None]) -> SweepSpec | None:
    demand_name(section, name)
    program, entry_point = look_up(section, "entry_point", entry_points, noun="entry point")
    parameters = None if entry_point is None or not entry_point.declared else entry_point.parameters
    space = read_space(section, parameters)
    params = _fixed(section, parameters)
    objectives = _objectives(section)
    sampler = _sampler(section)
    trials = _trials(section)
    parallel = section.get_or("parallel", _POSITIVE, 1)
    trial = section.section("trial", known=("timeout", "attempts"))
    timeout_s = None if trial is None else trial.get("timeout", DURATION)
    attempts = 3 if trial is None else trial.get_or("attempts", _POSITIVE, 3)
    return section.build(
        lambda: SweepSpec(
            name=name,
            entry_point=program,
            space=space,
            objectives=objectives,
            budget=Budget(trials=trials),
            params=params,
            sampler=sampler,
            parallel=parallel,
            trial=TrialPolicy(timeout_s=timeout_s, attempts=attempts),
        )
    )


def _fixed(section: Section, parameters: Mapping[str, Parameter] | None) -> dict[str, Scalar]:
    values = read_values(section, "params", parameters)
    searched = [name for name in values if name in section.children("space")]
    if searched:
        section.complain(
            f"{sentence(section.owner)} both fixes and searches {quoted(searched)}; remove one.", key="params"
        )
    if parse(tuple(values.values())):
        section.complain(
            f"{sentence(section.owner)} has a look-up in its 'params', but a sweep can also run alone; "
            "write it in the 'params' of the pipeline's step instead.",
            key="params",
        )
    return values


def _trials(section: Section) -> int:
    if "budget" not in section:
        section.complain(f"{sentence(section.owner)} has no 'budget'; say how long, such as {{trials: 20}}.")
    budget = section.section("budget", known=("trials",))
    return 1 if budget is None else budget.require("trials", _POSITIVE)


def _sampler(section: Section) -> Sampler:
    sampler = section.section("sampler", known=("name", "seed", "startup"))
    if sampler is None:
        return Sampler()
    return Sampler(
        name=sampler.require("name", one_of(SamplerName)),
        seed=sampler.get("seed", at_least(0)),
        startup=sampler.get_or("startup", at_least(0), Sampler().startup),
    )


def _objectives(section: Section) -> tuple[Objective, ...]:
    if not section.items("objectives"):
        section.complain(
            f"{sentence(section.owner)} has no 'objectives'; name at least one metric and its goal."
        )
    objectives: list[Objective] = []
    for number, node in enumerate(section.items("objectives"), start=1):
        child = section.child(
            node, owner=f"objective {number} of {section.owner}", place=node.place, known=("metric", "goal")
        )
        if child is not None:
            metric, goal = child.require("metric", TEXT), child.require("goal", _GOAL)
            objectives.append(Objective(metric=metric, goal=goal))
    return tuple(objectives)
