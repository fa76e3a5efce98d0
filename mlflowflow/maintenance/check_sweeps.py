"""Are the logs of sweeps whole: every batch what was written, none missing, chunks equal to their batches?

A chunk repeats what batches say, so each can be mended from the other: see
:mod:`mlflowflow.maintenance.repair`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from mlflowflow.events.canonical import unsealed
from mlflowflow.maintenance.finding import Finding, missing
from mlflowflow.maintenance.gaps import gaps
from mlflowflow.maintenance.kinds import ObjectKind
from mlflowflow.maintenance.look import wrong
from mlflowflow.storage.seal import json_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlflowflow.maintenance.look import Look

_NEW_SWEEP: Final = "'mlff store fsck --repair' writes it again if a chunk has it; else start a new sweep."
_CHUNK: Final = "'mlff store fsck --repair' moves it aside; the batches say the same."
_REQUEST: Final = "Ask once more: 'mlff sweep stop' or 'mlff sweep extend'."
_CLAIM: Final = "'mlff store fsck --repair' moves it aside."


class SweepsCheck:
    """Examine the logs of sweeps."""

    def __init__(self, look: Look) -> None:
        """Examine what is in `look`."""
        self._look = look

    def findings(self) -> Iterator[Finding]:
        """Yield everything that is wrong."""
        yield from self._each(ObjectKind.TRIAL_LOG, unsealed, advice=_NEW_SWEEP)
        yield from self._gaps()
        # one by one: the batches of a chunk are many megabytes if each started a thousand trials
        chunks = ((key, self._look.body(key)) for key in self._look.keys(ObjectKind.TRIAL_CHUNK))
        yield from wrong(chunks, check_chunk, advice=_CHUNK)
        yield from self._each(ObjectKind.SWEEP_REQUEST, check_object, advice=_REQUEST)
        yield from self._each(ObjectKind.ATTEMPT, check_object, advice=_CLAIM)
        yield from self._each(ObjectKind.SWEEP_HOLDER, check_object, advice=_CLAIM)

    def _each(
        self, kind: ObjectKind, check: Callable[[str, bytes], object], *, advice: str
    ) -> Iterator[Finding]:
        return wrong(self._look.bodies(self._look.keys(kind)), check, advice=advice)

    def _gaps(self) -> Iterator[Finding]:
        numbers: defaultdict[str, set[int]] = defaultdict(set)
        for key in self._look.keys(ObjectKind.TRIAL_LOG):
            folder, _, name = key.rpartition("/")
            numbers[folder].add(int(name.removesuffix(".json")))
        for folder, found in sorted(numbers.items()):
            for number in gaps(found):
                key = f"{folder}/{number:020d}.json"
                yield missing(key, "This batch is not there, and later ones are.", advice=_NEW_SWEEP)


def check_chunk(key: str, body: bytes) -> None:
    """Raise `CorruptData` unless every line is a batch as it was written."""
    for line in body.splitlines() or [b""]:
        unsealed(key, line)


def check_object(key: str, body: bytes) -> None:
    """Raise `CorruptData` unless `body` is a JSON object: these carry no digest."""
    json_object(body, key=key)
