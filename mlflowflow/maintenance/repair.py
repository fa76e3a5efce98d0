"""Putting a store right without deleting anything.

What is damaged is copied to ``quarantine/<time>/<its key>``, the copy is compared, and only then is
the original replaced or removed. A single wrong bit is turned back (`mending`), so nothing is lost.
Otherwise what can be known from other objects is written again, what can still be read of a part is
kept (`salvage`), and what is lost is said. Numbers of manifests and decisions are never freed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import CorruptData, InvalidInput, StoreError, StoreUnavailable
from mlflowflow.events.canonical import sealed, unsealed
from mlflowflow.ids import digest
from mlflowflow.maintenance.finding import Finding, Trouble
from mlflowflow.maintenance.kinds import ObjectKind, experiment_in, kind_of
from mlflowflow.maintenance.mending import LARGEST, LARGEST_WITH_DIGEST, mended, wholeness
from mlflowflow.maintenance.repair_table import TableRepair
from mlflowflow.storage.key import MAX_KEY_BYTES, is_key
from mlflowflow.storage.names import decode, encode, is_shortened
from mlflowflow.storage.seal import from_sealed_json, to_sealed_json
from mlflowflow.tracking.directory import entry_json
from mlflowflow.tracking.layout import experiment_key, name_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore

#: Kinds whose digest is known: from the manifest, from the model's folder, from the name.
_WITH_DIGEST: Final = frozenset({ObjectKind.PART, ObjectKind.ARTIFACT, ObjectKind.PROJECT})
#: Where damaged objects are kept, under a folder for each repair.
QUARANTINE: Final = "quarantine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What was done about one object: a full sentence that also says what is lost; `kept` is the copy's key."""

    subject: str
    sentence: str
    kept: str = ""


def repair(store: BlobStore, findings: Iterable[Finding], *, clock: Clock, ids: Ids) -> Iterator[Repair]:
    """Yield what was done about each of `findings` that something can be done about.

    Run `fsck` again afterwards: a repair may bring to light what it hid. Raises `StoreUnavailable`
    and `OutcomeUnknown`; going on later is safe.
    """
    quarantine = Quarantine(store, clock=clock)
    tables = TableRepair(store, clock=clock, ids=ids)
    for finding in findings:
        done = _repaired(finding, quarantine, tables)
        if done is not None:
            yield done


class Quarantine:
    """Keep copies of what is replaced or removed, all of one repair in one folder."""

    def __init__(self, store: BlobStore, *, clock: Clock) -> None:
        """Begin a folder that is named after the present."""
        self.store = store
        self._folder = f"{QUARANTINE}/{clock.now_us():016x}"

    def copy(self, key: str) -> str:
        """Copy an object and return the copy's key, empty if there is nothing to copy."""
        body = self.store.get(key)
        if body is None:
            return ""
        kept = f"{self._folder}/{key}"
        if len(kept.encode()) > MAX_KEY_BYTES:
            kept = f"{self._folder}/{encode(key)}"
        self.store.put(kept, body)
        if self.store.get(kept) != body:
            raise StoreUnavailable(self.store.url, f"'{kept}' was written and reads differently")
        return kept

    def move(self, key: str) -> str:
        """Copy an object, and remove it once the copy is there."""
        kept = self.copy(key)
        if kept:
            self.store.delete(key)
        return kept


def _repaired(finding: Finding, quarantine: Quarantine, tables: TableRepair) -> Repair | None:
    if finding.trouble is None:
        return None
    key, kind = finding.subject, kind_of(finding.subject)
    if finding.trouble in {Trouble.DAMAGED, Trouble.MISSING} and _is_whole_now(key, kind, quarantine.store):
        return None
    if finding.trouble is Trouble.DAMAGED:
        done = _mended(finding, kind, quarantine)
        if done is not None:
            return done
    if kind in {ObjectKind.SEGMENT, ObjectKind.PART, ObjectKind.MANIFEST}:
        sentence = tables.repaired(finding, copy=quarantine.copy, move=quarantine.move)
        return None if sentence is None else Repair(subject=key, sentence=sentence[0], kept=sentence[1])
    remedy = None if kind is None else _REMEDIES.get((finding.trouble, kind))
    return None if remedy is None else remedy(finding, quarantine)


def _is_whole_now(key: str, kind: ObjectKind | None, store: BlobStore) -> bool:
    """Answer whether an object is whole after all: mended by somebody else meanwhile, or once misread."""
    is_whole = _WHOLE.get(kind) if kind is not None else None
    body = None if is_whole is None else store.get(key)
    return is_whole is not None and body is not None and is_whole(key, body)


def _is_named_after(key: str, body: bytes) -> bool:
    return digest(body) == key.rpartition("/")[2].partition(".")[0]


def _says_so(kind: ObjectKind) -> Callable[[str, bytes], bool]:
    return lambda key, body: (is_whole := wholeness(kind, key)) is not None and is_whole(body)


