"""Are the files whose digests were recorded what they were: models, packed projects, spools?

A model folder names the digest of each of its files, and a registered version the digest of the whole
folder. Other artifacts were stored without a digest; of those only that they can be listed is known.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import CorruptData, InvalidInput, NotFound, StoreError
from mlflowflow.ids import digest
from mlflowflow.maintenance.finding import Finding, left_over, missing, waiting
from mlflowflow.maintenance.kinds import ObjectKind
from mlflowflow.maintenance.look import damaged, unreadable
from mlflowflow.models.package import DIGESTS
from mlflowflow.tracking.layout import artifacts_prefix, is_models_shard, models_shard, run_key
from mlflowflow.tracking.writing.alive import Life

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mlflowflow.maintenance.look import Look
    from mlflowflow.registry.state import ModelState
    from mlflowflow.registry.version import ModelVersion

#: So many parts of a key stand between `models` and the path of a model's file.
_MODEL_DEPTH: Final = 2
_RUNS: Final = "runs:/"
_BACKUP: Final = "Restore it from a backup or train the model again; loading it is refused until then."
_MOVE: Final = "'mlff store fsck --repair' moves it aside."


class FilesCheck:
    """Examine artifacts, packed projects and what processes leave."""

    def __init__(self, look: Look, *, homes: Mapping[str, str], models: Mapping[str, ModelState]) -> None:
        """Examine what is in `look`; `homes` are the experiments of all runs, `models` what is registered."""
        self._look = look
        self._homes = homes
        self._models = models
        self._digests: dict[str, str | Finding | None] = {}

    def findings(self) -> Iterator[Finding]:
        """Yield everything that is wrong."""
        for key in self._look.keys(ObjectKind.ARTIFACT):
            if key.rsplit("/", 1)[1] == DIGESTS:
                yield from self._model_folder(key)
        yield from self._homeless()
        for state in self._models.values():
            for version in state.versions.values():
                yield from self._version(version)
        yield from self._projects()
        yield from self._signs_of_life()

    # ---- artifacts -----------------------------------------------------------------------------------------

    def _model_folder(self, key: str) -> Iterator[Finding]:
        body = self._look.body(key)
        if not isinstance(body, bytes):
            if body is not None:
                yield body
            return
        try:
            expected = _file_digests(key, body)
        except CorruptData as error:
            yield damaged(key, error, advice=_BACKUP)
            return
        folder = key.removesuffix(DIGESTS)
        for name, sha256 in sorted(expected.items()):
            path = f"{folder}{name}"
            found = self._digest(path)
            if found is None:
                if self._look.store.get(key) is None:
                    return  # the whole folder was deleted meanwhile
                yield missing(
                    path, f"'{key}' names this file of a model, and it is not there.", advice=_BACKUP
                )
            elif isinstance(found, Finding):
                yield found
            elif found != sha256:
                wrong = CorruptData(path, f"its SHA-256 is not the one that '{DIGESTS}' beside it names")
                yield damaged(path, wrong, advice=_BACKUP, about=sha256)

    def _homeless(self) -> Iterator[Finding]:
        """Yield one finding for the artifacts of each run that nobody knows."""
        counts: defaultdict[tuple[str, str], int] = defaultdict(int)
        for key in self._look.keys(ObjectKind.ARTIFACT):
            counts[_owner(key)] += 1
        for (experiment_id, run_id), count in sorted(counts.items()):
            prefix = artifacts_prefix(experiment_id, run_id)
            if run_id not in self._homes and not self._is_entered(run_id):
                files = "1 file" if count == 1 else f"{count} files"
                kind = "logged model" if is_models_shard(experiment_id) else "run"
                sentence = f"{files} of a {kind} that does not exist."
                yield left_over(prefix, sentence, advice="Remove them by hand if nobody misses them.")

    def _is_entered(self, run_id: str) -> bool:
        """Answer whether a run has an entry, be it one that was made since the listing."""
        entry = run_key(run_id)
        return entry in self._look.blobs or self._look.store.get(entry) is not None

    def _version(self, version: ModelVersion) -> Iterator[Finding]:
        if version.digest is None or not version.source.startswith(_RUNS):
            return  # files elsewhere, or files that nobody took the digest of
        run_id, _, path = version.source.removeprefix(_RUNS).partition("/")
        home = self._homes.get(run_id)
        if home is None:
            return
        prefix = f"{artifacts_prefix(home, run_id)}{path.strip('/')}/"
        keys = self._look.under(prefix, ObjectKind.ARTIFACT)
        if not keys:
            if not any(True for _ in self._look.store.list(prefix)):  # else they came after the listing
                yield missing(prefix, f"The files of '{version.uri}' are not there.", advice=_BACKUP)
            return
        lines: list[str] = []
        for key in keys:
            found = self._digest(key)
            if not isinstance(found, str):
                return  # it has been told of this file already
            lines.append(f"{key.removeprefix(prefix)}\0{found}\n")
        if digest("".join(sorted(lines)).encode()) != version.digest:
            reason = f"its files are not those that were registered as '{version.uri}'"
            yield damaged(prefix, CorruptData(prefix, reason), advice=_BACKUP)

    def _digest(self, key: str) -> str | Finding | None:
        """Return the SHA-256 of a file, None if it is not there; read once however often it is asked for."""
        if key not in self._digests:
            sha256 = hashlib.sha256()
            try:
                for piece in self._look.pieces(key):
                    sha256.update(piece)
                self._digests[key] = sha256.hexdigest()
            except (NotFound, InvalidInput):  # gone, or a name that no object can have
                self._digests[key] = None
            except (StoreError, CorruptData) as error:
                self._digests[key] = unreadable(key, error)
        return self._digests[key]

    # ---- projects and processes -------------------------------------------------------------------------------

    def _projects(self) -> Iterator[Finding]:
        for key in self._look.keys(ObjectKind.PROJECT):
            found = self._digest(key)
            if isinstance(found, Finding):
                yield found
            elif found is not None and found not in key:
                reason = "its SHA-256 is not its name"
                yield damaged(key, CorruptData(key, reason), advice=f"{_MOVE} The next run packs it again.")

    def _signs_of_life(self) -> Iterator[Finding]:
        for key in self._look.keys(ObjectKind.SIGN_OF_LIFE):
            body = self._look.body(key)
            if isinstance(body, Finding):
                yield body
            elif body is not None:
                try:
                    Life.from_json(body, key=key)
                except CorruptData as error:
                    yield damaged(key, error, advice=_MOVE)
                    continue
                if self._look.is_settled(key):
                    sentence = (
                        "A process died without a word a day ago or more, and nobody has ended its runs."
                    )
                    yield waiting(key, sentence, advice="'mlff store reap' does.")


def _owner(key: str) -> tuple[str, str]:
    """Return the shard and the id of the run or logged model that an artifact belongs to."""
    _, experiment_id, run_id, *rest = key.split("/", 5)
    if run_id == "models" and len(rest) > _MODEL_DEPTH and rest[1] == "artifacts":
        return models_shard(experiment_id), rest[0]
    return experiment_id, run_id


def check_spools(folder: Path) -> Iterator[Finding]:
    """Yield what lies in the spool `folder` of this machine: unsent records, and files nobody can read."""
    from mlflowflow.tracking.writing.replay import replay
    from mlflowflow.tracking.writing.spool import orphans

    recover = "'mlff store recover' uploads them."
    for path in orphans(folder):
        try:
            found = replay(path.read_bytes())
        except FileNotFoundError:
            continue  # its process ended, or another recovery took it over
        records = sum(len(batch.frames) for batch in found.batches)
        if found.foreign:
            sentence = (
                f"It has {found.foreign}: a later release wrote it, and its records are not in the store."
            )
            yield waiting(str(path), sentence, advice="'mlff store recover' of that release uploads them.")
        elif found.header is None:
            yield damaged(str(path), CorruptData(str(path), "it has no readable header"), advice=_MOVE_SPOOL)
        elif found.damaged:
            advice = "'mlff store recover' uploads what is whole in it and keeps the file."
            yield damaged(str(path), CorruptData(str(path), "some of its bytes are wrong"), advice=advice)
        elif records:
            sentence = (
                f"{records} records of a process that died on '{found.header.host}' are not in the store."
            )
            yield waiting(str(path), sentence, advice=recover)
    for path in sorted((folder / "damaged").glob("*")):
        sentence = "A recovery could not read all of it and kept it."
        yield left_over(str(path), sentence, advice="Remove it by hand when you have what you need of it.")


_MOVE_SPOOL: Final = "Nothing in it can be read; remove it by hand."


def _file_digests(key: str, body: bytes) -> dict[str, str]:
    try:
        tree = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise CorruptData(key, f"it is not JSON ({error})") from error
    match tree:
        case {"algorithm": "sha256", "files": dict() as files}:
            return {str(name): str(sha256) for name, sha256 in files.items()}
        case _:
            raise CorruptData(key, "it does not list SHA-256 digests of files")
