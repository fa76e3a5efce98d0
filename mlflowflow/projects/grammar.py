"""How a part of the file becomes typed values, and how every mistake in it is collected.

A `Section` is one mapping of the file under a name that errors can use. Its readers never raise:
they note a problem and go on with a blank, and `Section.build` makes the fact only if nothing in
the section was wrong. So one reading reports all mistakes, and a fact is never made of blanks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from mlflowflow.errors import InvalidInput, Problem
from mlflowflow.projects.coercion import to_number, to_truth, to_whole
from mlflowflow.projects.document import ListNode, MapNode, Place, ScalarNode
from mlflowflow.projects.duration import EXPECTED, parse_duration
from mlflowflow.projects.expression import NAME
from mlflowflow.projects.wording import alternatives, choose_among, described, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from enum import StrEnum

    from mlflowflow.projects.document import Node
    from mlflowflow.projects.value import JSON

T = TypeVar("T")
_Word = TypeVar("_Word", bound="StrEnum")


class Problems:
    """The mistakes found so far."""

    def __init__(self) -> None:
        """Start with none."""
        self._found: list[Problem] = []

    def __len__(self) -> int:
        """Count them."""
        return len(self._found)

    def add(self, place: Place, message: str) -> None:
        """Note one, once; several sentences on several lines are several mistakes."""
        self.extend(
            Problem(message=line, line=place.line, column=place.column) for line in message.splitlines()
        )

    def extend(self, problems: Iterable[Problem]) -> None:
        """Note each of `problems` that is not there yet."""
        for problem in problems:
            if problem not in self._found:
                self._found.append(problem)

    def in_file_order(self) -> tuple[Problem, ...]:
        """Return them from the top of the file to its end."""
        return tuple(sorted(self._found, key=lambda problem: (problem.line, problem.column)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[T]):
    """One kind of value: what is `expected`, how to `read` it (None: it is not one), and a `blank`."""

    expected: str
    read: Callable[[Node], T | None]
    blank: T


def scalar_kind(expected: str, read: Callable[[JSON], T | None], *, blank: T) -> Kind[T]:
    """Return a kind of single values."""
    return Kind(
        expected=expected,
        read=lambda node: read(node.value) if isinstance(node, ScalarNode) else None,
        blank=blank,
    )


def at_least(least: int) -> Kind[int]:
    """Return the kind of whole numbers from `least` on."""

    def read(value: JSON) -> int | None:
        number = to_whole(value)
        return None if number is None or number < least else number

    return scalar_kind(f"a whole number of at least {least}", read, blank=least)


def one_of(words: type[_Word]) -> Kind[_Word]:
    """Return the kind of the `words` of an enumeration."""

    def read(value: JSON) -> _Word | None:
        return next((word for word in words if word.value == value), None)

    return scalar_kind(alternatives(words), read, blank=next(iter(words)))


def _duration(value: JSON) -> float | None:
    try:
        return parse_duration(value) if isinstance(value, str | int | float) else None
    except InvalidInput:
        return None


TEXT: Final = scalar_kind("text", lambda value: value if isinstance(value, str) and value else None, blank="")
NUMBER: Final = scalar_kind("a finite number", to_number, blank=0.0)
WHOLE: Final = scalar_kind("a whole number", to_whole, blank=0)
FLAG: Final = scalar_kind("true or false", to_truth, blank=False)
DURATION: Final = scalar_kind(EXPECTED, _duration, blank=0.0)


class Section:
    """One mapping of the file: `owner` names it in errors, `place` is where its name stands."""

    def __init__(
        self,
        node: MapNode,
        *,
        owner: str,
        place: Place,
        problems: Problems,
        known: tuple[str, ...] | None,
    ) -> None:
        """Note every key that is not among the `known`; None lets all keys pass."""
        self.owner = owner
        self.place = place
        self.problems = problems
        self.root = node
        self._before = len(problems)
        for key in node.items if known is not None else ():
            if key not in (known or ()):
                hint = choose_among(key, known or (), noun="keys")
                self.complain(f"{sentence(owner)} has an unknown key '{key}'. {hint}", key=key)

    def __contains__(self, key: str) -> bool:
        """Answer whether `key` is written, even with an empty value."""
        return key in self.root.items

    def node(self, key: str) -> Node | None:
        """Return what stands under `key`, or None."""
        return self.root.items.get(key)

    def place_of(self, key: str) -> Place:
        """Return where `key` stands, or the section's name if it is not written."""
        return self.root.places.get(key, self.place)

    def complain(self, message: str, *, key: str | None = None) -> None:
        """Note a problem at `key`, or at the section's name."""
        self.problems.add(self.place_of(key) if key else self.place, message)

    def get(self, key: str, kind: Kind[T]) -> T | None:
        """Return the value under `key`, or None if there is none or a wrong one (which is noted)."""
        node = self.node(key)
        return None if node is None else self._fitting(node, kind, self._named(f"'{key}'"))

    def get_or(self, key: str, kind: Kind[T], default: T) -> T:
        """Return the value under `key`, or the `default`."""
        value = self.get(key, kind)
        return default if value is None else value

    def require(self, key: str, kind: Kind[T], *, why: str = "") -> T:
        """Return the value under `key`; if there is none, note it, with `why` it must be there."""
        if key not in self:
            self.complain(f"{sentence(self.owner)} has no '{key}'; {why or f'expected {kind.expected}'}.")
            return kind.blank
        return self.get_or(key, kind, kind.blank)

    def each(self, key: str, kind: Kind[T]) -> tuple[T, ...]:
        """Return the values of the list under `key`, empty if there is none."""
        subject = self._named(f"an item of '{key}'")
        read = [self._fitting(item, kind, subject) for item in self.items(key)]
        return tuple(value for value in read if value is not None)

    def items(self, key: str) -> tuple[Node, ...]:
        """Return the nodes of the list under `key`, empty if there is none."""
        node = self.node(key)
        if isinstance(node, ListNode):
            return node.items
        self._mismatch_unless_empty(node, "a list", self._named(f"'{key}'"))
        return ()

    def scalars(self, key: str) -> Mapping[str, ScalarNode]:
        """Return the single values in the mapping under `key`, empty if there is none."""
        values: dict[str, ScalarNode] = {}
        for name, node in self.children(key).items():
            if isinstance(node, ScalarNode) and node.value is not None:
                values[name] = node
            else:
                self._mismatch(node, "a single value", self._named(f"'{name}' in '{key}'"))
        return values

    def table(self, key: str, kind: Kind[T]) -> dict[str, T]:
        """Return the values in the mapping under `key`, empty if there is none."""
        read = {
            name: self._fitting(node, kind, self._named(f"'{name}' in '{key}'"))
            for name, node in self.children(key).items()
        }
        return {name: value for name, value in read.items() if value is not None}

    def children(self, key: str) -> Mapping[str, Node]:
        """Return the mapping under `key`, empty if there is none."""
        node = self.node(key)
        if isinstance(node, MapNode):
            return node.items
        self._mismatch_unless_empty(node, "a mapping", self._named(f"'{key}'"))
        return {}

    def section(self, key: str, *, known: tuple[str, ...]) -> Section | None:
        """Return the mapping under `key` as a section of its own, or None if there is none."""
        node = self.node(key)
        if node is None:
            return None
        return self.child(node, owner=self._named(f"'{key}'"), place=self.place_of(key), known=known)

    def sections(
        self, key: str, *, noun: str, known: tuple[str, ...] | None
    ) -> Iterator[tuple[str, Section | None]]:
        """Yield each name under `key` with its mapping as a section; None if it is no mapping."""
        parent = self.node(key)
        for name, node in self.children(key).items():
            place = parent.places[name] if isinstance(parent, MapNode) else node.place
            yield name, self.child(node, owner=self._named(f"{noun} '{name}'"), place=place, known=known)

    def child(self, node: Node, *, owner: str, place: Place, known: tuple[str, ...] | None) -> Section | None:
        """Return `node` as a section under the name `owner`; note it if it is no mapping."""
        if isinstance(node, MapNode):
            return Section(node, owner=owner, place=place, problems=self.problems, known=known)
        self._mismatch(node, "a mapping", owner)
        return None

    def build(self, make: Callable[[], T]) -> T | None:
        """Return what `make` makes, or None if the section has problems; its `InvalidInput` is one."""
        return None if len(self.problems) > self._before else self.attempt(make)

    def attempt(self, make: Callable[[], T], *, key: str | None = None) -> T | None:
        """Return what `make` makes; note its `InvalidInput` at `key`, or at the section's name."""
        try:
            return make()
        except InvalidInput as mistake:
            self.complain(str(mistake), key=key)
            return None

    def _named(self, what: str) -> str:
        return f"{what} of {self.owner}" if self.owner else what

    def _fitting(self, node: Node, kind: Kind[T], subject: str) -> T | None:
        value = kind.read(node)
        if value is None:
            self._mismatch(node, kind.expected, subject)
        return value

    def _mismatch_unless_empty(self, node: Node | None, expected: str, subject: str) -> None:
        if node is not None and not (isinstance(node, ScalarNode) and node.value is None):
            self._mismatch(node, expected, subject)

    def _mismatch(self, node: Node, expected: str, subject: str) -> None:
        self.problems.add(node.place, f"{sentence(subject)} is {found(node)}; expected {expected}.")


def found(node: Node) -> str:
    """Say what `node` is."""
    match node:
        case ScalarNode(value=value):
            return described(value)
        case ListNode():
            return "a list"
        case MapNode():
            return "a mapping"


def look_up(section: Section, key: str, table: Mapping[str, T | None], *, noun: str) -> tuple[str, T | None]:
    """Return the name under `key` and what `table` has for it; note a name that is not declared.

    None in the table stands for what is declared but has problems of its own.
    """
    name = section.require(key, TEXT)
    if name and name not in table:
        hint = choose_among(name, table, noun=f"{noun}s")
        section.complain(
            f"{sentence(section.owner)} names the {noun} '{name}', which is not declared. {hint}", key=key
        )
    return name, table.get(name)


def demand_name(section: Section, name: str) -> None:
    """Note a `name` that could not be used in a look-up or a key."""
    if name and not NAME.fullmatch(name):
        section.complain(
            f"The name of {section.owner} cannot be used; expected letters, digits, '_' and '-', "
            "the first not '-'."
        )
