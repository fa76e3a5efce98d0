"""A prompt for SQL: lines are gathered until one ends with a semicolon."""

from __future__ import annotations

import importlib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import click

from mlflowflow.errors import MlflowflowError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_FIRST: Final = "mlff> "
_FURTHER: Final = "  ... "
_LEAVE: Final = frozenset({".quit", ".exit", "quit", "exit", "quit;", "exit;"})


def read_line(prompt: str) -> str:
    """Read a line from the terminal, with its history and editing keys. Raises `EOFError` at the end."""
    with suppress(ImportError):  # Windows has none
        importlib.import_module("readline")  # its import gives input() a history
    return input(prompt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """Ask for statements, answer them, and go on after a mistake.

    `answer` prints what a statement found; `commands` are words that begin with a point, and what they
    do; `read` gives the next line, or raises `EOFError`.
    """

    answer: Callable[[str], None]
    commands: Mapping[str, Callable[[], None]]
    read: Callable[[str], str] = read_line

    def run(self) -> None:
        """Go on until somebody leaves."""
        lines: list[str] = []
        while True:
            try:
                line = self.read(_FURTHER if lines else _FIRST)
            except EOFError:
                click.echo()
                return
            except KeyboardInterrupt:  # as in a shell: the line is dropped, the prompt stays
                click.echo()
                lines = []
                continue
            word = line.strip().lower()
            if not lines and word in _LEAVE:
                return
            lines = self._taken(lines, line)

    def _taken(self, lines: list[str], line: str) -> list[str]:
        """Take one more line and return those that wait for their semicolon."""
        word = line.strip()
        if not lines and not word:
            return []
        if not lines and word.startswith("."):
            self._command(word)
            return []
        lines = [*lines, line]
        if not word.endswith(";"):
            return lines
        self._answered("\n".join(lines))
        return []

    def _command(self, word: str) -> None:
        command = self.commands.get(word)
        if command is None:
            click.echo(f"There is no '{word}'. There are {', '.join(self.commands)} and .quit.", err=True)
            return
        command()

    def _answered(self, statement: str) -> None:
        try:
            self.answer(statement)
        except MlflowflowError as error:
            click.echo(f"Error: {error}", err=True)
        except KeyboardInterrupt:
            click.echo("The statement was stopped.", err=True)
