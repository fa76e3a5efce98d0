"""Uploads in parts: any order, any repetition, any process; whole and once, or not at all."""

from __future__ import annotations

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.ids import SequentialIds, digest
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.testing.blob_store import keys
from mlflowflow.tracking.artifacts.parted import MOST_PARTS, Part, PartedUpload

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlflowflow.storage.blob import BlobStore, Span

CONTENTS = (b"one ", b"two ", b"three")
PARTS = tuple(Part(number, digest(content)) for number, content in enumerate(CONTENTS, start=1))


class Sending:
    """One upload, and what was published of it."""

    def __init__(self, folder: Path) -> None:
        """Begin it in a store below `folder`."""
        self.folder = folder
        self.store: BlobStore = LocalBlobStore(folder / "store", fsync=False)
        self.ids = SequentialIds()
        self.upload = PartedUpload.begin(self.store, "0", path="a/b.bin", parts=len(CONTENTS), ids=self.ids)
        self.published: list[bytes] = []

    def again(self, path: str = "a/b.bin") -> PartedUpload:
        """Return the same upload as another process has it."""
        store = LocalBlobStore(self.folder / "store", fsync=False)
        return PartedUpload(store, "0", self.upload.upload_id, path=path)

    def put(self, number: int, content: bytes) -> Part:
        """Send one part."""
        file = self.folder / f"part-{number}"
        file.write_bytes(content)
        part = Part(number, digest(content))
        self.upload.put(part, file)
        return part

    def publish(self, file: Path) -> None:
        """Remember what the file holds."""
        self.published.append(file.read_bytes())

    def left(self) -> set[str]:
        """Return the names of the upload's objects."""
        return {key.rpartition("/")[2] for key in keys(self.store, "exp/")}


@pytest.fixture
def sending(tmp_path: Path) -> Sending:
    """Begin an upload."""
    return Sending(tmp_path)


def test_parts_may_come_in_any_order_and_more_than_once(sending: Sending) -> None:
    """The same part twice is one; afterwards only that it is done is left."""
    for number in (3, 1, 2, 1, 3):
        sending.put(number, CONTENTS[number - 1])
    assert len(sending.left()) == len(CONTENTS) + 1
    sending.again().complete(PARTS, sending.publish)
    assert sending.published == [b"one two three"]
    assert sending.left() == {"done.json"}


def test_a_part_that_came_with_other_bytes_is_the_one_that_is_meant(sending: Sending) -> None:
    """Whichever came last."""
    meant = [sending.put(number, content) for number, content in enumerate(CONTENTS, start=1)]
    sending.put(2, b"something else")
    sending.upload.complete(meant, sending.publish)
    assert sending.published == [b"one two three"]


def test_a_completion_that_is_repeated_is_a_success_and_publishes_once(sending: Sending) -> None:
    """A client that got no answer asks again; with other parts it asks for something else."""
    for part, content in zip(PARTS, CONTENTS, strict=True):
        sending.put(part.number, content)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: sending.upload.complete(PARTS, sending.publish), range(8)))
    sending.again().complete(PARTS, sending.publish)
    assert sending.published == [b"one two three"]
    with pytest.raises(NotFound, match="Begin another"):
        sending.upload.complete((*PARTS[:2], Part(3, "0" * 64)), sending.publish)


class Overtaken(LocalBlobStore):
    """A store in which something happens before the first part is read."""

    first = True
    before: Callable[[], object] = staticmethod(lambda: None)

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Let it happen, and read."""
        if self.first and "/00002." in key:
            self.first = False
            self.before()
        return super().get(key, span)


def test_another_process_may_be_faster(sending: Sending) -> None:
    """Its success is everybody's, though it removes the parts while they are read."""
    for part, content in zip(PARTS, CONTENTS, strict=True):
        sending.put(part.number, content)
    door = sending.folder / "door"  # another address, as another process has another lock
    door.symlink_to(sending.folder / "store")
    store = Overtaken(door, fsync=False)
    store.before = lambda: sending.upload.complete(PARTS, sending.publish)
    late = PartedUpload(store, "0", sending.upload.upload_id, path="a/b.bin")
    late.complete(PARTS, sending.publish)
    assert not store.first
    assert sending.published == [b"one two three"]


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        (PARTS[:2], "has 3 parts and is completed with 1, 2;"),
        ((PARTS[1], PARTS[0], PARTS[2]), "completed with 2, 1, 3;"),
        ((*PARTS, PARTS[2]), "completed with 1, 2, 3, 3;"),
        ((), "completed with none;"),
        ((*PARTS[:2], Part(3, "../../begun.json")), "is no ETag of part 3"),
        ((*PARTS[:2], Part(3, "0" * 64)), "Part 3 with the digest 0+ has not come"),
    ],
)
def test_what_is_not_complete_is_not_published(sending: Sending, parts: tuple[Part, ...], why: str) -> None:
    """And can still be completed."""
    for part, content in zip(PARTS, CONTENTS, strict=True):
        sending.put(part.number, content)
    with pytest.raises(InvalidInput, match=why):
        sending.upload.complete(parts, sending.publish)
    assert sending.published == []
    sending.upload.complete(PARTS, sending.publish)
    assert sending.published == [b"one two three"]


