"""Do the small objects that say what exists agree: the store, experiments and their names, runs and their homes?

Names are checked both ways: a name must lead to the experiment that bears it, and an experiment must
be found by its name. A run must be entered where it has its records, and the other way round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflowflow.errors import CorruptData, InvalidInput, StoreTooNew
from mlflowflow.maintenance.finding import Finding, contradiction, left_over, missing, waiting
from mlflowflow.maintenance.kinds import ObjectKind
from mlflowflow.maintenance.look import damaged
from mlflowflow.storage.format import KEY, decode_info
from mlflowflow.storage.seal import from_sealed_json
from mlflowflow.tracking.layout import experiment_key, experiment_of_shard, name_key, run_key
from mlflowflow.tracking.run import DEFAULT_EXPERIMENT_ID, DEFAULT_EXPERIMENT_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlflowflow.maintenance.check_table import Facts
    from mlflowflow.maintenance.look import Look

_MEND = "'mlff store fsck --repair' puts it right from what other objects say."
_MOVE = "'mlff store fsck --repair' moves it aside."


class NamesCheck:
    """Compare names, experiments and run entries with the tables of all experiments."""

    def __init__(self, look: Look, tables: Mapping[str, Facts]) -> None:
        """Compare with `tables`, the facts by experiment id."""
        self._look = look
        self._tables = tables
        self._begun: dict[str, dict[str, Any]] = {}
        self._claims: dict[str, dict[str, Any]] = {}

    def findings(self) -> Iterator[Finding]:
        """Yield everything that is wrong."""
        yield from self._store()
        yield from self._experiments()
        yield from self._names()
        yield from self._nameless()
        yield from self._runs()

    def _store(self) -> Iterator[Finding]:
        body = self._look.body(KEY)
        if isinstance(body, Finding):
            yield body
        elif body is not None:
            try:
                decode_info(body, url=self._look.store.url)
            except (CorruptData, StoreTooNew) as error:
                advice = (
                    "Nobody can open the store. Restore this one object from a backup, or let --repair try."
                )
                yield damaged(KEY, error, advice=advice)

    # ---- experiments and their names -----------------------------------------------------------------------

    def _experiments(self) -> Iterator[Finding]:
        for key, body in self._look.bodies(self._look.keys(ObjectKind.EXPERIMENT)):
            fields = _fields(key, body)
            if isinstance(fields, Finding):
                yield fields
            elif fields is not None:
                experiment_id = str(fields.get("experiment_id"))
                if _experiment_key(experiment_id) == key:
                    self._begun[experiment_id] = fields
                else:
                    yield contradiction(
                        key, f"It says that it is experiment '{experiment_id}'.", advice=_MOVE
                    )

    def _names(self) -> Iterator[Finding]:
        for key, body in self._look.bodies(self._look.keys(ObjectKind.EXPERIMENT_NAME)):
            claim = _fields(key, body)
            if isinstance(claim, Finding):
                yield claim
            elif claim is not None:
                self._claims[key] = claim
                yield from self._claim(key, claim)

    def _claim(self, key: str, claim: Mapping[str, Any]) -> Iterator[Finding]:
        name, owner = str(claim.get("name")), str(claim.get("experiment_id"))
        begun = self._begun.get(owner)
        if name_key(name) != key:
            yield damaged(key, CorruptData(key, f"it is the claim of the name '{name}'"), advice=_MEND)
        elif _experiment_key(owner) is None:
            reason = f"'{owner}', which it leads to, cannot be an experiment"
            yield damaged(key, CorruptData(key, reason), advice=_MEND)
        elif begun is None:
            if experiment_key(owner) not in self._look.blobs and self._look.is_settled(key):
                sentence = f"Experiment '{owner}', which it leads to, was never finished."
                advice = "'mlff experiments list' finishes it."
                yield waiting(key, sentence, advice=advice)
        elif claim.get("token") not in {None, ""} and claim["token"] == begun.get("token") and claim != begun:
            sentence = f"It and '{experiment_key(owner)}' were written as one and differ now."
            yield contradiction(key, sentence, advice="Compare both with a backup of the store.")
        elif (now := self._name_of(owner)) is not None and now != name and self._look.is_settled(key):
            sentence = (
                f"Experiment '{owner}' is called '{now}' now, so the name '{name}' is taken for nothing."
            )
            yield left_over(key, sentence, advice="'mlff store fsck --repair' frees it.")

    def _nameless(self) -> Iterator[Finding]:
        tables = {experiment_of_shard(each) for each in self._tables}
        known = self._begun.keys() | tables - {DEFAULT_EXPERIMENT_ID}
        for experiment_id in sorted(known):
            if experiment_id not in self._begun:
                key = experiment_key(experiment_id)
                if key not in self._look.blobs:
                    sentence = f"Experiment '{experiment_id}' has records and was never created."
                    yield missing(key, sentence, advice=_MEND, about=experiment_id)
                continue
            name = self._name_of(experiment_id)
            if name is None:
                continue
            key = name_key(name)
            claim = self._claims.get(key)
            if claim is None and key in self._look.blobs:
                continue  # it is damaged and has a finding of its own
            if claim is None:
                sentence = (
                    f"Experiment '{experiment_id}' is called '{name}' and cannot be found by that name."
                )
                yield missing(key, sentence, advice=_MEND, about=experiment_id)
            elif str(claim.get("experiment_id")) != experiment_id:
                sentence = (
                    f"The name '{name}' leads elsewhere, though experiment '{experiment_id}' bears it too."
                )
                yield contradiction(key, sentence, advice="Rename one of the two experiments.")

    def _name_of(self, experiment_id: str) -> str | None:
        """Return what an experiment is called now, None if that cannot be known."""
        facts = self._tables.get(experiment_id)
        if facts is not None and not facts.complete:
            return None
        renamed = facts.state.name.text if facts is not None else ""
        if experiment_id == DEFAULT_EXPERIMENT_ID:
            return renamed or DEFAULT_EXPERIMENT_NAME
        return renamed or str(self._begun[experiment_id].get("name"))

    # ---- runs and their homes ------------------------------------------------------------------------------

    def _runs(self) -> Iterator[Finding]:
        homes = {
            run_id: experiment_id for experiment_id, facts in self._tables.items() for run_id in facts.run_ids
        }
        by_key = {entry: (run_id, home) for run_id, home in homes.items() if (entry := _entry_key(run_id))}
        for key, body in self._look.bodies(self._look.keys(ObjectKind.RUN_ENTRY)):
            finding = self._entry(key, body, by_key.get(key))
            if finding is not None:
                yield finding
        for run_id, experiment_id in sorted(homes.items()):
            entry = _entry_key(run_id)
            if entry is not None and entry not in self._look.blobs and self._look.store.get(entry) is None:
                sentence = f"Run '{run_id}' of experiment '{experiment_id}' cannot be found by its id."
                yield missing(entry, sentence, advice=_MEND, about=experiment_id)

    def _entry(self, key: str, body: bytes | Finding | None, known: tuple[str, str] | None) -> Finding | None:
        """Return what is wrong with an entry; `known` are the run and the home that its records say."""
        if isinstance(body, Finding) or body is None:
            return body
        found = "" if known is None else known[1]
        try:
            fields = _sealed_fields(body, key=key, names=("run_id", "experiment_id"))
        except CorruptData as error:
            return damaged(key, error, advice=_MEND, about=found)
        run_id, home = str(fields["run_id"]), str(fields["experiment_id"])
        if _entry_key(run_id) != key:
            return contradiction(key, f"It is the entry of run '{run_id}'.", advice=_MEND, about=found)
        if found and found != home:
            sentence = f"It leads to experiment '{home}', and the run's records are in '{found}'."
            return contradiction(key, sentence, advice=_MEND, about=found)
        complete = home not in self._tables or self._tables[home].complete
        if not found and complete and self._look.is_settled(key):
            sentence = f"Run '{run_id}' has no record in experiment '{home}'."
            advice = "Its process died as it began the run; look for a spool with 'mlff store recover'."
            return left_over(key, sentence, advice=advice)
        return None


def _fields(key: str, body: bytes | Finding | None) -> dict[str, Any] | Finding | None:
    if isinstance(body, Finding) or body is None:
        return body
    try:
        fields = _sealed_fields(body, key=key, names=("experiment_id", "name", "created_ms"))
        name_key(str(fields["name"]))
    except CorruptData as error:
        return damaged(key, error, advice=_MEND)
    except InvalidInput as error:
        return damaged(key, CorruptData(key, f"its name is none: {error}".rstrip(".")), advice=_MEND)
    return fields


def _sealed_fields(body: bytes, *, key: str, names: tuple[str, ...]) -> dict[str, Any]:
    """Read a JSON object with these fields, under its seal if it has one. Raises `CorruptData`."""
    fields = from_sealed_json(body, key=key)
    absent = [name for name in names if name not in fields]
    if absent:
        raise CorruptData(key, f"it lacks '{absent[0]}'")
    return fields


def _experiment_key(experiment_id: str) -> str | None:
    try:
        return experiment_key(experiment_id)
    except InvalidInput:
        return None


def _entry_key(run_id: str) -> str | None:
    try:
        return run_key(run_id)
    except InvalidInput:
        return None
