"""The promises of a `BlobStore` as tests, for every store here and for one of your own.

Subclass `BlobStoreContract` in a test file and give it a fixture named ``store`` that returns an
empty store::

    class TestMyStore(BlobStoreContract):
        @pytest.fixture
        def store(self) -> BlobStore:
            return MyStore(...)

A second instance on the same place is made by pickling the first, which is promised to keep the
address.
"""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, ClassVar, Final

import pytest

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.ids import RandomIds
from mlflowflow.storage.blob import MAX_CREATE_BYTES, BlobStore, Created, Span, SupportsFiles
from mlflowflow.storage.key import MAX_PART_BYTES
from mlflowflow.storage.moment import store_now_us

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: Callers that race for one key.
RACERS: Final = 8
_PATIENCE_S: Final = 60.0

TEXT: Final = b"0123456789"

SPANS: Final = (
    (Span(start=0, stop=4), b"0123"),
    (Span(start=3, stop=5), b"34"),
    (Span(start=7), b"789"),
    (Span(start=-3), b"789"),
    (Span(start=-99), TEXT),
    (Span(start=8, stop=99), b"89"),
    (Span(start=5, stop=5), b""),
    (Span(start=10), b""),
    (Span(start=50, stop=60), b""),
)

BODIES: Final = (b"", b"\n", bytes(range(256)), b"x" * 300_000)

WRONG_KEYS: Final = (
    "",
    "/a",
    "a/",
    "a//b",
    ".",
    "..",
    "a/../b",
    "./a",
    "a/..",
    "a\\b",
    "a\nb",
    "a\0b",
    "a\x7fb",
    "a\ud800b",
    ".tmp/a",
    ".TMP/a",
    "a" * 256,
    "a/" * 500 + "a",
)

ODD_KEYS: Final = (
    "a b",
    "a%2fb",
    "a?versionId=1",
    "a+b=c&d",
    "#a",
    "Größe/数",
    "a'b\"c",
    "~a",
    "-a",
    "a.b/.c",
)

VERBS: Final[dict[str, Callable[[BlobStore, str], object]]] = {
    "put": lambda store, key: store.put(key, b"x"),
    "create": lambda store, key: store.create(key, b"x"),
    "get": lambda store, key: store.get(key),
    "delete": lambda store, key: store.delete(key),
}


def another(store: BlobStore) -> BlobStore:
    """Return a second instance on the same place."""
    again: BlobStore = pickle.loads(pickle.dumps(store))  # noqa: S301 - our own object, a moment old
    return again


def keys(store: BlobStore, prefix: str = "") -> set[str]:
    """Return the listed keys, having checked that none comes twice."""
    found = [blob.key for blob in store.list(prefix)]
    assert len(found) == len(set(found))
    return set(found)


