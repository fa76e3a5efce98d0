"""A repair never deletes: copies are kept, what is known is written again, the rest is said."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import StoreUnavailable
from mlflowflow.events.canonical import sealed
from mlflowflow.ids import SequentialIds, digest
from mlflowflow.maintenance.finding import Finding, Level, Trouble
from mlflowflow.maintenance.kinds import kind_of
from mlflowflow.maintenance.repair import Quarantine, Repair, repair
from mlflowflow.storage.seal import add_seal
from mlflowflow.testing.faults import Fault, FaultyBlobStore
from mlflowflow.tracking.layout import experiment_key, name_key, run_key
from tests.formats.telling import told
from tests.maintenance.stores import EXPERIMENT, GIVEN_UP, copied, flip, found, keys, objects

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.storage.memory import MemoryBlobStore
    from mlflowflow.testing.faults import StoreCall

NAME = name_key("Digits")


def repaired(store: BlobStore) -> list[Repair]:
    """Repair until there is nothing more to do, and return everything that was done."""
    done: list[Repair] = []
    for _ in range(3):
        now = list(repair(store, found(store), clock=ManualClock(), ids=SequentialIds(start_ms=1)))
        done += now
        if not now:
            break
    return done


#: Kinds whose objects say themselves whether they are whole.
MENDED = (
    "store.json",
    "names/",
    "runs/",
    f"exp/{EXPERIMENT}/exp.json",
    f"exp/{EXPERIMENT}/log/",
    "registry/names/",
    "registry/models/",
    "events/entries/",
    "events/acks/",
)


@pytest.mark.parametrize("prefix", MENDED)
def test_a_single_wrong_bit_is_turned_back(store: MemoryBlobStore, prefix: str) -> None:
    """The store is byte for byte what it was, beside the copy of the damaged object."""
    before = objects(store)
    key = keys(store, prefix)[-1]
    flip(store, key, random.Random(prefix).randrange(len(before[key]) * 8))
    damaged = store.get(key)
    (done,) = repaired(store)
    assert (done.subject, done.sentence) == (key, "One bit was wrong and is right again; nothing is lost.")
    assert store.get(done.kept) == damaged
    store.delete(done.kept)
    assert objects(store) == before


@pytest.mark.parametrize("prefix", ["names/", "runs/", f"exp/{GIVEN_UP}/exp.json", "registry/names/"])
@pytest.mark.parametrize("is_gone", [True, False])
def test_what_other_objects_know_is_written_again(
    store: MemoryBlobStore, prefix: str, *, is_gone: bool
) -> None:
    """Lost or past mending, nothing of it is lost to readers."""
    right = told(store.url)
    for key in keys(store, prefix):
        if is_gone:
            store.delete(key)
        else:
            store.put(key, b"nonsense")
    done = repaired(store)
    assert {each.subject for each in done} >= set(keys(store, prefix))
    assert found(store) == []
    assert told(store.url) == right


def test_an_experiment_that_nothing_speaks_of_gets_a_name_of_its_own(store: MemoryBlobStore) -> None:
    """Its runs can be found again; what is lost is said."""
    for key in (experiment_key(EXPERIMENT), NAME):
        store.delete(key)
    done = {each.subject: each.sentence for each in repaired(store)}
    assert "its old name, time and first tags are lost" in done[experiment_key(EXPERIMENT)]
    assert found(store) == []


def test_an_entry_that_leads_astray_is_put_right(store: MemoryBlobStore) -> None:
    """The run's records say where it is."""
    key = keys(store, "runs/")[0]
    run_id = key.removeprefix("runs/")
    right = store.get(key)
    store.put(key, json.dumps(add_seal({"run_id": run_id, "experiment_id": GIVEN_UP})).encode())
    (done,) = repaired(store)
    assert store.get(key) == right
    assert run_key(run_id) == done.subject


def test_caches_and_leftovers_are_moved_aside(store: MemoryBlobStore) -> None:
    """Nobody needs them; the copies are kept all the same."""
    snapshot = f"registry/models/empty/snap/{9:020d}.{5:020d}.json"
    store.put(snapshot, sealed({"format": 1}))
    (done,) = repaired(store)
    assert (store.get(snapshot), store.get(done.kept)) == (None, sealed({"format": 1}))


def test_a_file_whose_digest_is_known_is_mended_too(store: MemoryBlobStore) -> None:
    """Small parts by the manifest, files of models by their folder, packed projects by their name."""
    pack = f"projects/{digest(b'pack')}.tar"
    store.put(pack, b"pack")
    before = objects(store)
    chosen = [key for key in keys(store) if key.endswith(("weights.bin", "MLmodel"))]
    chosen += [pack, keys(store, f"exp/{EXPERIMENT}/metrics/")[0]]
    for key in chosen:
        flip(store, key, 13)
    assert {each.subject for each in repaired(store)} == set(chosen)
    assert {key: body for key, body in objects(store).items() if key in before} == before


def test_decisions_past_mending_stay_where_they_are(store: MemoryBlobStore) -> None:
    """To free a number would let two decisions have it."""
    key = keys(store, "registry/models/digits=20model/log/")[4]
    store.put(key, b"nonsense")
    assert repaired(store) == []
    assert store.get(key) == b"nonsense"


