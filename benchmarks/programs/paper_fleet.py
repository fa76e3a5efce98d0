"""What a fleet of writers should cost: three products, for comparison with the simulated fleet."""

from __future__ import annotations

from typing import Final

from benchmarks.programs.protocol import answer

#: Dollars per request: S3 Standard, us-east-1, as published in 2026. A listing is priced like a write.
WRITE_PRICE: Final = 5.00 / 1e6
READ_PRICE: Final = 0.40 / 1e6
DAY_S: Final = 86_400.0
#: Segments are folded so often …
FOLD_S: Final = 60.0
#: … and stay so long afterwards.
GRACE_S: Final = 120.0


def measure(*, writers: int, ceiling_s: float) -> dict[str, float]:
    """Return the figures of `writers` writers that each upload once in `ceiling_s` seconds."""
    puts = writers / ceiling_s
    return {
        "writes_per_s": puts,
        "dollars_per_day": puts * DAY_S * WRITE_PRICE,
        "hot_objects": puts * (FOLD_S + GRACE_S),
    }


if __name__ == "__main__":
    answer(measure)
