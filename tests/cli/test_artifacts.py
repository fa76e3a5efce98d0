"""``mlff artifacts``."""

from __future__ import annotations

from contextlib import redirect_stdout
from io import BytesIO, StringIO, TextIOWrapper
from typing import TYPE_CHECKING

from mlflowflow.cli.context import open_tracker
from mlflowflow.cli.main import _exit_code
from mlflowflow.tracking.run import LoggedModelOutput

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.cli.commands import Terminal
    from tests.cli.conftest import Small


def test_files_are_listed_folder_by_folder_or_all_at_once(terminal: Terminal, small: Small) -> None:
    """A folder ends in a slash; programs get sizes in bytes."""
    assert terminal.mlff("artifacts", "list", small.run_id).lines == ["path size", "model/"]
    assert terminal.mlff("artifacts", "list", small.run_id, "model").lines == [
        "path size",
        "model/MLmodel 2 B",
    ]
    assert terminal.mlff("artifacts", "list", small.run_id, "-r", "--json").json == [
        {"path": "model", "is_dir": True, "file_size": None},
        {"path": "model/MLmodel", "is_dir": False, "file_size": 2},
    ]
    assert terminal.mlff("artifacts", "list", small.failed_id).lines == ["There are no files."]


def test_a_folder_is_fetched(terminal: Terminal, small: Small, tmp_path: Path) -> None:
    """It says where the files are, for a script to go on with."""
    (place,) = terminal.mlff(
        "artifacts", "download", small.run_id, "model", "--to", str(tmp_path / "new")
    ).lines
    assert place == str(tmp_path / "new" / "model")
    assert (tmp_path / "new" / "model" / "MLmodel").read_bytes() == b"{}"


def test_a_file_is_printed_as_it_is(own: Terminal, small: Small, tmp_path: Path) -> None:
    """Bytes that are no text, too, and no line is added."""
    del small
    run_id = own.mlff("runs", "list", "--json").json[0]["run_id"]
    file = tmp_path / "a.bin"
    file.write_bytes(b"\xff\x00\n")
    own.mlff("artifacts", "upload", run_id, str(file))
    sink = BytesIO()
    with redirect_stdout(TextIOWrapper(sink, write_through=True)):
        assert _exit_code(["artifacts", "cat", run_id, "a.bin", "--store", own.store]) == 0
        assert sink.getvalue() == b"\xff\x00\n"


def test_a_file_is_added_and_removed(
    own: Terminal, small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Removing is asked for twice, unless --yes is said."""
    del small
    run_id = own.mlff("runs", "list", "--json").json[0]["run_id"]
    folder = tmp_path / "plots"
    folder.mkdir()
    (folder / "a.txt").write_text("a")
    (uri,) = own.mlff("artifacts", "upload", run_id, str(folder), "--into", "made").lines
    assert uri.endswith(f"{run_id}/made/plots")
    assert "made/plots/a.txt" in own.mlff("artifacts", "list", run_id, "-r").out
    monkeypatch.setattr("sys.stdin", StringIO())
    assert own.mlff("artifacts", "delete", run_id, "made").code == 130, "nobody said yes"
    assert own.mlff("artifacts", "delete", run_id, "made", "--yes").lines == [f"Removed 'made' of {run_id}."]
    assert "made" not in own.mlff("artifacts", "list", run_id).out


def test_a_path_that_leads_out_is_refused(
    terminal: Terminal, small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is fetched, printed or removed."""
    monkeypatch.chdir(tmp_path)
    for command in (("download",), ("cat",), ("delete", "--yes"), ("list",)):
        answer = terminal.mlff("artifacts", command[0], small.run_id, "../other", *command[1:])
        assert (answer.code, answer.out) == (2, "")
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_not_there_is_named(terminal: Terminal, small: Small) -> None:
    """Exit code 2."""
    answer = terminal.mlff("artifacts", "cat", small.run_id, "nothing.txt")
    assert answer.code == 2
    assert "There is no artifact 'nothing.txt'." in answer.err


def test_a_model_that_a_run_logged_is_found_under_its_name(own: Terminal, tmp_path: Path) -> None:
    """And under its own id; its run shows it."""
    with open_tracker(own.store) as tracker:
        run_id = tracker.create_run("0").info.run_id
        model_id = tracker.logged_models.create("0", name="wine", source_run_id=run_id).model_id
        tracker.model_artifacts(model_id).put_bytes(b"flavors: {}", "MLmodel")
        tracker.logged_models.finalize(model_id, "READY")
        tracker.log_outputs(run_id, [LoggedModelOutput(model_id, 0)])
        tracker.end_run(run_id)
    assert "wine/MLmodel 11 B" in own.mlff("artifacts", "list", run_id, "wine").lines
    assert "MLmodel 11 B" in own.mlff("artifacts", "list", model_id).lines
    own.mlff("artifacts", "download", run_id, "wine", "--to", str(tmp_path / "got"))
    assert (tmp_path / "got" / "wine" / "MLmodel").read_bytes() == b"flavors: {}"
    shown = own.mlff("runs", "show", run_id, "--json").json
    assert shown["models"] == [{"name": "wine", "model_id": model_id, "step": 0}]
    assert f"wine {model_id}" in own.mlff("runs", "show", run_id).lines
