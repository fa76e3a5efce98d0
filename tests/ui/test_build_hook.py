"""The pages are built where they can be; where they cannot, a checkout can still be used."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from mlflowflow.ui.build_hook import BuildUI

ROOT = Path(__file__).parents[2]
SOURCES = (
    "src",
    "index.html",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
    ".npmrc",
)


class _App:
    """What hatchling gives a hook to talk to people with."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def display_warning(self, message: str) -> None:
        self.warnings.append(message)

    def abort(self, message: str) -> None:
        raise SystemExit(message)


@pytest.fixture(name="checkout")
def _checkout(tmp_path: Path) -> Path:
    """Copy the sources of the pages into a tree of their own."""
    folder = tmp_path / "mlflowflow" / "ui"
    folder.mkdir(parents=True)
    for name in SOURCES:
        source = ROOT / "mlflowflow" / "ui" / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    return tmp_path


def _hook(root: Path, app: _App | None = None) -> Any:
    told: Any = app or _App()
    metadata: Any = None  # of no interest to it
    return BuildUI(str(root), {}, metadata, metadata, str(root), "wheel", told)


def _programs(folder: Path, *, version: str, npm: str) -> str:
    """Make a `node` that tells `version` and an `npm` that runs the shell script `npm`."""
    folder.mkdir()
    for name, script in (("node", f"echo {version}"), ("npm", npm)):
        program = folder / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


_BUILDS = 'if [ "$1" = run ]; then mkdir -p static && echo "<html>" > static/index.html; fi'
_FAILS = 'echo "cannot reach the registry" >&2; exit 1'


def _artifacts(hook: Any) -> list[str]:
    data: dict[str, Any] = {"artifacts": []}
    hook.initialize("standard", data)
    return data["artifacts"]  # type: ignore[no-any-return] # what was put in


def test_the_pages_are_built_once(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And again only when something changed that they are built from; git ignores them, a wheel holds them."""
    monkeypatch.setenv("PATH", _programs(checkout / "bin", version="v20.20.2", npm=_BUILDS))
    hook = _hook(checkout)
    assert hook.needed()
    assert _artifacts(hook) == ["/mlflowflow/ui/static/**"]
    assert not hook.needed()
    (checkout / "mlflowflow/ui/src/main.tsx").write_text("export {}")
    assert hook.needed()


def test_a_checkout_goes_without_pages(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where npm cannot reach its registry, one sentence says what is missing and how to get it."""
    monkeypatch.setenv("PATH", _programs(checkout / "bin", version="v22.12.0", npm=_FAILS))
    monkeypatch.delenv("MLFF_REQUIRE_UI", raising=False)
    app = _App()
    assert _artifacts(_hook(checkout, app)) == ["/mlflowflow/ui/static/**"]
    (warning,) = app.warnings
    assert "left out: npm ci failed" in warning
    assert not (checkout / "mlflowflow/ui/static").exists()


def test_a_release_does_not(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wheel without pages cannot come into being by accident."""
    monkeypatch.setenv("PATH", _programs(checkout / "bin", version="v22.12.0", npm=_FAILS))
    monkeypatch.setenv("MLFF_REQUIRE_UI", "1")
    with pytest.raises(SystemExit, match="could not be built: npm ci failed"):
        _artifacts(_hook(checkout))


@pytest.mark.parametrize(
    ("version", "fit"),
    [("v20.20.2", True), ("v24.1.0", True), ("v18.20.0", False), ("v21.7.0", False), ("?", False)],
)
def test_an_unfit_node_is_fetched(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, version: str, *, fit: bool
) -> None:
    """As a package of the build, by pip, so that none need be installed."""
    monkeypatch.setenv("PATH", _programs(checkout / "bin", version=version, npm=_BUILDS))
    assert (_hook(checkout).dependencies() == []) is fit


def test_a_source_distribution_holds_the_pages(checkout: Path) -> None:
    """Nothing is built from it, and no Node is asked for."""
    (checkout / "PKG-INFO").write_text("")
    hook = _hook(checkout)
    assert not hook.needed()
    assert hook.dependencies() == []
