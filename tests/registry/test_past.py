"""The registry as it was."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.registry.catalog import Catalog
from mlflowflow.registry.past import instant
from mlflowflow.storage.memory import MemoryBlobStore


def test_the_past_answers_as_the_present_did() -> None:
    """Every question can be put to a time."""
    clock = ManualClock(start_us=1_000_000)
    catalog = Catalog(MemoryBlobStore(), clock=clock)
    catalog.create_version("m", source="s")
    catalog.set_alias("m", "champion", 1)
    before = catalog.list_models()
    clock.advance(10)
    catalog.create_version("m", source="s")
    catalog.set_alias("m", "champion", 2)
    catalog.create_version("n", source="s")
    past = catalog.at("1970-01-01T00:00:05Z")
    assert past.list_models() == before
    assert past.get_model("m") == before[0]
    assert past.get_version_by_alias("m", "champion") == past.get_version("m", 1)
    with pytest.raises(NotFound, match="1970-01-01T00:00:05"):
        past.get_model("n")


def test_a_time_is_said_in_several_ways() -> None:
    """Text to the minute or the second, a datetime with a zone, microseconds."""
    assert instant("1970-01-01T00:01") == instant("1970-01-01T00:01:00Z") == 60_999_999
    assert instant(datetime.fromtimestamp(60, UTC)) == instant(60_000_000) == 60_000_000


@pytest.mark.parametrize("time", ["yesterday", "", None, 1.5])
def test_what_is_no_time_is_refused(time: Any) -> None:
    """The error says what is expected."""
    with pytest.raises(InvalidInput, match="ISO 8601"):
        instant(time)
