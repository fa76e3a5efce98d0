"""Under `make prove` every test of this folder is a long proof, with time without end."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.proofs.scale import PROVING

_HERE: Final = Path(__file__).parent


#: How long a proof may take in an ordinary run of the tests; on a busy machine it waits for its processes.
_PATIENCE_S: Final = 600


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests here with `prove`, so that one mark selects these and the proofs elsewhere."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.prove if PROVING else pytest.mark.timeout(_PATIENCE_S))
