"""``mlff ui``."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from tests.cli.commands import mlff

if TYPE_CHECKING:
    from collections.abc import Generator

_MLFF = Path(sys.executable).parent / "mlff"


def test_a_port_that_cannot_be_is_refused(tmp_path: Path) -> None:
    """Before the store is touched."""
    assert mlff("ui", "--store", str(tmp_path / "store"), "--port", "70000").code == 2
    assert not (tmp_path / "store").exists()


def test_a_folder_without_a_project_is_refused(tmp_path: Path) -> None:
    """Before anything is served."""
    answer = mlff("ui", "--store", str(tmp_path / "store"), "--project", str(tmp_path / "nowhere"))
    assert answer.code != 0
    assert "nowhere" in answer.err


@contextmanager
def _shown(*options: str, browser: Path) -> Generator[tuple[str, subprocess.Popen[str]]]:
    """Run the command with a browser; give the first line that it prints, and press Ctrl-C in the end."""
    with subprocess.Popen(
        [_MLFF, "ui", *options],
        env={**os.environ, "BROWSER": str(browser)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as ui:
        assert ui.stdout is not None
        try:
            yield ui.stdout.readline(), ui
        finally:
            os.killpg(ui.pid, signal.SIGINT)


def test_the_browser_is_sent_to_the_pages(tmp_path: Path) -> None:
    """As soon as they can be loaded; Ctrl-C ends it in good order."""
    browser, asked = tmp_path / "browser", tmp_path / "asked"
    browser.write_text(f'#!/bin/sh\necho "$1" > {asked}\n')
    browser.chmod(browser.stat().st_mode | stat.S_IXUSR)
    with _shown("--store", str(tmp_path / "store"), browser=browser) as (said, ui):
        address = said.partition(" ")[0]
        assert said.rstrip().endswith("Ctrl-C ends it")
        assert httpx.get(address, timeout=60).status_code == 200
        assert asked.read_text().strip() == address
    assert ui.returncode == 0


def test_without_a_browser_only_the_address_is_said(tmp_path: Path) -> None:
    """For machines that have none."""
    store = str(tmp_path / "store")
    with _shown("--store", store, "--no-browser", browser=tmp_path / "none") as (said, ui):
        assert said.startswith("http://127.0.0.1:")
        assert httpx.get(said.partition(" ")[0], timeout=60).status_code == 200
    assert ui.returncode == 0
