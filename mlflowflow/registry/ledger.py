"""One model's decision log in the store: how it is read strongly and continued exactly once.

======================================================== ==============================================
``registry/names/<name>.json``                           written first: what listing the models finds
``registry/models/<name>/log/<seq>.json``                one decision each, put-if-absent, never deleted
``registry/models/<name>/snap/<seq>.<time>.json``        the position after entry ``seq``: a cache
======================================================== ==============================================

**Reading.** The last known position is kept; a read asks for the entries behind it until there is
none, so it sees every decision that was acknowledged before it began. A ledger that knows nothing
starts from the newest snapshot.

**Deciding.** (1) Read the position. (2) If the request's key is in it, the first decision is the
answer. (3) Choose the change *on that state*. (4) Put entry n+1 if absent. (5) If somebody else was
first, wait a little and go to (1): the choice is made again, on the new state. The number is the
compare-and-set, so the decisions about one model form a single order, each made on exactly the
state before it.

**Lost answers.** A write whose answer was lost is repeated with the same bytes under the same
number: it can be applied at most once, and what then stands there says whether it was ours.
"""

from __future__ import annotations

import logging
import re
import threading
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import Conflict, CorruptData, OutcomeUnknown, StoreError
from mlflowflow.events.canonical import sealed
from mlflowflow.registry.entry import Entry, Position, read_entry, read_snapshot, write_snapshot
from mlflowflow.registry.state import ModelState
from mlflowflow.registry.transitions import apply
from mlflowflow.storage.blob import Created
from mlflowflow.storage.log import NumberedLog
from mlflowflow.storage.names import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.registry.change import Change
    from mlflowflow.storage.blob import BlobStore

#: Where the names of all models are found.
NAMES: Final = "registry/names/"
#: A snapshot is written after every so many entries.
SNAPSHOT_EVERY: Final = 50
#: How often a decision is chosen again before the contention is reported.
_ATTEMPTS: Final = 200
#: How often a write without an answer is repeated before that is reported.
_REPEATS: Final = 5
_FIRST_PAUSE_S: Final = 0.004
_LONGEST_PAUSE_S: Final = 0.5

_SNAPSHOT_KEY: Final = re.compile(r"/(\d{20})\.(\d{20})\.json$")

_log: Final = logging.getLogger(__name__)


