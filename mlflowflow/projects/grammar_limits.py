"""How a sweep's `budget`, `stop`, `trial` and `select` are read: what it may use, and what it then picks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.projects.document import MapNode
from mlflowflow.projects.expression import parse
from mlflowflow.projects.grammar import DURATION, FLAG, NUMBER, TEXT, WHOLE, at_least, look_up, one_of
from mlflowflow.projects.grammar_parameters import read_values
from mlflowflow.projects.sweep_parts import Among, Budget, OnPrune, Selection, Stop, TrialPolicy
from mlflowflow.projects.wording import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.projects.grammar import Section
    from mlflowflow.projects.parameter import Parameter
    from mlflowflow.projects.sweep_parts import Resources
    from mlflowflow.projects.value import Scalar

_POSITIVE: Final = at_least(1)
_TRIAL: Final = ("resources", "timeout", "attempts", "retry_on", "on_prune", "grace", "priority")


def read_budget(sweep: Section) -> Budget | None:
    """Return what the sweep may use; None after noting problems. Without the section there is no limit."""
    section = sweep.section("budget", known=("trials", "wall", "cost", "failed_trials"))
    if section is None:
        return None if "budget" in sweep else Budget()
    trials, failed = section.get("trials", _POSITIVE), section.get("failed_trials", _POSITIVE)
    wall, cost = section.get("wall", DURATION), section.get("cost", NUMBER)
    return section.build(lambda: Budget(trials=trials, wall_s=wall, cost=cost, failed_trials=failed))


def read_stop(sweep: Section) -> Stop | None:
    """Return which results end the sweep early; None after noting problems."""
    section = sweep.section("stop", known=("target", "no_improvement"))
    if section is None:
        return None if "stop" in sweep else Stop()
    target, patience = section.table("target", NUMBER), section.get("no_improvement", _POSITIVE)
    return section.build(lambda: Stop(target=target, no_improvement=patience))


def read_trial(sweep: Section, resources: Mapping[str, Resources | None]) -> TrialPolicy | None:
    """Return how each trial is run, on one of the declared `resources`; None after noting problems."""
    section = sweep.section("trial", known=_TRIAL)
    usual = TrialPolicy()
    if section is None:
        return None if "trial" in sweep else usual
    name, taken = (
        look_up(section, "resources", resources, noun="resource") if "resources" in section else ("", None)
    )
    timeout, grace = section.get("timeout", DURATION), section.get_or("grace", DURATION, usual.grace_s)
    attempts = section.get_or("attempts", _POSITIVE, usual.attempts)
    retry_on = section.each("retry_on", TEXT) if "retry_on" in section else usual.retry_on
    on_prune = section.get_or("on_prune", one_of(OnPrune), usual.on_prune)
    priority = section.get_or("priority", WHOLE, usual.priority)
    if name and taken is None:
        return None  # its problems are noted where it is named or declared
    return section.build(
        lambda: TrialPolicy(
            resources=taken,
            timeout_s=timeout,
            attempts=attempts,
            retry_on=retry_on,
            on_prune=on_prune,
            grace_s=grace,
            priority=priority,
        )
    )


def read_selection(sweep: Section, parameters: Mapping[str, Parameter] | None) -> Selection | None:
    """Return which trial wins, and with which of the entry point's `parameters` it is run again."""
    section = sweep.section("select", known=("by", "among", "refit"))
    if section is None:
        return None if "select" in sweep else Selection()
    by, among = section.get("by", TEXT), section.get_or("among", one_of(Among), Among.ALL)
    refit, params = _refit(section, parameters)
    return section.build(lambda: Selection(by=by, among=among, refit=refit, refit_params=params))


def _refit(select: Section, parameters: Mapping[str, Parameter] | None) -> tuple[bool, Mapping[str, Scalar]]:
    """Read ``refit: true``, or ``refit: {params: {…}}``."""
    if not isinstance(select.node("refit"), MapNode):
        return select.get_or("refit", FLAG, default=False), {}
    section = select.section("refit", known=("params",))
    assert section is not None, "it is a mapping"
    values = read_values(section, "params", parameters)
    if parse(tuple(values.values())):
        section.complain(
            f"{sentence(section.owner)} has a look-up, but a sweep can also run alone; write the value itself.",
            key="params",
        )
    return True, values