def test_foreign_objects_and_artifacts_are_left_alone(store: MemoryBlobStore) -> None:
    """What is not ours is not moved, and a damaged model would be missed where it is looked for."""
    (weights,) = [key for key in keys(store, "artifacts/") if key.endswith("weights.bin")]
    store.put("notes.txt", b"x")
    for bit in (5, 77):
        flip(store, weights, bit)
    before = objects(store)
    assert repaired(store) == []
    assert objects(store) == before


@pytest.mark.parametrize("seed", range(2))
def test_nothing_is_ever_deleted(store: MemoryBlobStore, seed: int) -> None:
    """Whatever is spoiled at once, every object's bytes are somewhere in the store afterwards."""
    chance = random.Random(seed)
    for key in chance.sample(keys(store), 12):
        store.put(key, b"nonsense " + key.encode())
    before = objects(store)
    repaired(store)
    after = set(objects(store).values())
    assert [key for key, body in before.items() if body not in after] == []


def test_a_copy_that_reads_differently_stops_the_repair(store: MemoryBlobStore) -> None:
    """The original is only touched once its copy is proved."""

    class Liar(FaultyBlobStore):
        """A store that keeps something else than it was given."""

        def put(self, key: str, data: bytes) -> None:
            """Write rubbish to the quarantine."""
            super().put(key, b"rubbish" if key.startswith("quarantine/") else data)

    key = keys(store, "events/entries/")[0]
    with pytest.raises(StoreUnavailable, match="was written and reads differently"):
        Quarantine(Liar(store, {}), clock=ManualClock()).move(key)
    assert store.get(key)


def test_an_interrupted_repair_is_finished_by_the_next(store: MemoryBlobStore) -> None:
    """It breaks off at each write in turn."""
    for key in (NAME, keys(store, "runs/")[0], keys(store, f"exp/{EXPERIMENT}/hot/")[-1]):
        store.put(key, b"nonsense")
    number = 1
    while True:
        target = copied(store)
        broken = FaultyBlobStore(target, _nth_write(number))
        try:
            repaired(broken)
        except StoreUnavailable:
            pass
        else:
            break
        repaired(target)
        assert found(target) == []
        number += 1
    assert number > 5


def _nth_write(number: int) -> Callable[[StoreCall], Fault | None]:
    seen = 0

    def script(call: StoreCall) -> Fault | None:
        nonlocal seen
        seen += call.verb in {"put", "create", "delete"} and not call.key.startswith("probe/")
        return Fault.UNAVAILABLE if seen == number and call.verb in {"put", "create", "delete"} else None

    return script


def test_a_finding_that_nothing_can_be_done_about_is_passed_over(store: MemoryBlobStore) -> None:
    """A topic without an object is not repaired."""
    topic = Finding(level=Level.WARNING, subject="clock", sentence="It goes wrong.")
    later = Finding(level=Level.PROBLEM, subject="store.json", sentence="x", trouble=Trouble.TOO_NEW)
    assert list(repair(store, [topic, later], clock=ManualClock(), ids=SequentialIds())) == []


def test_every_key_that_a_repair_makes_has_a_kind(store: MemoryBlobStore) -> None:
    """Copies with very long keys too."""
    long = f"artifacts/0/r/{'a/' * 440}b"
    store.put(long, b"x")
    assert kind_of(Quarantine(store, clock=ManualClock()).copy(long)) is not None


def test_what_somebody_else_put_right_meanwhile_is_left_alone(store: MemoryBlobStore) -> None:
    """Two people repair at once, or the object was only misread: nothing whole is replaced or moved."""
    pack = f"projects/{digest(b'pack')}.tar"
    store.put(pack, b"pack")
    before = objects(store)
    chosen = [
        pack,
        keys(store, "events/entries/")[0],
        keys(store, "events/acks/")[0],
        keys(store, "registry/names/")[0],
        keys(store, f"exp/{EXPERIMENT}/hot/")[-1],
        *keys(store, f"exp/{EXPERIMENT}/log/"),
        keys(store, f"exp/{EXPERIMENT}/metrics/")[0],
    ]
    for trouble in (Trouble.DAMAGED, Trouble.MISSING):
        late = [Finding(level=Level.PROBLEM, subject=key, sentence="x", trouble=trouble) for key in chosen]
        assert list(repair(store, late, clock=ManualClock(), ids=SequentialIds())) == []
    assert objects(store) == before


def test_a_name_that_stands_for_none_does_not_stop_the_repair(store: MemoryBlobStore) -> None:
    """Somebody else's file lies there; what comes after it is repaired."""
    entry = keys(store, "runs/")[0]
    store.put("registry/names/Foo.json", b"x")
    store.put(entry, b"nonsense")
    assert [each.subject for each in repaired(store)] == [entry]


@pytest.mark.parametrize("key", [NAME, experiment_key(GIVEN_UP)])
def test_what_was_put_in_the_place_of_another_is_moved_and_both_are_right(
    store: MemoryBlobStore, key: str
) -> None:
    """The claim of another name, the beginning of another experiment: the advice holds what it says."""
    right, wrong = (
        objects(store),
        {NAME: name_key("given up"), experiment_key(GIVEN_UP): experiment_key(EXPERIMENT)},
    )
    store.put(key, store.get(wrong[key]) or b"")
    repaired(store)
    assert found(store) == []
    names = ("experiment_id", "name", "created_ms")
    now, before = (json.loads(body) for body in (store.get(key) or b"", right[key]))
    assert [now[name] for name in names] == [before[name] for name in names]
