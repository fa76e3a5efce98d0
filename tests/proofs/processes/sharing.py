"""One client handed to threads, forked and spawned processes and Dask workers, which all log at once.

Run as a program by the proofs: it forks, and may deadlock. Every worker logs points with numbers of
its own to the same run. At last each number must be there once, and each process must have written
under a name of its own.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import threading
import warnings
from collections import Counter
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.ids import RandomIds
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.layout import hot_prefix, parse_segment_key
from mlflowflow.tracking.tracker import Tracker
from tests.proofs.processes.forks import ask, fork, run_program

if TYPE_CHECKING:
    from collections.abc import Callable

_POINTS: Final = 30
_NUMBERS: Final = 1_000
_JOIN_S: Final = 60.0

#: Wrong clients, each with what is wrong.
MUTANTS: Final = {
    "keeps the writer": "goes on with its parent's writer after a fork",
    "same name": "gives every process's writer the same name",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Hand the client over by `way`; `used` says whether it has logged before, so that threads are alive."""

    url: str
    way: str
    used: bool
    mutant: str = ""
    patience_s: float = 4 * _JOIN_S


class KeepsWriter(Tracker):
    """A client that does not notice a fork."""

    def renew_after_fork(self) -> None:
        """Do nothing."""


class SameName(RandomIds):
    """Ids whose tokens are all alike."""

    def token(self) -> str:
        """Return what everybody has."""
        return "0123456789abcdef"


def log(tracker: Tracker, run_id: str, worker: int) -> int:
    """Log this worker's points and make sure that they are stored; return the process's id."""
    for number in range(_POINTS):
        tracker.log_metric(run_id, "m", 0.5, step=worker * _NUMBERS + number)
    tracker.flush()
    return os.getpid()


def _by_threads(work: Callable[[int], int], count: int) -> int:
    threads = [threading.Thread(target=work, args=(worker,), daemon=True) for worker in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_JOIN_S)
    if any(thread.is_alive() for thread in threads):
        raise TimeoutError("a thread is stuck")
    return 1


def _by_fork(work: Callable[[int], int], count: int) -> int:
    children = [fork(partial(_forked, work, worker)) for worker in range(count)]
    codes = [child.wait() for child in children]
    if any(codes):
        raise ChildProcessError(f"forked children ended with {codes}")
    return count


def _forked(work: Callable[[int], int], worker: int, _: int) -> None:
    work(worker)


def _by_fork_under_threads(work: Callable[[int], int], count: int) -> int:
    """Fork while threads are in the middle of logging, so that locks are held at the fork."""
    half = count // 2
    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(half)]
    for thread in threads:
        thread.start()
    forked = _by_fork(lambda worker: work(half + worker), count - half)
    for thread in threads:
        thread.join(_JOIN_S)
    return forked + 1


def _by_spawn(work: Callable[[int], int], count: int) -> int:
    context = multiprocessing.get_context("spawn")
    children = [context.Process(target=work, args=(worker,)) for worker in range(count)]
    for child in children:
        child.start()
    for child in children:
        child.join(_JOIN_S)
    codes = [child.exitcode for child in children]
    if any(code != 0 for code in codes):
        raise ChildProcessError(f"spawned children ended with {codes}")
    return count


def _by_dask(work: Callable[[int], int], count: int) -> int:
    from distributed import Client, LocalCluster

    options: dict[str, Any] = {"dashboard_address": None, "host": "127.0.0.1", "processes": True}
    with LocalCluster(n_workers=2, threads_per_worker=2, **options) as cluster, Client(cluster) as client:
        futures: list[Any] = client.map(work, range(count), pure=False)
        return len({future.result(timeout=_JOIN_S) for future in futures})


#: Ways to hand a client over, and to how many.
WAYS: Final[dict[str, tuple[Callable[[Callable[[int], int], int], int], int]]] = {
    "threads": (_by_threads, 8),
    "fork": (_by_fork, 4),
    "fork under threads": (_by_fork_under_threads, 8),
    "spawn": (_by_spawn, 2),
    "dask": (_by_dask, 8),
}


def run(plan: Plan) -> dict[str, Any]:
    """Do what `plan` says and return the violations."""
    warnings.simplefilter("ignore")  # forking under threads is what this is about
    store = open_store(plan.url)
    kind = KeepsWriter if plan.mutant == "keeps the writer" else Tracker
    tracker = kind(
        store,
        ids=SameName() if plan.mutant == "same name" else None,
        flush_intervals=(0.005,),
        compact_at=10_000,
    )
    way, count = WAYS[plan.way]
    run_id = ask(lambda: Tracker(open_store(plan.url)).create_run("0").info.run_id)
    workers = list(range(count))
    if plan.used:
        log(tracker, run_id, count)
        workers.append(count)
    try:
        processes = way(partial(log, tracker, run_id), count)
    except (ChildProcessError, TimeoutError) as error:
        return {"violations": [str(error)]}
    tracker.close()
    own = plan.used and plan.way in {"fork", "spawn", "dask"}
    return {"violations": ask(lambda: _look(plan.url, run_id, workers, processes + own))}


def _look(url: str, run_id: str, workers: list[int], processes: int) -> list[str]:
    store = open_store(url)
    history = Tracker(store, flush_intervals=()).metric_history(run_id, "m")
    seen = Counter(point.step for point in history)
    wanted = {worker * _NUMBERS + number for worker in workers for number in range(_POINTS)}
    places = [parse_segment_key(blob.key) for blob in store.list(hot_prefix("0"))]
    writers = {place[0] for place in places if place}
    return [
        *(f"lost: {step}" for step in sorted(wanted - set(seen))),
        *(f"invented: {step}" for step in sorted(set(seen) - wanted)),
        *(f"doubled: {step}" for step, count in seen.items() if count > 1),
        *([f"{processes} processes wrote under {len(writers)} names"] if len(writers) < processes else []),
    ]


def share(plan: Plan) -> list[str]:
    """Run `plan` in a program of its own and return the violations; being stuck is one."""
    try:
        violations: list[str] = run_program(
            "tests.proofs.processes.sharing", asdict(plan), timeout_s=plan.patience_s
        )["violations"]
    except TimeoutError as error:
        return [str(error)]
    return violations


if __name__ == "__main__":
    print(json.dumps(run(Plan(**json.loads(sys.argv[1])))))
