"""R02: a process dies at a crash point, and whoever recovers its spool dies too, at every one of its own."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import mlflowflow
from tests.proofs.scale import scale
from tests.proofs.simulated.story import DISK_ERRORS, WRITINGS, Crash, Story, Told
from tests.proofs.simulated.views import Renumbering, Reversing, Swallowing
from tests.proofs.simulated.world import Parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.testing.disk import SpoolCall
    from tests.proofs.report import Tally

_WHAT: Final = "deaths at crash points, and again inside the recovery"
#: How many of the times that a place is reached a process dies there.
_HITS: Final = scale(3, 12)
#: Places that are tried elsewhere, and where.
_ELSEWHERE: Final = {"reaped runs marked": "tests/tracking/test_reaper.py"}
_POINT: Final = re.compile(r'crash_point\("([^"]+)"\)')


def unsynced(call: SpoolCall) -> int | None:
    """Return an error for the third sync: then the spool is written anew."""
    return DISK_ERRORS[1] if call.verb == "sync" and call.number % 3 == 0 else None


STORIES: Final[dict[str, Story]] = {
    **{name: Story(writing=name, batches=8 if name == "small files" else 3) for name in WRITINGS},
    "a disk that does not sync": Story(writing="disk", disk=unsynced, batches=5),
}


def deaths(story: Story, *, reached: Counter[str]) -> Iterator[tuple[Story, Told]]:
    """Tell the story with its first process dying at every place, then also its heir at every place.

    `reached` counts the places that were passed or died at.
    """
    whole = story.tell()
    _count(reached, whole, "writer 0")
    for (_, name), times in whole.reached.items():
        for hit in range(1, min(times, _HITS) + 1):
            once = replace(story, crashes=(Crash(process="writer 0", name=name, hit=hit),))
            told = once.tell()
            yield once, told
            _count(reached, told, "heir 0")
            for (process, again), often in told.reached.items():
                for second in range(1, min(often, scale(1, 3)) + 1) if process == "heir 0" else ():
                    twice = replace(
                        once, crashes=(*once.crashes, Crash(process=process, name=again, hit=second))
                    )
                    yield twice, twice.tell()


def _count(reached: Counter[str], told: Told, who: str) -> None:
    for (process, name), times in told.reached.items():
        if process == who:
            reached[name] += times


def violations_of(story: Story, told: Told) -> list[str]:
    """Return what broke, and a death that did not happen."""
    found = [f"seed {story.seed}, {story.crashes}: {each}" for each in told.violations]
    if len(told.died) != len(story.crashes):
        found.append(f"seed {story.seed}, {story.crashes}: only {told.died} died.")
    return found


@pytest.mark.parametrize("seed", range(scale(1, 20)))
def test_no_death_at_a_crash_point_costs_anything(tally: Tally, seed: int) -> None:
    """What was acknowledged is there once, after any death and any death of its recovery."""
    found: list[str] = []
    count = 0
    reached: Counter[str] = Counter()
    for story in STORIES.values():
        for each, told in deaths(replace(story, seed=seed), reached=reached):
            count += 1
            found += violations_of(each, told)
    seldom = {name for name in named_places() - set(_ELSEWHERE) if reached[name] < 3}
    found += [f"The place '{name}' was reached {reached[name]} times only." for name in seldom]
    tally.add(check="R02", what=_WHAT, count=count, violations=found)


def named_places() -> set[str]:
    """Return the names of all crash points in the library."""
    package = Path(str(mlflowflow.__file__)).parent
    sources = (path.read_text() for path in package.rglob("*.py") if path.stem != "crash")
    return {found for source in sources for found in _POINT.findall(source)}


MUTANTS: Final[dict[str, Parts]] = {
    "uploads out of order": Parts(view={"writer": Reversing}),
    "recovers under other numbers": Parts(view={"heir": Renumbering}),
    "recovers and forgets to upload": Parts(view={"heir": Swallowing}),
}


def test_planted_mistakes_are_noticed(tally: Tally) -> None:
    """Each shows at some death."""
    tally.add(check="R02", what=_WHAT, count=0, mutants={name: is_noticed(MUTANTS[name]) for name in MUTANTS})


def is_noticed(parts: Parts) -> bool:
    """Answer whether some death accuses the mutant."""
    stories = (replace(STORIES["process"], seed=seed, parts=parts) for seed in range(3))
    told = (told for story in stories for _, told in deaths(story, reached=Counter()))
    return any(each.violations for each in told)
