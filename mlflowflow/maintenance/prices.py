"""What object stores ask for requests and for room, as a table with its date.

As the providers' public price pages gave them in 2026: the standard class of S3 and S3 Express One
Zone in AWS us-east-1, and Cloudflare R2. Left out are taxes, free tiers, discounts, traffic to other
regions and what S3 Express asks for each GB moved. The figures tell cents from hundreds of dollars;
they are no bill, and somebody who quotes them should look them up again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: Seconds in a month of 30 days, which all monthly figures here mean.
MONTH_S: Final = 30 * 24 * 3600
_MILLION: Final = 1e6
_GB: Final = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """US dollars: for a million writing or listing requests, a million reading ones, and a GB kept a month."""

    name: str
    writes_per_million: float
    reads_per_million: float
    gb_month: float

    def requests(self, *, writes: float, reads: float) -> float:
        """Return what so many requests cost; deletions are free.

        >>> round(PRICES[0].requests(writes=1_000_000, reads=0), 2)
        5.0
        """
        return (writes * self.writes_per_million + reads * self.reads_per_million) / _MILLION

    def keeping(self, size: float) -> float:
        """Return what keeping `size` bytes for a month costs."""
        return size / _GB * self.gb_month


PRICES: Final = (
    Prices(name="S3 Standard", writes_per_million=5.00, reads_per_million=0.40, gb_month=0.023),
    Prices(name="Cloudflare R2", writes_per_million=4.50, reads_per_million=0.36, gb_month=0.015),
    Prices(name="S3 Express One Zone", writes_per_million=1.13, reads_per_million=0.03, gb_month=0.11),
)
