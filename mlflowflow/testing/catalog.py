"""What a registry must do in any store that may keep one: a contract to run over your own.

Subclass `CatalogContract`, give it a fixture ``store``, and pytest runs it: real threads and, where
the store is shared, real processes contend for the same model; answers are lost on purpose; and the
history that results must be explained by one order of the calls.
"""

from __future__ import annotations

import math
import random
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import AlreadyExists, CorruptData, InvalidState, NotFound, OutcomeUnknown
from mlflowflow.registry.catalog import Catalog
from mlflowflow.registry.change import AliasMoved, Promoted
from mlflowflow.storage.location import open_store
from mlflowflow.testing.faults import Fault, FaultyBlobStore, StoreCall
from mlflowflow.testing.history import Call, Recorder, linearization

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mlflowflow.registry.state import ModelState
    from mlflowflow.storage.blob import BlobStore

_T = TypeVar("_T")
_WAIT_S = 60


class CatalogContract:
    """Tests that any store's registry passes. A subclass gives the fixture ``store``: an empty store."""

    def test_versions_are_numbered_without_gaps_by_racing_threads(self, store: BlobStore) -> None:
        """Every number is given once and none is left out, whoever asks."""
        numbers = _at_once(lambda: Catalog(store).create_version("m", source="s").version for _ in range(8))
        assert sorted(numbers) == list(range(1, 9))
        Catalog(store).verify("m")

    def test_versions_are_numbered_without_gaps_by_racing_processes(self, store: BlobStore) -> None:
        """Processes that share nothing but the store give the same guarantee as threads."""
        if not store.shared:
            pytest.skip("no other process sees this store")
        command = (sys.executable, "-m", "mlflowflow.testing.catalog", store.url, "m", "4")
        children = [subprocess.Popen(command) for _ in range(3)]  # noqa: S603 - our own module
        assert [child.wait(timeout=_WAIT_S) for child in children] == [0, 0, 0]
        assert [each.version for each in Catalog(store).get_model("m").versions] == list(range(1, 13))
        Catalog(store).verify("m")

    def test_a_request_takes_effect_once_however_often_it_is_made(self, store: BlobStore) -> None:
        """Racing repeats with one idempotency key get one answer, and there is one decision."""
        made = _at_once(
            lambda: Catalog(store).create_version("m", source="s", idem="flow/step").version for _ in range(8)
        )
        assert set(made) == {1}
        assert len(Catalog(store).history("m")) == 1

    def test_a_repeated_request_is_not_decided_again(self, store: BlobStore) -> None:
        """A retry that comes late does not undo what was decided meanwhile."""
        catalog = _with_versions(store, 2)
        catalog.set_alias("m", "champion", 1, idem="first")
        catalog.set_alias("m", "champion", 2)
        Catalog(store).set_alias("m", "champion", 1, idem="first")
        assert catalog.get_model("m").aliases == {"champion": 2}

    def test_of_two_movers_from_one_state_exactly_one_wins(self, store: BlobStore) -> None:
        """The loser is asked to choose again and sees the winner's state."""
        numbers = range(1, 7)
        _with_versions(store, len(numbers))
        seen = _at_once(_mover(store, version) for version in numbers)
        decided_against = {each[-1] for each in seen}
        assert None in decided_against
        assert len(decided_against) == len(numbers)

    def test_a_promotion_against_a_holder_that_is_gone_is_refused(self, store: BlobStore) -> None:
        """What was weighed against one champion never replaces another."""
        catalog = _with_versions(store, 3)
        catalog.set_alias("m", "champion", 1)
        stale = Promoted(alias="champion", version=3, previous=1, verdict="ab")
        catalog.set_alias("m", "champion", 2)
        with pytest.raises(InvalidState, match="points to version 2 and not to version 1"):
            Catalog(store).decide("m", lambda _: stale)
        assert catalog.get_model("m").aliases == {"champion": 2}

    def test_lost_answers_neither_lose_nor_repeat_a_decision(self, store: BlobStore) -> None:
        """When the store does what was asked and the answer is lost, it still happens exactly once."""
        losing = FaultyBlobStore(store, first_answers_lost())
        numbers = _at_once(
            lambda: Catalog(losing, clock=ManualClock()).create_version("m", source="s").version
            for _ in range(5)
        )
        assert sorted(numbers) == [1, 2, 3, 4, 5]
        Catalog(store).verify("m")

    def test_a_request_whose_answer_never_comes_can_be_asked_again(self, store: BlobStore) -> None:
        """After `OutcomeUnknown`, the same idempotency key gives the truth."""
        _with_versions(store, 1)
        losing = FaultyBlobStore(store, _all_answers_lost)
        with pytest.raises(OutcomeUnknown):
            Catalog(losing, clock=ManualClock()).create_version("m", source="s", idem="k")
        again = Catalog(store).create_version("m", source="s", idem="k")
        assert Catalog(store).get_model("m").versions[1:] == (again,)

    def test_another_catalog_sees_a_decision_at_once(self, store: BlobStore) -> None:
        """Reads are strong, also in a catalog that has read before."""
        reader = Catalog(store)
        writer = _with_versions(store, 2)
        for version in (1, 2, 1):
            writer.set_alias("m", "champion", version)
            assert reader.get_version_by_alias("m", "champion").version == version

    @pytest.mark.parametrize("seed", range(2))
    def test_histories_of_racing_calls_are_linearizable(self, store: BlobStore, seed: int) -> None:
        """One order of the calls explains every answer, lost ones included."""
        history = racing_history(store, seed=seed)
        assert linearization(history, initial=RACE_START, step=registry_step) is not None

    def test_the_past_can_be_asked(self, store: BlobStore) -> None:
        """An alias, a model and a version read as they were at a time."""
        clock = ManualClock(start_us=1_000_000)
        catalog = Catalog(store, clock=clock)
        for _ in range(2):
            clock.advance(10)
            version = catalog.create_version("m", source="s").version
            catalog.set_alias("m", "champion", version)
        other = Catalog(store)
        assert other.get_version_by_alias("m", "champion", at_us=15_000_000).version == 1
        assert [each.version for each in other.get_model("m", at_us=30_000_000).versions] == [1, 2]
        with pytest.raises(NotFound, match="It did not exist at 1970-01-01T00:00:05Z"):
            other.get_model("m", at_us=5_000_000)

    def test_rollbacks_racing_each_other_go_back_one_holder_each(self, store: BlobStore) -> None:
        """Two people who press the button go back two steps, in one order."""
        catalog = _with_versions(store, 4)
        for version in range(1, 5):
            catalog.set_alias("m", "champion", version)
        reached = _at_once(lambda: Catalog(store).rollback("m", "champion").version for _ in range(3))
        assert sorted(reached) == [1, 2, 3]
        assert catalog.get_version_by_alias("m", "champion").version == 1

    def test_a_model_that_is_renamed_by_many_has_one_name(self, store: BlobStore) -> None:
        """Of racing renames exactly one is done, its answer is the only success, and nothing is lost."""
        _with_versions(store, 2)
        done = _at_once(_renaming(store, f"m{number}") for number in range(4))
        (model,) = Catalog(store).list_models()
        assert [name for name in done if name] == [model.name]
        assert [each.version for each in model.versions] == [1, 2]
        Catalog(store).verify(model.name)

    @pytest.mark.parametrize("seed", range(2))
    def test_histories_with_renames_are_linearizable(self, store: BlobStore, seed: int) -> None:
        """Renames there and back, deletions, tags and reads under both names have one order."""
        history = renaming_history(store, seed=seed)
        assert linearization(history, initial=NAMES_START, step=names_step) is not None

    def test_a_changed_entry_is_found(self, store: BlobStore) -> None:
        """Whoever rewrites history breaks the chain, even with a valid seal."""
        catalog = _with_versions(store, 3)
        keys = sorted(blob.key for blob in store.list("registry/models/") if "/log/" in blob.key)
        store.put(keys[1], replace(catalog.history("m")[1], actor="mallory").to_bytes())
        with pytest.raises(CorruptData, match=f"'{keys[2]}' cannot be read: it does not continue"):
            Catalog(store).verify("m")


