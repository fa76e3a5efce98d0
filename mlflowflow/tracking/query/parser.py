"""The search language's grammar, by recursive descent, one method for each rule.

::

    or      := and (OR and)*
    and     := not (AND not)*
    not     := NOT* ( '(' or ')' | clause )
    clause  := field ( op value | [NOT] IN '(' text (',' text)* ')' | IS [NOT] NULL )
    field   := function '(' plain ')' | plain    function: min, max, last, best, of metrics
    plain   := [entity '.'] key    entity: metrics, params, tags, dataset, attributes (the default)

MLflow's language has neither OR, NOT, parentheses nor functions; they are added here, so everything
MLflow takes is taken. The tokenizer, the tree and the tables are in the modules beside this one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Generic

from mlflowflow.errors import InvalidFilter
from mlflowflow.tracking.query.tokens import Token, TokenKind, tokenize
from mlflowflow.tracking.query.tree import (
    AllOf,
    AnyOf,
    Comparison,
    Entity,
    Expression,
    Field,
    Function,
    Membership,
    Not,
    Operator,
    Presence,
    Record,
    Value,
    compiled,
    to_text,
)
from mlflowflow.tracking.query.vocabulary import DATASET_KEYS, OPERATORS, ValueType, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

_FUNCTIONS: Final = {str(each): each for each in Function if each}
_MAX_DEPTH: Final = 50  # far below the interpreter's recursion limit, far above what people write


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter(Generic[Record]):
    """A search expression over one kind of record. Its text is `str` of it."""

    expression: Expression
    vocabulary: Vocabulary[Record]
    _test: Callable[[Record], bool | None] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make the test that is applied to every record, once."""
        object.__setattr__(self, "_test", compiled(self.expression, self.vocabulary.reader))

    def matches(self, record: Record) -> bool:
        """Answer whether `record` is one that is looked for."""
        return self._test(record) is True

    def __str__(self) -> str:
        """Write the expression in a form that parses to the same one."""
        return to_text(self.expression)


def parse(text: str, vocabulary: Vocabulary[Record]) -> Filter[Record]:
    """Read a search expression; an empty one finds everything. Raise `InvalidFilter` with the place."""
    cursor = Cursor(text, vocabulary)
    if cursor.peek.kind is TokenKind.END:
        return Filter(expression=AllOf(), vocabulary=vocabulary)
    expression = _Grammar(cursor).alternatives()
    cursor.expect_end("Expected AND, OR or the end here")
    return Filter(expression=expression, vocabulary=vocabulary)


class Cursor(Generic[Record]):
    """A place in the tokens of a text, with what filters and orderings both need: reading a field."""

    def __init__(self, text: str, vocabulary: Vocabulary[Record]) -> None:
        """Stand before the first token of `text`."""
        self.text = text
        self.vocabulary = vocabulary
        self._tokens = tokenize(text)
        self._at = 0

    @property
    def peek(self) -> Token:
        """The next token, which stays the next."""
        return self._tokens[self._at]

    def take(self) -> Token:
        """Return the next token and pass it; the END is never passed."""
        token = self.peek
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def accept(self, *words: str) -> bool:
        """Pass the next token if it is one of the key `words`."""
        found = self.peek.is_word(*words)
        if found:
            self.take()
        return found

    def expect_end(self, expected: str) -> None:
        """Raise unless everything was read."""
        if self.peek.kind is not TokenKind.END:
            self.fail(self.peek, f"{expected}, found {self.peek}.")

    def fail(self, token: Token, reason: str) -> NoReturn:
        """Raise `InvalidFilter` at `token`."""
        raise InvalidFilter(self.text, token.start, reason)

    def fail_at_start(self, reason: str) -> NoReturn:
        """Raise `InvalidFilter` at the first token."""
        self.fail(self._tokens[0], reason)

    def field(self) -> Field:
        """Read one field, its entity and attribute checked against the vocabulary."""
        function = _FUNCTIONS.get(self.peek.text.lower()) if self.peek.kind is TokenKind.WORD else None
        if function is None or self._tokens[self._at + 1].kind is not TokenKind.OPEN:
            return self._plain_field()
        named, opened, inner = self.take(), self.take(), self.peek
        found = self._plain_field()
        if found.entity is not Entity.METRIC:
            self.fail(inner, f"{named}() takes a metric, such as metrics.loss; found {found}.")
        if self.take().kind is not TokenKind.CLOSE:
            self.fail(opened, f"The parenthesis after {named} is not closed.")
        return Field(entity=found.entity, key=found.key, function=function)

    def _plain_field(self) -> Field:
        token = self.take()
        if token.kind is TokenKind.QUOTED and token.quote != "'":
            return self._attribute(token, token.text)
        if token.kind is not TokenKind.WORD:
            self.fail(token, f"Expected a key such as metrics.rmse, found {token}.")
        prefix, dot, rest = token.text.partition(".")
        if not dot:
            return self._attribute(token, token.text)
        entity = self.vocabulary.entity(prefix)
        if entity is None:
            self.fail(token, f"'{prefix}' is not a thing to search by; expected {self._entities()}.")
        key = rest or self._quoted_key(token)
        if entity is Entity.DATASET and key not in DATASET_KEYS:
            self.fail(token, f"'{key}' is nothing of a dataset; expected one of {', '.join(DATASET_KEYS)}.")
        return self._attribute(token, key) if entity is Entity.ATTRIBUTE else Field(entity=entity, key=key)

    def _quoted_key(self, before: Token) -> str:
        token = self.take()
        if token.kind is not TokenKind.QUOTED or token.quote == "'" or token.start != before.stop:
            self.fail(token, f'Expected a key after {before}, plain, in "…" or in backticks.')
        return token.text

    def _attribute(self, token: Token, name: str) -> Field:
        known = self.vocabulary.attribute(name)
        if known is None:
            choices = ", ".join(self.vocabulary.attributes)
            self.fail(token, f"'{name}' is not an attribute; expected one of {choices}.")
        return Field(entity=Entity.ATTRIBUTE, key=known)

    def _entities(self) -> str:
        return ", ".join(sorted({*self.vocabulary.entities, Entity.ATTRIBUTE}))


