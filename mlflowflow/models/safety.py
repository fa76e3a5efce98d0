"""What loading a file may do to the process that loads it.

The class belongs to the parser that will read the bytes, and the parser is chosen from the bytes
alone: whatever an MLmodel file claims about its data, a pickle is code. What is not recognised is
code too. Nothing here runs any of it.
"""

from __future__ import annotations

import pickletools
from collections import deque
from enum import StrEnum
from typing import Final

from mlflowflow.errors import CorruptData, UnsafeModel


class FormatClass(StrEnum):
    """What a model's bytes can do when they are loaded."""

    DATA = "data"
    """Numbers and text only."""
    RESTRICTED = "restricted"
    """Objects of types on the loader's own list."""
    CODE = "code"
    """Anything the loading user may do."""


class Parser(StrEnum):
    """Who reads a serialized Python object."""

    PICKLE = "pickle"
    SKOPS = "skops"

    @property
    def format_class(self) -> FormatClass:
        """What this parser lets the bytes do."""
        return FormatClass.RESTRICTED if self is Parser.SKOPS else FormatClass.CODE


def parser_of(data: bytes) -> Parser:
    r"""Choose who reads `data`: skops reads archives, pickle everything else.

    >>> parser_of(b"\x80\x05N.")
    <Parser.PICKLE: 'pickle'>
    """
    return Parser.SKOPS if data.startswith(_ARCHIVE) else Parser.PICKLE


def refuse_code(
    name: str, *, found: FormatClass, what: str = "a pickle, which can run any code when it is loaded"
) -> None:
    """Raise `UnsafeModel` for the file `name` if loading it could run code; `what` says what it is."""
    if found is FormatClass.CODE:
        raise UnsafeModel(
            f"'{name}' is {what}, and allow_code is False. "
            "Load it with allow_code=True if you trust whoever wrote it, or save the model in a format "
            "that holds data only."
        )


def modules_named(data: bytes, *, name: str) -> frozenset[str]:
    """Return the top-level modules that the pickle `data` imports, without loading it.

    Raises `CorruptData` for bytes that are no pickle, naming them `name`.

    >>> import pickle, fractions
    >>> modules_named(pickle.dumps(fractions.Fraction(1, 2)), name="model.pkl")
    frozenset({'fractions'})
    """
    try:
        return frozenset(module.partition(".")[0] for module in _modules(data))
    except (ValueError, IndexError, KeyError) as error:
        raise CorruptData(name, f"it is not a pickle ({error})") from error


_ARCHIVE: Final = b"PK\x03\x04"
_READS: Final = frozenset({"GET", "BINGET", "LONG_BINGET"})
_WRITES: Final = frozenset({"MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT"})
_GLOBALS: Final = frozenset({"GLOBAL", "INST", "STACK_GLOBAL"})


def _modules(data: bytes) -> list[str]:
    """Follow the texts that a pickle pushes: the two before STACK_GLOBAL are a module and a name."""
    found: list[str] = []
    pushed: deque[object] = deque([None, None], maxlen=2)
    memo: dict[object, object] = {}
    for opcode, argument, _ in pickletools.genops(data):
        if opcode.name in _WRITES:
            memo[len(memo) if argument is None else argument] = pushed[-1]
            continue
        if opcode.name in _GLOBALS:
            found.append(str(argument or pushed[0]).partition(" ")[0])
        if opcode.stack_after:
            pushed.append(memo[argument] if opcode.name in _READS else _text(argument))
    return found


def _text(argument: object) -> str | None:
    return argument if isinstance(argument, str) else None
