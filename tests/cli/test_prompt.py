"""The prompt for SQL, with a list of lines in the place of a terminal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlflowflow.cli.prompt import Prompt
from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    import pytest


@dataclass(kw_only=True)
class Typed:
    """Somebody who types `lines`; an exception among them is what happens instead of a line."""

    lines: list[str | type[BaseException]]
    prompts: list[str] = field(default_factory=list[str])
    asked: list[str] = field(default_factory=list[str])
    refused: type[BaseException] | None = None

    def read(self, prompt: str) -> str:
        """Type the next line."""
        self.prompts.append(prompt)
        line = self.lines.pop(0) if self.lines else EOFError
        if isinstance(line, str):
            return line
        raise line

    def answer(self, statement: str) -> None:
        """Take a statement."""
        self.asked.append(statement)
        if self.refused is not None:
            raise self.refused("There is no table 'x'.")

    def run(self) -> None:
        """Work through the lines."""
        commands = {".tables": lambda: self.asked.append("the tables")}
        Prompt(answer=self.answer, commands=commands, read=self.read).run()


def test_a_statement_may_go_over_several_lines() -> None:
    """It ends with a semicolon, not with a line; blank lines between statements are nothing."""
    typed = Typed(lines=["", "SELECT 1;", "SELECT *", "FROM runs ; ", "  "])
    typed.run()
    assert typed.asked == ["SELECT 1;", "SELECT *\nFROM runs ; "]
    assert typed.prompts == ["mlff> ", "mlff> ", "mlff> ", "  ... ", "mlff> ", "mlff> "]


def test_words_leave() -> None:
    """Nothing is asked after them."""
    for word in (".quit", ".exit", "quit", "EXIT;"):
        typed = Typed(lines=[word, "SELECT 1;"])
        typed.run()
        assert typed.asked == []


def test_a_point_begins_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown one is answered with those there are."""
    typed = Typed(lines=[".tables", ".help"])
    typed.run()
    assert typed.asked == ["the tables"]
    assert capsys.readouterr().err == "There is no '.help'. There are .tables and .quit.\n"


def test_after_a_mistake_it_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    """The error is shown, the prompt comes back."""
    typed = Typed(lines=["SELECT * FROM x;", "SELECT 1;"], refused=InvalidInput)
    typed.run()
    assert typed.asked == ["SELECT * FROM x;", "SELECT 1;"]
    assert capsys.readouterr().err == "Error: There is no table 'x'.\n" * 2


def test_ctrl_c_drops_the_line_and_stops_a_statement(capsys: pytest.CaptureFixture[str]) -> None:
    """It does not leave, as in a shell."""
    typed = Typed(lines=["SELECT", KeyboardInterrupt, "SELECT 1;"], refused=KeyboardInterrupt)
    typed.run()
    assert typed.asked == ["SELECT 1;"]
    assert capsys.readouterr().err == "The statement was stopped.\n"
