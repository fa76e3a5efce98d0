"""The S3 store keeps the contract, also over a network that loses requests and answers."""

from __future__ import annotations

import multiprocessing
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import InvalidUri, MlflowflowError, OutcomeUnknown, StoreUnable, StoreUnavailable
from mlflowflow.ids import RandomIds
from mlflowflow.storage.blob import BlobStore, Created, Span
from mlflowflow.storage.location import open_store
from mlflowflow.storage.probe import probe
from mlflowflow.storage.remote import RemoteBlobStore
from mlflowflow.testing.blob_store import BlobStoreContract, keys
from tests.storage.proxy import Accident, Network

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlflowflow.testing.s3 import S3Server

pytestmark = pytest.mark.s3

FINE = None
#: Enough accidents for every attempt of one call.
ALWAYS = 4


class TestS3BlobStore(BlobStoreContract):
    """Run the contract on a bucket."""

    @pytest.fixture
    def store(self, s3_url: str) -> BlobStore:
        """Give a prefix of its own."""
        return open_store(s3_url)


@pytest.fixture
def store(network: Network, s3_url: str) -> RemoteBlobStore:
    """Give a store behind that network, which waits in a test's time."""
    del network
    return RemoteBlobStore(s3_url, clock=ManualClock())


@pytest.mark.parametrize(
    ("call", "method"),
    [
        (lambda store: store.put("a", b"x"), "PUT"),
        (lambda store: store.create("new", b"x"), "PUT"),
        (lambda store: store.get("a"), "GET"),
        (lambda store: store.get("absent"), "GET"),
        (lambda store: store.get("a", Span(start=1, stop=2)), "GET"),
        (lambda store: store.get("a", Span(start=-1)), "GET"),
        (lambda store: list(store.list("")), "GET"),
        (lambda store: store.delete("a"), "DELETE"),
    ],
)
def test_a_call_is_one_request(
    store: RemoteBlobStore, network: Network, call: Callable[[RemoteBlobStore], object], method: str
) -> None:
    """Nothing is asked before and nothing after, from the second call on and also on a new connection."""
    store.put("a", b"xy")
    network.methods.clear()
    call(store)
    assert network.methods == [method]


def test_a_create_that_is_refused_is_two_requests(store: RemoteBlobStore, network: Network) -> None:
    """The second looks whose the object is."""
    store.create("a", b"theirs")
    network.methods.clear()
    store.create("a", b"ours")
    assert network.methods == ["PUT", "GET"]


@pytest.mark.parametrize(
    "accident", [Accident.LOST_ANSWER, Accident.LOST_REQUEST, Accident.CONFLICT, Accident.BUSY]
)
def test_create_survives_an_accident(store: RemoteBlobStore, network: Network, accident: Accident) -> None:
    """A request or answer that is lost once does not make our object somebody else's."""
    network.script = [accident]
    assert (store.create("a", b"ours"), store.get("a")) == (Created.CREATED, b"ours")


@pytest.mark.parametrize(
    "accident", [Accident.LOST_ANSWER, Accident.LOST_REQUEST, Accident.CONFLICT, Accident.BUSY]
)
def test_create_does_not_take_what_is_somebody_elses(
    store: RemoteBlobStore, network: Network, accident: Accident
) -> None:
    """After an accident the winner is still the one whose bytes are there."""
    store.create("a", b"theirs")
    network.script = [accident]
    assert (store.create("a", b"ours"), store.get("a")) == (Created.EXISTS, b"theirs")


def test_create_that_never_arrives_is_unknown(store: RemoteBlobStore, network: Network) -> None:
    """When every answer is lost, also to reading back, nobody can say."""
    network.script = [Accident.LOST_ANSWER] * 100
    with pytest.raises(OutcomeUnknown, match="'a'"):
        store.create("a", b"ours")
    network.script = []
    assert store.create("a", b"ours") is Created.CREATED


