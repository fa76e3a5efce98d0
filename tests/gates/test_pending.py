"""What a gate held waits while it can be approved; a refusal stands until something else is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.gates.approval import approve
from mlflowflow.gates.pending import pending
from mlflowflow.gates.policy import WhenNoChampion
from tests.gates.examples import QUALITY, policy

if TYPE_CHECKING:
    from tests.gates.registry import Registry

_ASKS = policy(QUALITY, when_no_champion=WhenNoChampion.REQUIRE_APPROVAL)


def _open(registry: Registry) -> list[tuple[int, str, bool]]:
    found = pending(registry.catalog.get_model("digits"), registry.catalog.history("digits"))
    return [(each.change.version, each.change.outcome, each.is_held) for each in found]


def _weigh(registry: Registry, *, accuracy: float = 0.95) -> str:
    version = registry.version()
    promotion = registry.promote(version, registry.evaluated(version, accuracy=accuracy), by=_ASKS)
    return promotion.verdict.digest


def _approve(registry: Registry, verdict: str) -> None:
    approve("digits", verdict, catalog=registry.catalog, journal=registry.journal, comment="looks right")


def test_everything_held_waits(registry: Registry) -> None:
    """The latest first; all of them could be approved."""
    _weigh(registry)
    _weigh(registry)
    assert _open(registry) == [(2, "HELD", True), (1, "HELD", True)]


def test_an_approval_settles_it_and_what_was_weighed_beside_it(registry: Registry) -> None:
    """There is another champion then, so the others must be weighed again."""
    verdict = _weigh(registry)
    _weigh(registry)
    _approve(registry, verdict)
    assert _open(registry) == []


def test_what_was_approved_once_does_not_wait_again(registry: Registry) -> None:
    """Though nobody holds the alias again, as when it was weighed: approving again would change nothing."""
    _approve(registry, _weigh(registry))
    registry.catalog.delete_alias("digits", "champion")
    assert _open(registry) == []


def test_the_last_refusal_stands(registry: Registry) -> None:
    """Those before it are history, and so is the last one when the alias moves."""
    _weigh(registry, accuracy=0.1)
    _weigh(registry, accuracy=0.2)
    assert _open(registry) == [(2, "FAILED", False)]
    registry.catalog.set_alias("digits", "champion", 1)
    assert _open(registry) == []


def test_a_refusal_hides_nothing_that_waits(registry: Registry) -> None:
    """Both are about the same alias."""
    _weigh(registry)
    _weigh(registry, accuracy=0.1)
    assert _open(registry) == [(2, "FAILED", False), (1, "HELD", True)]


def test_a_version_that_is_gone_waits_for_nobody(registry: Registry) -> None:
    """It cannot be promoted any more."""
    _weigh(registry)
    registry.catalog.delete_version("digits", 1)
    assert _open(registry) == []
