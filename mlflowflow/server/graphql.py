"""Reading the GraphQL that MLflow's pages send: which fields of which answers are wanted.

A page asks one question: fields of the root, each with variables for its arguments, and of its answer the
fields that the page shows. The language is graphql-core's to read; there is no schema, because what is known
of the answers stands in :mod:`mlflowflow.server.graphql_answers`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from graphql.error import GraphQLError
from graphql.language import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    VariableNode,
    parse,
)

from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: A longer question is not read.
MOST_TOKENS: Final = 2_000
#: Fields within fields, and fragments within fragments, go so deep.
MOST_DEPTH: Final = 10
#: So many fields are wanted at most, those of fragments counted wherever they are used.
MOST_FIELDS: Final = 2_000


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
    try:
        document = parse(query, no_location=True, max_tokens=MOST_TOKENS)
    except GraphQLError as error:
        raise InvalidInput(f"The query cannot be read: {error.message}") from error
    except RecursionError as error:
        raise InvalidInput(f"The query's fields go deeper than {MOST_DEPTH}.") from error
    return _Reading(document).fields(_operation(document).selection_set.selections)


def _operation(document: DocumentNode) -> OperationDefinitionNode:
    """Return the one question of `document`."""
    found = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if len(found) != 1:
        raise InvalidInput(f"The query has {len(found)} operations; expected one.")
    if found[0].operation is not OperationType.QUERY:
        raise InvalidInput(f"The operation is a '{found[0].operation.value}'; only a 'query' can be asked.")
    return found[0]


class _Reading:
    """The fragments of a document, and how many fields were read."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self._count = 0

    def fields(self, selections: Sequence[SelectionNode], *, depth: int = 1) -> tuple[Field, ...]:
        """Return the fields that are selected, those of fragments in their place."""
        return tuple(self._selected(selections, depth=depth))

    def _selected(self, selections: Sequence[SelectionNode], *, depth: int) -> Iterator[Field]:
        if depth > MOST_DEPTH:
            raise InvalidInput(f"The query's fields go deeper than {MOST_DEPTH}.")
        for each in selections:
            if isinstance(each, FieldNode):
                yield self._field(each, depth=depth)
            elif isinstance(each, InlineFragmentNode):
                yield from self._selected(each.selection_set.selections, depth=depth + 1)
            elif isinstance(each, FragmentSpreadNode):
                fragment = self._fragments.get(each.name.value)
                if fragment is None:
                    raise InvalidInput(f"The query has no fragment '{each.name.value}'.")
                yield from self._selected(fragment.selection_set.selections, depth=depth + 1)

    def _field(self, node: FieldNode, *, depth: int) -> Field:
        self._count += 1
        if self._count > MOST_FIELDS:
            raise InvalidInput(f"The query wants more than {MOST_FIELDS} fields.")
        name = node.name.value
        within = node.selection_set
        return Field(
            name=name,
            alias=node.alias.value if node.alias else name,
            arguments=dict(_argument(name, each.name.value, each.value) for each in node.arguments or ()),
            fields=() if within is None else self.fields(within.selections, depth=depth + 1),
        )


def _argument(of: str, name: str, value: object) -> tuple[str, str]:
    if not isinstance(value, VariableNode):
        raise InvalidInput(
            f"The argument '{name}' of '{of}' is written into the query; give it in a variable, as in {name}: $data."
        )
    return name, value.name.value
