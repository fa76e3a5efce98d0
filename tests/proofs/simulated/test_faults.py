"""R03: the first call to the store fails, then the second, and so on until a story meets no fault."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import pytest

from mlflowflow.testing.faults import Fault
from mlflowflow.testing.plans import from_then_on, once
from tests.proofs.scale import scale
from tests.proofs.simulated.story import DISK_ERRORS, Story
from tests.proofs.simulated.views import Denying, Hasty, OtherNumber
from tests.proofs.simulated.world import Parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlflowflow.testing.disk import SpoolCall, SpoolScript
    from mlflowflow.testing.faults import StoreCall
    from mlflowflow.testing.plans import Plan
    from tests.proofs.report import Tally

_WHAT: Final = "single faults of every call, passing and lasting"
#: Every so manieth call is tried.
_STRIDE: Final = scale(12, 1)
#: What a caller must bear; a part of an object only where somebody writes it again.
FAULTS: Final = (
    Fault.UNAVAILABLE,
    Fault.LOST_ANSWER,
    Fault.LATE,
    Fault.TWICE,
    Fault.PARTIAL,
    Fault.HANGING,
    Fault.SLOW,
    Fault.THROTTLED,
    Fault.REFUSED,
    Fault.DENIED,
)
#: From what call on a fault lasts, or that it passes.
SPANS: Final[dict[str, Callable[[int, Fault], Plan]]] = {"passing": once, "lasting": from_then_on}


def on_segments(plan: Plan) -> Plan:
    """Return `plan` with parts of objects only where segments are put."""

    def harmless(call: StoreCall) -> Fault | None:
        fault = plan(call)
        harms = fault is Fault.PARTIAL and not (call.verb == "put" and "/hot/" in call.key)
        return None if harms else fault

    return harmless


def faults_of(
    span: str, fault: Fault, *, seed: int, parts: Parts | None = None
) -> Iterator[tuple[str, Story]]:
    """Yield the story with the fault at one call after the other, the last time behind its end."""
    calls = Story(seed=seed, parts=parts).tell().calls
    for number in range(1 + seed % _STRIDE, calls + _STRIDE, _STRIDE):
        plan = on_segments(SPANS[span](number, fault))
        yield f"{span} {fault.value} at call {number}", Story(seed=seed, plan=plan, parts=parts)


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_failing_call_to_the_store_breaks_no_promise(tally: Tally, fault: Fault, span: str) -> None:
    """Each call ends well or with a documented error, and what was acknowledged comes to the store once."""
    found: list[str] = []
    count = 0
    for seed in range(scale(1, 2)):
        for what, story in faults_of(span, fault, seed=seed):
            found += [f"seed {seed}, {what}: {each}" for each in story.tell().violations]
            count += 1
    tally.add(check="R03", what=_WHAT, count=count, violations=found)


def test_the_loop_ends_with_a_story_that_meets_no_fault() -> None:
    """So no call is left out."""
    calls = Story().tell().calls
    assert Story(plan=once(calls, Fault.SLOW)).tell().faults == 1
    assert Story(plan=once(calls + 50, Fault.SLOW)).tell().faults == 0


@pytest.mark.parametrize("lasting", [False, True], ids=["passing", "lasting"])
@pytest.mark.parametrize("number", DISK_ERRORS)
def test_a_failing_local_disk_breaks_no_promise(tally: Tally, number: int, lasting: bool) -> None:
    """What the disk does not take is refused or goes to the store at once; nothing acknowledged is lost."""
    found: list[str] = []
    count = 0
    for writing, seed in itertools.product(("process", "disk"), range(scale(1, 3))):
        for at in range(1, 40, scale(6, 1)):
            story = Story(seed=seed, writing=writing, disk=failing(at, number, lasting=lasting))
            found += [f"seed {seed}, {writing}, call {at}: {each}" for each in story.tell().violations]
            count += 1
    tally.add(
        check="R03", what="errors of the local disk, passing and lasting", count=count, violations=found
    )


def failing(at: int, number: int, *, lasting: bool) -> SpoolScript:
    """Return the script in which the call `at`, or every call from there on, fails with the error `number`."""

    def script(call: SpoolCall) -> int | None:
        return number if call.number == at or (lasting and call.number > at) else None

    return script


MUTANTS: Final[dict[str, tuple[Parts, Fault]]] = {
    "takes an error for success": (Parts(view={"writer": Hasty}), Fault.UNAVAILABLE),
    "sends again under another number": (Parts(view={"writer": OtherNumber}), Fault.LOST_ANSWER),
    "calls a lost answer a refusal": (Parts(view={"registry": Denying}), Fault.LOST_ANSWER),
}


def test_planted_mistakes_are_noticed(tally: Tally) -> None:
    """Each shows at some call."""
    tally.add(check="R03", what=_WHAT, count=0, mutants={name: is_noticed(name) for name in MUTANTS})


def is_noticed(name: str) -> bool:
    """Answer whether some failing call accuses the mutant."""
    parts, fault = MUTANTS[name]
    calls = Story(parts=parts).tell().calls
    stories = (
        Story(seed=seed, plan=once(number, fault), parts=parts)
        for seed in range(3)
        for number in range(1, calls + 1)
    )
    return any(story.tell().violations for story in stories)
