"""Commands that compare, trace and watch."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.storage.location import open_store
from mlflowflow.sweeps.entry import Opened
from mlflowflow.sweeps.log import SweepLog
from tests.sweeps.examples import RUN_ID, sweep_of, tried

if TYPE_CHECKING:
    from tests.cli.commands import Terminal
    from tests.cli.conftest import Small


def test_versions_of_one_run_do_not_differ(terminal: Terminal) -> None:
    """An empty answer is a sentence."""
    assert terminal.mlff("models", "diff", "digits/1", "digits@champion").lines == [
        "They do not differ in anything."
    ]


def test_machines_get_a_difference_by_its_parts(own: Terminal) -> None:
    """Each thing with both values."""
    own.mlff("models", "tag", "digits", "k=v", "--version", "2")
    found = own.mlff("models", "diff", "digits/1", "digits/2", "--json").json
    assert found["tags"] == [{"name": "k", "old": None, "new": "v"}]
    assert (found["old"], found["metrics"]) == ("models:/digits/1", [])
    assert "tag k - v" in own.mlff("models", "diff", "digits/1", "digits/2").lines


def test_a_version_is_traced_to_its_run_and_its_decisions(terminal: Terminal, small: Small) -> None:
    """What came first stands above."""
    lines = terminal.mlff("models", "lineage", "digits/2").lines
    assert lines[:2] == [f"run {small.run_id} train", "version models:/digits/2"]
    assert [line.split()[-1] for line in lines[2:]] == ["version.created", "alias.promoted"]
    assert terminal.mlff("models", "lineage", "digits/2", "--json").json["run_id"] == small.run_id


def test_a_version_is_traced_to_the_sweeps_it_has_cost(own: Terminal, small: Small) -> None:
    """A sweep beside the training is part of the price; what it came to is said, and in sum."""
    spec = sweep_of(start_from=(f"sweeps:/{RUN_ID}",))
    for run_id, sweep, cost in ((small.run_id, spec, 1.5), (RUN_ID, sweep_of(name="before"), 0.25)):
        entries = [Opened(sweep=sweep, seed=7), *tried(0, 0.5, seconds=90.0, cost=cost)]
        SweepLog(open_store(own.store), run_id).append(entries, clock=ManualClock(), token="t", elapsed_s=1.0)
    assert own.mlff("models", "lineage", "digits/2").lines[:4] == [
        f"sweep {RUN_ID} before: 1 attempt, 1 min 30 s, 0.25, which a later one started from",
        f"sweep {small.run_id} tune: 1 attempt, 1 min 30 s, 1.50",
        "cost 1.75 for 3 min of workers' time",
        f"run {small.run_id} train",
    ]
    found = own.mlff("models", "lineage", "digits/2", "--json").json["sweeps"]
    assert [(each["generation"], each["spent"]["cost"]) for each in found] == [(0, 1.5), (1, 0.25)]


def test_a_run_is_traced_to_its_versions(terminal: Terminal, small: Small) -> None:
    """The other way round."""
    found = terminal.mlff("models", "lineage", "--run", small.run_id, "--json").json
    assert found == ["models:/digits/1", "models:/digits/2"]
    assert terminal.mlff("models", "lineage", "--data", "f00").lines == ["No version came of it."]


@pytest.mark.parametrize("arguments", [(), ("digits/1", "--run", "x"), ("--run", "x", "--data", "y")])
def test_lineage_is_of_one_thing(terminal: Terminal, arguments: tuple[str, ...]) -> None:
    """Neither of nothing nor of two."""
    answer = terminal.mlff("models", "lineage", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert "of one thing" in answer.err


def test_a_watch_goes_on_after_a_number(terminal: Terminal) -> None:
    """A line for each decision, for people or machines."""
    answer = terminal.mlff("models", "watch", "digits", "--since", "1", "--once", "--json")
    assert [json.loads(line)["seq"] for line in answer.out.splitlines()] == [2, 3]
    lines = terminal.mlff("models", "watch", "digits", "--since", "2", "--once").lines
    assert lines == [
        "digits 3 2023-11-14T22:15:21Z ada promoted version 2 to champion, from version 1 It is better."
    ]