#: How kinds are known to be whole that nothing but themselves can show to be damaged.
_WHOLE: Final[Mapping[ObjectKind, Callable[[str, bytes], bool]]] = {
    ObjectKind.PROJECT: _is_named_after,
    **{
        kind: _says_so(kind)
        for kind in (
            ObjectKind.SEGMENT,
            ObjectKind.MODEL_NAME,
            ObjectKind.EVENT,
            ObjectKind.ACKNOWLEDGEMENT,
        )
    },
}


def _mended(finding: Finding, kind: ObjectKind | None, quarantine: Quarantine) -> Repair | None:
    key = finding.subject
    if kind in _WITH_DIGEST:
        expected = finding.about or key.rpartition("/")[2].partition(".")[0]
        found = _turned(key, quarantine, lambda body: digest(body) == expected, largest=LARGEST_WITH_DIGEST)
    else:
        is_whole = wholeness(kind, key)
        found = None if is_whole is None else _turned(key, quarantine, is_whole, largest=LARGEST)
    if found is None:
        return None
    kept = quarantine.copy(key)
    quarantine.store.put(key, found)
    return Repair(subject=key, sentence="One bit was wrong and is right again; nothing is lost.", kept=kept)


def _turned(
    key: str, quarantine: Quarantine, is_whole: Callable[[bytes], bool], *, largest: int
) -> bytes | None:
    body = quarantine.store.get(key) if is_key(key) else None
    return None if body is None else mended(body, is_whole, largest=largest)


# ---- moving aside ------------------------------------------------------------------------------------------


def _aside(what_it_means: str) -> Callable[[Finding, Quarantine], Repair]:
    def move(finding: Finding, quarantine: Quarantine) -> Repair:
        kept = quarantine.move(finding.subject)
        return Repair(subject=finding.subject, sentence=f"It was moved aside. {what_it_means}", kept=kept)

    return move


# ---- writing again what other objects say ------------------------------------------------------------------


def _run_entry(finding: Finding, quarantine: Quarantine) -> Repair | None:
    """Enter a run where its records are; an entry that no record speaks for is moved aside."""
    if not finding.about:
        return _aside("The run that it was the entry of has no records.")(finding, quarantine)
    run_id = _name_in(finding.subject.removeprefix("runs/"))
    if run_id is None:
        return None
    kept = quarantine.copy(finding.subject)
    quarantine.store.put(finding.subject, entry_json(run_id, finding.about))
    sentence = f"It was written again: run '{run_id}' is in experiment '{finding.about}'. Nothing is lost."
    return Repair(subject=finding.subject, sentence=sentence, kept=kept)


def _experiment(finding: Finding, quarantine: Quarantine) -> Repair:
    """Write how an experiment began, from its name's claim; if there is none, under a name of its own."""
    experiment_id = experiment_in(finding.subject) or ""
    kept = quarantine.copy(finding.subject)
    claims = (_sealed_fields(quarantine.store, blob.key) for blob in quarantine.store.list("names/"))
    fields = next((each for each in claims if each.get("experiment_id") == experiment_id), None)
    if fields is None:
        name = f"recovered-{experiment_id}"
        fields = {"experiment_id": experiment_id, "name": name, "created_ms": 0, "tags": {}}
        quarantine.store.create(name_key(name), to_sealed_json(fields))
        sentence = f"It was made anew under the name '{name}'; its old name, time and first tags are lost."
    else:
        sentence = "It was written again from its name's claim; nothing is lost."
    quarantine.store.put(experiment_key(experiment_id), to_sealed_json(fields))
    return Repair(subject=finding.subject, sentence=sentence, kept=kept)


def _experiment_name(finding: Finding, quarantine: Quarantine) -> Repair | None:
    """Write a name's claim for the experiment that bears the name, or move a broken claim aside."""
    experiment_id = finding.about or _owner_by_birth(quarantine.store, finding.subject)
    if not experiment_id:
        again = "Run fsck once more: it finds whose name this was."
        return _aside(again)(finding, quarantine)
    name = _name_in(finding.subject.removeprefix("names/"))
    fields = _sealed_fields(quarantine.store, experiment_key(experiment_id))
    if not fields or (name is None and name_key(str(fields["name"])) != finding.subject):
        return None
    kept = quarantine.copy(finding.subject)
    claim = {**fields, "name": name or fields["name"]}
    if claim["name"] != fields["name"]:
        claim.pop("token", None)  # the token joins an experiment to the claim it began with
    quarantine.store.put(finding.subject, to_sealed_json(claim))
    sentence = f"It leads to experiment '{experiment_id}' again; nothing is lost."
    return Repair(subject=finding.subject, sentence=sentence, kept=kept)


def _owner_by_birth(store: BlobStore, key: str) -> str:
    """Return the experiment that had the name at `key` when it began, if it can be read."""
    for blob in store.list("exp/"):
        if kind_of(blob.key) is ObjectKind.EXPERIMENT:
            fields = _sealed_fields(store, blob.key)
            if fields and name_key(str(fields["name"])) == key:
                return str(fields["experiment_id"])
    return ""


