"""``mlff sweep replay``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.cli.sweep.replaying import _lines
from mlflowflow.storage.location import open_store
from mlflowflow.sweeps.replay import Difference, Replay
from mlflowflow.sweeps.suggestion import make_suggester
from tests.cli.sweep.conftest import CUT
from tests.sweeps.stories import SPEC, Story

if TYPE_CHECKING:
    from tests.cli.sweep.conftest import Sweeps

TRUE = "0190d0000000700080000000000000aa"


def true_story() -> Story:
    """Return a sweep whose trials are those that its sampler suggests."""
    story, suggester = Story(run_id=TRUE), make_suggester(SPEC, 7)
    for _ in range(5):
        params = suggester.ask()
        assert params is not None
        story.complete(0.5, params=params)
    return story


def test_a_log_that_is_true_has_no_differences(own_sweeps: Sweeps) -> None:
    """The exit code is 0."""
    true_story().write(open_store(own_sweeps.store))
    assert own_sweeps.mlff_sweep("replay", TRUE) == [
        "0 differences. All 5 suggestions and 0 pruning decisions were made again."
    ]
    found = own_sweeps.mlff("sweep", "replay", TRUE, "--json").json
    assert (found["asked"], found["told"], found["differences"]) == (5, 5, [])


def test_a_log_that_was_made_up_is_found_out(sweeps: Sweeps) -> None:
    """The exit code is 1, and each difference is told."""
    answer = sweeps.mlff("sweep", "replay", CUT)
    lines = answer.out.splitlines()
    assert answer.code == 1
    assert lines[0].endswith("in 8 suggestions and 4 pruning decisions.")
    assert lines[1].startswith("  Trial 0 was given {'C': 1.0, 'model': 'tree'}, and now")


def test_many_differences_are_counted_and_the_release_is_named() -> None:
    """The usual reason is another release of Optuna."""
    found = Replay(
        asked=20,
        told=20,
        weighed=0,
        differences=tuple(Difference(trial=n, sentence=f"Trial {n} differs.") for n in range(12)),
        written_with={"optuna": "4.0", "numpy": "2.0"},
        read_with={"optuna": "9.0", "numpy": "2.0"},
    )
    lines = _lines(found)
    assert lines[0] == "12 differences in 20 suggestions and 0 pruning decisions."
    assert lines[-2:] == ["  and 2 more", "It was written with optuna 4.0, and this is optuna 9.0."]
    assert len(lines) == 1 + 10 + 2
