"""Registered models, their versions and what was decided about them, for the pages.

Everything follows from the models' logs, so a page shows what the registry would answer at that moment
and at any moment before.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import MlflowflowError
from mlflowflow.gates.archive import VerdictArchive
from mlflowflow.ids import digest
from mlflowflow.lineage.trace import lineage_of
from mlflowflow.models.package import DIGESTS
from mlflowflow.registry import holdings
from mlflowflow.registry.change import (
    AliasMoved,
    AliasRemoved,
    GateEvaluated,
    Promoted,
    RolledBack,
    StageTransitioned,
)
from mlflowflow.registry.diff import diff_versions
from mlflowflow.registry.search import search_models
from mlflowflow.registry.version import ACTIVE_STAGES
from mlflowflow.registry.wording import what, why
from mlflowflow.server.news import registry_version
from mlflowflow.server.shown import number
from mlflowflow.tracking.finding import find_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlflowflow.registry.diff import Changed, VersionDiff
    from mlflowflow.registry.entry import Entry
    from mlflowflow.registry.version import ModelVersion, RegisteredModel
    from mlflowflow.server.answers import Number
    from mlflowflow.server.desk import Desk
    from mlflowflow.server.message import Message
    from mlflowflow.server.model_answers import (
        AuditAnswer,
        ColumnRow,
        Decision,
        DifferenceRow,
        DifferencesAnswer,
        FileRow,
        Holding,
        LogCheck,
        ModelSheet,
        ModelsSheet,
        OneModel,
        OneVersion,
        TwoVersions,
        VerdictRow,
        VersionRow,
        VersionSheet,
    )
    from mlflowflow.tracking.run import Run

_CHAMPION: Final = "champion"
_MOVES: Final = (AliasMoved, AliasRemoved, Promoted, RolledBack, StageTransitioned)


# ---- versions of the answers -------------------------------------------------------------------------------


def version_of_all(desk: Desk, _asked: Message) -> str:
    """Return what changes with any decision about any model."""
    return registry_version(desk.catalog.store)


def version_of_one(desk: Desk, asked: OneModel | OneVersion | TwoVersions) -> str:
    """Return what changes with any decision about the model. Raises `NotFound`."""
    desk.catalog.get_model(asked.name)
    return registry_version(desk.catalog.store)


def version_of_logs(desk: Desk, _asked: Message) -> str:
    """Return what changes with any decision, after reading all of them: a kept answer must not hide damage.

    Raises `CorruptData`, naming the object that is not as it was written.
    """
    heads = {each.name: desk.catalog.log(each.name)[-1].digest for each in desk.catalog.list_models()}
    return digest("\0".join(f"{name}\0{head}" for name, head in heads.items()).encode())


# ---- decisions ---------------------------------------------------------------------------------------------


def shown(entry: Entry) -> Decision:
    """Return an entry as pages show it."""
    change: Any = entry.change
    return {
        "model": entry.model,
        "seq": entry.seq,
        "at_ms": entry.at_us // 1000,
        "actor": entry.actor,
        "kind": change.kind,
        "what": what(change),
        "why": why(entry),
        "version": getattr(change, "version", None),
        "previous": getattr(change, "previous", None) or getattr(change, "champion", None),
        "place": _place(change),
        "verdict": getattr(change, "verdict", None),
        "digest": entry.digest,
    }


def _place(change: object) -> str | None:
    stage = getattr(change, "stage", None)
    return str(getattr(change, "alias", None) or stage) if stage or hasattr(change, "alias") else None


def _holding(held: holdings.Holding) -> Holding:
    return {
        "place": held.place,
        "version": held.version,
        "from_ms": held.from_us // 1000,
        "to_ms": None if held.to_us is None else held.to_us // 1000,
        "actor": held.actor,
        "seq": held.seq,
    }


# ---- models ------------------------------------------------------------------------------------------------


def models(desk: Desk, _asked: Message) -> ModelsSheet:
    """Return all models, the one with the latest decision first."""
    found = search_models(desk.catalog.list_models(), order_by=["last_updated_timestamp DESC"])
    return {
        "names": [each.name for each in found],
        "descriptions": [each.description or "" for each in found],
        "versions": [len(each.versions) for each in found],
        "latest": [max((version.version for version in each.versions), default=0) for each in found],
        "updated_ms": [each.last_updated_timestamp or 0 for each in found],
        "aliases": [dict(each.aliases) for each in found],
        "stages": [_stages(each) for each in found],
        "moved": [_last_move(desk, each.name) for each in found],
    }


def _stages(model: RegisteredModel) -> dict[str, int]:
    held = [each for each in model.versions if each.current_stage in set(ACTIVE_STAGES)]
    return {each.current_stage: each.version for each in sorted(held, key=lambda each: each.version)}


def _last_move(desk: Desk, name: str) -> Decision | None:
    moves = [entry for entry in desk.catalog.history(name) if isinstance(entry.change, _MOVES)]
    return shown(moves[-1]) if moves else None


def model(desk: Desk, asked: OneModel) -> ModelSheet:
    """Return one model with its versions, who held which place when, and every decision. Raises `NotFound`."""
    found = desk.catalog.get_model(asked.name)
    history = desk.catalog.history(asked.name)
    versions = sorted(found.versions, key=lambda each: each.version, reverse=True)
    return {
        "name": found.name,
        "description": found.description or "",
        "tags": dict(found.tags),
        "versions": [_version_row(desk, each) for each in versions],
        "holdings": [_holding(each) for each in holdings.holdings(history)],
        "decisions": [shown(each) for each in reversed(history)],
    }


def _version_row(desk: Desk, version: ModelVersion) -> VersionRow:
    run = find_run(desk.tracker, version.run_id)
    return {
        "version": version.version,
        "created_ms": version.creation_timestamp,
        "stage": version.current_stage,
        "aliases": list(version.aliases),
        "run_id": version.run_id or None,
        "metrics": _metrics(run),
        "description": version.description or "",
    }


def _metrics(run: Run | None) -> dict[str, Number]:
    return {} if run is None else {key: number(value) for key, value in sorted(run.data.metrics.items())}


# ---- one version -------------------------------------------------------------------------------------------


def version(desk: Desk, asked: OneVersion) -> VersionSheet:
    """Return a version with everything that led to it and was decided about it. Raises `NotFound`."""
    found = desk.catalog.get_version(asked.name, asked.version)
    way = lineage_of(found, tracker=desk.tracker, catalog=desk.catalog)
    history = desk.catalog.history(asked.name)
    around = [*reversed(way.parents), *([way.run] if way.run is not None else [])]
    return {
        "name": found.name,
        "version": found.version,
        "created_ms": found.creation_timestamp,
        "updated_ms": found.last_updated_timestamp or found.creation_timestamp,
        "stage": found.current_stage,
        "aliases": list(found.aliases),
        "description": found.description or "",
        "tags": dict(found.tags),
        "source": desk.places.shown(found.source),
        "digest": found.digest,
        "model_id": found.model_id,
        "copied_from": found.copied_from,
        "params": {} if way.run is None else dict(sorted(way.run.data.params.items())),
        "metrics": _metrics(way.run),
        "signature": list(_columns(found.signature)),
        "files": _files(desk, found),
        "data": [
            {"name": each.name, "digest": each.digest, "source_type": each.source_type} for each in way.data
        ],
        "runs": [
            {
                "run_id": each.info.run_id,
                "name": each.info.run_name or "",
                "experiment_id": each.info.experiment_id,
            }
            for each in around
        ],
        "verdicts": list(_verdicts(desk, history, found)),
        "decisions": [shown(each) for each in reversed(way.decisions)],
        "champion": desk.catalog.get_model(asked.name).aliases.get(_CHAMPION),
    }


def _columns(signature: str | None) -> Iterator[ColumnRow]:
    parts: Mapping[str, Any] = json.loads(signature) if signature else {}
    for side in ("inputs", "outputs", "params"):
        for place, each in enumerate(json.loads(parts.get(side) or "[]")):
            tensor = each.get("tensor-spec")
            yield {
                "side": side,
                "name": str(each.get("name", place)),
                "type": f"{tensor['dtype']} {tensor['shape']}" if tensor else str(each.get("type", "")),
                "required": bool(each.get("required", True)) and "default" not in each,
            }


def _files(desk: Desk, version: ModelVersion) -> list[FileRow]:
    """Return the files that the model's own list of digests names, or none if there is no such list."""
    try:
        found = desk.places.of_source(version.source)
        body = found.files.read(f"{found.path}/{DIGESTS}".strip("/"))
        listed: Mapping[str, str] = json.loads(body).get("files", {})
    except (MlflowflowError, ValueError):
        return []
    return [{"path": path, "sha256": str(sha256)} for path, sha256 in sorted(listed.items())]