# ---- racing ------------------------------------------------------------------------------------------------

#: What the judge knows of a registry: the last version's number and the champion.
RegistryState: TypeAlias = "tuple[int, int | None]"
#: Where `racing_history` begins.
RACE_START: Final[RegistryState] = (3, None)


def registry_step(state: RegistryState, call: Call) -> RegistryState | None:
    """Say what one call does, for `linearization`; None if its answer is impossible in `state`."""
    last, champion = state
    lost = call.ended == math.inf
    match call.operation, call.argument:
        case "create", _:
            return (last + 1, champion) if lost or call.answer == last + 1 else None
        case "move", int(version):
            return last, version
        case "swap", (expected, int(version)):
            won = champion == expected
            return ((last, version) if won else state) if lost or call.answer == won else None
        case _:
            return state if lost or call.answer == champion else None


def racing_history(
    store: BlobStore, *, seed: int, open_catalog: Callable[[BlobStore], Catalog] = Catalog
) -> tuple[Call, ...]:
    """Let four threads with a catalog each do as `seed` says to one model, and return what they saw."""
    _with_versions(store, 3)
    recorder = Recorder()
    losing = FaultyBlobStore(store, first_answers_lost())

    def work(worker: int) -> None:
        choices = random.Random(f"{seed}-{worker}")  # noqa: S311 - repeatable choices, no secrets
        catalog = open_catalog(losing)
        for _ in range(6):
            random_call(catalog, recorder, choices)

    _at_once(partial(work, worker) for worker in range(4))
    return recorder.history()


