"""The points of metrics as one dataset: parts in pieces, and the rest."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import CorruptData, InvalidInput, StoreUnavailable
from mlflowflow.storage.location import open_store
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.run import Metric
from tests.sql.stores import THEN, place

if TYPE_CHECKING:
    from mlflowflow.storage.blob import Span

_EDGES = (0, 1, -1, 2**53 + 1, 2**63 - 1, -(2**63))
_VALUES = (0.0, -0.0, math.nan, math.inf, -math.inf, 5e-324, 1.7976931348623157e308, 0.1)


class CountingStore(MemoryBlobStore):
    """A store that counts the bytes of parts that are read, and can fail to give them."""

    def __init__(self) -> None:
        """Count from zero."""
        super().__init__()
        self.read = 0
        self.away = False

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Get, and count if it is of a metrics part."""
        if "/metrics/" not in key:
            return super().get(key, span)
        if self.away:
            raise StoreUnavailable(self.url, "it was switched off")
        found = super().get(key, span)
        self.read += len(found or b"")
        return found


def _bits(value: float) -> bytes:
    return struct.pack("<d", value)


@pytest.mark.parametrize("folded", [True, False], ids=["folded", "hot"])
def test_every_value_step_and_time_arrives_as_it_was_logged(folded: bool) -> None:
    """NaN, infinities, the sign of zero and the ends of int64, bit for bit, from parts and segments alike."""
    points = [
        Metric(key=f"m{number}", value=value, timestamp=edge, step=edge)
        for number, value in enumerate(_VALUES)
        for edge in _EDGES
    ]
    with place() as here:
        run_id = here.run()
        here.tracker.log_batch(run_id, metrics=points)
        if folded:
            here.fold()
        with here.database() as database:
            table = database.ask("SELECT key, value, timestamp, step FROM metrics").table()
    found = {(row["key"], row["step"], row["timestamp"], _bits(row["value"])) for row in table.to_pylist()}
    assert found == {(each.key, each.step, each.timestamp, _bits(each.value)) for each in points}


def test_a_time_without_a_date_is_null_and_spoils_nothing() -> None:
    """The points beside it keep their dates, also in comparisons of dates."""
    with place() as here:
        run_id = here.run()
        here.tracker.log_metric(run_id, "m", 1.0, timestamp=2**63 - 1)
        here.tracker.log_metric(run_id, "m", 2.0, timestamp=THEN // 1000)
        here.fold()
        assert here.rows("SELECT value FROM metrics WHERE ts > TIMESTAMP '2020-01-01'") == [{"value": 2.0}]
        assert here.rows("SELECT value FROM metrics WHERE ts IS NULL") == [{"value": 1.0}]


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        ("timestamp = 5", 1),
        ("timestamp > 4 AND step < 6", 1),
        ("timestamp IN (4, 5, 99) AND key = 'm'", 2),
        ("epoch_ms(ts) = 5", 1),
        ("step BETWEEN 3 AND 4", 2),
        ("value > 8", 1),
        ("isnan(value) OR value >= 9", 1),
        ("experiment_id = '0' AND key <> 'm'", 0),
        ("experiment_id = 'nobody'", 0),
        ("run_id IN (SELECT run_id FROM runs) AND step = 1", 1),
    ],
)
@pytest.mark.parametrize("folded", [True, False], ids=["folded", "hot"])
def test_conditions_mean_the_same_wherever_the_points_are(condition: str, count: int, folded: bool) -> None:
    """Some are answered by DuckDB and some by the files' statistics; nobody can tell which."""
    with place() as here:
        run_id = here.run()
        points = [Metric(key="m", value=float(n), timestamp=n, step=n) for n in range(10)]
        here.tracker.log_batch(run_id, metrics=points)
        if folded:
            here.fold()
        assert len(here.rows(f"SELECT * FROM metrics WHERE {condition}")) == count


def test_points_of_several_experiments_keep_their_experiment() -> None:
    """Each part and each table bears the id of the experiment it lies in."""
    with place() as here:
        other = here.tracker.create_experiment("other")
        here.run(m=1.0)
        here.fold()
        here.run(experiment_id=other, m=2.0)
        here.fold(other)
        here.run(experiment_id=other, m=3.0)
        rows = here.rows("SELECT experiment_id, value FROM metrics ORDER BY value")
    assert [tuple(row.values()) for row in rows] == [("0", 1.0), (other, 2.0), (other, 3.0)]


def test_one_series_of_many_reads_a_small_piece_of_the_part() -> None:
    """Row groups are chosen by their statistics, and only the columns that are needed are fetched."""
    store = CountingStore()
    with place(store) as here:
        runs = [here.run() for _ in range(4)]
        for run_id in runs:
            points = [Metric(key="m", value=math.sin(n), timestamp=n, step=n) for n in range(40_000)]
            here.tracker.log_batch(run_id, metrics=points)
        here.fold()
        store.read = 0
        assert here.rows("SELECT count(*) AS n FROM metrics") == [{"n": 160_000}]
        assert here.rows("SELECT sum(value) IS NOT NULL AS b FROM metrics") == [{"b": True}]
        everything, store.read = store.read, 0
        assert here.rows("SELECT count(value) AS n FROM metrics WHERE run_id = ?", [runs[0]]) == [
            {"n": 40_000}
        ]
        assert store.read < everything / 1.5
        store.read = 0
        assert here.rows("SELECT value FROM metrics WHERE run_id = 'zzz'") == []
        assert store.read == 0


