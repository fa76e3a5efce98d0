"""A long proof: `kill -9` at random moments, again and again, and the same run still comes to its end."""

from __future__ import annotations

import random
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.system.programs import descendants, is_alive, wait_for
from tests.system.test_interruption import Slow

if TYPE_CHECKING:
    from tests.proofs.report import Tally
    from tests.system.programs import Bench

pytestmark = [pytest.mark.prove, pytest.mark.timeout(3600)]
#: How often one run is killed before it is left alone.
KILLS = 6


@pytest.mark.parametrize("seed", range(3))
def test_a_run_that_is_killed_again_and_again_comes_to_its_end(bench: Bench, tally: Tally, seed: int) -> None:
    """Wherever the kills fall: the store opens, no process is left, and each trial is one finished run."""
    chance = random.Random(seed)
    slow = Slow(bench)
    slow.go.touch()  # trials end by themselves
    options: tuple[str, ...] = ()
    kills = 0
    for _ in range(KILLS):
        process = bench.start("run", "slow", "-e", "chain", "-P", f"go={slow.go}", *options)
        if ended_within(process, chance.uniform(0.5, 12.0)):
            break
        family = descendants(process.pid)
        process.send_signal(signal.SIGKILL)
        kills += 1
        process.wait(60)
        wait_for(lambda family=family: not any(map(is_alive, family)), seconds=90)
        roots = [run["run_id"] for run in slow.runs() if run["run_name"] == "chain"]
        options = ("--resume", roots[0]) if roots else ()
    if any(run["run_name"] == "chain" for run in slow.runs()):
        slow.continue_to_the_end()
    tally.add(check="R30", what="kill -9 while a project runs", count=kills)


def ended_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Answer whether the process ends by itself in that time."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True
