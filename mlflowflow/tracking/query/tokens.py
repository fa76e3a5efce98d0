"""The words of the search language: text in, tokens with their positions out.

The language is MLflow's (``metrics.rmse < 1 AND tags.owner = 'me'``), read by our own tokenizer, so
that every mistake can be answered with the character where it stands. A word may hold dots, dashes,
colons and slashes, because keys do (``tags.mlflow.runName``); anything else goes into quotes:
``"…"`` or backticks around keys, ``'…'`` or ``"…"`` around values, a quote inside is doubled.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from mlflowflow.errors import InvalidFilter

_TOKEN: Final = re.compile(
    r"""
      (?P<number>   [-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?(?![\w.]) )
    | (?P<word>     [^\W\d][\w./:-]* )
    | (?P<quoted>   '(?:[^']|'')*' | "(?:[^"]|"")*" | `(?:[^`]|``)*` )
    | (?P<operator> <= | >= | != | = | < | > )
    | (?P<comma>    , )
    | (?P<open>     \( )
    | (?P<close>    \) )
    """,
    re.VERBOSE,
)
_SPACE: Final = re.compile(r"\s*")


class TokenKind(Enum):
    """What sort of word a token is."""

    NUMBER = auto()
    WORD = auto()
    QUOTED = auto()
    OPERATOR = auto()
    COMMA = auto()
    OPEN = auto()
    CLOSE = auto()
    END = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One word: its `text` (without quotes), the `quote` it stood in, and where it `start`s and `stop`s."""

    kind: TokenKind
    text: str
    start: int
    stop: int
    quote: str = ""

    def is_word(self, *words: str) -> bool:
        """Answer whether this is one of the upper-case key `words`, in any case."""
        return self.kind is TokenKind.WORD and self.text.upper() in words

    def __str__(self) -> str:
        """Show the token as it was written, for use in a sentence."""
        return f"{self.quote}{self.text}{self.quote}" if self.kind is not TokenKind.END else "the end"


def tokenize(text: str) -> tuple[Token, ...]:
    """Split `text` into tokens, the last of which is END. Raise `InvalidFilter` at what is no token.

    >>> [token.text for token in tokenize("metrics.a >= 1e-3")]
    ['metrics.a', '>=', '1e-3', '']
    """
    tokens: list[Token] = []
    position = _skip_space(text, 0)
    while position < len(text):
        token = _token_at(text, position)
        tokens.append(token)
        position = _skip_space(text, token.stop)
    return (*tokens, Token(kind=TokenKind.END, text="", start=len(text), stop=len(text)))


def quoted(text: str, quote: str) -> str:
    """Return `text` between two `quote` characters, those inside doubled.

    >>> quoted("it's", "'")
    "'it''s'"
    """
    return f"{quote}{text.replace(quote, quote * 2)}{quote}"


def is_plain(key: str) -> bool:
    """Answer whether `key` can be written after a dot without quotes."""
    return re.fullmatch(r"[\w./:-]+", key) is not None


def _skip_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _token_at(text: str, position: int) -> Token:
    match = _TOKEN.match(text, position)
    if match is None:
        raise InvalidFilter(text, position, _reason(text[position]))
    kind = TokenKind[str(match.lastgroup).upper()]
    body, quote = match.group(), ""
    if kind is TokenKind.QUOTED:
        quote = body[0]
        body = body[1:-1].replace(quote * 2, quote)
    return Token(kind=kind, text=body, start=position, stop=match.end(), quote=quote)


def _reason(character: str) -> str:
    if character in "'\"`":
        return f"The quote {character} is not closed."
    return f"'{character}' cannot stand here; expected a key, an operator or a value."
