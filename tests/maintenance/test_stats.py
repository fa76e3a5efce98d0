"""Sizes are those of the objects, counts those that readers see, costs those on paper."""

from __future__ import annotations

import pytest

from mlflowflow.errors import NotFound
from mlflowflow.maintenance.prices import PRICES
from mlflowflow.maintenance.stats import cost, stats
from mlflowflow.storage.memory import MemoryBlobStore
from tests.maintenance.stores import EXPERIMENT, Hand, keys, objects, points


def test_all_objects_and_bytes_are_counted(store: MemoryBlobStore) -> None:
    """By kind and together, foreign ones too; the largest kind comes first."""
    store.put("notes.txt", b"xyz")
    found = stats(store)
    assert found.objects == len(objects(store))
    assert found.bytes == sum(len(body) for body in objects(store).values())
    assert [size.bytes for size in found.sizes] == sorted((size.bytes for size in found.sizes), reverse=True)
    assert ("foreign", 1, 3) in [(size.kind, size.objects, size.bytes) for size in found.sizes]


def test_runs_and_points_are_those_that_readers_see(store: MemoryBlobStore) -> None:
    """Folded or not; and folding changes neither."""
    expected = len(list(points(store, EXPERIMENT)))
    (before,) = stats(store, EXPERIMENT).tables
    Hand(store=store).compact(EXPERIMENT)
    (after,) = stats(store, EXPERIMENT).tables
    assert (before.runs, before.points) == (after.runs, after.points) == (5, expected)
    assert before.folded_points < after.folded_points == expected
    assert (before.unfolded, after.unfolded) == (4, 0)
    assert (before.manifests, after.manifests) == (2, 3)


def test_what_a_point_takes_is_known_once_points_are_folded(store: MemoryBlobStore) -> None:
    """The bytes of the parts that the present names, over their rows."""
    by_id = {table.experiment_id: table for table in stats(store).tables}
    each = by_id[EXPERIMENT].bytes_per_point
    assert each is not None
    assert each == by_id[EXPERIMENT].metric_bytes / by_id[EXPERIMENT].folded_points
    assert by_id["0"].bytes_per_point is None


def test_one_experiment_is_measured_with_its_artifacts(store: MemoryBlobStore) -> None:
    """And nothing else is."""
    found = stats(store, EXPERIMENT)
    mine = keys(store, f"exp/{EXPERIMENT}/") + keys(store, f"artifacts/{EXPERIMENT}/")
    assert found.objects == len(mine)


def test_damage_does_not_hide_the_sizes(store: MemoryBlobStore) -> None:
    """Whoever looks for what fills the disk gets an answer; fsck says what is wrong."""
    for prefix in ("hot", "log", "runs"):
        for key in keys(store, f"exp/{EXPERIMENT}/{prefix}/"):
            store.put(key, b"nonsense")
    (table,) = stats(store, EXPERIMENT).tables
    assert (table.segments, table.runs) == (13, 0)


def test_what_is_not_there_is_refused(store: MemoryBlobStore) -> None:
    """An empty place is no small store, and a mistyped id no small experiment."""
    with pytest.raises(NotFound, match="There is no store"):
        stats(MemoryBlobStore())
    with pytest.raises(NotFound, match="There is no experiment '7'"):
        stats(store, "7")


@pytest.mark.parametrize(
    ("writers", "puts_per_s", "day"),
    [(1, 0.1, 0.0467), (100, 10.0, 4.67), (1000, 30.0, 14.0), (10_000, 30.0, 14.0)],
)
def test_the_cost_follows_the_writers_until_they_slow_down(
    writers: int, puts_per_s: float, day: float
) -> None:
    """A fleet stays near thirty uploads a second, which is about 14 dollars a day in S3."""
    found = cost(0, writers=writers, prices=PRICES[0])
    assert found.puts_per_s == pytest.approx(puts_per_s)
    assert found.requests / 30 == pytest.approx(day, rel=0.02)


def test_keeping_bytes_is_paid_for_apart() -> None:
    """A TB in S3 is 23 dollars a month."""
    assert cost(10**12, writers=1, prices=PRICES[0]).keeping == pytest.approx(23.0)