def random_call(catalog: Catalog, recorder: Recorder, choices: random.Random) -> None:
    """Make one call that `choices` chooses to the model "m" of `racing_history`, and have it written down."""
    version = choices.randint(1, 3)
    expected = choices.choice((None, 1, 2, 3))
    match choices.choice(("create", "move", "swap", "read", "read")):
        case "create":
            recorder.record("create", None, lambda: catalog.create_version("m", source="s").version)
        case "move":
            recorder.record("move", version, lambda: catalog.set_alias("m", "champion", version))
        case "swap":
            swap = _swap(expected, version)
            recorder.record("swap", (expected, version), lambda: catalog.decide("m", swap) is not None)
        case _:
            recorder.record("read", None, lambda: catalog.get_model("m").aliases.get("champion"))


# ---- racing for names --------------------------------------------------------------------------------------

#: What the judge knows of two names: the tag of the model under each, None where there is no model.
NamesState: TypeAlias = "tuple[str | None, str | None]"
#: Where `renaming_history` begins: a model without the tag under the first name.
NAMES_START: Final[NamesState] = ("", None)
_TWO: Final = ("m", "n")


def names_step(state: NamesState, call: Call) -> NamesState | None:
    """Say what one call does to the two names; None if its answer is impossible in `state`."""
    place, value = _named(call)
    there, other = state[place], state[1 - place]
    lost = call.ended == math.inf
    done, after = False, state
    match call.operation:
        case "read":
            return state if lost or call.answer == there else None
        case "rename" if there is not None and other is None:
            done, after = True, (state[1], state[0])
        case "delete" if there is not None:
            done, after = True, _placed(place, None, other)
        case "tag" if there is not None:
            done, after = True, _placed(place, value, other)
        case _:
            pass
    return after if lost or call.answer == done else None


def _named(call: Call) -> tuple[int, str]:
    match call.argument:
        case (int(place), str(value)):
            return place, value
        case _:
            raise AssertionError(f"A call is about a name and a value; found {call.argument!r}.")


def _placed(place: int, value: str | None, other: str | None) -> NamesState:
    return (value, other) if place == 0 else (other, value)


