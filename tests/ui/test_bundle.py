"""What is built of the pages is small, says whose code is in it, and was locked without naming a host."""

from __future__ import annotations

import gzip
import json
from typing import Final

import pytest

from mlflowflow.ui import STATIC

#: Scripts and styles of all pages together, as they are sent.
BUDGET_BYTES: Final = 150_000
FOLDER: Final = STATIC.parent

built = pytest.mark.skipif(not (STATIC / "index.html").is_file(), reason="the pages were not built")


@built
def test_everything_is_within_the_budget() -> None:
    """A page must be there at once, also over a slow line."""
    files = [each for each in (STATIC / "assets").iterdir() if each.suffix in {".js", ".css"}]
    assert files
    assert sum(len(gzip.compress(each.read_bytes())) for each in files) <= BUDGET_BYTES


@built
def test_every_package_inside_is_named_with_its_licence() -> None:
    """All that the pages depend on when they run."""
    packages = json.loads((FOLDER / "package.json").read_text())["dependencies"]
    licences = (STATIC / "licenses.md").read_text()
    assert [name for name in packages if f"## {name} - " not in licences] == []


def test_the_lock_names_no_host() -> None:
    """Whoever builds fetches from the registry of their choice, and the hashes say whether it is the same."""
    lock = json.loads((FOLDER / "package-lock.json").read_text())
    packages = {name: facts for name, facts in lock["packages"].items() if name}
    assert [name for name, facts in packages.items() if "resolved" in facts] == []
    assert [name for name, facts in packages.items() if "integrity" not in facts] == []