class Ledger:
    """The decisions about one model. All methods may be called from several threads."""

    def __init__(self, store: BlobStore, name: str, *, clock: Clock, ids: Ids) -> None:
        """Open the log of the model `name`; nothing is read or written yet."""
        self.name = name
        self._store = store
        self._clock = clock
        self._ids = ids
        self._folder = f"registry/models/{encode(name)}"
        self._log = NumberedLog(store, f"{self._folder}/log")
        self._known: Position | None = None
        self._lock = threading.Lock()

    # ---- reading -------------------------------------------------------------------------------------------

    def position(self) -> Position:
        """Return where the log stands: every decision acknowledged before this call is in it."""
        return self._remembered(self._folded(self._known or self._newest_snapshot()))

    def known(self) -> Position:
        """Return the last position that was read or decided here; the store is asked only the first time.

        After a decision it holds that decision, so an answer made of it cannot fail: trouble with the
        store then would say that nothing was changed.
        """
        return self._known or self.position()

    def position_at(self, at_us: int) -> Position:
        """Return where the log stood at the time `at_us` (microseconds), as its entries are dated."""
        return self._folded(self._newest_snapshot(at_us=at_us), until_us=at_us)

    def key(self, seq: int) -> str:
        """Return the key of entry `seq`."""
        return self._log.key(seq)

    def position_before(self, seq: int) -> Position:
        """Return where the log stood before entry `seq`. Raises `CorruptData` if it is shorter than that."""
        position = Position(state=ModelState(name=self.name))
        for entry in self.entries():
            if entry.seq == seq:
                return position
            position = position.after(entry, key=self._log.key(entry.seq))
        raise CorruptData(self._log.key(seq), "it is missing")

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """Yield every decision from number `start` to the last."""
        for seq, body in self._log.entries(start):
            yield read_entry(self._log.key(seq), body)

    def verify(self) -> Position:
        """Replay everything from the first entry and return the position it leads to.

        Raises `CorruptData`, naming the object, if an entry is damaged, missing, out of order, does
        not continue the one before it or holds a change that was not allowed, or if a snapshot says
        something else than the entries do.
        """
        snapshots = dict(self._snapshots())
        position = Position(state=ModelState(name=self.name))
        for seq, body in self._log.entries():
            position = position.after(read_entry(self._log.key(seq), body), key=self._log.key(seq))
            if seq in snapshots:
                self._verify_snapshot(snapshots.pop(seq), position)
        for seq, key in snapshots.items():
            raise CorruptData(key, f"it stands for entry {seq}, which the log does not have")
        return position

    def _verify_snapshot(self, key: str, position: Position) -> None:
        body = self._store.get(key)
        if body is not None and body != write_snapshot(position):
            raise CorruptData(key, f"it differs from what entries 0 to {position.seq} lead to")

    def _folded(self, position: Position, *, until_us: int | None = None) -> Position:
        while (body := self._log.read(position.seq + 1)) is not None:
            key = self._log.key(position.seq + 1)
            entry = read_entry(key, body)
            if until_us is not None and entry.at_us > until_us:
                break
            position = position.after(entry, key=key)
        return position

    def _remembered(self, position: Position) -> Position:
        with self._lock:
            if self._known is None or position.seq > self._known.seq:
                self._known = position
        return position

    # ---- deciding ------------------------------------------------------------------------------------------

    def decide(
        self,
        choose: Callable[[ModelState], Change | None],
        *,
        actor: str,
        reason: str = "",
        idem: str | None = None,
    ) -> Entry | None:
        """Append what `choose` makes of the present state, and return it; see the module for the protocol.

        `choose` may be called several times, each time on a newer state, and may raise; when it
        returns None nothing is recorded. A repeated `idem` returns the first decision unchanged.
        Raises `Conflict` if other writers were faster too often, and `OutcomeUnknown` if no answer
        about the write could be had: repeat the call with the same `idem`.
        """
        for attempt in range(_ATTEMPTS):
            self._pause(attempt)
            position = self.position()
            if idem is not None and idem in position.requests:
                return self._entry(position.requests[idem])
            change = choose(position.state)
            if change is None:
                return None
            entry = self._following(position, change, actor=actor, reason=reason, idem=idem)
            after = position.after(entry, key=self._log.key(entry.seq))
            if self._append(entry):
                self._snapshot(self._remembered(after))
                return entry
        raise Conflict(
            f"Other writers decided about '{self.name}' first, {_ATTEMPTS} times in a row; nothing was changed. "
            "Repeat the call when there is less going on."
        )

    def _following(
        self, position: Position, change: Change, *, actor: str, reason: str, idem: str | None
    ) -> Entry:
        at_us = max(self._clock.now_us(), position.at_us)  # a clock may step back; a history must not
        apply(position.state, change, at_us=at_us)  # refused here, it is the caller's mistake
        entry = Entry(
            model=self.name,
            seq=position.seq + 1,
            at_us=at_us,
            actor=actor,
            change=change,
            reason=reason,
            idem=idem,
            prev=position.head,
            token=self._ids.token(),
        )
        return read_entry(self._log.key(entry.seq), entry.to_bytes())

    def _append(self, entry: Entry) -> bool:
        if entry.seq == 0:
            self._store.create(f"{NAMES}{encode(self.name)}.json", sealed({"name": self.name}))
        body = entry.to_bytes()
        try:
            return self._log.append(entry.seq, body) is Created.CREATED
        except OutcomeUnknown as unknown:
            return self._resolved(entry.seq, body, unknown)

    def _resolved(self, seq: int, body: bytes, unknown: OutcomeUnknown) -> bool:
        for attempt in range(_REPEATS):
            self._pause(attempt)
            try:
                return self._log.append(seq, body) is Created.CREATED  # also said if our bytes stand there
            except StoreError as error:
                _log.debug("Entry %s of '%s' is still without an answer: %s", seq, self.name, error)
        raise unknown

    def _entry(self, seq: int) -> Entry:
        body = self._log.read(seq)
        if body is None:
            raise CorruptData(self._log.key(seq), "it is missing")
        return read_entry(self._log.key(seq), body)

    def _pause(self, attempt: int) -> None:
        if attempt:
            ceiling = min(_FIRST_PAUSE_S * 2**attempt, _LONGEST_PAUSE_S)
            self._clock.sleep(ceiling * int(self._ids.token(), 16) / 2**64)  # jitter from the ids' randomness

    # ---- snapshots -----------------------------------------------------------------------------------------

    def _snapshot(self, position: Position) -> None:
        if (position.seq + 1) % SNAPSHOT_EVERY:
            return
        try:
            self._store.create(
                f"{self._folder}/snap/{position.seq:020d}.{position.at_us:020d}.json",
                write_snapshot(position),
            )
        except StoreError as error:  # it saves later readers time and nothing else
            _log.debug("No snapshot of '%s' after entry %s: %s", self.name, position.seq, error)

    def _snapshots(self) -> Iterator[tuple[int, str]]:
        for blob in self._store.list(f"{self._folder}/snap/"):
            match = _SNAPSHOT_KEY.search(blob.key)
            if match:
                yield int(match[1]), blob.key

    def _newest_snapshot(self, *, at_us: int | None = None) -> Position:
        for seq, key in sorted(self._snapshots(), reverse=True):
            dated_us = int(key.rsplit(".", 2)[1])
            if at_us is not None and dated_us > at_us:
                continue
            position = self._read_snapshot(key)
            if position is not None and position.seq == seq:
                return position
        return Position(state=ModelState(name=self.name))

    def _read_snapshot(self, key: str) -> Position | None:
        body = self._store.get(key)
        try:
            return None if body is None else read_snapshot(key, body)
        except CorruptData as error:  # the entries say the same; only the time to read them is lost
            _log.warning("A snapshot is passed over: %s", error)
            return None
