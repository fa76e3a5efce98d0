"""Addresses that travel, and what each process opens of them."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

from mlflowflow.config import Settings
from mlflowflow.orchestration.workplace import Workplace
from tests.tracking.sessions import run_python

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def place(tmp_path: Path) -> Workplace:
    """Return a workplace in a directory."""
    return Workplace(tracking_uri=str(tmp_path / "store"), user="ada", spool_dir=tmp_path / "spool")


def test_a_process_opens_a_store_once(tmp_path: Path) -> None:
    """One writer per process and store: a second one would write its own segments."""
    assert place(tmp_path).tracker() is place(tmp_path).in_experiment("1").tracker()
    assert place(tmp_path).catalog() is place(tmp_path).catalog()


def test_users_do_not_share_a_writer(tmp_path: Path) -> None:
    """Runs and decisions carry the name of who made them."""
    other = Workplace(tracking_uri=str(tmp_path / "store"), user="bob", spool_dir=tmp_path / "spool")
    assert place(tmp_path).tracker() is not other.tracker()
    assert (place(tmp_path).catalog().actor, other.catalog().actor) == ("ada", "bob")


def test_a_workplace_travels_as_text(tmp_path: Path) -> None:
    """Opening the store before the journey changes nothing about what is sent."""
    here = place(tmp_path)
    here.tracker()
    assert pickle.loads(pickle.dumps(here)) == here


def test_a_relative_store_is_the_same_place_for_everybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker stands in another folder, so the address is made absolute before it travels."""
    monkeypatch.chdir(tmp_path)
    assert Workplace.of(Settings(tracking_uri="./here")).tracking_uri == str(tmp_path / "here")


def test_the_registry_may_be_elsewhere(tmp_path: Path) -> None:
    """Models go to the registry's store, events stay with the runs."""
    two = Workplace.of(
        Settings(tracking_uri=str(tmp_path / "runs"), registry_uri=str(tmp_path / "models"), user="ada")
    )
    assert two.catalog().store.url == str(tmp_path / "models")
    assert two.tracker().store.url == str(tmp_path / "runs")


def test_the_environment_names_the_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Deployed flows are told nothing else."""
    monkeypatch.setenv("MLFLOWFLOW_TRACKING_URI", str(tmp_path))
    monkeypatch.setenv("MLFLOWFLOW_USER", "ada")
    found = Workplace.from_environ()
    assert (found.tracking_uri, found.user, found.experiment_id) == (str(tmp_path), "ada", "")


def test_the_journal_is_the_stores(tmp_path: Path) -> None:
    """What one process records another one finds."""
    event = place(tmp_path).journal().record("mlff.data.arrived", subject="incoming")
    assert place(tmp_path).journal().get(event.id) == event


def test_what_a_killed_process_left_on_this_machine_is_brought_in(tmp_path: Path) -> None:
    """Its last points are in its own file in the spool, which nobody else looks into."""
    here = place(tmp_path)
    run_id = here.tracker().create_run("0").info.run_id
    program = (
        "import os, signal, mlflowflow\n"
        "mlflowflow.log_metric('loss', 0.5)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = run_python(
        program,
        store=tmp_path / "store",
        MLFLOWFLOW_RUN_ID=run_id,
        MLFLOWFLOW_SPOOL_DIR=str(tmp_path / "spool"),
    )
    assert ended.returncode == -9
    assert here.tracker().get_run(run_id).data.metrics == {}
    here.recover()
    assert here.tracker().get_run(run_id).data.metrics == {"loss": 0.5}