class _Grammar(Generic[Record]):
    """The rules above `Cursor.field`."""

    def __init__(self, cursor: Cursor[Record]) -> None:
        self._cursor = cursor
        self._depth = 0

    def alternatives(self) -> Expression:
        """Read ``a OR b …``."""
        parts = [self._conjunction()]
        while self._cursor.accept("OR"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else AnyOf(parts=tuple(parts))

    def _conjunction(self) -> Expression:
        parts = [self._negation()]
        while self._cursor.accept("AND"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else AllOf(parts=tuple(parts))

    def _negation(self) -> Expression:
        outer = self._depth
        while self._cursor.peek.is_word("NOT"):
            self._deeper(self._cursor.take())
        negations = self._depth - outer
        expression = self._group() if self._cursor.peek.kind is TokenKind.OPEN else self._clause()
        for _ in range(negations):
            expression = Not(part=expression)
        self._depth = outer
        return expression

    def _group(self) -> Expression:
        opened = self._cursor.take()
        self._deeper(opened)
        expression = self.alternatives()
        if self._cursor.take().kind is not TokenKind.CLOSE:
            self._cursor.fail(opened, "This parenthesis is not closed.")
        return expression

    def _deeper(self, token: Token) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self._cursor.fail(token, f"The expression is nested deeper than {_MAX_DEPTH} levels.")

    def _clause(self) -> Expression:
        field = self._cursor.field()
        if self._cursor.accept("IS"):
            return self._presence(field)
        token = self._cursor.peek
        negated = self._cursor.accept("NOT")
        if self._cursor.accept("IN"):
            return self._membership(field, token, negated=negated)
        if negated:
            self._cursor.fail(token, f"Expected IN after NOT; to negate a comparison write NOT {field} ….")
        return self._comparison(field)

    def _presence(self, field: Field) -> Presence:
        present = self._cursor.accept("NOT")
        token = self._cursor.take()
        if not token.is_word("NULL"):
            self._cursor.fail(token, f"Expected NULL or NOT NULL after IS, found {token}.")
        return Presence(field=field, present=present)

    def _membership(self, field: Field, token: Token, *, negated: bool) -> Membership:
        if self._cursor.vocabulary.value_type(field) is not ValueType.TEXT:
            self._cursor.fail(token, f"{field} is a number; IN takes text only.")
        if self._cursor.take().kind is not TokenKind.OPEN:
            self._cursor.fail(token, "IN needs a list, such as ('a', 'b').")
        values = [self._text()]
        while (separator := self._cursor.take()).kind is TokenKind.COMMA:
            values.append(self._text())
        if separator.kind is not TokenKind.CLOSE:
            self._cursor.fail(separator, f"Expected a comma or ) in the list, found {separator}.")
        return Membership(field=field, values=tuple(values), negated=negated)

    def _comparison(self, field: Field) -> Comparison:
        token = self._cursor.take()
        value_type = self._cursor.vocabulary.value_type(field)
        allowed = OPERATORS[value_type]
        operator = next((op for op in allowed if op == token.text.upper()), None)
        if operator is None or token.kind is TokenKind.QUOTED:
            choices = ", ".join(op for op in Operator if op in allowed)
            self._cursor.fail(token, f"{field} is compared with one of {choices}; found {token}.")
        value: Value = self._number(field) if value_type is ValueType.NUMBER else self._text()
        return Comparison(field=field, operator=operator, value=value)

    def _number(self, field: Field) -> float:
        token = self._cursor.take()
        if not self._is_number(token, field):
            self._cursor.fail(token, f"Expected a number without quotes, found {token}.")
        value = float(token.text)
        if math.isinf(value):
            self._cursor.fail(token, "This number is too large.")
        return value

    def _is_number(self, token: Token, field: Field) -> bool:
        if token.kind is not TokenKind.QUOTED or field.key not in self._cursor.vocabulary.quotable:
            return token.kind is TokenKind.NUMBER
        return token.text.isascii() and token.text.isdecimal()

    def _text(self) -> str:
        token = self._cursor.take()
        if token.kind is not TokenKind.QUOTED or token.quote == "`":
            self._cursor.fail(token, f"Expected text in quotes, such as 'abc', found {token}.")
        return token.text