def _part_of(store: MemoryBlobStore) -> str:
    (key,) = [blob.key for blob in store.list("exp/0/metrics/")]
    return key


def test_a_flipped_bit_fails_the_statement_and_names_the_part() -> None:
    """A wrong number is never shown."""
    store = MemoryBlobStore()
    with place(store) as here:
        run_id = here.run()
        points = [Metric(key="m", value=math.sin(n), timestamp=n, step=n) for n in range(1000)]
        here.tracker.log_batch(run_id, metrics=points)
        here.fold()
        key = _part_of(store)
        body = bytearray(store.get(key) or b"")
        body[len(body) // 2] ^= 1
        store.put(key, bytes(body))
        with pytest.raises(CorruptData, match=key):
            here.rows("SELECT sum(value), sum(step), max(ts) FROM metrics")


def test_a_part_that_is_gone_is_named() -> None:
    """A statement over what somebody deleted by hand does not look like a mistake in the statement."""
    store = MemoryBlobStore()
    with place(store) as here:
        here.run(m=1.0)
        here.fold()
        key = _part_of(store)
        store.delete(key)
        with pytest.raises(CorruptData, match=key):
            here.rows("SELECT * FROM metrics")


def test_a_store_that_is_away_is_said_to_be_away() -> None:
    """Trouble with the store is not reported as a mistake in the statement."""
    store = CountingStore()
    with place(store) as here:
        here.run(m=1.0)
        here.fold()
        with here.database() as database:
            store.away = True
            with pytest.raises(StoreUnavailable):
                database.ask("SELECT * FROM metrics").rows()


def test_a_mistake_is_the_statements_though_parts_were_read() -> None:
    """Not every failure while a part is read is the part's."""
    with place() as here:
        here.run(m=1.0)
        here.fold()
        with pytest.raises(InvalidInput, match="Could not convert"):
            here.rows("SELECT CAST(key AS INTEGER) FROM metrics")


@pytest.mark.s3
def test_parts_in_a_bucket_are_read_in_pieces_too(s3_url: str) -> None:
    """Ranges are fetched through the store, from whatever thread Arrow reads in."""
    with place(open_store(s3_url)) as here:
        runs = [here.run() for _ in range(2)]
        for run_id in runs:
            points = [Metric(key="m", value=math.sin(n), timestamp=n, step=n) for n in range(40_000)]
            here.tracker.log_batch(run_id, metrics=points)
        here.fold()
        here.tracker.log_metric(runs[0], "m", 1.0, step=40_000)
        counts = here.rows("SELECT run_id, count(value) AS n FROM metrics GROUP BY run_id ORDER BY run_id")
        assert [row["n"] for row in counts] == [40_001, 40_000]
        assert here.rows("SELECT count(*) AS n FROM metrics WHERE run_id = ?", [runs[1]]) == [{"n": 40_000}]
        assert here.rows("SELECT count(*) AS n FROM runs JOIN latest_metrics USING (run_id)") == [{"n": 2}]


@pytest.mark.parametrize("state", ["folded", "hot", "unsent"])
def test_points_of_earlier_attempts_are_left_out(state: str) -> None:
    """Of a run that was tried again, wherever its points are; also where the statement filters them itself."""
    with place() as here:
        tracker = here.tracker
        here.run(loss=7.0)
        run_id = tracker.create_run("0", run_id="again", attempt=1).info.run_id
        points = [Metric("loss", float(step), 0, step) for step in range(3)]
        tracker.log_batch(run_id, metrics=[*points, Metric("gone", 1.0, 0)])
        here.fold()
        tracker.create_run("0", run_id=run_id, attempt=2)
        tracker.log_batch(run_id, metrics=[Metric("loss", 9.0, 0, 1)])
        if state != "unsent":
            tracker.flush()
        if state == "folded":
            here.fold()
        assert here.rows("SELECT step, value FROM metrics WHERE run_id = 'again'") == [
            {"step": 1, "value": 9.0}
        ]
        assert here.rows("SELECT count(*) AS n FROM metrics") == [{"n": 2}]
        assert here.rows("SELECT key FROM metrics WHERE value < 8.0 AND key = 'gone'") == []
        assert here.rows("SELECT key, value FROM latest_metrics WHERE run_id = 'again'") == [
            {"key": "loss", "value": 9.0}
        ]
        assert here.rows("SELECT attempt FROM runs ORDER BY attempt") == [{"attempt": 1}, {"attempt": 2}]


def test_a_look_into_the_past_shows_the_attempt_of_then() -> None:
    """As of a compaction between the attempts."""
    with place() as here:
        tracker = here.tracker
        tracker.create_run("0", run_id="again", attempt=1)
        tracker.log_metric("again", "loss", 1.0)
        here.fold()
        then = here.clock.now_us()
        here.clock.advance(60)
        tracker.create_run("0", run_id="again", attempt=2)
        tracker.log_metric("again", "loss", 2.0)
        here.fold()
        question = "SELECT value FROM metrics"
        assert here.rows(question) == [{"value": 2.0}]
        assert here.rows(question, at_us=then) == [{"value": 1.0}]
        history = tracker.metric_history("again", "loss", at_us=then)
        assert [point.value for point in history] == [1.0]
