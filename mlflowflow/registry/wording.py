"""Decisions in words: one table, a sentence per kind of change."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final

from mlflowflow.registry.change import GateEvaluated, Promoted, StageTransitioned, VersionCreated

if TYPE_CHECKING:
    from mlflowflow.registry.change import Change
    from mlflowflow.registry.entry import Entry

#: What each kind of change did; the names in braces are its fields.
SENTENCES: Final = {
    "model.created": "created the model",
    "model.described": "described the model",
    "model.tag.set": "tagged the model {key}={value}",
    "model.tag.deleted": "removed the model's tag {key}",
    "model.deleted": "deleted the model",
    "model.renamed": "renamed the model to {name}",
    "model.arrived": "took over the model {origin}",
    "name.claimed": "kept the name for the model {origin}",
    "claim.dropped": "gave the name free again",
    "claim.refused": "refused a rename that came too late",
    "version.created": "registered version {version}",
    "version.described": "described version {version}",
    "version.tag.set": "tagged version {version} {key}={value}",
    "version.tag.deleted": "removed tag {key} of version {version}",
    "version.deleted": "deleted version {version}",
    "stage.transitioned": "moved version {version} to stage {stage}",
    "gate.evaluated": "weighed version {version} for {alias}: {outcome}",
    "alias.moved": "moved {alias} to version {version} by hand",
    "alias.promoted": "promoted version {version} to {alias}",
    "alias.rolled-back": "rolled {alias} back to version {version}",
    "alias.removed": "removed {alias}",
}


def what(change: Change) -> str:
    """Say what a change did.

    >>> from mlflowflow.registry.change import RolledBack
    >>> what(RolledBack(alias="champion", version=1, previous=2))
    'rolled champion back to version 1, from version 2'
    """
    sentence = SENTENCES[change.kind].format(
        **{each.name: getattr(change, each.name) for each in fields(change)}
    )
    if isinstance(change, StageTransitioned) and change.archived:
        return f"{sentence}, archiving {', '.join(map(str, change.archived))}"
    previous = getattr(change, "previous", None)
    return f"{sentence}, from version {previous}" if previous is not None else sentence


def why(entry: Entry) -> str:
    """Say why a decision was taken: the verdict's own sentence, or the reason somebody gave."""
    match entry.change:
        case Promoted(sentence=sentence) | GateEvaluated(sentence=sentence) if sentence:
            return sentence
        case VersionCreated(run_id=run_id) if run_id and not entry.reason:
            return f"run {run_id}"
        case _:
            return entry.reason
