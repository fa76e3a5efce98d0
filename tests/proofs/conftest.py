"""Under `make prove` every test of this folder is a long proof."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.proofs.scale import PROVING

_HERE: Final = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests here with `prove`, so that one mark selects these and the proofs elsewhere."""
    for item in items:
        if PROVING and _HERE in item.path.parents:
            item.add_marker(pytest.mark.prove)
