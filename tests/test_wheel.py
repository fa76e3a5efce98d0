"""What `pip install mlflowflow` brings: the library, and nothing of the layers around it."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from mlflowflow import __version__
from mlflowflow.config import child_environ

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT: Final = Path(__file__).parents[1]

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("wheel")]


@pytest.fixture(scope="module", name="dist")
def _dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist from the tree and the wheel from the sdist, without fetching anything."""
    folder = tmp_path_factory.mktemp("dist")
    _run([sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)], cwd=folder)
    return folder


@pytest.fixture(scope="module", name="site")
def _site(dist: Path) -> Path:
    """Install the wheel alone into a folder; what it depends on is there already."""
    folder = dist / "site"
    pip = [sys.executable, "-m", "pip", "--isolated", "install", "--quiet", "--no-index", "--no-deps"]
    _run([*pip, "--target", str(folder), str(_wheel(dist))], cwd=dist)
    return folder


def _run(command: Sequence[str], *, cwd: Path, path: Path | None = None) -> str:
    env = child_environ({"PYTHONPATH": str(path)} if path else {})
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _wheel(dist: Path) -> Path:
    return dist / f"mlflowflow-{__version__}-py3-none-any.whl"


def _names_in_wheel(dist: Path) -> set[str]:
    with zipfile.ZipFile(_wheel(dist)) as wheel:
        return set(wheel.namelist())


def test_the_wheel_holds_the_library_only(dist: Path) -> None:
    """Flows, tasks, tests and examples stay out: generic names would collide in site-packages."""
    tops = {name.partition("/")[0] for name in _names_in_wheel(dist)}
    assert tops == {"mlflowflow", f"mlflowflow-{__version__}.dist-info"}


def test_the_wheel_holds_every_module_and_the_types_marker(dist: Path) -> None:
    """Nothing is lost on the way from the tree through the sdist; what only builds is left behind."""
    sources = [path for path in (ROOT / "mlflowflow").rglob("*.py") if "node_modules" not in path.parts]
    modules = {path.relative_to(ROOT).as_posix() for path in sources} - {"mlflowflow/ui/build_hook.py"}
    assert modules | {"mlflowflow/py.typed"} <= _names_in_wheel(dist)


def test_the_sdist_can_be_tested_and_tried(dist: Path) -> None:
    """Whoever packages a release gets the tests, the example and the two commands."""
    root = f"mlflowflow-{__version__}"
    with tarfile.open(dist / f"{root}.tar.gz") as sdist:
        names = set(sdist.getnames())
    wanted = [
        "Makefile",
        "constraints.txt",
        "pyproject.toml",
        "examples/digits/MLproject",
        "tests/test_wheel.py",
    ]
    assert {f"{root}/{name}" for name in wanted} <= names


def test_the_installed_library_is_what_is_imported(site: Path) -> None:
    """The installed copy imports and knows its version, outside the source tree."""
    script = "import mlflowflow; print(mlflowflow.__file__, mlflowflow.__version__)"
    found = _run([sys.executable, "-c", script], cwd=site.parent, path=site)
    assert found == f"{site / 'mlflowflow' / '__init__.py'} {__version__}"


@pytest.mark.parametrize("name", ["mlff", "mlflowflow"])
def test_the_command_line_is_installed_under_both_names(site: Path, name: str) -> None:
    """`mlff` and `mlflowflow` are the same program."""
    usage = _run([sys.executable, str(site / "bin" / name), "--help"], cwd=site.parent, path=site)
    assert "run" in usage
