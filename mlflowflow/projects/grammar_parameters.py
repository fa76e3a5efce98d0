"""How `entry_points` and `parameters` are read.

`entry_points` is MLflow's own section, so keys that MLflow ignores are ignored here too, and a type
it does not know is text. The `params` of our pipelines are declared in the same way, but strictly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.command import check_template
from mlflowflow.projects.document import MapNode, ScalarNode
from mlflowflow.projects.expression import parse
from mlflowflow.projects.grammar import TEXT, found
from mlflowflow.projects.parameter import EntryPoint, Parameter, ParameterType
from mlflowflow.projects.wording import choose_among, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mlflowflow.projects.document import Node
    from mlflowflow.projects.grammar import Section
    from mlflowflow.projects.value import Scalar

_KEYS: Final = ("type", "default", "choices")
_TEXTUAL: Final = frozenset({ParameterType.STRING, ParameterType.PATH, ParameterType.URI})


def read_entry_points(file: Section) -> dict[str, EntryPoint | None]:
    """Return every declared entry point; None for one that has problems."""
    return {
        name: None if section is None else _entry_point(section, name)
        for name, section in file.sections("entry_points", noun="entry point", known=None)
    }


def _entry_point(section: Section, name: str) -> EntryPoint | None:
    command = section.require("command", TEXT)
    names = {each: Parameter(name=each) for each in section.children("parameters")}
    bare = EntryPoint(name=name, command=command, parameters=names)
    section.attempt(lambda: check_template(bare), key="command")
    parameters = read_parameters(section, "parameters", strict=False)
    return section.build(lambda: EntryPoint(name=name, command=command, parameters=parameters))


def read_parameters(section: Section, key: str, *, strict: bool) -> dict[str, Parameter]:
    """Return the parameters declared under `key`, each ``name: type`` or ``name: {type, default, …}``."""
    parameters: dict[str, Parameter] = {}
    for name, node in section.children(key).items():
        parameter = _parameter(section, name, node, strict=strict)
        if parameter is not None:
            parameters[name] = parameter
    return parameters


def _parameter(section: Section, name: str, node: Node, *, strict: bool) -> Parameter | None:
    owner = f"parameter '{name}' of {section.owner}"
    if isinstance(node, ScalarNode):
        place = node.place
        node = MapNode(place=place, items={"type": node}, places={"type": place})
    child = section.child(node, owner=owner, place=node.place, known=_KEYS if strict else None)
    if child is None:
        return None
    kind = _type(child, strict=strict)
    bare = Parameter(name=name, type=kind)
    default = child.node("default")
    choices = child.items("choices")
    return child.build(
        lambda: Parameter(
            name=name,
            type=kind,
            default=None if default is None else written_value(default, bare),
            choices=tuple(_choice(choice, bare) for choice in choices),
        )
    )


def _type(section: Section, *, strict: bool) -> ParameterType:
    node = section.node("type")
    word = node.text if isinstance(node, ScalarNode) and node.value is not None else ""
    if word in set(ParameterType):
        return ParameterType(word)
    if strict and node is not None:
        hint = choose_among(word, ParameterType, noun="types")
        section.complain(f"'type' of {section.owner} is {found(node)}. {hint}", key="type")
    return ParameterType.STRING


def _choice(node: Node, parameter: Parameter) -> Scalar:
    value = written_value(node, parameter)
    if value is None:
        raise InvalidInput(f"Parameter '{parameter.name}' has an empty choice; remove it.")
    return value


def written_value(node: Node, parameter: Parameter) -> Scalar | None:
    """Return what the file gives for `parameter`, as its type; None for an empty value.

    For a textual parameter that is the text as it is written: ``1.10`` stays ``1.10``.

    Raises:
        InvalidInput: the value does not fit.
    """
    if not isinstance(node, ScalarNode):
        raise InvalidInput(f"Parameter '{parameter.name}' is {found(node)}; expected a single value.")
    if node.value is None:
        return None
    return parameter.cast(node.text if parameter.type in _TEXTUAL else node.value)


def read_values(section: Section, key: str, parameters: Mapping[str, Parameter] | None) -> dict[str, Scalar]:
    """Return the values given under `key` for some of the `parameters` (None: any name is right).

    Literals are brought to the parameter's type; texts with ``${{ … }}`` are kept as they are.
    """
    values: dict[str, Scalar] = {}
    for name, node in section.scalars(key).items():
        parameter = Parameter(name=name) if parameters is None else parameters.get(name)
        if parameter is None:
            section.problems.add(node.place, _unknown(section, name, parameters or ()))
            continue
        try:
            value = node.text if parse(node.value) else written_value(node, parameter)
        except InvalidInput as mistake:
            section.problems.add(node.place, str(mistake))
        else:
            assert value is not None, "scalars() leaves empty values out"
            values[name] = value
    return values


def _unknown(section: Section, name: str, parameters: Iterable[str]) -> str:
    hint = choose_among(name, parameters, noun="parameters")
    return f"{sentence(section.owner)} gives a value for '{name}', which is not a parameter of it. {hint}"


def read_option(section: Section, node: Node, parameter: Parameter | None) -> Scalar | None:
    """Return a value that `parameter` may take, as it is written if there is no parameter to ask.

    Returns None after noting what is wrong with it.
    """
    try:
        if parameter is not None:
            value = written_value(node, parameter)
        else:
            value = node.value if isinstance(node, ScalarNode) else None
    except InvalidInput as mistake:
        section.problems.add(node.place, str(mistake))
        return None
    if value is None:
        section.problems.add(
            node.place, f"{sentence(section.owner)} lists {found(node)}; expected a single value."
        )
    return value