def _model_name(finding: Finding, quarantine: Quarantine) -> Repair | None:
    folder = finding.subject.removeprefix("registry/names/").removesuffix(".json")
    name = finding.about or _name_in(folder)
    if name is None or encode(name) != folder:
        return None
    kept = quarantine.copy(finding.subject)
    quarantine.store.put(finding.subject, sealed({"name": name}))
    sentence = f"It was written again; the model '{name}' is listed. Nothing is lost."
    return Repair(subject=finding.subject, sentence=sentence, kept=kept)


def _batch(finding: Finding, quarantine: Quarantine) -> Repair | None:
    """Write a batch of a sweep's log again if a chunk repeats it; the number of its lines says which."""
    folder, _, name = finding.subject.rpartition("/")
    number = int(name.removesuffix(".json"))
    for blob in quarantine.store.list(f"{folder.removesuffix('/log')}/chunks/"):
        lines = (quarantine.store.get(blob.key) or b"").splitlines()
        first = int(blob.key.rpartition("/")[2].removesuffix(".json")) * len(lines)
        if first <= number < first + len(lines):
            try:
                unsealed(finding.subject, lines[number - first])
            except CorruptData:
                return None
            kept = quarantine.copy(finding.subject)
            quarantine.store.put(finding.subject, lines[number - first])
            sentence = "It was written again from the chunk that repeats it; nothing is lost."
            return Repair(subject=finding.subject, sentence=sentence, kept=kept)
    return None


def _name_in(part: str) -> str | None:
    """Return the name that `part` stands for, None if it was shortened or stands for none."""
    try:
        name = None if is_shortened(part) else decode(part)
    except InvalidInput:
        return None
    return name if name is not None and encode(name) == part else None


def _sealed_fields(store: BlobStore, key: str) -> dict[str, object]:
    """Return the fields of a small object, none if it is gone or damaged itself."""
    try:
        return from_sealed_json(store.get(key) or b"{}", key=key)
    except (CorruptData, StoreError):
        return {}


#: What can be done, by what is wrong and with what; what is not here is left where it is.
_REMEDIES: Final[Mapping[tuple[Trouble, ObjectKind], Callable[[Finding, Quarantine], Repair | None]]] = {
    (Trouble.DAMAGED, ObjectKind.RUN_ENTRY): _run_entry,
    (Trouble.MISSING, ObjectKind.RUN_ENTRY): _run_entry,
    (Trouble.CONTRADICTS, ObjectKind.RUN_ENTRY): _run_entry,
    (Trouble.DAMAGED, ObjectKind.EXPERIMENT): _experiment,
    (Trouble.MISSING, ObjectKind.EXPERIMENT): _experiment,
    (Trouble.CONTRADICTS, ObjectKind.EXPERIMENT): _aside(
        "Run fsck once more: it finds which one belongs here."
    ),
    (Trouble.DAMAGED, ObjectKind.EXPERIMENT_NAME): _experiment_name,
    (Trouble.MISSING, ObjectKind.EXPERIMENT_NAME): _experiment_name,
    (Trouble.LEFT_OVER, ObjectKind.EXPERIMENT_NAME): _aside("The name is free again."),
    (Trouble.DAMAGED, ObjectKind.MODEL_NAME): _model_name,
    (Trouble.MISSING, ObjectKind.MODEL_NAME): _model_name,
    (Trouble.LEFT_OVER, ObjectKind.MODEL_NAME): _aside("No model of this name exists."),
    (Trouble.DAMAGED, ObjectKind.SNAPSHOT): _aside("Snapshots save time and nothing else; nothing is lost."),
    (Trouble.LEFT_OVER, ObjectKind.SNAPSHOT): _aside(
        "Snapshots save time and nothing else; nothing is lost."
    ),
    (Trouble.DAMAGED, ObjectKind.EVENT): _aside("The event is lost; record it again if it still matters."),
    (Trouble.DAMAGED, ObjectKind.ACKNOWLEDGEMENT): _aside("The event is offered to its consumer once more."),
    (Trouble.LEFT_OVER, ObjectKind.ACKNOWLEDGEMENT): _aside("Its event does not exist; nothing is lost."),
    (Trouble.DAMAGED, ObjectKind.PROJECT): _aside("The next run of the project packs it again."),
    (Trouble.DAMAGED, ObjectKind.TRIAL_LOG): _batch,
    (Trouble.MISSING, ObjectKind.TRIAL_LOG): _batch,
    (Trouble.DAMAGED, ObjectKind.TRIAL_CHUNK): _aside("It repeats what the batches say; nothing is lost."),
    (Trouble.DAMAGED, ObjectKind.ATTEMPT): _aside("It counts only while its attempt runs; nothing is lost."),
    (Trouble.DAMAGED, ObjectKind.SWEEP_HOLDER): _aside(
        "If the sweep is coordinated, another comes in seconds."
    ),
    (Trouble.DAMAGED, ObjectKind.SIGN_OF_LIFE): _aside("If its process lives, it gives another."),
    (Trouble.LEFT_OVER, ObjectKind.PROBE): _aside("Nothing is lost."),
}
