"""YAML text as a tree that remembers where everything stands.

YAML 1.2 is read with ruamel.yaml down to its nodes only: no object is ever constructed from a tag,
aliases are shared and not copied (so a file cannot explode), and every scalar keeps its place and
its original text, which a version number written ``1.10`` needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode as YamlMapping
from ruamel.yaml.nodes import ScalarNode as YamlScalar
from ruamel.yaml.nodes import SequenceNode as YamlSequence

from mlflowflow.errors import Problem
from mlflowflow.projects.wording import described

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ruamel.yaml.nodes import Node as YamlNode

    from mlflowflow.projects.value import Scalar

_TAG: Final = "tag:yaml.org,2002:"
#: How many collections may stand inside each other; a project has less than ten.
_DEEPEST: Final = 50
_TOO_DEEP: Final = "The file is nested too deeply."


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands in the file, counted from 1."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarNode:
    """A single value; `text` is how the file writes it."""

    place: Place
    value: Scalar | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListNode:
    """Several nodes in order."""

    place: Place
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapNode:
    """Nodes under names; `places` says where each name stands."""

    place: Place
    items: Mapping[str, Node]
    places: Mapping[str, Place]


#: A part of the file; taken apart with `match`.
Node: TypeAlias = ScalarNode | ListNode | MapNode


class Unreadable(Exception):
    """Say that the text is not YAML, with the one problem at which reading stopped."""

    def __init__(self, problem: Problem) -> None:
        """Keep the `problem`."""
        self.problem = problem
        super().__init__(str(problem))


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What was read: the `root` and the problems that did not stop the reading (repeated keys)."""

    root: Node
    problems: tuple[Problem, ...]


def read(text: str) -> Document:
    """Read one YAML document; an empty one is an empty mapping.

    Raises:
        Unreadable: the text is not YAML, or nested too deeply, or contains itself.
    """
    try:
        root: YamlNode | None = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        raise Unreadable(_syntax_problem(error)) from error
    except YAMLError as error:
        raise Unreadable(Problem(message=f"This is not YAML: {str(error).splitlines()[0]}.")) from error
    except RecursionError as error:
        raise Unreadable(Problem(message=_TOO_DEEP)) from error
    if root is None:
        empty: Node = MapNode(place=Place(), items=MappingProxyType({}), places=MappingProxyType({}))
        return Document(root=empty, problems=())
    reader = _Reader()
    return Document(root=reader.node(root), problems=tuple(reader.problems))


def _syntax_problem(error: MarkedYAMLError) -> Problem:
    place = Place() if error.problem_mark is None else _place(error.problem_mark)
    context = f" {error.context}" if error.context else ""
    advice = (
        " YAML does not allow tabs for indentation; use spaces." if "'\\t'" in (error.problem or "") else ""
    )
    message = f"This is not YAML:{context} {error.problem}.{advice}"
    return Problem(message=" ".join(message.split()), line=place.line, column=place.column)


@dataclass(slots=True)
class _Reader:
    """Turn YAML nodes into ours, each shared node once."""

    problems: list[Problem] = field(default_factory=list)
    _done: dict[int, Node | None] = field(default_factory=dict)
    _depth: int = 0

    def node(self, yaml: YamlNode, *, place: Place | None = None) -> Node:
        here = place or _place(yaml.start_mark)
        if id(yaml) in self._done:
            known = self._done[id(yaml)]
            if known is None:
                message = "This part contains itself; write it out instead of using an alias."
                raise Unreadable(Problem(message=message, line=here.line, column=here.column))
            return known
        if self._depth >= _DEEPEST:
            raise Unreadable(Problem(message=_TOO_DEEP, line=here.line, column=here.column))
        self._done[id(yaml)] = None
        self._depth += 1
        made = self._made(yaml, here)
        self._depth -= 1
        self._done[id(yaml)] = made
        return made

    def _made(self, yaml: YamlNode, place: Place) -> Node:
        match yaml:
            case YamlMapping():
                return self._mapping(yaml, place)
            case YamlSequence():
                return ListNode(place=place, items=tuple(self.node(item) for item in yaml.value))
            case _:
                assert isinstance(yaml, YamlScalar), "YAML has three kinds of nodes"
                return ScalarNode(place=place, value=_scalar(yaml), text=str(yaml.value))

    def _mapping(self, yaml: YamlMapping, place: Place) -> MapNode:
        items: dict[str, Node] = {}
        merged: dict[str, Node] = {}
        places: dict[str, Place] = {}
        for yaml_key, yaml_value in yaml.value:
            key_place = _place(yaml_key.start_mark)
            if str(yaml_key.tag) == f"{_TAG}merge":
                merged |= _merged(self.node(yaml_value))
                continue
            key = self._key(yaml_key, key_place)
            if key in items:
                self._complain(key_place, f"The key '{key}' is written twice; remove one.")
            empty = str(yaml_value.tag) == f"{_TAG}null" and not yaml_value.value
            items[key] = self.node(yaml_value, place=key_place if empty else None)
            places[key] = key_place
        everything = {**merged, **items}
        everywhere = {name: places.get(name, node.place) for name, node in everything.items()}
        return MapNode(place=place, items=MappingProxyType(everything), places=MappingProxyType(everywhere))

    def _key(self, yaml: YamlNode, place: Place) -> str:
        if isinstance(yaml, YamlScalar):
            return str(yaml.value)
        self._complain(place, "A key must be text; lists and mappings cannot be keys.")
        return f"?{place.line}:{place.column}"

    def _complain(self, place: Place, message: str) -> None:
        self.problems.append(Problem(message=message, line=place.line, column=place.column))


def _merged(node: Node) -> Mapping[str, Node]:
    """Return what ``<<:`` brings in: a mapping, or several of which the first wins."""
    merged: dict[str, Node] = {}
    for source in reversed(node.items) if isinstance(node, ListNode) else [node]:
        if not isinstance(source, MapNode):
            what = described(source.value) if isinstance(source, ScalarNode) else "a list"
            message = f"'<<' merges mappings; found {what}."
            raise Unreadable(Problem(message=message, line=source.place.line, column=source.place.column))
        merged |= source.items
    return merged


def _place(mark: object) -> Place:
    line, column = getattr(mark, "line", 0), getattr(mark, "column", 0)
    return Place(line=int(line) + 1, column=int(column) + 1)


def _scalar(yaml: YamlScalar) -> Scalar | None:
    text = str(yaml.value)
    match str(yaml.tag).removeprefix(_TAG):
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int" | "float" as tag:
            number = _number(text.replace("_", "").lower(), tag)
            return text if number is None else number
        case _:
            return text


def _number(text: str, tag: str) -> float | None:
    try:
        if tag == "float":
            return float(text.replace(".inf", "inf").replace(".nan", "nan"))
        return int(text, 0 if text.lstrip("+-").startswith(("0x", "0o", "0b")) else 10)
    except ValueError:  # an integer of thousands of digits, or a number's tag on a word
        return None
