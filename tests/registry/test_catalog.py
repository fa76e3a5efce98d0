"""Tests of the registry in words, over every store that may keep one."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mlflowflow.clock import ManualClock
from mlflowflow.errors import (
    AlreadyExists,
    InvalidInput,
    InvalidState,
    MlflowflowError,
    NotFound,
    StoreUnable,
    StoreUnavailable,
)
from mlflowflow.registry.catalog import Catalog
from mlflowflow.registry.change import VersionTagSet
from mlflowflow.registry.version import Stage
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.storage.location import open_store
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.catalog import CatalogContract
from mlflowflow.testing.faults import Fault, FaultyBlobStore, UnconditionalBlobStore
from mlflowflow.testing.plans import from_then_on
from mlflowflow.testing.versions import VersionsContract

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.storage.blob import BlobStore


class TestMemory(CatalogContract, VersionsContract):
    """The contract over a store in memory."""

    @pytest.fixture
    def store(self) -> MemoryBlobStore:
        """Give an empty store."""
        return MemoryBlobStore()


class TestLocal(CatalogContract, VersionsContract):
    """The contract over a directory."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> LocalBlobStore:
        """Give an empty store."""
        return LocalBlobStore(tmp_path)


@pytest.mark.s3
class TestS3(CatalogContract, VersionsContract):
    """The contract over S3."""

    @pytest.fixture
    def store(self, s3_url: str) -> BlobStore:
        """Give an empty store."""
        return open_store(s3_url)


@pytest.fixture
def clock() -> ManualClock:
    """Give a clock that stands still."""
    return ManualClock()


@pytest.fixture
def store() -> MemoryBlobStore:
    """Give an empty store."""
    return MemoryBlobStore()


@pytest.fixture
def catalog(store: MemoryBlobStore, clock: ManualClock) -> Catalog:
    """Give a registry with two versions of the model 'digits'."""
    catalog = Catalog(store, clock=clock, actor="ada")
    for number in (1, 2):
        catalog.create_version("digits", source=f"s{number}")
    return catalog


# ---- models ------------------------------------------------------------------------------------------------


def test_a_model_is_created_once(catalog: Catalog) -> None:
    """Creating is for new names, ensuring for any."""
    assert catalog.create_model("churn", description="d", tags={"a": "1"}).tags == {"a": "1"}
    with pytest.raises(AlreadyExists):
        catalog.create_model("churn")
    assert catalog.ensure_model("churn").description == "d"
    assert catalog.ensure_model("new").versions == ()
    assert len(catalog.history("churn")) == 1


def test_a_model_is_described_and_tagged(catalog: Catalog) -> None:
    """What is set is read, what is removed is gone."""
    catalog.set_model_tag("digits", "a", "1")
    catalog.set_model_tag("digits", "b", "2")
    catalog.delete_model_tag("digits", "a")
    model = catalog.describe_model("digits", "handwriting")
    assert (model.description, model.tags) == ("handwriting", {"b": "2"})


def test_a_deleted_model_is_gone_and_its_numbering_stays(catalog: Catalog) -> None:
    """Nothing is found under the name until it is used again; the history is never lost."""
    catalog.delete_model("digits", reason="obsolete")
    with pytest.raises(NotFound, match="Register a version"):
        catalog.get_model("digits")
    assert catalog.create_version("digits", source="s").version == 3
    assert len(catalog.history("digits")) == 4


@pytest.mark.parametrize("name", ["a/b", "", "a:b"])
def test_a_model_that_could_not_be_addressed_is_refused(catalog: Catalog, name: str) -> None:
    """The name is checked before anything is read or written."""
    with pytest.raises(InvalidInput):
        catalog.create_model(name)


# ---- versions ----------------------------------------------------------------------------------------------


def test_a_version_is_read_as_it_was_registered(catalog: Catalog) -> None:
    """Every field arrives."""
    made = catalog.create_version(
        "digits", source="runs:/r/m", run_id="r", digest="d", signature="{}", tags={"a": "1"}, description="x"
    )
    assert made == catalog.get_version("digits", 3)
    assert (made.source, made.run_id, made.digest, made.signature) == ("runs:/r/m", "r", "d", "{}")
    assert (made.tags, made.description) == ({"a": "1"}, "x")


def test_a_version_is_described_tagged_and_deleted(catalog: Catalog) -> None:
    """What is set is read, what is removed is gone."""
    catalog.set_version_tag("digits", 1, "a", "1")
    catalog.set_version_tag("digits", 1, "b", "2")
    catalog.delete_version_tag("digits", 1, "a")
    version = catalog.describe_version("digits", 1, "first")
    assert (version.description, version.tags) == ("first", {"b": "2"})
    catalog.delete_version("digits", 1)
    with pytest.raises(NotFound, match="'digits/1'"):
        catalog.get_version("digits", 1)


