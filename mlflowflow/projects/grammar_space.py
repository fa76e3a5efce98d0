"""How a sweep's `space` is read: one dimension per parameter that is searched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mlflowflow.projects.document import ListNode
from mlflowflow.projects.grammar import FLAG, NUMBER, WHOLE
from mlflowflow.projects.grammar_parameters import read_option
from mlflowflow.projects.parameter import ParameterType
from mlflowflow.projects.space import Choice, Dimension, FloatRange, IntRange
from mlflowflow.projects.wording import alternatives, choose_among, quoted, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.projects.grammar import Kind, Section, T
    from mlflowflow.projects.parameter import Parameter
    from mlflowflow.projects.value import Scalar

_KINDS: Final = ("float", "int", "choice")
_KEYS: Final = (*_KINDS, "log", "step", "when")

#: Which declared types a range of numbers cannot be a value of.
_UNFIT: Final = {
    "float": frozenset({ParameterType.INT, ParameterType.BOOL}),
    "int": frozenset({ParameterType.BOOL}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axis:
    """What all kinds of dimensions have: a name, conditions, and the parameter if it is declared."""

    name: str
    parameter: Parameter | None
    when: Mapping[str, Scalar]


def read_space(sweep: Section, parameters: Mapping[str, Parameter] | None) -> tuple[Dimension, ...]:
    """Return the dimensions over some of the entry point's `parameters` (None: any name is right)."""
    dimensions: list[Dimension] = []
    for name, section in sweep.sections("space", noun="dimension", known=_KEYS):
        dimension = None if section is None else _dimension(section, name, parameters)
        if dimension is not None:
            dimensions.append(dimension)
    return tuple(dimensions)


def _dimension(section: Section, name: str, parameters: Mapping[str, Parameter] | None) -> Dimension | None:
    if parameters is not None and name not in parameters:
        hint = choose_among(name, parameters, noun="parameters")
        section.complain(f"{sentence(section.owner)} is not a parameter of its entry point. {hint}")
    declared = parameters or {}
    axis = _Axis(name=name, parameter=declared.get(name), when=_conditions(section, declared))
    match [kind for kind in _KINDS if kind in section]:
        case ["choice"]:
            return _choice(section, axis)
        case ["int"]:
            return _int_range(section, axis)
        case ["float"]:
            return _float_range(section, axis)
        case kinds:
            section.complain(
                f"{sentence(section.owner)} has {quoted(kinds) or 'no values'}; "
                f"expected exactly one of {alternatives(_KINDS)}."
            )
            return None


def _float_range(section: Section, axis: _Axis) -> FloatRange | None:
    _demand_fit(section, axis, "float")
    low, high = _bounds(section, "float", NUMBER)
    log, step = section.get_or("log", FLAG, default=False), section.get("step", NUMBER)
    return section.build(
        lambda: FloatRange(name=axis.name, low=low, high=high, log=log, step=step, when=axis.when)
    )


def _int_range(section: Section, axis: _Axis) -> IntRange | None:
    _demand_fit(section, axis, "int")
    low, high = _bounds(section, "int", WHOLE)
    log, step = section.get_or("log", FLAG, default=False), section.get_or("step", WHOLE, 1)
    return section.build(
        lambda: IntRange(name=axis.name, low=low, high=high, log=log, step=step, when=axis.when)
    )


def _demand_fit(section: Section, axis: _Axis, kind: str) -> None:
    if axis.parameter is not None and axis.parameter.type in _UNFIT[kind]:
        section.complain(
            f"{sentence(section.owner)} is a range of {kind}s, "
            f"but the parameter is declared as {axis.parameter.type}.",
            key=kind,
        )


def _bounds(section: Section, key: str, kind: Kind[T]) -> tuple[T, T]:
    """Read ``[low, high]``."""
    items = section.items(key)
    if isinstance(section.node(key), ListNode) and len(items) != 2:  # noqa: PLR2004 - a range has two ends
        count = "1 value" if len(items) == 1 else f"{len(items)} values"
        section.complain(f"'{key}' of {section.owner} has {count}; expected two, [low, high].", key=key)
    match section.each(key, kind):
        case (low, high):
            return low, high
        case _:
            return kind.blank, kind.blank


def _choice(section: Section, axis: _Axis) -> Choice | None:
    for key in ("log", "step"):
        if key in section:
            section.complain(
                f"{sentence(section.owner)} is a choice, which has no '{key}'; remove it.", key=key
            )
    options = [read_option(section, item, axis.parameter) for item in section.items("choice")]
    return section.build(
        lambda: Choice(
            name=axis.name, options=tuple(each for each in options if each is not None), when=axis.when
        )
    )


def _conditions(section: Section, parameters: Mapping[str, Parameter]) -> dict[str, Scalar]:
    conditions: dict[str, Scalar] = {}
    for name, node in section.scalars("when").items():
        option = read_option(section, node, parameters.get(name))
        if option is not None:
            conditions[name] = option
    return conditions