class PlainStoreContract:
    """What a store promises in which nothing is ever created conditionally.

    Tracking needs no more, so it works in stores that ignore conditions; a registry does not.
    """

    def test_absent_key_reads_as_none(self, store: BlobStore) -> None:
        """A key nobody wrote is None, not an error."""
        assert store.get("a/b") is None

    def test_span_of_an_absent_key_reads_as_none(self, store: BlobStore) -> None:
        """A part of what is not there is None as well, also an empty part."""
        assert [store.get("a", span) for span, _ in SPANS] == [None] * len(SPANS)

    def test_empty_store_lists_nothing(self, store: BlobStore) -> None:
        """Listing before the first write is no error."""
        assert keys(store) == set()

    def test_deleting_an_absent_key_is_no_error(self, store: BlobStore) -> None:
        """Deleting may be repeated."""
        store.delete("a/b")
        assert keys(store) == set()

    @pytest.mark.parametrize("body", BODIES, ids=len)
    def test_put_bytes_are_read_back(self, store: BlobStore, body: bytes) -> None:
        """Any bytes survive, none included."""
        store.put("a/b", body)
        assert store.get("a/b") == body

    def test_put_replaces(self, store: BlobStore) -> None:
        """The last put wins, whole."""
        store.put("a", b"long before")
        store.put("a", b"now")
        assert store.get("a") == b"now"

    def test_repeated_create_recognises_its_own(self, store: BlobStore) -> None:
        """After a lost answer the same call says CREATED, because the bytes there are its own."""
        store.create("a", b"token 1")
        assert another(store).create("a", b"token 1") is Created.CREATED

    def test_deleted_key_may_be_created_again(self, store: BlobStore) -> None:
        """Deleting leaves nothing behind."""
        store.create("a/b", b"1")
        store.delete("a/b")
        assert (store.create("a/b", b"2"), store.get("a/b")) == (Created.CREATED, b"2")

    def test_create_takes_no_more_than_one_request(self, store: BlobStore) -> None:
        """What would need several requests is refused, because their condition is not checked at once."""
        with pytest.raises(InvalidInput, match="at most"):
            store.create("a", bytes(MAX_CREATE_BYTES + 1))

    @pytest.mark.parametrize(("span", "part"), SPANS, ids=str)
    def test_span_reads_a_part(self, store: BlobStore, span: Span, part: bytes) -> None:
        """A span is cut to the object, and a negative start counts from its end."""
        store.put("a", TEXT)
        assert store.get("a", span) == part

    @pytest.mark.parametrize("span", [span for span, _ in SPANS], ids=str)
    def test_span_of_an_empty_object_is_empty(self, store: BlobStore, span: Span) -> None:
        """An empty object has only empty parts."""
        store.put("a", b"")
        assert store.get("a", span) == b""

    @pytest.mark.parametrize("span", [Span(start=5, stop=3), Span(start=-3, stop=9)], ids=str)
    def test_senseless_span_is_refused(self, store: BlobStore, span: Span) -> None:
        """A span that means nothing is the caller's mistake."""
        with pytest.raises(InvalidInput, match="no range of bytes"):
            store.get("a", span)

    def test_list_gives_keys_and_sizes_below_a_prefix(self, store: BlobStore) -> None:
        """A listing goes down all folders and knows each object's size."""
        for size, key in enumerate(("a/x", "a/b/y", "a/b/c/z", "other")):
            store.put(key, bytes(size))
        listed = {blob.key: blob.size for blob in store.list("a/")}
        assert listed == {"a/x": 0, "a/b/y": 1, "a/b/c/z": 2}

    def test_list_tells_all_times_or_none(self, store: BlobStore) -> None:
        """A store that dates its objects dates every one of them, however it was written."""
        store.put("a/put", b"x")
        store.create("created", b"x")
        told = {blob.modified_us is None for blob in store.list("")}
        assert len(told) == 1

    def test_time_is_the_stores_own(self, store: BlobStore) -> None:
        """What the store says of the present lies between the writes before and after, by its own dates."""
        store.put("before", b"x")
        if next(store.list("before")).modified_us is None:
            pytest.skip("this store tells no times")
        now_us = store_now_us(store, ids=RandomIds())
        store.put("later", b"x")
        before, later = (next(store.list(key)).modified_us or 0 for key in ("before", "later"))
        assert before <= now_us <= later
        assert keys(store) == {"before", "later"}

    def test_prefix_may_end_inside_a_name(self, store: BlobStore) -> None:
        """A prefix is the beginning of a text, not a folder."""
        for key in ("a/run-1", "a/run-2/x", "a/other", "b/run-3"):
            store.put(key, b"x")
        assert keys(store, "a/run") == {"a/run-1", "a/run-2/x"}

    def test_prefix_that_is_a_key_lists_it(self, store: BlobStore) -> None:
        """A whole key is a prefix of itself, and of longer names beside it."""
        store.put("a/b", b"x")
        store.put("a/bc", b"x")
        assert keys(store, "a/b") == {"a/b", "a/bc"}

    def test_list_is_never_from_a_cache(self, store: BlobStore) -> None:
        """What another instance writes or deletes is in the next listing."""
        store.put("a/1", b"x")
        before = keys(store, "a/")
        other = another(store)
        other.put("a/2", b"x")
        other.delete("a/1")
        assert (before, keys(store, "a/")) == ({"a/1"}, {"a/2"})

    def test_get_is_never_from_a_cache(self, store: BlobStore) -> None:
        """What another instance writes is in the next read, also after the key was seen absent."""
        before = store.get("a/1")
        another(store).put("a/1", b"x")
        assert (before, store.get("a/1")) == (None, b"x")

    def test_deleted_key_is_gone(self, store: BlobStore) -> None:
        """A deleted object is neither read nor listed, and its neighbours stay."""
        store.put("a/b/1", b"x")
        store.put("a/2", b"x")
        store.delete("a/b/1")
        assert (store.get("a/b/1"), keys(store)) == (None, {"a/2"})

    @pytest.mark.parametrize("key", ODD_KEYS)
    def test_odd_characters_are_kept(self, store: BlobStore, key: str) -> None:
        """Whatever is allowed in a key comes back from a listing as it went in."""
        store.create(key, b"x")
        assert (keys(store), store.get(key)) == ({key}, b"x")

    @pytest.mark.parametrize("verb", VERBS)
    @pytest.mark.parametrize("key", WRONG_KEYS, ids=ascii)
    def test_wrong_keys_are_refused(self, store: BlobStore, key: str, verb: str) -> None:
        """A key that could leave the store or mean two things is refused before anything is touched."""
        with pytest.raises(InvalidInput, match="cannot be a key"):
            VERBS[verb](store, key)

    @pytest.mark.parametrize("prefix", ["/", "../", "a/../b", "a//b", "a\0", ".tmp/"])
    def test_wrong_prefixes_are_refused(self, store: BlobStore, prefix: str) -> None:
        """A prefix is checked as a key is, before the first object is asked for."""
        with pytest.raises(InvalidInput, match="cannot be a key"):
            store.list(prefix)

    def test_second_instance_has_the_same_address(self, store: BlobStore) -> None:
        """Pickling keeps where the store is."""
        assert (another(store).url, another(store).shared) == (store.url, store.shared)

    @pytest.mark.parametrize("key", ["a/b", "a?versionId=1"])
    def test_files_round_trip(self, store: BlobStore, tmp_path: Path, key: str) -> None:
        """A file comes back as it was uploaded."""
        assert isinstance(store, SupportsFiles)
        (tmp_path / "up").write_bytes(BODIES[-1])
        store.put_file(tmp_path / "up", key)
        store.get_file(key, tmp_path / "down")
        assert (tmp_path / "down").read_bytes() == BODIES[-1] == store.get(key)

    def test_the_longest_name_can_be_downloaded(self, store: BlobStore, tmp_path: Path) -> None:
        """A file may be called what a part of a key may be called."""
        assert isinstance(store, SupportsFiles)
        name = "n" * MAX_PART_BYTES
        store.put(name, b"x")
        store.get_file(name, tmp_path / name)
        assert (tmp_path / name).read_bytes() == b"x"

    @pytest.mark.parametrize("key", ["a/b", "a?versionId=1"])
    def test_absent_file_is_not_found(self, store: BlobStore, tmp_path: Path, key: str) -> None:
        """Downloading what is not there raises `NotFound` and leaves no file behind."""
        assert isinstance(store, SupportsFiles)
        with pytest.raises(NotFound):
            store.get_file(key, tmp_path / "down")
        assert not any(tmp_path.iterdir())

    def test_uploading_a_missing_file_is_the_callers_mistake(self, store: BlobStore, tmp_path: Path) -> None:
        """A local file that is not there says so in the words of the system."""
        assert isinstance(store, SupportsFiles)
        with pytest.raises(FileNotFoundError):
            store.put_file(tmp_path / "missing", "a")


