"""Which sweep a command is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from mlflowflow.cli.complete import sweep_ids
from mlflowflow.sweeps.trial import trial_run_id
from tests.cli.sweep.conftest import CUT, DONE, OTHER, PIPELINE

if TYPE_CHECKING:
    from tests.cli.sweep.conftest import Sweeps


def test_a_beginning_is_enough_if_it_is_one_sweeps(sweeps: Sweeps) -> None:
    """Nobody types 32 digits."""
    assert sweeps.mlff_sweep("status", DONE[:-3])[1] == f"run {DONE}, spec {sweeps_digest(sweeps)}"


def sweeps_digest(sweeps: Sweeps) -> str:
    """Return the beginning of the finished sweep's digest."""
    digest: str = sweeps.mlff("sweep", "status", DONE, "--json").json["digest"]
    return digest[:12]


def test_a_beginning_that_several_have_names_them(sweeps: Sweeps) -> None:
    """The next attempt can be right."""
    answer = sweeps.mlff("sweep", "status", CUT[:20])
    assert (answer.code, answer.out) == (2, "")
    assert f"begins the ids of 2 sweeps: {CUT}, {DONE}. Give more of it." in answer.err


@pytest.mark.parametrize(
    ("run", "hint"),
    [
        (OTHER, "That run is no sweep. 'mlff sweep list' names them all."),
        (PIPELINE, f"That run has a sweep below it: '{CUT}'."),
        (trial_run_id(DONE, 1), f"That run is trial 1 of the sweep '{DONE}'."),
        ("ffff", "'mlff sweep list' names them all."),
        ("../digits", "'mlff sweep list' names them all."),
    ],
)
@pytest.mark.parametrize(
    "command",
    [("status",), ("trials",), ("best",), ("stop",), ("resume",), ("replay",), ("extend", "--trials", "9")],
)
def test_what_is_no_sweep_is_named_with_what_it_is(
    sweeps: Sweeps, *, command: tuple[str, ...], run: str, hint: str
) -> None:
    """Every command says it the same way, with exit code 2."""
    answer = sweeps.mlff("sweep", command[0], run, *command[1:])
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == f"Error: There is no sweep '{run}'. {hint}\n"


def test_the_shell_offers_sweeps_and_neither_trials_nor_other_runs(sweeps: Sweeps) -> None:
    """Few, and the right ones."""
    context = click.Context(click.Command("any"))
    context.params["store"] = sweeps.store
    offered = [item.value for item in sweep_ids(context, click.Argument(["run"]), "01")]
    assert sorted(offered) == [CUT, DONE]
    assert sweep_ids(context, click.Argument(["run"]), "02") == []
