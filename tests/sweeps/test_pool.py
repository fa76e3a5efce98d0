"""The promises of pools are tested where there are pools: see `mlflowflow.testing.pool`."""

from __future__ import annotations

from mlflowflow.sweeps.pool import News


def test_no_news_is_empty() -> None:
    """Nothing ended, and nothing was reported."""
    assert (News().ends, News().reports) == ((), ())
