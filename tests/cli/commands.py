"""Commands called in this process, and what became of them."""

from __future__ import annotations

import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import Any

from mlflowflow.cli.main import _exit_code


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A command's exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON values; it must have been done."""
        assert (self.code, self.err) == (0, "")
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        """The printed lines, blanks squeezed; it must have been done."""
        assert (self.code, self.err) == (0, "")
        return [" ".join(line.split()) for line in self.out.splitlines()]


def mlff(*arguments: str) -> Answer:
    """Call the command line as its outermost function does, without leaving the process."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = _exit_code(list(arguments))
    return Answer(code=code, out=out.getvalue(), err=err.getvalue())


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """Where commands are typed that all mean the store at `store`."""

    store: str

    def mlff(self, *arguments: str) -> Answer:
        """Call a command with ``--store``."""
        return mlff(*arguments, "--store", self.store)
