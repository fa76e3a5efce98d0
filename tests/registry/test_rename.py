"""Renaming: one moment for everybody, whatever dies in the middle."""

from __future__ import annotations

import itertools
from contextlib import suppress

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import (
    AlreadyExists,
    CorruptData,
    InvalidState,
    MlflowflowError,
    NotFound,
    OutcomeUnknown,
)
from mlflowflow.registry.catalog import Catalog
from mlflowflow.registry.change import ClaimRefused, ModelArrived, ModelRenamed, NameClaimed
from mlflowflow.registry.naming import arrived
from mlflowflow.registry.state import ModelState
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.faults import Fault, FaultyBlobStore
from mlflowflow.testing.plans import from_then_on


@pytest.fixture
def clock() -> ManualClock:
    """Give a clock that stands until it is moved."""
    return ManualClock(start_us=1_000_000)


@pytest.fixture
def catalog(clock: ManualClock) -> Catalog:
    """Give a registry with two versions of ``digits``, the second of them the champion."""
    catalog = Catalog(MemoryBlobStore(), clock=clock, actor="ada")
    for _ in range(2):
        catalog.create_version("digits", source="s", tags={"a": "1"})
    catalog.set_alias("digits", "champion", 1)
    catalog.set_alias("digits", "champion", 2)
    return catalog


def half_way(catalog: Catalog, *, left: bool) -> Catalog:
    """Leave a rename from digits to numbers as a process that died left it, and return a fresh catalog."""
    catalog.decide("numbers", lambda _: NameClaimed(origin="digits", claim="c"))
    if left:
        catalog.decide("digits", lambda _: ModelRenamed(name="numbers", claim="c"))
    return Catalog(catalog.store, actor="bob")


def test_everything_goes_with_a_model(catalog: Catalog) -> None:
    """Versions, numbers, aliases, their past, tags and history are those of the model, not of its name."""
    before = catalog.history("digits")
    renamed = catalog.rename_model("digits", "numbers", reason="clearer")
    assert [(each.uri, dict(each.tags)) for each in renamed.versions] == [
        ("models:/numbers/1", {"a": "1"}),
        ("models:/numbers/2", {"a": "1"}),
    ]
    assert renamed.aliases == {"champion": 2}
    assert catalog.rollback("numbers", "champion").version == 1
    assert catalog.create_version("numbers", source="s").version == 3
    history = catalog.history("numbers")
    assert history[: len(before)] == before
    assert [each.model for each in history[len(before) :]] == ["digits", *["numbers"] * 4]
    assert history[len(before)].reason == "clearer"
    found = catalog.verify("numbers")
    assert (found.names, found.entries) == (("digits", "numbers"), len(history))


def test_the_old_name_is_refused_and_says_where_the_model_is(catalog: Catalog) -> None:
    """Nothing can be read or changed under it."""
    catalog.rename_model("digits", "numbers")
    for ask in (
        lambda: catalog.get_version("digits", 1),
        lambda: catalog.set_alias("digits", "champion", 1),
        lambda: catalog.rename_model("digits", "figures"),
    ):
        with pytest.raises(NotFound, match="renamed to 'numbers'"):
            ask()
    assert [each.name for each in catalog.list_models()] == ["numbers"]


def test_the_old_name_is_free_for_a_new_model(catalog: Catalog) -> None:
    """Its numbers go on, so an old address never means new files."""
    catalog.rename_model("digits", "digits-old")
    assert catalog.create_version("digits", source="new").version == 3
    with pytest.raises(NotFound):
        catalog.get_version("digits", 1)
    catalog.verify("digits")


def test_a_rename_can_be_taken_back(catalog: Catalog) -> None:
    """A model's own earlier names are open to it, also after several."""
    for name in ("numbers", "figures", "digits"):
        catalog.rename_model(catalog.list_models()[0].name, name)
    assert catalog.get_version_by_alias("digits", "champion").version == 2
    assert catalog.verify("digits").names == ("digits", "numbers", "figures", "digits")


def test_a_model_that_came_back_to_its_name_has_each_decision_once(catalog: Catalog) -> None:
    """Its log under that name has two parts; neither is told or counted twice."""
    catalog.rename_model("digits", "numbers")
    catalog.rename_model("numbers", "digits")
    history = catalog.history("digits")
    told = [(each.model, each.seq) for each in history]
    assert len(set(told)) == len(told)
    assert sorted(told) == sorted(
        (name, each.seq) for name in ("digits", "numbers") for each in catalog.log(name)
    )
    assert catalog.verify("digits").entries == len(history)
    assert [each.at_us for each in history] == sorted(each.at_us for each in history)


def test_a_name_that_another_model_had_is_refused(catalog: Catalog) -> None:
    """Its numbers were given, and a number is never given twice."""
    catalog.create_version("cats", source="s")
    with pytest.raises(AlreadyExists):
        catalog.rename_model("digits", "cats")
    catalog.delete_model("cats")
    with pytest.raises(InvalidState, match="that of another model"):
        catalog.rename_model("digits", "cats")
    assert catalog.get_model("digits").aliases == {"champion": 2}


def test_renaming_to_the_same_name_changes_nothing(catalog: Catalog) -> None:
    """As in MLflow, it is no error."""
    before = len(catalog.history("digits"))
    assert catalog.rename_model("digits", "digits").name == "digits"
    assert len(catalog.history("digits")) == before
    with pytest.raises(NotFound):
        catalog.rename_model("churn", "churn2")
    assert "churn2" not in catalog.list_names()


