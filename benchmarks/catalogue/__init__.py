"""Everything that is measured, in the order in which it is."""

from __future__ import annotations

from typing import Final

from benchmarks.catalogue import pages, servers, store, sweeps

BENCHMARKS: Final = (*store.BENCHMARKS, *sweeps.BENCHMARKS, *servers.BENCHMARKS, *pages.BENCHMARKS)
