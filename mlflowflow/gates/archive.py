"""Where verdicts are kept with all they rest on, so that any of them can be computed again.

========================================================= =============================================
``registry/models/<name>/verdicts/<digest>.json``         policy, evidence and verdict, sealed
``registry/models/<name>/outcomes/<digest>.parquet``      per-row outcomes, one object per content
========================================================= =============================================

Everything is named by its content and written once, tables first, so a verdict that can be read can
be recomputed. A verdict that a faster decision made obsolete stays here too; only those that the
model's history names were ever in force.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflowflow.errors import CorruptData, NotFound
from mlflowflow.events.canonical import sealed, unsealed
from mlflowflow.gates.evaluate import evaluate
from mlflowflow.gates.evidence import Evidence
from mlflowflow.gates.outcomes import Outcomes
from mlflowflow.gates.policy import GatePolicy
from mlflowflow.gates.verdict import Verdict
from mlflowflow.storage.blob import Span
from mlflowflow.storage.names import encode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlflowflow.registry.entry import Entry
    from mlflowflow.storage.blob import BlobStore


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRecord:
    """A verdict beside the policy and the evidence that it follows from."""

    policy: GatePolicy
    evidence: Evidence
    verdict: Verdict


class VerdictArchive:
    """The verdicts about one registered model, also those that were kept while it had another name."""

    def __init__(self, store: BlobStore, model: str, *, former: Iterable[str] = ()) -> None:
        """Use the registry's `store`; `former` are the names it had. Nothing is read or written yet."""
        self._store = store
        self._folder, *self._former = (
            f"registry/models/{encode(name)}" for name in dict.fromkeys((model, *former))
        )

    @classmethod
    def about(cls, store: BlobStore, model: str, history: Iterable[Entry]) -> VerdictArchive:
        """Return the archive of the model whose whole `history` was read."""
        return cls(store, model, former=[each.model for each in history])

    def keep(self, policy: GatePolicy, evidence: Evidence) -> Verdict:
        """Weigh `evidence` by `policy`, store everything, and return the verdict."""
        verdict = evaluate(policy, evidence)
        for table in evidence.tables:
            self._keep_table(table)
        content = {
            "policy": policy.to_plain(),
            "evidence": evidence.to_plain(),
            "verdict": verdict.to_plain(),
        }
        self._store.create(self._verdict_key(verdict.digest), sealed(content))
        return verdict

    def get(self, digest: str) -> VerdictRecord:
        """Return the verdict with this digest and what it rests on. Raises `NotFound`, `CorruptData`."""
        key, body = self._found(f"verdicts/{digest}.json")
        if body is None:
            raise NotFound("verdict", digest, hint="The model's history names the verdicts there are.")
        content = unsealed(key, body)
        return VerdictRecord(
            policy=GatePolicy.from_plain(content.get("policy"), key=key),
            evidence=Evidence.from_plain(content.get("evidence"), table=self._table, key=key),
            verdict=Verdict.from_plain(content.get("verdict"), key=key),
        )

    def recompute(self, digest: str, *, policy: GatePolicy | None = None) -> Verdict:
        """Weigh the stored evidence again, by the policy of then or by another one.

        With the policy of then the verdict is the stored one. With another it says what that policy
        would have decided about this candidate.
        """
        record = self.get(digest)
        return evaluate(policy or record.policy, record.evidence)

    def _keep_table(self, table: Outcomes) -> None:
        key = self._table_key(table.digest)
        if self._store.get(key, Span(start=0, stop=1)) is None:
            self._store.put(key, table.to_parquet())

    def _table(self, digest: str) -> Outcomes:
        key, body = self._found(f"outcomes/{digest}.parquet")
        if body is None:
            raise CorruptData(key, "a verdict rests on it and it is missing")
        table = Outcomes.from_parquet(body, name=key)
        if table.digest != digest:
            raise CorruptData(key, "its rows are not those the verdict rests on")
        return table

    def _found(self, name: str) -> tuple[str, bytes | None]:
        """Return where `name` is, and what it holds; None if it is nowhere."""
        for folder in (self._folder, *self._former):
            body = self._store.get(f"{folder}/{name}")
            if body is not None:
                return f"{folder}/{name}", body
        return f"{self._folder}/{name}", None

    def _verdict_key(self, digest: str) -> str:
        return f"{self._folder}/verdicts/{digest}.json"

    def _table_key(self, digest: str) -> str:
        return f"{self._folder}/outcomes/{digest}.parquet"
