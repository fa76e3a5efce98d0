"""Prices are few figures used in one way."""

from __future__ import annotations

import pytest

from mlflowflow.maintenance.prices import MONTH_S, PRICES, Prices


def test_requests_and_room_are_paid_for_apart() -> None:
    """A million of each kind costs its price, and so does a GB for a month."""
    prices = Prices(name="x", writes_per_million=5.0, reads_per_million=0.4, gb_month=0.02)
    assert prices.requests(writes=1e6, reads=0) == pytest.approx(5.0)
    assert prices.requests(writes=0, reads=1e6) == pytest.approx(0.4)
    assert prices.keeping(1e9) == pytest.approx(0.02)


def test_every_store_asks_more_for_writing_than_for_reading() -> None:
    """A slip in the table would turn them round."""
    assert all(0 < prices.reads_per_million < prices.writes_per_million < 10 for prices in PRICES)
    assert len({prices.name for prices in PRICES}) == len(PRICES)
    assert MONTH_S == 2_592_000
