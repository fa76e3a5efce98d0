"""``${{ steps.ingest.outputs.data }}``: a look-up by dotted path, and nothing more.

There are no operators, functions or defaults, on purpose: a project file says *which* value goes
where, programs say what to compute. `parse` finds the look-ups (to check them and to order the
steps) before anything runs; `resolve` puts in the values when a step is about to start.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.projects.value import as_text, frozen
from mlflowflow.projects.wording import choose_among, described

if TYPE_CHECKING:
    from mlflowflow.projects.value import JSON

#: What a name must look like to be one part of a path.
NAME: Final = re.compile(r"[A-Za-z0-9_][\w-]*", re.ASCII)

#: How every expression begins.
OPEN: Final = "${{"
_EXPRESSION: Final = re.compile(r"(\$\{\{.*?\}\})", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A path into the values a pipeline knows: its params and the results of its steps."""

    parts: tuple[str, ...]

    def __str__(self) -> str:
        """Write the path with dots, as in the file."""
        return ".".join(self.parts)


def parse(value: JSON) -> tuple[Reference, ...]:
    """Return the references in `value`, in order; texts inside lists and mappings count.

    >>> [str(each) for each in parse("s3://${{ params.bucket }}/${{ steps.ingest.run_id }}")]
    ['params.bucket', 'steps.ingest.run_id']

    Raises:
        InvalidInput: something between ``${{`` and ``}}`` is not a dotted path.
    """
    match value:
        case str():
            return tuple(part for part in _split(value) if isinstance(part, Reference))
        case Mapping():
            return tuple(found for item in value.values() for found in parse(item))
        case Sequence():
            return tuple(found for item in value for found in parse(item))
        case _:
            return ()


def only_reference(value: JSON) -> Reference | None:
    """Return the reference if `value` is exactly one expression, else None.

    >>> str(only_reference(" ${{ params.seed }} "))
    'params.seed'
    >>> only_reference("seed ${{ params.seed }}") is None
    True
    """
    parts = _split(value.strip()) if isinstance(value, str) else []
    match parts:
        case [Reference() as reference]:
            return reference
        case _:
            return None


def resolve(value: JSON, scope: Mapping[str, JSON]) -> JSON:
    """Put what `scope` holds in place of every expression in `value`.

    A text that is exactly one expression becomes the value itself, with its type; inside a longer
    text the value is written out. What is put in is never searched for expressions again.

    >>> scope = {"params": {"rows": 7}, "steps": {}}
    >>> resolve("${{ params.rows }}", scope), resolve("n=${{ params.rows }}", scope)
    (7, 'n=7')

    Raises:
        NotFound: a path leads nowhere; the sentence names the part that is missing.
        InvalidInput: an expression is malformed, or one without a value stands inside a text.
    """
    match value:
        case str():
            return _resolve_text(value, scope)
        case Mapping():
            return frozen({key: resolve(item, scope) for key, item in value.items()})
        case Sequence():
            return tuple(resolve(item, scope) for item in value)
        case _:
            return value


def _resolve_text(text: str, scope: Mapping[str, JSON]) -> JSON:
    reference = only_reference(text)
    if reference is not None:
        return _look_up(reference, scope)
    return "".join(
        part if isinstance(part, str) else _written(part, _look_up(part, scope)) for part in _split(text)
    )


def _written(reference: Reference, value: JSON) -> str:
    if value is None:
        raise InvalidInput(
            f"'{reference}' has no value (a step that was skipped has none), so it cannot stand inside a text."
        )
    return as_text(value)


def _look_up(reference: Reference, scope: Mapping[str, JSON]) -> JSON:
    value: JSON = scope
    for index, part in enumerate(reference.parts):
        if not isinstance(value, Mapping):
            holder = ".".join(reference.parts[:index])
            raise NotFound(
                "value", str(reference), hint=f"'{holder}' is {described(value)}; it has no parts."
            )
        if part not in value:
            holder = ".".join(reference.parts[:index]) or "the top"
            names = choose_among(part, value, noun=f"names at '{holder}'")
            raise NotFound("value", str(reference), hint=f"'{part}' is missing. {names}")
        value = value[part]
    return value


def _split(text: str) -> list[str | Reference]:
    """Cut `text` into plain pieces and references."""
    return [_piece(piece) for piece in _EXPRESSION.split(text) if piece]


def _piece(piece: str) -> str | Reference:
    if not _EXPRESSION.fullmatch(piece):
        if OPEN in piece:
            raise InvalidInput(
                f"'{piece}' opens an expression with '{OPEN}' and never closes it with '}}}}'."
            )
        return piece
    parts = tuple(piece.removeprefix(OPEN).removesuffix("}}").strip().split("."))
    if not all(NAME.fullmatch(part) for part in parts):
        raise InvalidInput(
            f"'{piece}' is not a look-up; expected names joined by dots, such as "
            "'${{ params.seed }}'. Expressions do not compute."
        )
    return Reference(parts=parts)