@pytest.mark.parametrize("accident", [Accident.CONFLICT, Accident.REFUSED])
def test_create_that_is_always_refused_changed_nothing(
    store: RemoteBlobStore, network: Network, accident: Accident
) -> None:
    """Refusals of a key that is not there are repeated, and in the end nothing was applied."""
    network.script = [accident, FINE] * ALWAYS
    with pytest.raises(StoreUnavailable, match=accident.value.split()[1]):
        store.create("a", b"ours")
    assert network.methods == ["PUT", "GET"] * ALWAYS


def test_create_that_is_refused_by_its_own_object_is_unknown(
    store: RemoteBlobStore, network: Network
) -> None:
    """A request that arrived twice is refused by itself; if that cannot be read back, nobody can say."""
    network.script = [Accident.TWICE, Accident.LOST_ANSWER] * ALWAYS
    with pytest.raises(OutcomeUnknown, match="'a'"):
        store.create("a", b"ours")
    network.script = []
    assert store.create("a", b"ours") is Created.CREATED


def test_denied_create_changed_nothing_and_is_not_repeated(store: RemoteBlobStore, network: Network) -> None:
    """No permission is said once, with what to check."""
    network.script = [Accident.DENIED]
    with pytest.raises(StoreUnavailable, match=r"access to 'tests' is denied .* check the credentials"):
        store.create("a", b"ours")
    assert network.methods == ["PUT"]


def test_doubt_is_not_forgotten(store: RemoteBlobStore, network: Network) -> None:
    """An attempt that may have been applied leaves doubt, even if the last one certainly was not."""
    network.script = [Accident.LOST_REQUEST, FINE, Accident.DENIED]
    with pytest.raises(OutcomeUnknown):
        store.create("a", b"ours")


def test_server_without_conditions_is_unable(store: RemoteBlobStore, network: Network) -> None:
    """A server that says it knows no conditions is not asked again."""
    network.script = [Accident.UNKNOWN]
    with pytest.raises(StoreUnable, match="MLFLOWFLOW_REGISTRY_URI"):
        store.create("a", b"ours")


def test_server_that_drops_the_condition_is_found_out(store: RemoteBlobStore, network: Network) -> None:
    """The probe sees that a server answers 200 to every condition."""
    network.script = [Accident.UNCONDITIONAL] * 10
    assert probe(store, ids=RandomIds()) is False


def test_server_that_knows_no_ranges_still_gives_the_part(store: RemoteBlobStore, network: Network) -> None:
    """A whole object in answer to a range is cut here."""
    store.put("a", b"0123456789")
    network.script = [Accident.WHOLE] * 3
    spans = (Span(start=2, stop=4), Span(start=-2), Span(start=5, stop=5))
    assert [store.get("a", span) for span in spans] == [b"23", b"89", b""]


@pytest.mark.parametrize(
    "accident", [Accident.LOST_ANSWER, Accident.LOST_REQUEST, Accident.SHORT_ANSWER, Accident.BUSY]
)
def test_reads_are_repeated(store: RemoteBlobStore, network: Network, accident: Accident) -> None:
    """A read that breaks off once is whole in the end."""
    store.put("a", b"0123456789")
    network.script = [accident]
    assert store.get("a") == b"0123456789"


@pytest.mark.parametrize("accident", [Accident.LOST_ANSWER, Accident.LOST_REQUEST, Accident.BUSY])
def test_put_delete_and_list_are_repeated(
    store: RemoteBlobStore, network: Network, accident: Accident
) -> None:
    """Every other verb survives an accident as well."""
    network.script = [accident, FINE, accident]
    store.put("a", b"x")
    before = keys(store)
    network.script = [accident]
    store.delete("a")
    assert (before, keys(store)) == ({"a"}, set())


def test_files_survive_an_accident(store: RemoteBlobStore, network: Network, tmp_path: Path) -> None:
    """Uploads and downloads are repeated too."""
    (tmp_path / "up").write_bytes(b"x" * 100_000)
    network.script = [Accident.LOST_ANSWER]
    store.put_file(tmp_path / "up", "a")
    network.script = [Accident.SHORT_ANSWER]
    store.get_file("a", tmp_path / "down")
    assert (tmp_path / "down").read_bytes() == b"x" * 100_000


