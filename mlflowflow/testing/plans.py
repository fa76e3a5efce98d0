"""Which call meets which fault: scripts for a `FaultyBlobStore`, some of them drawn from a seed.

A fault is *transient* if it hits one call and *persistent* if it hits all calls from one on. Both
find mistakes that the other does not: code that repeats survives the first, and only code that
gives up cleanly survives the second.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from mlflowflow.testing.faults import Fault, StoreCall

Plan: TypeAlias = "Callable[[StoreCall], Fault | None]"


def once(number: int, fault: Fault) -> Plan:
    """Return the plan in which the call `number` alone meets `fault`.

    >>> from mlflowflow.storage.memory import MemoryBlobStore
    >>> from mlflowflow.testing.faults import Fault, FaultyBlobStore
    >>> store = FaultyBlobStore(MemoryBlobStore(), once(1, Fault.SLOW))
    >>> store.put("a", b"1")
    """
    return lambda call: fault if call.number == number else None


def from_then_on(number: int, fault: Fault) -> Plan:
    """Return the plan in which every call from `number` on meets `fault`."""
    return lambda call: fault if call.number >= number else None


def only(plan: Plan, *, verbs: Collection[str] = (), keys: str = "") -> Plan:
    """Return `plan` for calls whose verb is one of `verbs` (none: any) and whose key contains `keys`."""
    return lambda call: plan(call) if (not verbs or call.verb in verbs) and keys in call.key else None


def first_of(*plans: Plan) -> Plan:
    """Return the plan that asks `plans` in turn and takes the first fault named."""
    return lambda call: next((fault for plan in plans if (fault := plan(call)) is not None), None)


def at_random(seed: object, faults: Sequence[Fault], *, rate: float) -> Plan:
    """Return a plan in which each call meets one of `faults` with the probability `rate`.

    The same seed and the same calls give the same faults.
    """
    choices = random.Random(repr(seed))  # noqa: S311 - repeatable choices, no secrets

    def plan(call: StoreCall) -> Fault | None:
        del call
        return choices.choice(faults) if choices.random() < rate else None

    return plan


class Switch:
    """A plan that can be turned off: when the faults stop, everything must come to rest.

    >>> from mlflowflow.testing.faults import Fault, StoreCall
    >>> switch = Switch(from_then_on(1, Fault.DENIED))
    >>> call = StoreCall(number=1, verb="get", key="a")
    >>> switch(call), switch.turn_off(), switch(call)
    (<Fault.DENIED: 'denied'>, None, None)
    """

    def __init__(self, plan: Plan) -> None:
        """Follow `plan` until it is turned off."""
        self._plan = plan
        self.on = True

    def turn_off(self) -> None:
        """Let every later call pass."""
        self.on = False

    def __call__(self, call: StoreCall) -> Fault | None:
        """Say what the call meets."""
        return self._plan(call) if self.on else None
