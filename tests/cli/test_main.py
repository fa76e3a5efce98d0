"""The group of commands, and errors as exit codes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import click
import pytest

from mlflowflow import __version__
from mlflowflow.cli.main import _COMMANDS
from mlflowflow.cli.main import mlff as group
from tests.cli.commands import Terminal, mlff


def test_help_lists_every_command_with_its_purpose() -> None:
    """The first page leads everywhere."""
    answer = mlff("--help")
    assert answer.code == 0
    for name, (_, purpose) in _COMMANDS.items():
        assert f"{name}  " in answer.out
        assert purpose in answer.out


@pytest.mark.parametrize("name", list(_COMMANDS))
def test_every_command_of_the_table_is_there(name: str) -> None:
    """An entry of the table that leads nowhere is found here, not by a user."""
    command = group.get_command(click.Context(group), name)
    assert command is not None
    assert command.name == name


def test_a_commands_help_begins_with_what_the_table_says() -> None:
    """The two lists of purposes do not drift apart in kind: every command explains itself."""
    for name in _COMMANDS:
        assert mlff(name, "--help").out.startswith("Usage: mlff")


@pytest.mark.parametrize("arguments", [(), *((name,) for name in _COMMANDS)])
def test_examples_in_help_stay_on_lines_of_their_own(arguments: tuple[str, ...]) -> None:
    """A line that is to be copied is not joined to its neighbours."""
    out = mlff(*arguments, "--help").out
    assert "\\b" not in out
    assert [line for line in out.splitlines() if line.strip().count("mlff ") > 1] == []


def test_help_imports_neither_prefect_nor_dask() -> None:
    """Looking at the options is quick."""
    program = (
        "import sys; from mlflowflow.cli.main import _exit_code; code = _exit_code(['--help']);"
        "heavy = {'prefect', 'distributed', 'pyarrow', 'pandas'} & set(sys.modules);"
        "sys.exit(f'{code} {heavy}' if code or heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_version_is_the_packages() -> None:
    """Bug reports begin with it."""
    assert mlff("--version").out == f"mlff, version {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rnu",), "No such command 'rnu'"),
        (("runs", "list", "--limit", "3"), "No such option"),
        (("runs", "show"), "Missing argument 'RUN_ID'"),
        (("models", "alias", "digits", "champion", "two"), "'two' is not a valid integer"),
    ],
)
def test_a_wrong_call_is_refused_with_exit_code_2(arguments: tuple[str, ...], said: str) -> None:
    """What is wrong is on standard error, standard output stays empty."""
    answer = mlff(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


def test_trouble_with_the_store_is_exit_code_1(tmp_path: Path) -> None:
    """Scripts can tell a wrong call from a store that is wrong."""
    (tmp_path / "store.json").write_text("not a store")
    answer = Terminal(store=str(tmp_path)).mlff("runs", "list")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("Error: ")


def test_a_newer_store_is_left_alone_with_a_sentence(own: Terminal) -> None:
    """The way out is to install a newer release."""
    file = Path(own.store, "store.json")
    file.write_bytes(
        file.read_bytes().replace(b'"format":1', b'"format":99').replace(b'"format": 1', b'"format": 99')
    )
    answer = own.mlff("runs", "list")
    assert answer.code == 1
    assert "Install a newer mlflowflow; nothing was changed." in answer.err


def test_sigterm_is_ctrl_c_and_ends_a_command_with_exit_code_130(tmp_path: Path) -> None:
    """Nobody sees a traceback, and the run is not left as if it were running."""
    (tmp_path / "MLproject").write_text('name: tiny\nentry_points: {main: {command: "true"}}\n')
    with socket.create_server(("127.0.0.1", 0)) as silent:  # as a Prefect server that never answers
        silent.settimeout(100)
        process = subprocess.Popen(
            [sys.executable, "-c", "from mlflowflow.cli.main import main; main(['run', '.'])"],
            cwd=tmp_path,
            env={**os.environ, "PREFECT_API_URL": f"http://127.0.0.1:{silent.getsockname()[1]}/api"},
            stderr=subprocess.PIPE,
            text=True,
        )
        with silent.accept()[0]:
            process.terminate()
            _, err = process.communicate(timeout=30)
    assert (process.returncode, err.splitlines()[-1]) == (130, "Interrupted. What had been logged is kept.")
    assert "Traceback" not in err
    (run,) = Terminal(store=str(tmp_path / "mlff-data")).mlff("runs", "list", "--json").json
    assert run["status"] == "KILLED"