def test_a_publication_that_fails_can_be_repeated(sending: Sending) -> None:
    """Everything that came is still there."""
    for part, content in zip(PARTS, CONTENTS, strict=True):
        sending.put(part.number, content)

    def fails(_: Path) -> None:
        raise NotFound("run", "r")

    with pytest.raises(NotFound, match="run"):
        sending.upload.complete(PARTS, fails)
    sending.upload.complete(PARTS, sending.publish)
    assert sending.published == [b"one two three"]


def test_aborting_removes_everything(sending: Sending) -> None:
    """Twice too; afterwards there is nothing to send to or to complete."""
    part = sending.put(1, CONTENTS[0])
    sending.upload.abort()
    sending.upload.abort()
    assert sending.left() == set()
    for late in (lambda: sending.put(2, b"x"), lambda: sending.upload.complete([part], sending.publish)):
        with pytest.raises(NotFound, match="Begin another"):
            late()
    assert sending.left() == set()


def test_an_upload_is_of_one_path(sending: Sending) -> None:
    """Under another it can be neither sent to, nor published, nor aborted."""
    for part, content in zip(PARTS, CONTENTS, strict=True):
        sending.put(part.number, content)
    other = sending.again("a/other.bin")
    with pytest.raises(NotFound):
        other.put(PARTS[0], sending.folder / "part-1")
    with pytest.raises(NotFound):
        other.complete(PARTS, sending.publish)
    other.abort()
    sending.upload.complete(PARTS, sending.publish)
    assert sending.published == [b"one two three"]


@pytest.mark.parametrize("upload_id", ["", "..", "../../0", "A" * 16, "0" * 15, "0" * 65])
def test_ids_that_nobody_gave_lead_nowhere(sending: Sending, upload_id: str) -> None:
    """They become parts of keys."""
    with pytest.raises(NotFound):
        PartedUpload(sending.store, "0", upload_id, path="a/b.bin")


@pytest.mark.parametrize("parts", [-1, MOST_PARTS + 1])
def test_the_number_of_parts_has_limits(sending: Sending, parts: int) -> None:
    """So that an answer with an address for each stays small."""
    with pytest.raises(InvalidInput, match="at most"):
        PartedUpload.begin(sending.store, "0", path="x", parts=parts, ids=sending.ids)


@pytest.mark.parametrize("number", [0, 4])
def test_a_part_has_a_number_of_its_upload(sending: Sending, number: int) -> None:
    """Others would never be published."""
    with pytest.raises(InvalidInput, match="from 1 to 3"):
        sending.put(number, b"x")


def test_an_empty_file_has_no_parts(sending: Sending) -> None:
    """It is published all the same."""
    upload = PartedUpload.begin(sending.store, "0", path="x", parts=0, ids=sending.ids)
    upload.complete([], sending.publish)
    assert sending.published == [b""]


def test_a_large_file_is_put_together_in_little_memory(tmp_path: Path) -> None:
    """However large its parts are."""
    sending = Sending(tmp_path)
    parts = [sending.put(number, bytes(24 * 1024 * 1024)) for number in (1, 2, 3)]
    sizes: list[int] = []
    tracemalloc.start()
    try:
        sending.upload.complete(parts, lambda file: sizes.append(file.stat().st_size))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sizes == [72 * 1024 * 1024]
    assert most < 20 * 1024 * 1024
