"""Can every model's decisions be replayed, and do the things around them fit?

The decisions of one model form a chain: each holds the digest of the one before. They are replayed
from the first to the last that can be; what comes behind a break is examined by itself. Snapshots are
compared with what the decisions lead to, and arrivals under another name with what left the old one. Verdicts, events and acknowledgements are sealed objects.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from mlflowflow.errors import CorruptData, InvalidInput, StoreTooNew
from mlflowflow.events.canonical import unsealed
from mlflowflow.ids import digest
from mlflowflow.maintenance.check_renames import RenamesCheck
from mlflowflow.maintenance.finding import Finding, left_over, missing
from mlflowflow.maintenance.gaps import gaps
from mlflowflow.maintenance.kinds import ObjectKind
from mlflowflow.maintenance.look import damaged, wrong
from mlflowflow.registry.entry import Position, read_entry, write_snapshot
from mlflowflow.registry.state import ModelState
from mlflowflow.storage.names import decode, encode, is_shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mlflowflow.maintenance.look import Look

_OUTCOMES = ("row_id", "label", "prediction")
_RESTORE = (
    "Decisions are never moved aside: their numbers are what makes them safe. Restore this object from a "
    "backup, or let --repair try to put a single wrong bit right."
)
_MOVE = "'mlff store fsck --repair' moves it aside; it is a cache and nothing is lost."
_LOST = "'mlff store fsck --repair' moves it aside."


class RegistryCheck:
    """Examine the registry and the journal; `states` are the models that could be replayed whole."""

    def __init__(self, look: Look) -> None:
        """Examine what is in `look`."""
        self.states: dict[str, ModelState] = {}
        self._look = look
        self._renames = RenamesCheck()

    def findings(self) -> Iterator[Finding]:
        """Yield everything that is wrong."""
        folders: defaultdict[str, dict[int, str]] = defaultdict(dict)
        snapshots: defaultdict[str, dict[int, str]] = defaultdict(dict)
        for kind, found in ((ObjectKind.DECISION, folders), (ObjectKind.SNAPSHOT, snapshots)):
            for key in self._look.keys(kind):
                found[key.split("/")[2]][int(_name_in(key))] = key
        for folder in sorted(folders.keys() | snapshots.keys()):
            yield from self._model(folder, folders[folder], snapshots[folder])
        yield from self._renames.findings(self.states)
        yield from self._names(folders)
        yield from self._each(ObjectKind.VERDICT, check_verdict, advice=_RESTORE)
        yield from self._each(ObjectKind.OUTCOMES, _check_outcomes, advice=_RESTORE)
        yield from self._events()

    # ---- decisions -----------------------------------------------------------------------------------------

    def _model(self, folder: str, entries: dict[int, str], snapshots: dict[int, str]) -> Iterator[Finding]:
        position: Position | None = Position(state=ModelState(name=self._name(folder, entries)))
        bodies = dict(self._look.bodies(list(entries.values())))
        for seq in sorted({*entries, *gaps(entries)}):
            key = entries.get(seq, f"registry/models/{folder}/log/{seq:020d}.json")
            outcome = self._entry(key, bodies.get(key), position)
            position = outcome if isinstance(outcome, Position) else None
            if isinstance(outcome, Finding):
                yield outcome
            if position is not None and seq in snapshots:
                yield from self._snapshot(snapshots.pop(seq), position)
        if position is not None:
            self.states[position.state.name] = position.state
            for seq, key in snapshots.items():
                yield left_over(key, f"It stands for entry {seq}, which the log does not have.", advice=_MOVE)

    def _entry(
        self, key: str, body: bytes | Finding | None, position: Position | None
    ) -> Position | Finding | None:
        if isinstance(body, Finding):
            return body
        if body is None:
            return missing(key, "This decision is not there, and later ones are.", advice=_RESTORE)
        try:
            entry = read_entry(key, body)
            if position is None:
                return None
            after = position.after(entry, key=key)
        except (CorruptData, StoreTooNew) as error:
            return damaged(key, error, advice=_RESTORE)
        self._renames.note(key, entry, position.state)
        return after

    def _snapshot(self, key: str, position: Position) -> Iterator[Finding]:
        body = self._look.body(key)
        if isinstance(body, Finding):
            yield body
        elif body is not None and body != write_snapshot(position):
            error = CorruptData(key, f"it differs from what decisions 0 to {position.seq} lead to")
            yield damaged(key, error, advice=_MOVE)

    def _name(self, folder: str, entries: dict[int, str]) -> str:
        """Return the model's name: from its folder, or for a long name from its first decision."""
        if not is_shortened(folder):
            try:
                return decode(folder)
            except InvalidInput:
                return folder
        body = self._look.store.get(entries[0]) if 0 in entries else None
        try:
            return read_entry(entries[0], body).model if body is not None else folder
        except (CorruptData, StoreTooNew):
            return folder

    def _names(self, folders: Mapping[str, dict[int, str]]) -> Iterator[Finding]:
        listed: set[str] = set()
        for key in self._look.keys(ObjectKind.MODEL_NAME):
            folder = key.removeprefix("registry/names/").removesuffix(".json")
            listed.add(folder)
            yield from wrong([(key, self._look.body(key))], check_model_name, advice=_LOST)
            if folder not in folders and self._look.is_settled(key):
                yield left_over(key, "A model of this name was never created.", advice=_LOST)
        for folder in sorted(folders.keys() - listed):
            key = f"registry/names/{folder}.json"
            sentence = "The model of this name exists and is not listed."
            name = self._name(folder, folders[folder])
            advice = "'mlff store fsck --repair' lists it again."
            yield missing(key, sentence, advice=advice, about=name)

    # ---- sealed objects ------------------------------------------------------------------------------------

    def _events(self) -> Iterator[Finding]:
        advice = "'mlff store fsck --repair' moves it aside; the event is lost."
        yield from self._each(ObjectKind.EVENT, check_event, advice=advice)
        again = "'mlff store fsck --repair' moves it aside; the event is offered once more."
        yield from self._each(ObjectKind.ACKNOWLEDGEMENT, check_acknowledgement, advice=again)
        events = {_name_in(key) for key in self._look.keys(ObjectKind.EVENT)}
        for key in self._look.keys(ObjectKind.ACKNOWLEDGEMENT):
            if _name_in(key) not in events:
                yield left_over(key, "The event that it acknowledges is not there.", advice=_LOST)

    def _each(
        self, kind: ObjectKind, check: Callable[[str, bytes], None], *, advice: str
    ) -> Iterator[Finding]:
        return wrong(self._look.bodies(self._look.keys(kind)), check, advice=advice)