def test_the_past_has_the_names_of_the_past(catalog: Catalog, clock: ManualClock) -> None:
    """Before the moment of renaming the old name is the model's, from then on the new one."""
    clock.advance(10)
    half_way(catalog, left=True)
    clock.advance(10)
    catalog.ensure_model("numbers")  # arrives only now
    between = 15_000_000
    assert catalog.get_model("numbers", at_us=between).aliases == {"champion": 2}
    assert catalog.get_model("digits", at_us=5_000_000).aliases == {"champion": 2}
    with pytest.raises(NotFound, match="renamed to 'numbers' before that"):
        catalog.get_model("digits", at_us=between)
    with pytest.raises(NotFound):
        catalog.get_model("numbers", at_us=5_000_000)
    assert [each.name for each in catalog.at(between).list_models()] == ["numbers"]


def test_a_reader_sees_a_rename_that_is_not_finished(catalog: Catalog) -> None:
    """What left is under its new name for everybody, without anything being written."""
    other = half_way(catalog, left=True)
    keys = [blob.key for blob in catalog.store.list("")]
    assert other.get_version_by_alias("numbers", "champion").uri == "models:/numbers/2"
    assert [each.name for each in other.list_models()] == ["numbers"]
    assert [blob.key for blob in catalog.store.list("")] == keys


def test_a_reader_does_not_see_a_rename_before_its_moment(catalog: Catalog) -> None:
    """A claim is nothing yet."""
    other = half_way(catalog, left=False)
    assert [each.name for each in other.list_models()] == ["digits"]
    with pytest.raises(NotFound):
        other.get_model("numbers")


@pytest.mark.parametrize("left", [True, False])
def test_whoever_writes_finishes_a_rename_first(catalog: Catalog, left: bool) -> None:
    """A decision about the new name finds the model there."""
    other = half_way(catalog, left=left)
    assert other.create_version("numbers", source="s").version == 3
    assert other.get_version_by_alias("numbers", "champion").version == 2
    other.verify("numbers")


def test_a_claim_for_a_model_that_is_gone_is_dropped_for_good(catalog: Catalog) -> None:
    """The name is free again, and the one who claimed it cannot come back with it."""
    other = half_way(catalog, left=False)
    catalog.delete_model("digits")
    assert other.create_version("numbers", source="s").version == 1
    other.create_version("digits", source="again")
    with pytest.raises(InvalidState, match="There was no model"):
        catalog.decide("digits", lambda _: ModelRenamed(name="numbers", claim="c"))
    with pytest.raises(InvalidState, match="cannot be refused"):
        leaves(catalog)


def leaves(catalog: Catalog) -> None:
    """Refuse a claim by which a model left already."""
    catalog.decide("digits", lambda _: ModelRenamed(name="figures", claim="d"))
    catalog.decide("digits", lambda _: ClaimRefused(claim="d"))


def test_a_model_does_not_arrive_where_it_is_not_awaited(catalog: Catalog) -> None:
    """A name is taken over by nobody without a claim."""
    stranger = ModelArrived(origin="x", claim="c", seq=0, head="", state=ModelState(name="x", exists=True))
    with pytest.raises(InvalidState, match="not claimed"):
        catalog.decide("numbers", lambda _: stranger)
    with pytest.raises(AlreadyExists):
        catalog.decide("digits", lambda _: stranger)


def test_an_arrival_keeps_the_numbers_that_were_given() -> None:
    """Whatever arrives, the next number is a new one."""
    came = ModelArrived(
        origin="x", claim="c", seq=0, head="", state=ModelState(name="x", exists=True, last_version=2)
    )
    assert arrived(ModelState(name="m", last_version=5), came).last_version == 5


def test_wherever_the_store_fails_a_rename_is_done_or_not() -> None:
    """After any failure the model has exactly one name, and an error that denies the rename is true."""
    for number in itertools.count(1):
        store = FaultyBlobStore(MemoryBlobStore(), from_then_on(number, Fault.UNAVAILABLE))
        founder = Catalog(store.inner)
        founder.create_version("digits", source="s")
        error: MlflowflowError | None = None
        try:
            Catalog(store, clock=ManualClock()).rename_model("digits", "numbers")
        except MlflowflowError as found:
            error = found
        with suppress(MlflowflowError):
            founder.set_model_tag("numbers", "k", "v")  # settles what was left half done
        (model,) = founder.list_models()
        if error is None:
            assert model.name == "numbers"
        elif not isinstance(error, OutcomeUnknown):
            assert model.name == "digits"
        founder.verify(model.name)
        if len(store.calls) < number:
            break


def test_a_forged_arrival_is_found(catalog: Catalog) -> None:
    """What arrives is compared with what left."""
    catalog.decide("numbers", lambda _: NameClaimed(origin="digits", claim="c"))
    left = catalog.decide("digits", lambda _: ModelRenamed(name="numbers", claim="c"))
    assert left is not None
    forged = ModelArrived(
        origin="digits",
        claim="c",
        seq=left.seq,
        head=left.digest,
        state=ModelState(name="digits", exists=True, last_version=7),
    )
    # the public way settles the claim first, so the forger writes as the ledger does
    catalog._ledger("numbers").decide(lambda _: forged, actor="mallory")
    with pytest.raises(CorruptData, match="arrived under another name as something else"):
        catalog.verify("numbers")


def test_a_claim_that_somebody_left_does_not_bar_a_name(catalog: Catalog) -> None:
    """A rename to it finishes the other one first, and then finds the name taken or free."""
    catalog.create_version("cats", source="s")
    half_way(catalog, left=False)
    with pytest.raises(AlreadyExists):
        catalog.rename_model("cats", "numbers")
    assert [each.name for each in catalog.list_models()] == ["cats", "numbers"]