def test_a_stage_is_taken_in_any_case(catalog: Catalog) -> None:
    """Stages are MLflow's, archiving included."""
    catalog.transition_stage("digits", 1, "production")
    moved = catalog.transition_stage("digits", 2, "PRODUCTION", archive_existing=True)
    assert moved.stage is Stage.PRODUCTION
    assert catalog.get_version("digits", 1).stage is Stage.ARCHIVED
    with pytest.raises(InvalidInput, match="'live' is not a stage"):
        catalog.transition_stage("digits", 1, "live")


# ---- aliases -----------------------------------------------------------------------------------------------


def test_an_alias_is_set_read_and_deleted(catalog: Catalog) -> None:
    """An alias that is gone is not found."""
    catalog.set_alias("digits", "champion", 2)
    assert catalog.get_version_by_alias("digits", "champion").aliases == ["champion"]
    catalog.delete_alias("digits", "champion")
    with pytest.raises(NotFound, match="digits@champion"):
        catalog.get_version_by_alias("digits", "champion")


def test_a_rollback_restores_the_previous_holder(catalog: Catalog) -> None:
    """The history says that it was a rollback, from where, and why."""
    catalog.set_alias("digits", "champion", 1)
    catalog.set_alias("digits", "champion", 2)
    assert catalog.rollback("digits", "champion", reason="errors doubled").version == 1
    last = catalog.history("digits")[-1]
    assert (last.change.kind, last.reason, last.actor) == ("alias.rolled-back", "errors doubled", "ada")


def test_a_repeated_rollback_goes_back_once(catalog: Catalog) -> None:
    """A retried request does not go one holder further."""
    for version in (1, 2, 1):
        catalog.set_alias("digits", "champion", version)
    reached = [catalog.rollback("digits", "champion", idem="incident-7").version for _ in range(3)]
    assert reached == [2, 2, 2]
    with pytest.raises(InvalidState):
        catalog.rollback("digits", "champion", to=2)


# ---- decisions ---------------------------------------------------------------------------------------------


def test_a_key_used_for_another_request_is_refused(catalog: Catalog) -> None:
    """The answer of another request is not passed off as this one's."""
    catalog.set_alias("digits", "champion", 1, idem="k")
    with pytest.raises(InvalidInput, match=r"'k' was already used for another request \(alias.moved\)"):
        catalog.create_version("digits", source="s", idem="k")


def test_choosing_nothing_records_nothing(catalog: Catalog) -> None:
    """A decision may turn out not to be needed, and does not use up its key."""
    assert catalog.decide("digits", lambda _: None, idem="k") is None
    assert catalog.decide("digits", lambda _: VersionTagSet(version=1, key="a", value="1"), idem="k")
    assert len(catalog.history("digits")) == 3


def test_a_refused_change_records_nothing(catalog: Catalog) -> None:
    """What is not allowed leaves no trace."""
    with pytest.raises(NotFound):
        catalog.set_alias("digits", "champion", 9)
    with pytest.raises(InvalidInput):
        catalog.describe_model("digits", "\ud800")
    assert len(catalog.history("digits")) == 2


def test_history_tells_who_when_and_what(catalog: Catalog, clock: ManualClock) -> None:
    """Entries are numbered, dated, signed with the actor's name and chained."""
    clock.advance(5)
    Catalog(catalog.store, clock=clock, actor="bob").set_alias("digits", "champion", 1)
    first, second, third = catalog.history("digits")
    assert [entry.seq for entry in (first, second, third)] == [0, 1, 2]
    assert (third.actor, third.at_us - second.at_us, third.prev) == ("bob", 5_000_000, second.digest)


def test_a_clock_that_steps_back_does_not_bend_history(catalog: Catalog) -> None:
    """Times never decrease along a log, whoever writes with whatever clock."""
    Catalog(catalog.store, clock=ManualClock(start_us=1)).set_alias("digits", "champion", 1)
    times = [entry.at_us for entry in catalog.history("digits")]
    assert times == sorted(times)


@pytest.mark.parametrize("ask", [Catalog.history, Catalog.verify, Catalog.get_model])
def test_a_model_that_never_was_is_not_found(catalog: Catalog, ask: object) -> None:
    """Asking for it is an error, and creates nothing."""
    assert callable(ask)
    with pytest.raises(NotFound, match="no registered model 'churn'"):
        ask(catalog, "churn")


# ---- stores that cannot keep a registry ---------------------------------------------------------------------


def test_an_error_that_says_nothing_was_changed_is_true() -> None:
    """Whichever call fails for good, `StoreUnavailable` never hides a version that was registered."""
    for number in itertools.count(1):
        store = FaultyBlobStore(MemoryBlobStore(), from_then_on(number, Fault.UNAVAILABLE))
        try:
            registered = Catalog(store, clock=ManualClock()).create_version("m", source="s").version
        except StoreUnavailable:
            registered = 0
        assert len(Catalog(store.inner).ensure_model("m").versions) == registered
        if len(store.calls) < number:
            break


