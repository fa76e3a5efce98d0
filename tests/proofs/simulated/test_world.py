"""The world of the simulated proofs keeps to what it says about itself."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import OutcomeUnknown
from mlflowflow.testing.faults import Fault
from tests.proofs.simulated.world import World

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.testing.faults import StoreCall


@pytest.mark.parametrize(("after_s", "is_there"), [(1.0, False), (601.0, True)])
def test_a_write_that_is_late_arrives_within_ten_minutes(
    tmp_path: Path, after_s: float, is_there: bool
) -> None:
    """Whoever comes later finds it: a collector reckons with requests that are late, not with eternal ones."""

    def late(call: StoreCall) -> Fault | None:
        return Fault.LATE if call.verb == "create" else None

    world = World("late", tmp_path, plan=late)
    found: list[bool] = []

    def process() -> None:
        with suppress(OutcomeUnknown):
            world.store.create("late", b"1")
        world.simulation.sleep(after_s)
        found.append(world.store.get("late") is not None)

    world.simulation.spawn("process", process)
    world.simulation.run()
    assert found == [is_there]
