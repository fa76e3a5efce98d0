"""Is a place fit to be a store, and is this machine fit to use it?

What is asked: does the store keep its promises (`trial`), does its clock agree with ours, which
versions meet there, how long do requests take, do records wait in the spool, and is anybody folding
what writers leave. Every answer is a sentence; one that is not "ok" comes with the next step. The
place need not be a store yet, and is left as it was found.
"""

from __future__ import annotations

import platform
import shutil
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import CorruptData, NotFound, StoreError, StoreTooNew, StoreUnable
from mlflowflow.maintenance.backlog import backlog_findings
from mlflowflow.maintenance.finding import Finding, Level
from mlflowflow.maintenance.trial import RACERS, Trial
from mlflowflow.storage.format import KEY, decode_info
from mlflowflow.storage.moment import store_now_us

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.maintenance.trial import Races, Visibility
    from mlflowflow.storage.blob import BlobStore

#: How many objects are written for each question.
KEYS: Final = 20
#: Clocks that differ by more are worth a word: people compare times.
SKEW_S: Final = 300.0
#: A request that takes longer makes everything slow.
SLOW_MS: Final = 1000.0
#: Less room for the spool is worth a word, and much less is a problem.
LITTLE_BYTES: Final = 1024**3
TOO_LITTLE_BYTES: Final = 64 * 1024**2

_PACKAGES: Final = ("mlflowflow", "pyarrow", "fsspec", "s3fs")


def doctor(
    store: BlobStore, *, clock: Clock, ids: Ids, spool_dir: Path | None, keys: int = KEYS
) -> Iterator[Finding]:
    """Yield an answer to each question about `store`, and about `spool_dir` on this machine.

    Writes some objects below ``probe/`` and removes them. Stops at the first answer if the store
    cannot be reached.
    """
    yield _versions()
    identity = _identity(store)
    yield identity
    if identity.level is Level.PROBLEM:
        return
    try:
        with Trial.open(store, clock=clock, ids=ids) as trial:
            yield _races(trial.races(keys))
            yield _visibility(trial.visibility(keys))
            yield _speed(trial, keys)
        yield _clock(store, clock=clock, ids=ids)
    except StoreError as error:
        advice = "Check the credentials and their permission to write, list and delete, then ask again."
        yield _said(Level.PROBLEM, "access", f"The store does not take what is written: {error}", advice)
        return
    if spool_dir is not None:
        yield from _spool(spool_dir)
    yield from backlog_findings(store, ids=ids)


def _said(level: Level, subject: str, sentence: str, advice: str = "") -> Finding:
    return Finding(level=level, subject=subject, sentence=sentence, advice=advice)


def _versions() -> Finding:
    found = ", ".join(f"{name} {_version(name)}" for name in _PACKAGES)
    return _said(Level.OK, "versions", f"Python {platform.python_version()}, {found}.")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _identity(store: BlobStore) -> Finding:
    try:
        body = store.get(KEY)
        if body is None:
            return _said(
                Level.OK, "store", f"'{store.url}' is no store yet; whoever logs first makes it one."
            )
        known = decode_info(body, url=store.url)
    except StoreTooNew as error:
        return _said(Level.PROBLEM, "store", str(error), "Install a newer mlflowflow.")
    except CorruptData as error:
        return _said(Level.PROBLEM, "store", str(error), "Run 'mlff store fsck --repair'.")
    except (StoreError, NotFound) as error:
        return _said(
            Level.PROBLEM, "store", str(error), "Check the address, the network and the credentials."
        )
    return _said(Level.OK, "store", f"'{store.url}' has format {known.format}, uuid {known.uuid}.")


def _races(races: Races) -> Finding:
    subject = "creating"
    if races.unable or races.decided < races.keys:
        sentence = (
            "The store ignores conditional writes."
            if races.unable
            else f"Of {races.keys} races of {RACERS} writers only {races.decided} had exactly one winner."
        )
        advice = (
            "Runs can be tracked in it, models cannot be registered: set MLFLOWFLOW_REGISTRY_URI to a directory, or "
            "to a bucket that honours If-None-Match, and let one process only compact."
        )
        return _said(Level.WARNING, subject, sentence, advice)
    return _said(
        Level.OK, subject, f"Of {RACERS} writers racing for a name exactly one won, {races.keys} times."
    )


def _visibility(seen: Visibility) -> Finding:
    subject = "reading"
    late = [
        f"{count} of {seen.rounds} {what}"
        for count, what in (
            (seen.unread, "objects were not read as just written"),
            (seen.unlisted, "objects were not listed"),
            (seen.undeleted, "deleted objects were still there"),
        )
        if count
    ]
    if late:
        advice = "Readers may miss what was just logged. Turn caches between here and the store off."
        return _said(Level.PROBLEM, subject, f"{'; '.join(late)}.", advice)
    return _said(Level.OK, subject, "What is written is read and listed at once, what is deleted is gone.")


def _speed(trial: Trial, rounds: int) -> Finding:
    found = trial.latency(rounds)
    sentence = f"Half of the requests took less than: put {found.put_ms:.1f} ms, get {found.get_ms:.1f} ms, list {found.list_ms:.1f} ms."
    if max(found.put_ms, found.get_ms, found.list_ms) > SLOW_MS:
        advice = "Logging does not wait for the store, but reading and registering do. Is it far away?"
        return _said(Level.WARNING, "speed", sentence, advice)
    return _said(Level.OK, "speed", sentence)


def _clock(store: BlobStore, *, clock: Clock, ids: Ids) -> Finding:
    try:
        skew_s = (clock.now_us() - store_now_us(store, ids=ids)) / 1e6
    except StoreUnable as error:
        advice = "Logging and reading work; 'mlff store gc' and 'mlff store reap' do nothing there."
        return _said(Level.WARNING, "clock", str(error), advice)
    way = "ahead of" if skew_s > 0 else "behind"
    if abs(skew_s) > SKEW_S:
        sentence = f"This machine's clock is {abs(skew_s):.0f} s {way} the store's."
        advice = "Nothing breaks, but times of runs look wrong to others: synchronize the clock (NTP)."
        return _said(Level.WARNING, "clock", sentence, advice)
    return _said(Level.OK, "clock", f"This machine's clock is {abs(skew_s):.1f} s {way} the store's.")


def _spool(folder: Path) -> Iterator[Finding]:
    from mlflowflow.maintenance.check_files import check_spools

    there = next((each for each in (folder, *folder.parents) if each.is_dir()), None)
    if there is None:
        advice = "Set MLFLOWFLOW_SPOOL_DIR to a folder on a local disk."
        yield _said(Level.PROBLEM, "spool", f"'{folder}' cannot be made: none of its parents exists.", advice)
        return
    free = shutil.disk_usage(there).free
    sentence = f"'{folder}' has {free / 1024**3:.1f} GiB free."
    advice = "Free some space, or set MLFLOWFLOW_SPOOL_DIR to a folder on another disk."
    if free < LITTLE_BYTES:
        yield _said(Level.PROBLEM if free < TOO_LITTLE_BYTES else Level.WARNING, "spool", sentence, advice)
    else:
        yield _said(Level.OK, "spool", sentence)
    if folder.is_dir():
        yield from check_spools(folder)
