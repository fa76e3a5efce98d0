"""How one step of a pipeline is read: what it runs, what it is given, what it waits for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypedDict

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.coercion import to_whole
from mlflowflow.projects.document import ListNode, MapNode, ScalarNode
from mlflowflow.projects.expression import OPEN, only_reference, parse
from mlflowflow.projects.grammar import DURATION, TEXT, at_least, demand_name, look_up, scalar_kind
from mlflowflow.projects.grammar_parameters import read_values
from mlflowflow.projects.sections import (
    Decide,
    EntryPointStep,
    GateStep,
    RegisterStep,
    Retries,
    Step,
    SweepStep,
)
from mlflowflow.projects.sweep_spec import sweep_parameters
from mlflowflow.projects.wording import alternatives, choose_among, quoted, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mlflowflow.gates.policy import GatePolicy
    from mlflowflow.projects.document import Node
    from mlflowflow.projects.expression import Reference
    from mlflowflow.projects.grammar import Kind, Section
    from mlflowflow.projects.parameter import EntryPoint, Parameter
    from mlflowflow.projects.sweep_spec import SweepSpec
    from mlflowflow.projects.value import JSON, Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a step may name.

    None stands for what is declared but has problems of its own; of a step's outputs it means that
    nothing is known.
    """

    entry_points: Mapping[str, EntryPoint | None]
    sweeps: Mapping[str, SweepSpec | None]
    gates: Mapping[str, GatePolicy | None]
    params: tuple[str, ...] = ()
    steps: Mapping[str, tuple[str, ...] | None]


class _Common(TypedDict):
    """The fields of every step."""

    id: str
    needs: tuple[str, ...]
    when_exists: str | None
    retries: Retries
    timeout_s: float | None


def read_step(section: Section, kind: str, scope: Scope) -> Step | None:
    """Return the step in `section`, which is of the given `kind`; None after noting its problems."""
    common = _common(section, scope)
    return STEP_KINDS[kind].read(section, common, scope)


def _common(section: Section, scope: Scope) -> _Common:
    step_id = section.require("id", TEXT)
    demand_name(section, step_id)
    explicit = section.each("needs", TEXT)
    for need in explicit:
        if need not in scope.steps:
            hint = choose_among(need, scope.steps, noun="steps")
            section.complain(
                f"{sentence(section.owner)} needs the unknown step '{need}'. {hint}", key="needs"
            )
    needs = {*explicit, *_implied_needs(section, scope)}
    when = section.section("when", known=("exists",))
    retries = section.section("retries", known=("max", "delay"))
    return _Common(
        id=step_id,
        needs=tuple(each for each in scope.steps if each in needs),
        when_exists=None if when is None else when.require("exists", TEXT),
        retries=Retries() if retries is None else _retries(retries),
        timeout_s=section.get("timeout", DURATION),
    )


def _retries(section: Section) -> Retries:
    return Retries(max=section.require("max", at_least(0)), delay_s=section.get_or("delay", DURATION, 0.0))


def _implied_needs(section: Section, scope: Scope) -> list[str]:
    """Check every look-up anywhere in the step, and return the steps they name."""
    needs: list[str] = []
    for scalar in _scalars(section.root):
        try:
            references = parse(scalar.value)
        except InvalidInput as mistake:
            section.problems.add(scalar.place, str(mistake))
            continue
        for reference in references:
            wrong = _wrong(reference, scope)
            if wrong:
                section.problems.add(
                    scalar.place, f"{sentence(section.owner)} looks up '{reference}', but {wrong}"
                )
            elif reference.parts[0] == "steps":
                needs.append(reference.parts[1])
    return needs