def test_put_without_answers_is_unknown(store: RemoteBlobStore, network: Network) -> None:
    """A put whose answers are all lost may have happened."""
    network.script = [Accident.LOST_ANSWER] * ALWAYS
    with pytest.raises(OutcomeUnknown, match="'a'"):
        store.put("a", b"x")


def test_read_without_answers_is_unavailable(store: RemoteBlobStore, network: Network) -> None:
    """A read changes nothing, so its failure leaves no doubt."""
    network.script = [Accident.LOST_ANSWER] * ALWAYS
    with pytest.raises(StoreUnavailable):
        store.get("a")


def test_errors_are_the_librarys_own(store: RemoteBlobStore, network: Network) -> None:
    """Whatever happens, callers meet no error of a client library."""
    for accident in set(Accident) - {Accident.HANG}:  # which takes its time
        for call in (lambda: store.put("a", b"x"), lambda: store.get("a"), lambda: keys(store)):
            network.script = [accident] * ALWAYS
            try:
                call()
            except MlflowflowError:
                continue


def test_listing_goes_over_pages(store: RemoteBlobStore, network: Network) -> None:
    """More objects than fit on a page are all listed, each page in one request and repeated by itself."""
    names = {f"a/{number}" for number in range(15)}
    for name in names:
        store.put(name, b"")
    network.methods.clear()
    network.script = [FINE, Accident.LOST_ANSWER]
    assert (keys(store, "a/"), network.methods) == (names, ["GET"] * 4)


def test_foreign_names_are_not_listed(s3: S3Server, s3_url: str) -> None:
    """What consoles make to show an empty folder, and what may not be a key, is not listed."""
    store = open_store(s3_url)
    place = s3_url.removeprefix("s3://")
    for foreign in ("folder/", "a//b"):
        s3.create_bucket(f"{place}/{foreign}")  # a PUT of an object with this name
    store.put("a", b"x")
    assert keys(store) == {"a"}


def test_store_may_be_a_whole_bucket(s3: S3Server) -> None:
    """A prefix is not needed."""
    store = open_store(s3.create_bucket("whole"))
    store.put("a/b", b"x")
    assert (store.get("a/b"), keys(store)) == (b"x", {"a/b"})


def test_pickle_holds_no_credentials(s3: S3Server, s3_url: str) -> None:
    """What is sent to a worker is the address, also after a connection was made."""
    store = open_store(s3_url)
    store.put("a", b"x")
    assert s3.environ["AWS_SECRET_ACCESS_KEY"].encode() not in pickle.dumps(store).replace(b"tests", b"")


def _use_inherited(store: BlobStore) -> bytes | None:
    return store.get("a")


#: Reads in a forked child through the store object that the parent used before.
FORK = """
import os, sys
from mlflowflow.storage.location import open_store
store = open_store(sys.argv[1])
store.put("a", b"x")
child = os.fork()
if child == 0:
    os._exit(0 if store.get("a") == b"x" else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_forked_child_connects_by_itself(s3_url: str) -> None:
    """A store that was used before a fork works in the child.

    In a process of its own: this one has threads of other tests, whose locks a fork would copy.
    """
    done = subprocess.run(
        [sys.executable, "-c", FORK, s3_url], check=False, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr


def test_spawned_worker_reaches_the_same_store(s3_url: str) -> None:
    """A pickled store reads the same objects in another process."""
    store = open_store(s3_url)
    store.put("a", b"x")
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(_use_inherited, store).result() == b"x"


@pytest.mark.parametrize("address", ["memory://a", "/data/runs"])
def test_other_places_are_refused(address: str) -> None:
    """A place without a bucket is not for this store."""
    with pytest.raises(InvalidUri, match="s3://bucket/prefix"):
        RemoteBlobStore(address)