def _verdicts(desk: Desk, history: Sequence[Entry], version: ModelVersion) -> Iterator[VerdictRow]:
    """Yield what gates said of a version, the latest first; one whose record is gone is left out."""
    archive = VerdictArchive.about(desk.catalog.store, version.name, history)
    for entry in reversed(history):
        change = entry.change
        if not isinstance(change, GateEvaluated | Promoted) or change.version != version.version:
            continue
        try:
            verdict = archive.get(change.verdict).verdict
        except MlflowflowError:
            continue
        yield {
            "digest": change.verdict,
            "at_ms": entry.at_us // 1000,
            "gate": verdict.gate,
            "outcome": verdict.outcome.value,
            "sentence": verdict.sentence,
            "champion": verdict.champion,
            "policy": verdict.policy_digest,
            "evaluations": list(change.evaluations),
            "checks": [
                {
                    "id": each.id,
                    "outcome": each.outcome.value if each.applies else "does not apply",
                    "sentence": each.sentence,
                    "numbers": {key: number(value) for key, value in each.numbers.items()},
                }
                for each in verdict.checks
            ],
        }


def differences(desk: Desk, asked: TwoVersions) -> DifferencesAnswer:
    """Return in what a version differs from another one. Raises `NotFound`."""
    old = desk.catalog.get_version(asked.name, asked.against)
    new = desk.catalog.get_version(asked.name, asked.version)
    found = diff_versions(old, new, tracker=desk.tracker)
    return {"old": old.version, "new": new.version, "differences": list(_difference_rows(found))}


