"""Tests that the judge of racing versions can refuse: wrong registries are found out, the right one is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mlflowflow.registry.catalog import Catalog
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.history import Call, linearization
from mlflowflow.testing.versions import VERSIONS_START, versions_history, versions_step

if TYPE_CHECKING:
    from mlflowflow.registry.version import ModelVersion


class Forgets(Catalog):
    """A registry that says it deleted a version, and did not."""

    def delete_version(self, name: str, version: int, *, reason: str = "", idem: str | None = None) -> None:
        """Look whether it is there, as the right one does."""
        del reason, idem
        self.get_version(name, version)


class LosesTags(Catalog):
    """A registry that says it set a tag, and did not."""

    def set_version_tag(
        self, name: str, version: int, key: str, value: str, *, idem: str | None = None
    ) -> None:
        """Look whether the version is there, as the right one does."""
        del key, value, idem
        self.get_version(name, version)


class CopiesBare(Catalog):
    """A registry whose copies have no tags."""

    def copy_version(self, version: ModelVersion, name: str, *, idem: str | None = None) -> ModelVersion:
        """Leave the tags out."""
        return super().copy_version(replace(version, tags={}), name, idem=idem)


class KeepsAlias(Catalog):
    """A registry in which the champion outlives its version."""

    def delete_version(self, name: str, version: int, *, reason: str = "", idem: str | None = None) -> None:
        """Delete it, and give its alias to another."""
        held = "champion" in self.get_version(name, version).aliases
        super().delete_version(name, version, reason=reason, idem=idem)
        left = self.get_model(name).versions
        if held and left:
            self.set_alias(name, "champion", left[-1].version)


class TakesNumbersAgain(Catalog):
    """A registry that tells a copy's number as if deleted ones were free again."""

    def copy_version(self, version: ModelVersion, name: str, *, idem: str | None = None) -> ModelVersion:
        """Count what is there."""
        made = super().copy_version(version, name, idem=idem)
        return replace(made, version=len(self.get_model(name).versions))


def is_linearizable(history: tuple[Call, ...]) -> bool:
    """Say whether one order explains the history."""
    return linearization(history, initial=VERSIONS_START, step=versions_step) is not None


@pytest.mark.parametrize("wrong", [Forgets, LosesTags, CopiesBare, KeepsAlias, TakesNumbersAgain])
def test_a_wrong_registry_is_refused(wrong: type[Catalog]) -> None:
    """Each forgets one thing that the contract promises, and some history shows it."""
    histories = (versions_history(MemoryBlobStore(), seed=seed, open_catalog=wrong) for seed in range(300))
    assert not all(is_linearizable(history) for history in histories)


def test_the_same_histories_are_accepted_of_a_registry_without_mistakes() -> None:
    """The judge refuses the mistakes, not the histories."""
    assert all(is_linearizable(versions_history(MemoryBlobStore(), seed=seed)) for seed in range(8))


def test_a_lost_answer_may_have_happened_or_not() -> None:
    """A deletion that nobody answered explains both what is there afterwards and what is not."""
    lost = Call(operation="delete", argument=(1, ""), began=0)
    for seen in (None, ""):
        look = Call(operation="look", argument=1, answer=seen, began=1, ended=2)
        assert is_linearizable((lost, look))
    wrong = Call(operation="look", argument=1, answer="x", began=1, ended=2)
    assert not is_linearizable((lost, wrong))
