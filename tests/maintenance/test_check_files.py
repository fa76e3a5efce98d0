"""Files whose digests were recorded are compared with them, down to the last byte."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.ids import digest
from mlflowflow.maintenance.check_files import check_spools
from mlflowflow.maintenance.finding import Trouble
from mlflowflow.storage.seal import add_seal
from mlflowflow.testing.faults import FaultyBlobStore
from mlflowflow.tracking.layout import alive_key
from mlflowflow.tracking.writing import spool
from mlflowflow.tracking.writing.alive import Life
from mlflowflow.tracking.writing.frame import Header, frame_header
from tests.maintenance.stores import EXPERIMENT, copied, flip, found, keys, subjects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mlflowflow.storage.blob import Blob
    from mlflowflow.storage.memory import MemoryBlobStore


def troubles(store: MemoryBlobStore) -> dict[str, Trouble | None]:
    """Return what is wrong, by key."""
    return {finding.subject: finding.trouble for finding in found(store)}


def model_folder(store: MemoryBlobStore) -> str:
    """Return the folder of the registered model, with a slash at its end."""
    (key,) = [key for key in keys(store, f"artifacts/{EXPERIMENT}/") if key.endswith("/MLmodel")]
    return key.removesuffix("MLmodel")


def test_a_changed_file_of_a_model_is_found_with_the_versions_that_rest_on_it(store: MemoryBlobStore) -> None:
    """The file and the folder that was registered are named."""
    folder = model_folder(store)
    flip(store, f"{folder}weights.bin", 9)
    assert troubles(store) == {f"{folder}weights.bin": Trouble.DAMAGED, folder: Trouble.DAMAGED}


def test_a_missing_file_of_a_model_is_found(store: MemoryBlobStore) -> None:
    """Its digest is recorded, and it is not there."""
    folder = model_folder(store)
    store.delete(f"{folder}weights.bin")
    assert troubles(store)[f"{folder}weights.bin"] is Trouble.MISSING


def test_a_file_that_was_added_to_a_registered_model_is_found(store: MemoryBlobStore) -> None:
    """The folder is not what was registered any more, though each recorded file is."""
    folder = model_folder(store)
    store.put(f"{folder}extra.py", b"print()")
    assert troubles(store) == {folder: Trouble.DAMAGED}


def test_the_files_of_a_version_that_are_all_gone_are_found(store: MemoryBlobStore) -> None:
    """The version can never be loaded again."""
    folder = model_folder(store)
    for key in keys(store, folder):
        store.delete(key)
    assert troubles(store) == {folder: Trouble.MISSING}


def test_digests_that_cannot_be_read_are_found(store: MemoryBlobStore) -> None:
    """Without them nobody can tell."""
    folder = model_folder(store)
    store.put(f"{folder}digests.json", b"{}")
    assert troubles(store)[f"{folder}digests.json"] is Trouble.DAMAGED


def test_artifacts_of_a_run_that_does_not_exist_are_one_finding(store: MemoryBlobStore) -> None:
    """However many there are."""
    for name in ("a", "b"):
        store.put(f"artifacts/0/nobody/{name}", b"x")
    (finding,) = found(store)
    assert (finding.subject, finding.sentence) == (
        "artifacts/0/nobody/",
        "2 files of a run that does not exist.",
    )


def test_a_packed_project_is_compared_with_its_name(store: MemoryBlobStore) -> None:
    """The same name always holds the same bytes."""
    key = f"projects/{digest(b'pack')}.tar"
    store.put(key, b"pack")
    assert troubles(store) == {}
    store.put(key, b"puck")
    assert troubles(store) == {key: Trouble.DAMAGED}


def test_a_sign_of_life_that_cannot_be_read_is_found(store: MemoryBlobStore) -> None:
    """Nobody would ever act on it; a whole one is its process's business, until it is a day old."""
    clock = ManualClock()
    living = copied(store, clock=clock)
    key = alive_key("ab")
    life = Life(writer="ab", host="here", pid=1, runs={"r": EXPERIMENT}, at=5)
    living.put(key, life.to_json())
    assert troubles(living) == {}
    flip(living, key, 99)
    assert troubles(living) == {key: Trouble.DAMAGED}
    living.put(key, life.to_json())
    clock.advance(25 * 3600)
    assert troubles(living)[key] is Trouble.WAITING


