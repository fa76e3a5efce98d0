"""``mlff sweep plot``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from mlflowflow.cli.sweep.plot import FORMATS, KINDS, chart_of
from mlflowflow.storage.location import open_store
from mlflowflow.sweeps.plots import PLOT_FORMATS, PLOT_KINDS
from tests.cli.sweep.conftest import CUT, DONE, finished
from tests.sweeps.stories import Story

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.sweep.conftest import Sweeps


def test_the_options_offer_what_can_be_drawn() -> None:
    """The two lists do not drift apart."""
    assert KINDS == PLOT_KINDS
    assert FORMATS == PLOT_FORMATS


def test_without_a_folder_the_values_are_drawn_here(sweeps: Sweeps) -> None:
    """A chart for each objective."""
    lines = sweeps.mlff_sweep("plot", DONE)
    assert lines[0] == "auc (dots: trials, line: the best so far)"
    assert "size (dots: trials, line: the best so far)" in lines
    assert sum(line.count("•") for line in lines) == 8


def test_the_best_so_far_goes_in_steps() -> None:
    """It does not slope towards a trial that nobody had made yet, and goes the way that is better."""
    history = finished().history
    auc, size = (chart_of(history, at, each) for at, each in enumerate(history.sweep.objectives))
    assert list(zip(auc.lines[0].xs, auc.lines[0].ys, strict=True)) == [
        (0, 0.5),
        (1, 0.5),
        (1, 0.9),
        (2, 0.9),
        (2, 0.9),
        (3, 0.9),
        (3, 0.9),
    ]
    assert set(size.lines[0].ys) == {100.0}
    assert auc.lines[1].ys == (0.5, 0.9, 0.6, 0.55)


def test_a_folder_gets_one_page_or_the_pictures_that_are_asked_for(sweeps: Sweeps, tmp_path: Path) -> None:
    """The files are named, one a line."""
    folder = tmp_path / "new" / "plots"
    assert sweeps.mlff_sweep("plot", CUT, "-o", str(folder)) == [str(folder / "sweep.html")]
    printed = sweeps.mlff_sweep(
        "plot", CUT, "-o", str(folder), "--kind", "history", "--kind", "timeline", "--format", "svg"
    )
    assert printed == [str(folder / "history.svg"), str(folder / "timeline.svg")]
    assert (folder / "history.svg").read_text().lstrip().startswith("<")


def test_other_pictures_need_a_folder(sweeps: Sweeps) -> None:
    """They are not quietly left out."""
    answer = sweeps.mlff("sweep", "plot", CUT, "--kind", "slice")
    assert (answer.code, answer.out) == (2, "")
    assert "say with -o DIR where they are to go" in answer.err


def test_a_sweep_without_a_complete_trial_has_nothing_to_draw_here(own_sweeps: Sweeps) -> None:
    """The next step is to look how it stands."""
    story = Story(run_id="0190d0000000700080000000000000aa")
    story.fail("no")
    story.write(open_store(own_sweeps.store))
    answer = own_sweeps.mlff("sweep", "plot", story.history.run_id)
    assert (answer.code, answer.out) == (1, "")
    assert "there is nothing to draw" in answer.err


@pytest.mark.parametrize(
    ("module", "extra", "arguments"),
    [
        ("mlflowflow.plots.terminal", "plotext", ()),
        ("mlflowflow.sweeps.plots", "matplotlib", ("-o", "plots")),
    ],
)
def test_a_package_that_is_missing_is_named(
    sweeps: Sweeps, monkeypatch: pytest.MonkeyPatch, *, module: str, extra: str, arguments: tuple[str, ...]
) -> None:
    """With how to install it."""
    monkeypatch.setitem(sys.modules, module, None)
    answer = sweeps.mlff("sweep", "plot", CUT, *arguments)
    assert answer.code == 1
    assert f"'{extra}'; install it with: pip install 'mlflowflow[plot]'" in answer.err
