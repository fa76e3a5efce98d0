"""What a person at a terminal sees."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.system.programs import SCRIPTS

if TYPE_CHECKING:
    from tests.system.programs import Bench

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

PROJECT = """
name: screen
entry_points:
  draw: {parameters: {x: {type: float, default: 0}}, command: "python draw.py {x}"}
spec: mlflowflow/v1
sweeps:
  tune:
    entry_point: draw
    space: {x: {float: [0, 1]}}
    objectives: [{metric: loss, goal: minimize}]
    sampler: {name: random, seed: 1}
    parallel: 2
    budget: {trials: 3}
pipelines:
  both:
    steps:
      - {id: search, sweep: tune}
      - {id: last, entry_point: draw, needs: [search]}
"""
SCRIPT = "import sys, mlflowflow as mlflow\nmlflow.log_metric('loss', float(sys.argv[1]))\n"
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


def typed_at_a_terminal(bench: Bench, *arguments: str) -> tuple[int, str]:
    """Run the command line on a terminal and return its exit code and the text it drew."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [SCRIPTS / "mlff", *arguments],
        cwd=bench.folder,
        env={**os.environ, **bench.environ, "TERM": "xterm", "COLUMNS": "160"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    drawn = bytearray()
    try:
        while chunk := os.read(ours, 65536):
            drawn += chunk
    except OSError:  # how Linux says that the other side has gone
        pass
    finally:
        os.close(ours)
    return process.wait(60), CONTROL.sub("", drawn.decode(errors="replace"))


def test_a_terminal_shows_each_step_live_and_the_commands_to_look_further(bench: Bench) -> None:
    """Steps, trials, the best so far; in the end the run and what to type next."""
    folder = bench.folder / "screen"
    folder.mkdir()
    (folder / "MLproject").write_text(PROJECT)
    (folder / "draw.py").write_text(SCRIPT)
    code, drawn = typed_at_a_terminal(bench, "run", "screen", "-e", "both")
    assert code == 0, drawn
    assert re.search(r"trials \d of 3", drawn)
    assert "✓ search" in drawn
    assert "✓ last" in drawn
    assert "best loss" in drawn
    assert re.search(r"mlff runs show [0-9a-f]{32}", drawn)
    assert "Traceback" not in drawn