def test_a_spool_that_nobody_can_read_is_named(tmp_path: Path) -> None:
    """It is on this machine, not in the store."""
    (tmp_path / "a.wal").write_bytes(b"\x00" * 50)
    (finding,) = check_spools(tmp_path)
    assert (finding.subject, finding.trouble) == (str(tmp_path / "a.wal"), Trouble.DAMAGED)


def test_a_spool_of_a_later_release_waits_for_it(tmp_path: Path) -> None:
    """What it has is not known here, so it is neither damaged nor empty."""
    (tmp_path / "a.wal").write_bytes(frame_header(Header(writer="a", host="here", store="s", format=7)))
    (finding,) = check_spools(tmp_path)
    assert finding.trouble is Trouble.WAITING
    assert "the format 7, expected 1" in str(finding)


def test_an_empty_spool_of_a_dead_process_is_no_finding(tmp_path: Path) -> None:
    """Nothing waits in it; the next process removes it."""
    (tmp_path / "a.wal").write_bytes(frame_header(Header(writer="a", host="here", store="memory://x")))
    assert list(check_spools(tmp_path)) == []


def test_what_a_recovery_set_aside_is_named(tmp_path: Path) -> None:
    """Somebody should look at it one day."""
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "a.wal").write_bytes(b"x")
    assert [finding.trouble for finding in check_spools(tmp_path)] == [Trouble.LEFT_OVER]


class Changing(FaultyBlobStore):
    """A store in which something happens right after it was listed."""

    def __init__(self, inner: MemoryBlobStore, happen: Callable[[], object]) -> None:
        """Let it `happen` once."""
        super().__init__(inner, {})
        self._happen: Callable[[], object] | None = happen

    def list(self, prefix: str) -> Iterator[Blob]:
        """List everything, then let it happen."""
        listed = list(super().list(prefix))
        if not prefix and self._happen is not None:
            self._happen()
            self._happen = None
        return iter(listed)


def test_a_model_that_is_deleted_meanwhile_is_no_finding(store: MemoryBlobStore) -> None:
    """All its files go after the listing, its digests first or last."""
    store.put(
        "artifacts/0/r/m/digests.json", json.dumps({"algorithm": "sha256", "files": {"a": "0"}}).encode()
    )
    store.put("runs/r", json.dumps(add_seal({"run_id": "r", "experiment_id": "0"})).encode())
    before = subjects(store)
    assert before == ["artifacts/0/r/m/a"]
    assert subjects(Changing(store, lambda: store.delete("artifacts/0/r/m/digests.json"))) == []


def test_a_run_that_begins_meanwhile_is_no_stranger(store: MemoryBlobStore) -> None:
    """Its artifacts were listed and its entry, which was looked for before, was not."""
    store.put("artifacts/0/new/a", b"x")
    entry = json.dumps(add_seal({"run_id": "new", "experiment_id": "0"})).encode()
    assert subjects(store) == ["artifacts/0/new/"]
    assert subjects(Changing(store, lambda: store.put("runs/new", entry))) == []


@pytest.mark.parametrize("body", [b"[" * 100_000, b"\xff", b"7"])
@pytest.mark.parametrize("key", ["artifacts/0/nobody/digests.json", f"sweeps/a/log/{0:020d}.json"])
def test_no_content_stops_an_examination(store: MemoryBlobStore, key: str, body: bytes) -> None:
    """Whatever somebody put there is damaged and no more; nesting without an end is refused too."""
    store.put(key, body)
    assert troubles(store)[key] is Trouble.DAMAGED


def test_a_file_that_cannot_exist_is_missing(store: MemoryBlobStore) -> None:
    """Digests that name a way out of the store lead nowhere."""
    store.put("artifacts/0/r/digests.json", b'{"algorithm": "sha256", "files": {"../../x": "0"}}')
    assert troubles(store)["artifacts/0/r/../../x"] is Trouble.MISSING


def test_a_spool_that_goes_meanwhile_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its process ended after the folder was listed."""
    monkeypatch.setattr(spool, "orphans", lambda folder: [folder / "gone.wal"])
    assert list(check_spools(tmp_path)) == []
