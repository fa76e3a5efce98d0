"""``mlff runs plot``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.cli.context import open_tracker
from mlflowflow.tracking.run import Metric

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.commands import Terminal
    from tests.cli.conftest import Small


@pytest.fixture
def curve(own: Terminal) -> str:
    """Give a run with a falling loss, a step apart from its epoch."""
    with open_tracker(own.store) as tracker:
        run_id = tracker.create_run("0", run_name="falling").info.run_id
        points = [
            Metric(key=key, value=value, timestamp=1_000 * step, step=step)
            for step in range(50)
            for key, value in (("loss", 1 / (1 + step)), ("epoch", step / 10))
        ]
        tracker.log_batch(run_id, metrics=points)
        tracker.end_run(run_id)
    return run_id


def test_a_chart_is_drawn_in_the_terminal(own: Terminal, curve: str) -> None:
    """Title, axis and a curve of dots that fall to the right."""
    out = own.mlff("runs", "plot", curve, "--metric", "loss").out
    assert "\x1b" not in out, "no colours in a pipe"
    lines = out.splitlines()
    assert lines[0].strip() == "loss"
    assert lines[-1].strip() == "step"
    dots = [max((at for at, char in enumerate(line) if "⠀" < char <= "⣿"), default=0) for line in lines]
    assert max(dots[2:6]) < max(dots[-6:]), "high values are to the left, low ones to the right"


@pytest.mark.parametrize(("name", "magic"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.pdf", b"%PDF")])
def test_a_chart_is_written_as_a_file(
    own: Terminal, curve: str, tmp_path: Path, *, name: str, magic: bytes
) -> None:
    """The suffix is the format, and the command says what is drawn."""
    file = tmp_path / name
    said = own.mlff("runs", "plot", curve, "--metric", "loss", "--smooth", "0.5", "-o", str(file)).lines
    assert said == [f"{file}: 1 line, 50 points"]
    assert file.read_bytes().startswith(magic)


def test_another_metric_may_lie_to_the_right(own: Terminal, curve: str) -> None:
    """Steps are not what everybody thinks in."""
    lines = own.mlff("runs", "plot", curve, "--metric", "loss", "-x", "metrics.epoch").out.splitlines()
    assert lines[-1].strip() == "epoch"
    assert "4.9" in lines[-2], "the last epoch stands at the end of the axis"


def test_a_format_that_is_not_known_leaves_no_file(own: Terminal, curve: str, tmp_path: Path) -> None:
    """The formats that are known are named."""
    file = tmp_path / "a.gif"
    answer = own.mlff("runs", "plot", curve, "--metric", "loss", "-o", str(file))
    assert (answer.code, file.exists()) == (2, False)
    assert "ends in .png, .svg, .pdf" in answer.err


def test_a_metric_that_no_run_has_is_answered_with_those_they_have(terminal: Terminal, small: Small) -> None:
    """An empty chart would look like a run without progress."""
    answer = terminal.mlff("runs", "plot", small.run_id, "--metric", "loss")
    assert answer.code == 2
    assert "None of these runs has it. They logged accuracy." in answer.err


def test_an_axis_that_is_not_known_is_refused(terminal: Terminal, small: Small) -> None:
    """The known ones are named."""
    answer = terminal.mlff("runs", "plot", small.run_id, "--metric", "accuracy", "-x", "epochs")
    assert answer.code == 2
    assert "expected step, time, relative, or a metric such as metrics.epoch" in answer.err
