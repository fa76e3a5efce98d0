"""The pool of threads keeps the promises of a pool, and the promises catch pools that do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.sweeps.pool import News
from mlflowflow.testing.pool import PoolContract, ThreadPool, obey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.sweeps.pool import Pool
    from mlflowflow.sweeps.trial import Trial


class TestThreadPool(PoolContract):
    """The promises, kept by threads."""

    @pytest.fixture
    def pool(self) -> Iterator[Pool]:
        """Give a pool with two places."""
        pool = ThreadPool(obey)
        yield pool
        pool.close()


class Repeating(ThreadPool):
    """Tells the ends of its attempts twice."""

    def wait(self, timeout_s: float) -> News:
        """Return them twice."""
        news = super().wait(timeout_s)
        return News(ends=news.ends * 2, reports=news.reports)


class Deaf(ThreadPool):
    """Prunes the first, whichever was meant."""

    def prune(self, number: int) -> None:
        """Do not look at the number."""
        del number
        super().prune(0)


class Forgetful(ThreadPool):
    """Forgets what it cancelled."""

    def cancel(self) -> list[Trial]:
        """Return one too few."""
        return super().cancel()[1:]


@pytest.mark.parametrize(
    ("mutant", "promise"),
    [
        (Repeating, "test_every_attempt_ends_once"),
        (Deaf, "test_a_pruned_attempt_ends_early_and_no_other"),
        (Forgetful, "test_cancelling_stops_everything_and_returns_it"),
    ],
)
def test_a_pool_that_breaks_a_promise_is_noticed(mutant: type[ThreadPool], promise: str) -> None:
    """A contract that passes everything would prove nothing."""
    pool = mutant(obey)
    try:
        with pytest.raises((AssertionError, ValueError)):
            getattr(PoolContract(), promise)(pool)
    finally:
        pool.close()
