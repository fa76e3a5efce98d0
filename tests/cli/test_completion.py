"""``mlff completion``."""

from __future__ import annotations

import pytest

from mlflowflow.cli.completion import SHELLS
from tests.cli.commands import mlff


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_gets_a_script_that_asks_this_program(shell: str) -> None:
    """The script calls `mlff` with the variable that means a question."""
    answer = mlff("completion", shell)
    assert answer.code == 0
    assert f"_MLFF_COMPLETE={shell}_complete" in answer.out


def test_a_shell_that_is_not_known_is_refused() -> None:
    """The known ones are named."""
    answer = mlff("completion", "tcsh")
    assert answer.code == 2
    assert "'bash', 'zsh', 'fish'" in answer.err
