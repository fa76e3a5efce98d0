"""Runs as commands print them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.cli.context import open_tracker
from mlflowflow.cli.runs.printed import print_runs, run_to_json

if TYPE_CHECKING:
    from tests.cli.conftest import Small


@pytest.mark.parametrize("key", ["run_id", "status", "params", "metrics", "tags", "artifact_uri"])
def test_a_run_as_json_has_the_names_of_mlflows_api(small: Small, key: str) -> None:
    """Scripts written for MLflow's output find what they look for."""
    with open_tracker(small.url) as tracker:
        assert key in run_to_json(tracker.get_run(small.run_id))


def test_people_get_a_line_for_each_run(small: Small, capsys: pytest.CaptureFixture[str]) -> None:
    """With its name, how it ended, how long it took, and its metrics; without any, one sentence."""
    with open_tracker(small.url) as tracker:
        print_runs([tracker.get_run(small.run_id)], empty="None.")
    lines = capsys.readouterr().out.splitlines()
    assert [
        word for word in ("train", "FINISHED", "1 min 2 s", "accuracy=0.9375") if word not in lines[1]
    ] == []
    print_runs([], empty="None.")
    assert capsys.readouterr().out == "None.\n"
