"""How `sweeps` are read: what is run, what is fixed, what is searched, for what, and where it starts.

Every key is read by itself, and then the rules between the keys are asked, but only about keys that
could be read. So all mistakes are told at once, each at its key, and none that only follows from another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from mlflowflow.gates.policy import Goal
from mlflowflow.projects.document import MapNode
from mlflowflow.projects.expression import parse
from mlflowflow.projects.grammar import FLAG, NUMBER, TEXT, at_least, demand_name, look_up, one_of
from mlflowflow.projects.grammar_limits import read_budget, read_selection, read_stop, read_trial
from mlflowflow.projects.grammar_methods import read_pruner, read_sampler
from mlflowflow.projects.grammar_parameters import read_option, read_values
from mlflowflow.projects.grammar_space import read_space
from mlflowflow.projects.sweep_parts import Constraint, Dedupe, Objective, Visibility
from mlflowflow.projects.sweep_rules import breaches
from mlflowflow.projects.sweep_spec import (
    Budget,
    Pruner,
    Sampler,
    Selection,
    Stop,
    SweepDraft,
    SweepSpec,
    TrialPolicy,
)
from mlflowflow.projects.wording import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflowflow.projects.document import Node
    from mlflowflow.projects.grammar import Section
    from mlflowflow.projects.parameter import EntryPoint, Parameter
    from mlflowflow.projects.sweep_parts import Resources, StartPoint
    from mlflowflow.projects.value import Scalar

_T = TypeVar("_T")

_KEYS: Final = (
    *("entry_point", "params", "space", "objectives", "constraints", "sampler", "pruner", "start_from"),
    *("parallel", "budget", "stop", "trial", "dedupe", "select", "visibility"),
)


def read_sweeps(
    file: Section,
    entry_points: Mapping[str, EntryPoint | None],
    resources: Mapping[str, Resources | None],
) -> dict[str, SweepSpec | None]:
    """Return every declared sweep; None for one that has problems."""
    return {
        name: None if section is None else _sweep(section, name, entry_points, resources)
        for name, section in file.sections("sweeps", noun="sweep", known=_KEYS)
    }


class _Keys:
    """Read a sweep key by key, and remember which ones could not be read."""

    def __init__(self, section: Section) -> None:
        self._section = section
        self.unread: set[str] = set()

    def take(self, key: str, read: Callable[[], _T | None], blank: _T) -> _T:
        """Return what `read` returns for `key`, or `blank` if there was a problem."""
        before = len(self._section.problems)
        value = read()
        if value is None or len(self._section.problems) > before:
            self.unread.add(key)
        return blank if value is None else value


def _sweep(
    section: Section,
    name: str,
    entry_points: Mapping[str, EntryPoint | None],
    resources: Mapping[str, Resources | None],
) -> SweepSpec | None:
    demand_name(section, name)
    program, entry_point = look_up(section, "entry_point", entry_points, noun="entry point")
    parameters = None if entry_point is None or not entry_point.declared else entry_point.parameters
    keys = _Keys(section)
    take = keys.take
    draft = SweepDraft(
        name=name,
        entry_point=program,
        space=take("space", lambda: read_space(section, parameters), ()),
        objectives=take("objectives", lambda: _objectives(section), ()),
        budget=take("budget", lambda: read_budget(section), Budget()),
        params=take("params", lambda: _fixed(section, parameters), {}),
        constraints=take("constraints", lambda: _constraints(section), ()),
        sampler=take("sampler", lambda: read_sampler(section), Sampler()),
        pruner=take("pruner", lambda: read_pruner(section), Pruner()),
        start_from=take("start_from", lambda: _start_from(section, parameters or {}), ()),
        dedupe=section.get_or("dedupe", one_of(Dedupe), Dedupe.OFF),
        parallel=section.get_or("parallel", at_least(1), 1),
        stop=take("stop", lambda: read_stop(section), Stop()),
        trial=take("trial", lambda: read_trial(section, resources), TrialPolicy()),
        select=take("select", lambda: read_selection(section, parameters), Selection()),
        visibility=section.get_or("visibility", one_of(Visibility), Visibility.SWEEP),
    )
    for breach in breaches(draft, unread=keys.unread):
        section.complain(breach.sentence, key=breach.key)
    return None if keys.unread else section.build(lambda: SweepSpec.of(draft))


def _fixed(section: Section, parameters: Mapping[str, Parameter] | None) -> dict[str, Scalar]:
    values = read_values(section, "params", parameters)
    if parse(tuple(values.values())):
        section.complain(
            f"{sentence(section.owner)} has a look-up in its 'params', but a sweep can also run alone; "
            "write it in the 'params' of the pipeline's step instead.",
            key="params",
        )
    return values


def _objectives(sweep: Section) -> tuple[Objective, ...]:
    return _each(sweep, "objectives", _objective, noun="objective", known=("metric", "goal", "prune_on"))


def _objective(section: Section) -> Objective | None:
    metric, goal = section.require("metric", TEXT), section.require("goal", one_of(Goal))
    prune = section.get_or("prune_on", FLAG, default=False)
    return section.build(lambda: Objective(metric=metric, goal=goal, prune=prune))


def _constraints(sweep: Section) -> tuple[Constraint, ...]:
    return _each(sweep, "constraints", _constraint, noun="constraint", known=("metric", "min", "max"))


def _constraint(section: Section) -> Constraint | None:
    metric = section.require("metric", TEXT)
    low, high = section.get("min", NUMBER), section.get("max", NUMBER)
    return section.build(lambda: Constraint(metric=metric, min=low, max=high))


def _each(
    sweep: Section, key: str, read: Callable[[Section], _T | None], *, noun: str, known: tuple[str, ...]
) -> tuple[_T, ...]:
    """Read the list of mappings under `key`; leave out those that have problems."""
    facts: list[_T] = []
    for number, node in enumerate(sweep.items(key), start=1):
        child = sweep.child(node, owner=f"{noun} {number} of {sweep.owner}", place=node.place, known=known)
        fact = None if child is None else read(child)
        if fact is not None:
            facts.append(fact)
    return tuple(facts)


def _start_from(sweep: Section, parameters: Mapping[str, Parameter]) -> tuple[StartPoint, ...]:
    read = [
        _start(sweep, number, node, parameters) for number, node in enumerate(sweep.items("start_from"), 1)
    ]
    return tuple(start for start in read if start is not None)


def _start(sweep: Section, number: int, node: Node, parameters: Mapping[str, Parameter]) -> StartPoint | None:
    owner = f"starting point {number} of {sweep.owner}"
    if not isinstance(node, MapNode):
        address = TEXT.read(node)
        if address is None:
            sweep.child(node, owner=owner, place=node.place, known=None)  # notes what it is instead
        return address
    section = sweep.child(node, owner=owner, place=node.place, known=None)
    assert section is not None, "it is a mapping"
    values = {name: read_option(section, item, parameters.get(name)) for name, item in node.items.items()}
    return {name: value for name, value in values.items() if value is not None}