def test_a_store_that_ignores_conditions_is_refused_with_the_way_out() -> None:
    """Two winners are worse than none; the error says what to do instead."""
    catalog = Catalog(UnconditionalBlobStore())
    with pytest.raises(StoreUnable, match="MLFLOWFLOW_REGISTRY_URI"):
        catalog.create_version("digits", source="s")
    assert catalog.list_models() == []


# ---- against a plain dictionary ------------------------------------------------------------------------------

versions = st.integers(1, 4)
names = st.sampled_from(["champion", "challenger"])


class CatalogMachine(RuleBasedStateMachine):
    """Do anything in any order, with two catalogs on one store, and compare with dictionaries."""

    def __init__(self) -> None:
        """Begin with an empty registry and an empty dictionary."""
        super().__init__()
        self.store = MemoryBlobStore()
        self.clock = ManualClock()
        self.catalogs = [Catalog(self.store, clock=self.clock) for _ in range(2)]
        self.stages: dict[int, str] = {}
        self.holders: dict[str, list[int]] = {}  # the present holder last; None is not kept
        self.pointed: set[str] = set()
        self.last = 0
        self.past: list[tuple[int, dict[str, int]]] = []

    def aliases(self) -> dict[str, int]:
        """Return what the dictionary says the aliases are."""
        return {alias: self.holders[alias][-1] for alias in self.pointed}

    def allowed(self, *, when: bool, who: int, act: str, args: tuple[object, ...]) -> bool:
        """Do it, and check that it was refused exactly when the dictionary says so."""
        self.past.append((self.clock.now_us(), self.aliases()))
        self.clock.advance(1)
        try:
            getattr(self.catalogs[who], act)("m", *args)
        except MlflowflowError:
            assert not when
            return False
        assert when
        return True

    @rule(who=st.integers(0, 1))
    def create_version(self, who: int) -> None:
        """Register a version."""
        self.last += 1
        self.stages[self.last] = "None"
        assert self.catalogs[who].create_version("m", source="s").version == self.last

    @rule(who=st.integers(0, 1), alias=names, version=versions)
    def set_alias(self, who: int, alias: str, version: int) -> None:
        """Point an alias."""
        if self.allowed(when=version in self.stages, who=who, act="set_alias", args=(alias, version)):
            self.holders.setdefault(alias, []).append(version)
            self.pointed.add(alias)
            self.tidy()

    @rule(who=st.integers(0, 1), alias=names)
    def delete_alias(self, who: int, alias: str) -> None:
        """Remove an alias; its holder stays the one to go back to."""
        if self.allowed(when=alias in self.pointed, who=who, act="delete_alias", args=(alias,)):
            self.pointed.discard(alias)

    @rule(who=st.integers(0, 1), alias=names)
    def rollback(self, who: int, alias: str) -> None:
        """Go one holder back."""
        trail = self.holders.get(alias, [])
        steps = trail[:-1] if alias in self.pointed else trail
        if self.allowed(when=bool(steps), who=who, act="rollback", args=(alias,)):
            self.holders[alias] = list(steps)
            self.pointed.add(alias)

    @rule(who=st.integers(0, 1), version=versions)
    def delete_version(self, who: int, version: int) -> None:
        """Delete a version, its aliases and its past."""
        if self.allowed(when=version in self.stages, who=who, act="delete_version", args=(version,)):
            del self.stages[version]
            self.pointed = {alias for alias in self.pointed if self.holders[alias][-1] != version}
            for alias, trail in self.holders.items():
                self.holders[alias] = [each for each in trail if each != version]
            self.tidy()

    @rule(who=st.integers(0, 1), version=versions, stage=st.sampled_from(["Staging", "Production"]))
    def transition(self, who: int, version: int, stage: str) -> None:
        """Put a version in a stage."""
        args = (version, stage)
        if self.allowed(when=version in self.stages, who=who, act="transition_stage", args=args):
            self.stages[version] = stage

    @rule(who=st.integers(0, 1))
    def crash(self, who: int) -> None:
        """Lose everything a catalog remembers."""
        self.catalogs[who] = Catalog(self.store, clock=self.clock)

    def tidy(self) -> None:
        """Leave out steps that lead nowhere."""
        for alias, trail in self.holders.items():
            self.holders[alias] = [
                each for number, each in enumerate(trail) if number == 0 or trail[number - 1] != each
            ]

    @invariant()
    def agrees(self) -> None:
        """Both catalogs say what the dictionary says, now and of every moment that was."""
        if self.last == 0:
            return
        for catalog in self.catalogs:
            model = catalog.get_model("m")
            assert {each.version: each.stage.value for each in model.versions} == self.stages
            assert model.aliases == self.aliases()

    def teardown(self) -> None:
        """Check the past and the chain."""
        if self.last:
            self.catalogs[0].verify("m")
        for at_us, aliases in self.past:
            try:
                assert self.catalogs[0].get_model("m", at_us=at_us).aliases == aliases
            except NotFound:
                assert aliases == {}


CatalogMachine.TestCase.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
TestAgainstDictionary = CatalogMachine.TestCase