def renaming_history(
    store: BlobStore, *, seed: int, open_catalog: Callable[[BlobStore], Catalog] = Catalog
) -> tuple[Call, ...]:
    """Let four threads rename, tag, delete and read one model under two names, as `seed` says."""
    _with_versions(store, 1)
    recorder = Recorder()
    losing = FaultyBlobStore(store, first_answers_lost())

    def work(worker: int) -> None:
        choices = random.Random(f"names-{seed}-{worker}")  # noqa: S311 - repeatable choices, no secrets
        catalog = open_catalog(losing)
        for number in range(5):
            place = choices.randint(0, 1)
            late = "delete" if number >= 3 else "tag"  # noqa: PLR2004 - first let there be something to delete
            operation = choices.choice(("rename", "rename", "tag", "read", "read", late))
            value = f"{worker}.{number}"
            call = partial(_named_call, catalog, operation, place, value)
            recorder.record(operation, (place, value), call)

    _at_once(partial(work, worker) for worker in range(4))
    return recorder.history()


def _named_call(catalog: Catalog, operation: str, place: int, value: str) -> object:
    """Do it and answer whether it was done; of a read, the tag."""
    name, other = _TWO[place], _TWO[1 - place]
    try:
        match operation:
            case "rename":
                catalog.rename_model(name, other)
            case "delete":
                catalog.delete_model(name)
            case "tag":
                catalog.set_model_tag(name, "k", value)
            case _:
                return catalog.get_model(name).tags.get("k", "")
    except (NotFound, AlreadyExists, InvalidState):
        return None if operation == "read" else False
    return True


def _renaming(store: BlobStore, name: str) -> Callable[[], str | None]:
    def rename() -> str | None:
        try:
            return Catalog(store).rename_model("m", name).name
        except NotFound:
            return None

    return rename


def _swap(expected: int | None, version: int) -> Callable[[ModelState], AliasMoved | None]:
    def choose(state: ModelState) -> AliasMoved | None:
        if state.holder("champion") != expected:
            return None
        return AliasMoved(alias="champion", version=version, previous=expected)

    return choose


def first_answers_lost() -> Callable[[StoreCall], Fault | None]:
    """Return a script that loses the answer to whoever is first to write each entry of a log."""
    seen: set[str] = set()

    def script(call: StoreCall) -> Fault | None:
        if not _is_entry(call) or call.key in seen:
            return None
        seen.add(call.key)
        return Fault.LOST_ANSWER

    return script


def _is_entry(call: StoreCall) -> bool:
    return call.verb == "create" and "/log/" in call.key


def _all_answers_lost(call: StoreCall) -> Fault | None:
    return Fault.LOST_ANSWER if _is_entry(call) else None


def _mover(store: BlobStore, version: int) -> Callable[[], list[int | None]]:
    """Return a call that moves the champion to `version` and returns the holders it chose against."""

    def move() -> list[int | None]:
        seen: list[int | None] = []

        def choose(state: ModelState) -> AliasMoved:
            seen.append(state.holder("champion"))
            return AliasMoved(alias="champion", version=version, previous=seen[-1])

        Catalog(store).decide("m", choose)
        return seen

    return move


def _at_once(calls: Iterable[Callable[[], _T]]) -> list[_T]:
    """Make the calls in a thread each, let them start together, and return their answers."""
    waiting = list(calls)
    start = threading.Barrier(len(waiting))

    def run(call: Callable[[], _T]) -> _T:
        start.wait(timeout=_WAIT_S)
        return call()

    with ThreadPoolExecutor(len(waiting)) as pool:
        return list(pool.map(run, waiting))


def _with_versions(store: BlobStore, count: int) -> Catalog:
    catalog = Catalog(store)
    for _ in range(count):
        catalog.create_version("m", source="s")
    return catalog


def _create_versions(url: str, name: str, count: int) -> None:
    catalog = Catalog(open_store(url))
    for _ in range(count):
        catalog.create_version(name, source="s")


if __name__ == "__main__":  # what each of the racing processes does
    _create_versions(sys.argv[1], sys.argv[2], int(sys.argv[3]))