def _scalars(root: Node) -> Iterator[ScalarNode]:
    """Yield every scalar under `root` once, also if aliases let it stand in many places."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        match node:
            case ScalarNode():
                yield node
            case ListNode():
                waiting.extend(node.items)
            case MapNode():
                waiting.extend(node.items.values())


def _wrong(reference: Reference, scope: Scope) -> str:
    """Say why `reference` can never be resolved, or return an empty text."""
    match reference.parts:
        case ("params", name):
            return _unless_among(name, scope.params, noun="params")
        case ("params", name, *_):
            return f"a param is a single value; expected 'params.{name}'."
        case ("steps", step_id, *rest):
            return _unless_among(step_id, scope.steps, noun="steps") or _wrong_result(step_id, rest, scope)
        case parts:
            return f"'{parts[0]}' is unknown; expected a path that begins with 'params.' or 'steps.'."


def _wrong_result(step_id: str, path: list[str], scope: Scope) -> str:
    match path:
        case ["run_id"] | ["metrics", _]:
            return ""
        case ["outputs", name, *_]:
            outputs = scope.steps[step_id]
            return (
                "" if outputs is None else _unless_among(name, outputs, noun=f"outputs of step '{step_id}'")
            )
        case _:
            return f"expected 'steps.{step_id}' to go on with 'outputs.<name>', 'metrics.<name>' or 'run_id'."


def _unless_among(name: str, known: tuple[str, ...] | Mapping[str, object], *, noun: str) -> str:
    if name in known:
        return ""
    hint = choose_among(name, known, noun=noun)
    return f"'{name}' is not declared. {hint}"


def _entry_point_step(section: Section, common: _Common, scope: Scope) -> Step | None:
    name, entry_point = look_up(section, "entry_point", scope.entry_points, noun="entry point")
    parameters = None if entry_point is None or not entry_point.declared else entry_point.parameters
    params = read_values(section, "params", parameters)
    params_from = section.get("params_from", _LONE_LOOK_UP)
    if parameters is not None and "params_from" not in section:
        _demand_required(section, parameters)
    outputs: dict[str, str] = {}
    for output, child in section.sections("outputs", noun="output", known=("artifact",)):
        if child is not None:
            demand_name(child, output)
            outputs[output] = child.require("artifact", TEXT)
    return section.build(
        lambda: EntryPointStep(
            **common, entry_point=name, params=params, params_from=params_from, outputs=outputs
        )
    )


def _sweep_step(section: Section, common: _Common, scope: Scope) -> Step | None:
    name, sweep = look_up(section, "sweep", scope.sweeps, noun="sweep")
    entry_point = None if sweep is None else scope.entry_points.get(sweep.entry_point)
    parameters = None
    if sweep is not None and entry_point is not None and entry_point.declared:
        parameters = {each.name: each for each in sweep_parameters(sweep, entry_point)}
    params = read_values(section, "params", parameters)
    _demand_required(section, parameters or {})
    return section.build(lambda: SweepStep(**common, sweep=name, params=params))


def _demand_required(section: Section, parameters: Mapping[str, Parameter]) -> None:
    given = section.children("params")
    missing = [name for name, parameter in parameters.items() if parameter.required and name not in given]
    if missing:
        section.complain(
            f"{sentence(section.owner)} gives no value for {quoted(missing)}, which the entry point requires; "
            "add it to 'params'.",
            key="params",
        )


def _register_step(section: Section, common: _Common, _: Scope) -> Step | None:
    register = section.section("register", known=("model", "from"))
    model = "" if register is None else register.require("model", TEXT)
    source = "" if register is None else register.require("from", TEXT)
    return section.build(lambda: RegisterStep(**common, model=model, source=source))


def _gate_step(section: Section, common: _Common, scope: Scope) -> Step | None:
    name, _ = look_up(section, "gate", scope.gates, noun="gate")
    params = section.section("params", known=("version",))
    if params is None:
        section.complain(
            f"{sentence(section.owner)} has no 'params'; say which version is held against the gate, such as "
            '{version: "${{ steps.register.outputs.version }}"}.'
        )
    version = 1 if params is None else params.require("version", _VERSION)
    evidence = section.each("evidence", TEXT)
    decide = section.get_or("decide", _DECIDE, Decide.HERE.value)
    return section.build(
        lambda: GateStep(**common, gate=name, version=version, evidence=evidence, decide=decide)
    )


def _has_look_up(value: JSON) -> bool:
    return isinstance(value, str) and OPEN in value


def _lone_look_up(value: JSON) -> str | None:
    try:
        lone = only_reference(value) is not None
    except InvalidInput:
        lone = True  # it is one, and what is wrong with it is noted where all look-ups are checked
    return value if isinstance(value, str) and lone else None


def _version(value: JSON) -> Scalar | None:
    if _has_look_up(value):
        return str(value)
    number = to_whole(value)
    return number if number is not None and number > 0 else None


def _decide(value: JSON) -> str | None:
    return value if isinstance(value, str) and (_has_look_up(value) or value in set(Decide)) else None


_LONE_LOOK_UP: Final = scalar_kind("a single look-up of a mapping", _lone_look_up, blank="")
_VERSION: Final[Kind[Scalar]] = scalar_kind("a version number, or a look-up of one", _version, blank=1)
_DECIDE: Final = scalar_kind(alternatives(Decide), _decide, blank=Decide.HERE.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepKind:
    """One kind of step: the keys it knows besides its own name, and how it is read."""

    keys: tuple[str, ...]
    read: Callable[[Section, _Common, Scope], Step | None]


COMMON_KEYS: Final = ("id", "needs", "when", "retries", "timeout")
STEP_KINDS: Final[Mapping[str, StepKind]] = {
    "entry_point": StepKind(keys=("params", "params_from", "outputs"), read=_entry_point_step),
    "sweep": StepKind(keys=("params",), read=_sweep_step),
    "register": StepKind(keys=(), read=_register_step),
    "gate": StepKind(keys=("params", "evidence", "decide"), read=_gate_step),
}
