"""Which kinds of objects a store holds, told from their keys.

One table, so that what looks after a store (`fsck`, `stats`, `merge`) agrees about what belongs in it.
A key that fits nothing here was put there by somebody else.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from mlflowflow.tracking.layout import EXPERIMENT_ID


class ObjectKind(StrEnum):
    """What an object is; the values are the words people are shown."""

    STORE = "store description"
    EXPERIMENT = "experiment"
    CLOSED = "mark of a deletion"
    EXPERIMENT_NAME = "experiment name"
    RUN_ENTRY = "run entry"
    SEGMENT = "segment"
    PART = "part"
    MANIFEST = "manifest"
    HINT = "hint"
    UPLOAD = "part of an upload"
    ARTIFACT = "artifact"
    MODEL_NAME = "model name"
    DECISION = "decision"
    SNAPSHOT = "snapshot"
    VERDICT = "verdict"
    OUTCOMES = "outcomes"
    EVENT = "event"
    ACKNOWLEDGEMENT = "acknowledgement"
    TRIAL_LOG = "trial log"
    TRIAL_CHUNK = "chunk of a trial log"
    SWEEP_REQUEST = "request to a sweep"
    SWEEP_HOLDER = "coordinator's sign of life"
    ATTEMPT = "claim of an attempt"
    PROJECT = "packed project"
    SIGN_OF_LIFE = "sign of life"
    SPOOL = "spool"
    PROBE = "probe"
    QUARANTINE = "quarantined object"


_NUMBER: Final = r"[0-9]{20}"
_SHARD: Final = rf"{EXPERIMENT_ID}(?:\.models)?"
_PATTERNS: Final = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (ObjectKind.SEGMENT, rf"exp/{_SHARD}/hot/[^/.]+\.[0-9]{{10}}\.parquet"),
        (ObjectKind.RUN_ENTRY, r"runs/[^/]+"),
        (ObjectKind.ARTIFACT, rf"artifacts/{EXPERIMENT_ID}/[^/]+/.+"),
        (ObjectKind.MANIFEST, rf"exp/{_SHARD}/log/{_NUMBER}\.json"),
        (ObjectKind.PART, rf"exp/{_SHARD}/(metrics|runs|writers)/[^/]+\.parquet"),
        (ObjectKind.HINT, rf"exp/{_SHARD}/hint\.json"),
        (ObjectKind.UPLOAD, rf"exp/{_SHARD}/uploads/[0-9a-f]+/[^/]+"),
        (ObjectKind.EXPERIMENT, rf"exp/{_SHARD}/exp\.json"),
        (ObjectKind.CLOSED, rf"exp/{_SHARD}/closed\.json"),
        (ObjectKind.EXPERIMENT_NAME, r"names/[^/]+"),
        (ObjectKind.DECISION, rf"registry/models/[^/]+/log/{_NUMBER}\.json"),
        (ObjectKind.SNAPSHOT, rf"registry/models/[^/]+/snap/{_NUMBER}\.{_NUMBER}\.json"),
        (ObjectKind.VERDICT, r"registry/models/[^/]+/verdicts/[0-9a-f]+\.json"),
        (ObjectKind.OUTCOMES, r"registry/models/[^/]+/outcomes/[0-9a-f]+\.parquet"),
        (ObjectKind.MODEL_NAME, r"registry/names/[^/]+\.json"),
        (ObjectKind.EVENT, r"events/entries/[0-9a-f]{32}\.[a-z0-9.-]+\.json"),
        (ObjectKind.ACKNOWLEDGEMENT, r"events/acks/[^/]+/[0-9a-f]{32}\.json"),
        (ObjectKind.TRIAL_LOG, rf"sweeps/[^/]+/log/{_NUMBER}\.json"),
        (ObjectKind.TRIAL_CHUNK, rf"sweeps/[^/]+/chunks/{_NUMBER}\.json"),
        (ObjectKind.SWEEP_REQUEST, rf"sweeps/[^/]+/requests/{_NUMBER}\.json"),
        (ObjectKind.SWEEP_HOLDER, r"sweeps/[^/]+/holder\.json"),
        (ObjectKind.ATTEMPT, r"sweeps/[^/]+/attempts/[0-9]+-[0-9]+\.json"),
        (ObjectKind.PROJECT, r"projects/[0-9a-f]{64}\.tar"),
        (ObjectKind.SIGN_OF_LIFE, r"alive/[^/]+\.json"),
        (ObjectKind.SPOOL, r"spool/.+"),
        (ObjectKind.PROBE, r"probe/.+"),
        (ObjectKind.QUARANTINE, r"quarantine/.+"),
        (ObjectKind.STORE, r"store\.json"),
    )
)
_OF_EXPERIMENT: Final = re.compile(rf"exp/({_SHARD})/.*")


def kind_of(key: str) -> ObjectKind | None:
    """Return what the object at `key` is, or None for a foreign one.

    >>> kind_of("exp/0/exp.json"), kind_of("exp/0/notes.txt")
    (<ObjectKind.EXPERIMENT: 'experiment'>, None)
    """
    return next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(key)), None)


def experiment_in(key: str) -> str | None:
    """Return the id of the experiment that a key under ``exp/`` belongs to, or None for another key.

    >>> experiment_in("exp/17/hot/ab.0000000003.parquet"), experiment_in("exp/my notes/todo.txt")
    ('17', None)
    """
    found = _OF_EXPERIMENT.fullmatch(key)
    return found[1] if found else None
