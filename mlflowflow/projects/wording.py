"""Phrases that errors about projects share, so that every mistake is told in the same way."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mlflowflow.projects.value import as_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlflowflow.projects.value import JSON

#: How alike two words must be before one is offered for the other (difflib's ratio).
_ALIKE = 0.6
_LONGEST_SHOWN = 60


def nearest(word: str, known: Iterable[str], *, alike: float = _ALIKE) -> str | None:
    """Return the name among `known` that `word` most likely meant, or None.

    >>> nearest("Sweep", ["sweeps", "gates"])
    'sweeps'
    """
    lowered = {name.lower(): name for name in sorted(known)}
    matches = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=alike)
    return lowered[matches[0]] if matches else None


def choose_among(word: str, known: Iterable[str], *, noun: str) -> str:
    """Say what could have been meant by the unknown `word`, and what there is.

    >>> choose_among("ingst", ["train", "ingest"], noun="steps")
    "Did you mean 'ingest'? Known steps: ingest, train."
    >>> choose_among("x", [], noun="steps")
    'There are no steps.'
    """
    names = sorted(known)
    if not names:
        return f"There are no {noun}."
    guess = nearest(word, names)
    question = f"Did you mean '{guess}'? " if guess else ""
    return f"{question}Known {noun}: {', '.join(names)}."


def alternatives(words: Iterable[str]) -> str:
    """Join `words` as a choice.

    >>> alternatives(["hold", "fail", "pass"])
    'hold, fail or pass'
    """
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def quoted(names: Iterable[str]) -> str:
    """Join `names` as a list, each in quotes.

    >>> quoted(["a", "b"])
    "'a', 'b'"
    """
    return ", ".join(f"'{name}'" for name in names)


def described(value: JSON) -> str:
    """Say what was found in place of something else.

    >>> described("two"), described(True), described(None), described([1])
    ("the text 'two'", 'the boolean true', 'nothing', 'a list')
    """
    match value:
        case None:
            return "nothing"
        case bool():
            return f"the boolean {str(value).lower()}"
        case int() | float():
            return f"the number {_shortened(as_text(value))}"
        case str():
            return f"the text '{_shortened(value)}'"
        case Mapping():
            return "a mapping"
        case _:
            return "a list"


def sentence(text: str) -> str:
    """Begin `text` with a capital letter."""
    return text[:1].upper() + text[1:]


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
