"""Who may not is told so once, and who must wait is told how long and waits no longer than that."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import OutcomeUnknown, StoreUnavailable
from mlflowflow.storage.blob import Created
from mlflowflow.storage.location import open_store
from mlflowflow.storage.remote import RemoteBlobStore
from mlflowflow.storage.wires import S3Wire
from tests.storage.proxy import Accident

if TYPE_CHECKING:
    from tests.storage.proxy import Network

pytestmark = pytest.mark.s3

FINE = None
#: Enough accidents for every attempt of one call.
ALWAYS = 4


@pytest.fixture
def store(network: Network, s3_url: str) -> RemoteBlobStore:
    """Give a store behind that network, which waits in a test's time."""
    del network
    return RemoteBlobStore(s3_url, clock=ManualClock())


@pytest.mark.parametrize(
    "accident",
    [Accident.DENIED, Accident.UNAUTHORIZED, Accident.EXPIRED],
    ids=lambda accident: accident.value,
)
def test_refused_credentials_are_said_once(
    store: RemoteBlobStore, network: Network, accident: Accident
) -> None:
    """Whatever the status, a refusal that only other credentials end is not repeated."""
    network.script = [accident]
    with pytest.raises(
        StoreUnavailable, match=f"denied .*{accident.value.split()[1]}.* check the credentials"
    ):
        store.get("a")
    assert network.methods == ["GET"]


def test_new_credentials_are_taken_by_the_next_call(
    store: RemoteBlobStore, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store whose credentials expired works again as soon as there are others, without being opened anew."""
    store.put("a", b"x")
    network.stale = {"test"}
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="check the credentials"):
            store.get("a")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fresh")
    assert store.get("a") == b"x"


@pytest.mark.usefixtures("network")
def test_credentials_may_come_later(store: RemoteBlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that was used before there were any works as soon as there are."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    with pytest.raises(StoreUnavailable, match="set AWS_PROFILE"):
        store.get("a")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "fresh")
    assert store.get("a") is None


def test_a_server_that_hangs_is_given_up(network: Network, s3_url: str) -> None:
    """An answer that never comes is awaited for the time that was set, and as often as patience lasts."""
    clock = ManualClock()
    store = RemoteBlobStore(s3_url, clock=clock, connect=lambda _: S3Wire("tests", read_timeout_s=0.2))
    store.put("a", b"x")
    network.script = [Accident.HANG, FINE, Accident.HANG]
    assert (store.get("a"), store.create("b", b"ours")) == (b"x", Created.CREATED)
    network.script = [Accident.HANG] * 100
    with pytest.raises(OutcomeUnknown):
        store.put("a", b"y")


def test_attempts_wait_longer_and_longer(network: Network, s3_url: str) -> None:
    """Between attempts there is a growing wait, spread by the jitter."""
    clock = ManualClock(start_us=0)
    network.script = [Accident.BUSY] * ALWAYS
    with pytest.raises(StoreUnavailable, match="503 SlowDown"):
        RemoteBlobStore(s3_url, clock=clock, jitter=lambda: 0.5).get("a")
    assert clock.monotonic_s() == pytest.approx(0.1 + 0.3 + 1.0)


@pytest.mark.parametrize("accident", [Accident.BUSY, Accident.THROTTLED])
def test_a_busy_server_says_how_long_to_wait(network: Network, s3_url: str, accident: Accident) -> None:
    """It is asked again no sooner, and answers then."""
    clock = ManualClock(start_us=0)
    network.script = [accident]
    network.headers = {"Retry-After": "7"}
    assert RemoteBlobStore(s3_url, clock=clock, jitter=lambda: 0.5).get("a") is None
    assert clock.monotonic_s() == pytest.approx(7.0 + 0.1)


def test_a_longer_wait_than_the_calls_patience_is_not_begun(network: Network, s3_url: str) -> None:
    """Who calls learns at once that the server wants to be left alone."""
    clock = ManualClock(start_us=0)
    network.script = [Accident.BUSY]
    network.headers = {"Retry-After": "3600"}
    with pytest.raises(StoreUnavailable, match="503 SlowDown"):
        RemoteBlobStore(s3_url, clock=clock, patience_s=60.0).get("a")
    assert (clock.monotonic_s(), network.methods) == (0.0, ["GET"])


def test_unreachable_server_changed_nothing(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that never came about leaves no doubt."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(StoreUnavailable, match="Could not connect"):
        RemoteBlobStore(s3_url, clock=ManualClock()).create("a", b"x")


@pytest.mark.usefixtures("s3")
def test_missing_bucket_is_named() -> None:
    """A wrong address is told from an absent key."""
    with pytest.raises(StoreUnavailable, match="no bucket 'no-such-bucket'; create it"):
        open_store("s3://no-such-bucket/a").get("a")


@pytest.mark.usefixtures("s3")
def test_missing_credentials_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without credentials nothing is sent, and the sentence says what to set."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    with pytest.raises(StoreUnavailable, match="set AWS_PROFILE"):
        open_store("s3://tests/a").get("a")


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [("AWS_ENDPOINT_URL", "localhost:1", "check AWS_ENDPOINT_URL"), ("AWS_PROFILE", "nobody", "profile")],
)
@pytest.mark.usefixtures("s3")
def test_wrong_settings_are_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, sentence: str
) -> None:
    """What cannot even be connected with is trouble of the store, in words."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(StoreUnavailable, match=sentence):
        open_store("s3://tests/a").get("a")
