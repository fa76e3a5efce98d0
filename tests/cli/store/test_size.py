"""``mlff store show`` and ``mlff store stats``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.commands import Terminal
    from tests.cli.conftest import Small


def test_a_store_is_shown_with_what_it_is_able_to_do(terminal: Terminal, small: Small) -> None:
    """Conditional writes decide whether models can be registered there."""
    lines = terminal.mlff("store", "show").lines
    assert f"url {small.url}" in lines
    assert "conditional_create True" in lines


def test_showing_a_store_again_shows_the_same_store(own: Terminal) -> None:
    """Looking does not make a new one."""
    first, again = (own.mlff("store", "show", "--json").json for _ in range(2))
    assert first == again
    assert len(first["uuid"]) == 32


def test_the_size_is_told_by_kind_and_by_experiment(terminal: Terminal, small: Small) -> None:
    """The lines add up, and every experiment with something in it has its own."""
    said = terminal.mlff("store", "stats", "--json").json
    assert said["objects"] == sum(kind["objects"] for kind in said["kinds"])
    assert said["bytes"] == sum(kind["bytes"] for kind in said["kinds"])
    (digits,) = [each for each in said["experiments"] if each["experiment_id"] == small.experiment_id]
    assert (digits["runs"], digits["points"], digits["manifests"]) == (2, 1, 0)
    lines = terminal.mlff("store", "stats").lines
    assert lines[0] == "kind objects bytes"
    assert f"{small.experiment_id} 2 1 - {digits['segments']} {digits['segments']} 0" in lines


def test_the_cost_is_told_for_a_fleet_of_ones_own(terminal: Terminal) -> None:
    """A row for the number asked for stands among the usual ones, in order."""
    costs = terminal.mlff("store", "stats", "--writers", "64", "--json").json["cost_usd_per_month"]
    assert [row["writers"] for row in costs] == [1, 10, 64, 100, 1000]
    asked = next(row for row in costs if row["writers"] == 64)
    assert asked["stores"]["S3 Standard"]["requests"] > 0
    lines = terminal.mlff("store", "stats", "--writers", "64").lines
    assert [line.split()[0] for line in lines[-5:]] == ["1", "10", "64", "100", "1000"]


def test_an_experiment_that_has_nothing_is_refused(terminal: Terminal) -> None:
    """A mistyped id is no empty experiment; the next step is named."""
    answer = terminal.mlff("store", "stats", "7")
    assert answer.code == 2
    assert "There is no experiment '7'. 'mlff experiments list' shows which there are." in answer.err