def _name_in(key: str) -> str:
    return key.rpartition("/")[2].partition(".")[0]


def _demand(key: str, *, found: Any, expected: Any, what: str) -> None:
    if found != expected:
        raise CorruptData(key, f"it is the {what} of '{found}'")


def check_model_name(key: str, body: bytes) -> None:
    """Raise `CorruptData` if `body` is not the entry in the list of models that belongs at `key`."""
    name = str(unsealed(key, body).get("name"))
    folder = key.removeprefix("registry/names/").removesuffix(".json")
    try:
        own = encode(name)
    except InvalidInput as error:
        raise CorruptData(key, f"its name is none: {error}".rstrip(".")) from error
    if own != folder:
        raise CorruptData(key, f"it is the entry of the model '{name}'")


def check_verdict(key: str, body: bytes) -> None:
    """Raise `CorruptData` if `body` is not a verdict with its grounds."""
    verdict = unsealed(key, body)
    if not {"policy", "evidence", "verdict"} <= verdict.keys():
        raise CorruptData(key, "it lacks the policy, the evidence or the verdict")


def _check_outcomes(key: str, body: bytes) -> None:
    """Compare the rows with the digest that is their name; how a file encodes them does not count."""
    from mlflowflow.tracking.table.segment import decode_table

    table = decode_table(body, key=key)
    if set(_OUTCOMES) <= set(table.column_names):
        rows = [table[name].to_pylist() for name in _OUTCOMES]
        if digest(json.dumps(rows, separators=(",", ":")).encode()) == _name_in(key):
            return
    raise CorruptData(key, "its rows are not those that it is named after")


def check_event(key: str, body: bytes) -> None:
    """Raise `CorruptData` if `body` is not the event that belongs at `key`."""
    event = unsealed(key, body)
    _demand(key, found=event.get("id"), expected=_name_in(key), what="event")


def check_acknowledgement(key: str, body: bytes) -> None:
    """Raise `CorruptData` if `body` is not the acknowledgement that belongs at `key`."""
    done = unsealed(key, body)
    _demand(key, found=done.get("event"), expected=_name_in(key), what="acknowledgement")