class BlobStoreContract(PlainStoreContract):
    """What every `BlobStore` promises; a subclass supplies the fixture ``store``."""

    #: How many keys are raced for.
    races: ClassVar[int] = 20

    @pytest.mark.parametrize("body", [b"first", b""], ids=["text", "empty"])
    def test_create_refuses_a_second(self, store: BlobStore, body: bytes) -> None:
        """A taken key keeps its first bytes, even if these are none."""
        outcomes = [store.create("a", body), another(store).create("a", b"second")]
        assert (outcomes, store.get("a")) == ([Created.CREATED, Created.EXISTS], body)

    def test_create_refuses_empty_bytes_for_a_taken_key(self, store: BlobStore) -> None:
        """An empty body is as conditional as any other."""
        store.create("a", b"first")
        assert (store.create("a", b""), store.get("a")) == (Created.EXISTS, b"first")

    def test_create_respects_what_was_put(self, store: BlobStore) -> None:
        """It is the key that must be absent, however it came to be."""
        store.put("a", b"put")
        assert (store.create("a", b"created"), store.get("a")) == (Created.EXISTS, b"put")

    def test_one_of_many_racers_wins(self, store: BlobStore) -> None:
        """Of threads that create one key at once exactly one gets CREATED, and its bytes stay."""
        start = Barrier(RACERS)
        others = [another(store) for _ in range(RACERS)]

        def race(number: int) -> list[str]:
            won: list[str] = []
            for key in map(str, range(self.races)):
                start.wait(timeout=_PATIENCE_S)
                if others[number].create(f"race/{key}", f"{key} by {number}".encode()) is Created.CREATED:
                    won.append(f"{key} by {number}")
            return won

        with ThreadPoolExecutor(RACERS) as pool:
            winners = sorted(winner for won in pool.map(race, range(RACERS)) for winner in won)
        assert winners == sorted((store.get(f"race/{key}") or b"").decode() for key in range(self.races))
