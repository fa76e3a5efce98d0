"""Who held which place when follows from the decisions, whatever they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.clock import ManualClock
from mlflowflow.registry.catalog import Catalog
from mlflowflow.registry.holdings import holdings
from mlflowflow.storage.memory import MemoryBlobStore

if TYPE_CHECKING:
    from collections.abc import Callable

START = 1_000_000_000


def _held(*decisions: Callable[[Catalog], object]) -> list[tuple[str, int, int, int | None]]:
    """Return what was held after three versions and then `decisions`, a second apart; times in seconds."""
    clock = ManualClock(start_us=START)
    catalog = Catalog(MemoryBlobStore(), clock=clock, actor="ann")
    catalog.create_model("m")
    for _ in range(3):
        catalog.create_version("m", source="runs:/a/model")
    for decide in decisions:
        clock.advance(1.0)
        decide(catalog)
    return [
        (
            each.place,
            each.version,
            _seconds(each.from_us),
            None if each.to_us is None else _seconds(each.to_us),
        )
        for each in holdings(catalog.history("m"))
    ]


def _seconds(time_us: int) -> int:
    return (time_us - START) // 1_000_000


def _alias(version: int) -> Callable[[Catalog], object]:
    return lambda catalog: catalog.set_alias("m", "live", version)


def test_an_alias_is_held_by_one_version_after_the_other() -> None:
    """Until it is moved, rolled back or removed."""
    assert _held(
        _alias(1),
        _alias(2),
        lambda catalog: catalog.rollback("m", "live"),
        lambda c: c.delete_alias("m", "live"),
    ) == [("live", 1, 1, 2), ("live", 2, 2, 3), ("live", 1, 3, 4)]


def test_a_stage_may_be_held_by_several() -> None:
    """Unless the transition archives the others; a version is in one stage at a time."""
    assert _held(
        lambda c: c.transition_stage("m", 1, "Production"),
        lambda c: c.transition_stage("m", 2, "Production"),
        lambda c: c.transition_stage("m", 3, "Production", archive_existing=True),
        lambda c: c.transition_stage("m", 3, "Staging"),
    ) == [("Production", 1, 1, 3), ("Production", 2, 2, 3), ("Production", 3, 3, 4), ("Staging", 3, 4, None)]


def test_what_is_deleted_holds_nothing() -> None:
    """A version, or the model with all of them."""
    assert _held(
        _alias(1), lambda c: c.transition_stage("m", 2, "Staging"), lambda c: c.delete_version("m", 1)
    ) == [
        ("Staging", 2, 2, None),
        ("live", 1, 1, 3),
    ]
    assert _held(
        _alias(1), lambda c: c.transition_stage("m", 2, "Staging"), lambda c: c.delete_model("m")
    ) in (
        [],  # the history of a deleted model is another model's business
        [("Staging", 2, 2, 3), ("live", 1, 1, 3)],
    )


def test_other_decisions_change_nothing() -> None:
    """Descriptions and tags are no places."""
    assert _held(_alias(1), lambda c: c.set_model_tag("m", "a", "1")) == [("live", 1, 1, None)]
