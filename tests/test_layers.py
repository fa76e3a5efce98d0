"""House rules that no linter knows: mirrors, thin task files, short files, and no private addresses."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
LONGEST_FILE: Final = 400

#: Modules without a test file of their own, and why.
NO_MIRROR: Final = {
    "autologging/keras.py": "tests/frameworks/test_autolog.py, where Keras is installed",
    "autologging/lightgbm.py": "the same, with LightGBM",
    "autologging/lightning.py": "the same, with Lightning",
    "autologging/xgboost.py": "the same, with XGBoost",
    "exchange/target.py": "a protocol: tests/exchange/test_exporting.py asks all that implement it the same",
    "storage/blob.py": "a protocol: its promises are the contract that every store's tests run",
    "testing/blob_store.py": "that contract; the tests of every store run it",
}

#: A home folder or a build machine's folder, or a package index.
PRIVATE_ADDRESS: Final = re.compile(
    r"(?<![\w.~}/-])/(?:root|home|Users|work|opt)/\w|file:/{2,3}(?:root|home|Users|work|opt)\b"
    r"|https?://[^\s'\"]*/simple\b|(?:extra-index-url|find-links)\b",
)


def tracked_files() -> list[Path]:
    """List what is or would be committed, so that nobody's scratch files count."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("not a git checkout")
    return [path for line in done.stdout.splitlines() if (path := ROOT / line).is_file()]


def missing_mirrors(package: Path, tests: Path) -> list[str]:
    """Name the modules of `package` that have no test file at the same place in `tests`."""
    modules = [path.relative_to(package) for path in sorted(package.rglob("*.py")) if path.stem != "__init__"]
    mirrors = {module: tests / module.parent / f"test_{module.name}" for module in modules}
    return [module.as_posix() for module, mirror in mirrors.items() if not mirror.is_file()]


def thick_parts(source: str) -> list[str]:
    """Name what a task file holds besides its docstring, imports, constants and decorated functions."""
    return [ast.unparse(node).splitlines()[0] for node in ast.parse(source).body if not _is_thin(node)]


def _is_thin(node: ast.stmt) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return True
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return bool(node.decorator_list)
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name.isupper()
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case _:
            return False


def private_addresses(text: str) -> list[str]:
    """Return the lines of `text` that only make sense on somebody's own machine."""
    return [line.strip() for line in text.splitlines() if PRIVATE_ADDRESS.search(line)]


def test_every_module_has_its_tests_at_the_same_place() -> None:
    """A reader finds the tests of a module without searching."""
    missing = missing_mirrors(ROOT / "mlflowflow", ROOT / "tests")
    assert [module for module in missing if module not in NO_MIRROR] == []


def test_exceptions_from_the_mirror_rule_are_still_needed() -> None:
    """An exception ends when its module gets tests, or goes."""
    assert set(NO_MIRROR) <= set(missing_mirrors(ROOT / "mlflowflow", ROOT / "tests"))


def test_a_module_without_tests_is_found(tmp_path: Path) -> None:
    """The mirror rule can fail."""
    (tmp_path / "package" / "part").mkdir(parents=True)
    for name in ("__init__.py", "part/seen.py", "part/unseen.py"):
        (tmp_path / "package" / name).touch()
    (tmp_path / "tests" / "part").mkdir(parents=True)
    (tmp_path / "tests" / "part" / "test_seen.py").touch()
    assert missing_mirrors(tmp_path / "package", tmp_path / "tests") == ["part/unseen.py"]


def test_task_files_are_thin() -> None:
    """A Dask worker that has only the wheel can run a task, because nothing else is in its file."""
    thick = {path.name: thick_parts(path.read_text()) for path in (ROOT / "tasks").glob("*.py")}
    assert {name: parts for name, parts in thick.items() if parts} == {}


def test_what_makes_a_task_file_thick_is_named() -> None:
    """Classes, plain functions and module state are found; imports, constants and tasks are not."""
    source = '''"""Doc."""
import os
LIMIT: int = 3
@task
def train(): ...
def helper(): ...
class Thing: ...
cache = {}
'''
    assert thick_parts(source) == ["def helper():", "class Thing:", "cache = {}"]


def test_no_file_is_too_long_to_read() -> None:
    """A file of Python stops at 400 lines; a longer one holds two subjects."""
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines())
        for path in tracked_files()
        if path.suffix == ".py"
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_tracked_file_names_a_private_address() -> None:
    """A clone works anywhere: no folder of one machine and no package index is written down."""
    texts = {path: path.read_bytes().decode(errors="replace") for path in tracked_files()}
    found = {
        path.relative_to(ROOT).as_posix(): private_addresses(text)
        for path, text in texts.items()
        if path != Path(__file__)
    }
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "line",
    [
        "data = '/home/ada/data'",
        'open("/root/x")',
        "uri: file:///home/ada/store",
        "index-url = https://packages.example/simple",
        "--find-links wheels",
    ],
)
def test_a_private_address_is_found(line: str) -> None:
    """Home folders and package indexes are seen in code, settings and options."""
    assert private_addresses(line) == [line]


@pytest.mark.parametrize(
    "line", ["$HOME/work/x", "https://example.org/home/page", "work/data", "s3://b/opt/x"]
)
def test_an_ordinary_address_passes(line: str) -> None:
    """Relative paths, pages and keys in a bucket are nobody's own machine."""
    assert private_addresses(line) == []
