"""How long something took, and how much memory a process holds."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_KIB_PER_MIB: Final = 1024


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median_ms(works: list[Callable[[], object]]) -> float:
    """Return the median over `works` of how long each took, in milliseconds."""
    return statistics.median(seconds(work) for work in works) * 1e3


def median_call_us(call: Callable[[int], object], calls: int) -> float:
    """Return the median time of one call in microseconds, each timed for itself."""
    took: list[int] = []
    for number in range(calls):
        began = time.perf_counter_ns()
        call(number)
        took.append(time.perf_counter_ns() - began)
    return statistics.median(took) / 1e3


def resident_mib() -> float:
    """Return the memory this process holds now, in MiB (Linux)."""
    return held_mib("VmRSS")


def peak_mib() -> float:
    """Return the most memory this process has held since `forget_peak`, in MiB (Linux)."""
    return held_mib("VmHWM")


def forget_peak() -> None:
    """Count the peak from now on."""
    Path("/proc/self/clear_refs").write_text("5")


def held_mib(name: str, process: int | str = "self") -> float:
    """Return the memory of a process by its `name` in Linux: ``VmRSS`` is now, ``VmHWM`` the most so far.

    A process that has ended has none.
    """
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        field, _, value = line.partition(":")
        if field == name:
            return int(value.split()[0]) / _KIB_PER_MIB
    return 0.0
