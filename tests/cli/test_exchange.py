"""``mlff import`` and ``mlff export``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.cli.exchange import _Progress
from tests.cli.commands import Terminal
from tests.exchange.stores import RUN, database, rows_in, small_files, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def empty(tmp_path: Path) -> Terminal:
    """Give a terminal with a store that has nothing in it."""
    return Terminal(store=str(tmp_path / "store"))


@pytest.fixture
def mlruns(tmp_path: Path) -> str:
    """Give the folder of a small MLflow store."""
    files = {name: text for name, text in small_files().items() if not name.startswith("models/")}
    return str(write(tmp_path / "mlruns", files))


def test_a_store_is_brought_over_once(empty: Terminal, mlruns: str) -> None:
    """The table says what there was and what of it was new."""
    first = empty.mlff("import", "mlflow", mlruns).lines
    assert first[0] == "found new"
    assert "runs 1 1" in first
    assert "metric points 3 3" in first
    assert "runs 1 0" in empty.mlff("import", "mlflow", mlruns).lines
    assert empty.mlff("runs", "show", RUN).code == 0


def test_a_trial_counts_and_writes_nothing(empty: Terminal, mlruns: str, tmp_path: Path) -> None:
    """The store is not even made."""
    lines = empty.mlff("import", "mlflow", mlruns, "--dry-run").lines
    assert (lines[0], "runs 1" in lines) == ("found", True)
    assert not (tmp_path / "store").exists()


def test_machines_get_the_report(empty: Terminal, mlruns: str) -> None:
    """Found, new, and what went wrong."""
    report = empty.mlff("import", "mlflow", mlruns, "--json").json
    assert (report["found"]["runs"], report["new"]["points"], report["problems"]) == (1, 3, [])


def test_what_cannot_be_read_is_named_and_the_code_is_1(empty: Terminal, mlruns: str, tmp_path: Path) -> None:
    """The rest comes over."""
    (tmp_path / "mlruns" / "3" / RUN / "metrics" / "loss").write_text("8 0.5 1\nodd\n")
    answer = empty.mlff("import", "mlflow", mlruns)
    assert answer.code == 1
    assert answer.err.startswith("! Line 2 of ")
    assert "metric points" in answer.out


def test_what_is_no_store_is_refused(empty: Terminal, tmp_path: Path) -> None:
    """Nothing is changed."""
    assert empty.mlff("import", "mlflow", str(tmp_path / "nothing")).code == 2
    assert empty.mlff("import", "mlflow", "postgresql://host/db").code == 2
    assert not (tmp_path / "store").exists()


def test_a_store_is_written_back(empty: Terminal, mlruns: str, tmp_path: Path) -> None:
    """Into a file that MLflow made; one that it did not make is refused with what to do."""
    empty.mlff("import", "mlflow", mlruns)
    refused = empty.mlff("export", "mlflow", f"sqlite:///{tmp_path}/new.db")
    assert (refused.code, "mlflow db upgrade" in refused.err) == (2, True)
    path = database(tmp_path / "mlflow.db")
    lines = empty.mlff("export", "mlflow", f"sqlite:///{path}", "--artifacts-to", str(tmp_path / "out")).lines
    assert "runs 1 1" in lines
    assert rows_in(path, "SELECT artifact_uri FROM runs") == [(f"{tmp_path}/out/3/{RUN}/artifacts",)]


def test_progress_is_one_line_that_goes_away(capsys: pytest.CaptureFixture[str]) -> None:
    """A shorter text covers a longer one; where nobody watches there is none."""
    shown = _Progress(shown=True)
    shown("wine", 1000)
    shown("a", 1)
    shown.end()
    hidden = _Progress(shown=False)
    hidden("wine", 1)
    hidden.end()
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "\rwine: 1,000 runs\ra: 1 runs       \r         \r"