def _difference_rows(found: VersionDiff) -> Iterator[DifferenceRow]:
    parts: Sequence[tuple[str, Sequence[Changed[Any]]]] = (
        ("metrics", found.metrics),
        ("params", found.params),
        ("signature", found.signature),
        ("files", found.files or ()),
        ("tags", found.tags),
        ("origin", found.lineage),
    )
    for part, changes in parts:
        for each in changes:
            old, new = (None if value is None else str(value) for value in (each.old, each.new))
            yield {"part": part, "name": each.name, "old": old, "new": new}


# ---- audit -------------------------------------------------------------------------------------------------


def audit(desk: Desk, _asked: Message) -> AuditAnswer:
    """Return every decision about every model, and whether each log is the one that was written."""
    names = [each.name for each in desk.catalog.list_models()]
    decisions = [entry for name in names for entry in desk.catalog.history(name)]
    decisions.sort(key=lambda entry: (entry.at_us, entry.model, entry.seq), reverse=True)
    return {
        "decisions": [shown(each) for each in decisions],
        "logs": [_checked(desk, name) for name in names],
    }


def _checked(desk: Desk, name: str) -> LogCheck:
    try:
        found = desk.catalog.verify(name)
    except MlflowflowError as error:
        return {"model": name, "entries": 0, "head": "", "error": error.message}
    return {"model": name, "entries": found.entries, "head": found.head, "error": None}
