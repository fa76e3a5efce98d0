"""R09: five clients use one model of the registry at once, over a network that loses answers."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

import pytest

from mlflowflow.errors import MlflowflowError
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.storage.location import open_store
from mlflowflow.storage.memory import MemoryBlobStore
from tests.proofs.processes.registries import MUTANTS, history, is_explained
from tests.proofs.scale import scale

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.storage.blob import BlobStore
    from tests.proofs.report import Tally

_WHAT: Final = "histories of five registry clients"
#: In how many histories a mutant has to show itself.
_PATIENCE: Final = 60


def test_histories_in_a_directory_are_linearizable(tmp_path: Path, tally: Tally) -> None:
    """One order of the calls explains every answer, lost, late, doubled and refused writes included."""
    count = scale(60, 2_000)
    bad: list[str] = []
    for seed in range(count):
        if not is_explained(history(LocalBlobStore(tmp_path / str(seed), fsync=False), seed=seed)):
            bad.append(f"seed {seed}")
        shutil.rmtree(tmp_path / str(seed))
    tally.add(check="R09", what=f"{_WHAT}, directory", count=count, violations=bad)


@pytest.mark.s3
def test_histories_in_s3_are_linearizable(s3_url: str, tally: Tally) -> None:
    """The same over S3."""
    count = scale(6, 2_000)
    bad = [
        f"seed {seed}"
        for seed in range(count)
        if not is_explained(history(open_store(f"{s3_url}/{seed}"), seed=seed))
    ]
    tally.add(check="R09", what=f"{_WHAT}, S3", count=count, violations=bad)


def test_wrong_registries_are_noticed(tally: Tally) -> None:
    """Each planted mistake gives a history that no order explains, or an error that nobody may see."""
    noticed = {name: _is_noticed(mutant) for name, mutant in MUTANTS.items()}
    tally.add(check="R09", what=f"{_WHAT}, directory", count=0, mutants=noticed)


def _is_noticed(open_catalog: Callable[[BlobStore], Catalog]) -> bool:
    return any(_is_wrong(open_catalog, seed) for seed in range(_PATIENCE))


def _is_wrong(open_catalog: Callable[[BlobStore], Catalog], seed: int) -> bool:
    try:
        return not is_explained(history(MemoryBlobStore(), seed=seed, open_catalog=open_catalog))
    except MlflowflowError:
        return True
