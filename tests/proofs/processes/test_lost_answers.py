"""R05: answers of S3 that are lost and requests that arrive twice, through the real client library."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import MlflowflowError
from mlflowflow.registry.catalog import Catalog
from mlflowflow.storage.blob import Created
from mlflowflow.storage.remote import RemoteBlobStore
from mlflowflow.tracking.tracker import Tracker
from tests.proofs.processes.registries import Passing
from tests.proofs.scale import scale
from tests.storage.proxy import Accident, Network, proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.testing.s3 import S3Server
    from tests.proofs.report import Tally

pytestmark = pytest.mark.s3
_CHECK: Final = {"check": "R05", "what": "answers of S3 lost, requests delivered twice"}
_LOSSES: Final = scale(60, 2_000)
#: What happens to a third of the requests, never to more than two in a row: then nobody may give up.
_RATE: Final = 0.33
_IN_A_ROW: Final = 2


class Weather(list[Accident | None]):
    """A script without an end: accidents by chance, counted."""

    def __init__(self, seed: int) -> None:
        """Choose as `seed` says."""
        super().__init__()
        self.happened = 0
        self._chance = random.Random(seed)
        self._row = 0

    def __bool__(self) -> bool:
        """Always have something to say."""
        return True

    def pop(self, index: Any = -1) -> Accident | None:
        """Say what happens to the next request."""
        del index
        if self._row >= _IN_A_ROW or self._chance.random() > _RATE:
            self._row = 0
            return None
        self._row += 1
        self.happened += 1
        return self._chance.choice((Accident.LOST_ANSWER, Accident.TWICE))


@pytest.fixture
def network(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """Put a network that can fail before the S3 server; stores opened from now on use it."""
    with proxy(s3.endpoint) as network:
        monkeypatch.setenv("AWS_ENDPOINT_URL", network.endpoint)
        yield network


def _session(store: BlobStore, spool: Path, url: str) -> list[str]:
    """Track and register over `store`, look at what is there, and say what is wrong."""
    violations: list[str] = []
    catalog = Catalog(store, clock=ManualClock())
    made: list[int] = []
    try:
        tracker = Tracker(store, spool_dir=spool, flush_intervals=())
        run_id = tracker.create_run("0").info.run_id
        for step in range(6):
            tracker.log_metric(run_id, "m", step / 3, step=step)
            tracker.flush()
            made.append(catalog.create_version("m", source=f"s{step}").version)
        tracker.close()
        for number in range(4):
            violations += _raced_alone(store, f"object/{number}")
    except MlflowflowError as error:
        return [f"a false failure: {error!r}"]
    steps = Counter(point.step for point in tracker.metric_history(run_id, "m"))
    if steps != Counter(range(6)):
        violations.append(f"the points are {steps}")
    found = [
        (each.version, each.source) for each in Catalog(store, clock=ManualClock()).get_model("m").versions
    ]
    if found != [(number + 1, f"s{number}") for number in range(6)] or made != list(range(1, 7)):
        violations.append(f"the versions are {found}, and {made} were acknowledged")
    return [f"{url}: {each}" for each in violations]


def _raced_alone(store: BlobStore, key: str) -> list[str]:
    """Create an object that nobody else creates: it must be said to be ours."""
    created = store.create(key, key.encode())
    return [] if created is Created.CREATED else [f"our own object {key} was taken for another's"]


def _opened(url: str) -> BlobStore:
    return RemoteBlobStore(url, clock=ManualClock())


def test_lost_answers_and_doubled_requests_change_nothing(
    network: Network, s3_url: str, tmp_path: Path, tally: Tally
) -> None:
    """Nothing is there twice, nothing is said to have failed, and our own writes are known as ours."""
    weather = network.script = Weather(_LOSSES)
    violations: list[str] = []
    place = 0
    while weather.happened < _LOSSES:
        place += 1
        violations += _session(_opened(f"{s3_url}/{place}"), tmp_path / str(place), f"{s3_url}/{place}")
    tally.add(**_CHECK, count=weather.happened, violations=violations)


class TakesOwnForForeign(Passing):
    """Does not compare what is there with what it wrote."""

    def create(self, key: str, data: bytes) -> Created:
        """Ask again after a success, as a library does that repeats the condition."""
        self.inner.create(key, data + b" ")
        return self.inner.create(key, data)


class NumbersAnew(Passing):
    """Writes again under another name when in doubt."""

    def put(self, key: str, data: bytes) -> None:
        """Write, and sometimes under a second name."""
        self.inner.put(key, data)
        if "/hot/" in key and "7" in key[-30:-20]:
            self.inner.put(key.replace("hot/", "hot/again"), data)


_MUTANTS: Final[dict[str, Callable[[BlobStore], BlobStore]]] = {
    "takes its own object for another's": TakesOwnForForeign,
    "numbers a repeated write anew": NumbersAnew,
    "gives up at the first lost answer": lambda store: RemoteBlobStore(store.url, patience_s=0.0),
}


def test_clients_that_misread_the_network_are_noticed(
    network: Network, s3_url: str, tmp_path: Path, tally: Tally
) -> None:
    """Each planted mistake shows within some sessions."""
    network.script = Weather(1)
    noticed: dict[str, bool] = {}
    for name, mutant in _MUTANTS.items():
        sessions = (
            _session(mutant(_opened(f"{s3_url}/{name[:5]}-{place}")), tmp_path / f"{name}-{place}", s3_url)
            for place in range(40)
        )
        noticed[name] = any(sessions)
    tally.add(**_CHECK, count=0, mutants=noticed)
