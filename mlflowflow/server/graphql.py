"""Reading the GraphQL that MLflow's pages send: which fields of which answers are wanted.

A page asks one question: fields of the root, each with variables for its arguments, and of its answer the
fields that the page shows. That much of the language is read here. What no page uses, such as fragments and
literals, is refused by its name and never half understood.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: A longer question is not read.
MOST_CHARACTERS: Final = 20_000
#: Fields within fields go so deep.
MOST_DEPTH: Final = 10
_TOKEN: Final = re.compile(
    r"""(?P<ignored>[\s,\ufeff]+|\#[^\n\r]*)
    |(?P<name>[_A-Za-z][_0-9A-Za-z]*)
    |(?P<sign>\.\.\.|[{}():@$!\[\]=])
    |(?P<literal>"(?:[^"\\\n]|\\.)*"|-?[0-9][0-9.eE+-]*)""",
    re.VERBOSE,
)
_NAME: Final = re.compile(r"[_A-Za-z]")
_END: Final = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field that is wanted under the name `alias`: the variable of each of its arguments, its own fields."""

    name: str
    alias: str
    arguments: Mapping[str, str] = field(default_factory=dict[str, str])
    fields: tuple[Field, ...] = ()

    def wants(self, *path: str) -> bool:
        """Answer whether the field at `path` within this one is wanted."""
        if not path:
            return True
        return any(each.wants(*path[1:]) for each in self.fields if each.name == path[0])


def read(query: str) -> tuple[Field, ...]:
    """Return the fields of the root that `query` asks for. Raises `InvalidInput`, which says what is wrong.

    >>> (run,) = read("query GetRun($data: Input!) { first: run(input: $data) { info { name } } }")
    >>> run.alias, run.name, run.arguments, run.wants("info", "name"), run.wants("info", "age")
    ('first', 'run', {'input': 'data'}, True, False)
    """
    if len(query) > MOST_CHARACTERS:
        raise InvalidInput(f"The query has {len(query)} characters; at most {MOST_CHARACTERS} are read.")
    return _Reader(query).operation()


class _Reader:
    """The tokens that are still to be read."""

    def __init__(self, query: str) -> None:
        self._tokens = deque(_tokens(query))

    def operation(self) -> tuple[Field, ...]:
        if self._next() != "{":
            kind = self._name()
            if kind != "query":
                raise InvalidInput(f"The operation is '{kind}'; only a 'query' can be asked.")
            if _NAME.match(self._next()):
                self._name()
            self._pass_by_brackets()
            while self._next() == "@":  # of an operation, not of a field: for the logs of the one who asks
                self._take("@")
                self._name()
                self._pass_by_brackets()
        fields = self._fields(depth=1)
        if self._next() != _END:
            raise InvalidInput(f"After the first operation comes '{self._next()}'; expected one operation.")
        return fields

    def _next(self) -> str:
        return self._tokens[0] if self._tokens else _END

    def _fields(self, *, depth: int) -> tuple[Field, ...]:
        if depth > MOST_DEPTH:
            raise InvalidInput(f"The query's fields go deeper than {MOST_DEPTH}.")
        self._take("{")
        found = [self._field(depth=depth)]
        while self._next() != "}":
            found.append(self._field(depth=depth))
        self._take("}")
        return tuple(found)

    def _field(self, *, depth: int) -> Field:
        alias = name = self._name()
        if self._next() == ":":
            self._take(":")
            name = self._name()
        arguments = self._arguments()
        fields = self._fields(depth=depth + 1) if self._next() == "{" else ()
        return Field(name=name, alias=alias, arguments=arguments, fields=fields)

    def _arguments(self) -> dict[str, str]:
        found: dict[str, str] = {}
        if self._next() == "(":
            self._take("(")
            while self._next() != ")":
                argument = self._name()
                self._take(":")
                self._take("$")
                found[argument] = self._name()
            self._take(")")
        return found

    def _pass_by_brackets(self) -> None:
        """Leave out the types of variables, or a directive's arguments."""
        if self._next() == "(":
            while self._next() not in {")", _END}:
                self._tokens.popleft()
            self._take(")")

    def _name(self) -> str:
        if not _NAME.match(self._next()):
            raise _unexpected(self._next(), "a name")
        return self._tokens.popleft()

    def _take(self, sign: str) -> None:
        if self._next() != sign:
            raise _unexpected(self._next(), f"'{sign}'")
        self._tokens.popleft()


def _tokens(query: str) -> Iterator[str]:
    at = 0
    while at < len(query):
        found = _TOKEN.match(query, at)
        if found is None:
            raise _unexpected(query[at], "a name or a sign of GraphQL")
        if found.lastgroup != "ignored":
            yield found[0]
        at = found.end()


def _unexpected(token: str, expected: str) -> InvalidInput:
    found = f"has '{token[:100]}'" if token else "ends"
    return InvalidInput(
        f"The query {found} where {expected} is expected. Fragments, directives of fields, and literals in place of "
        "variables are not understood here."
    )
