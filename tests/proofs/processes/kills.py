"""Writers that are killed while they log, and whether anything is missing afterwards.

Run as a program by the proofs. Several writers log to one store, each is killed at a random moment
and followed by another that goes on in its place; which call it was in, whether a segment was just
being uploaded, a spool recovered or segments folded, is chance. At last everything is read.

Number `n` stands for one call, so what must be there follows from how many calls returned. The call
that was interrupted may have happened or not, but only as a whole.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pyarrow as pa

from mlflowflow.errors import InvalidState
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.layout import segment_key
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.table.segment import encode_segment
from mlflowflow.tracking.tracker import Tracker
from mlflowflow.tracking.writing.replay import replay
from mlflowflow.tracking.writing.spool import orphans
from tests.proofs.processes.forks import Child, ask, fork, hear_for, run_program

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.run import Run

#: A metric point, param or tag: what it is and the number of the call that logged it.
Fact: TypeAlias = tuple[str, int]

#: After so many calls their kinds come round again.
_TURN: Final = 16
#: How many numbers one life of a writer has to itself.
_NUMBERS: Final = 1_000_000
#: Between calls after the first burst a writer rests, so that a long life is not a large one.
_REST_S: Final = 0.0005
_KILLED: Final = -9

#: Wrong programs, each with what is wrong; the proof must notice every one.
MUTANTS: Final = {
    "early": "acknowledges a record before it is written",
    "unspooled": "keeps acknowledged records in memory only",
    "tidy": "removes the spools of dead writers instead of uploading them",
    "renamed": "uploads a dead writer's records under a name of its own",
    "doubtful": "logs a call again under another number, as a retry without identity would",
    "torn": "logs the parts of a batch one by one",
}
#: A param and a tag that all writers of a shared run set to different values.
CONTESTED: Final = "contested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Kill `kills` times among `writers`, a life lasting up to `longest_s`.

    Each logs to a run of its own or, if the run is `shared`, all resume the same one and say
    contradicting things about it. A writer makes the first `burst` calls at full speed.
    """

    url: str
    kills: int
    seed: int
    writers: int = 4
    shared: bool = False
    longest_s: float = 0.06
    burst: int = 100
    mutant: str = ""


@dataclass(slots=True, kw_only=True)
class Life:
    """One writer from its fork to its kill, logging to `run_id` the numbers from `first` on."""

    slot: int
    run_id: str
    first: int
    due_s: float
    child: Child


class Unspooled(LocalBlobStore):
    """A directory that says no other process sees it, so nothing is spooled."""

    @property
    def shared(self) -> bool:
        """Say what is wrong."""
        return False


def facts_of(number: int) -> list[Fact]:
    """Return what the call `number` leaves in its run."""
    match number % _TURN:
        case 7:
            return [("a", number), ("b", number), ("c", number)]
        case 11:
            return [("param", number)]
        case 13:
            return [("tag", number)]
        case _:
            return [("m", number)]


def value_of(number: int) -> float:
    """Return the value that belongs to a number, so that a wrong one is seen."""
    return number * 0.5 + 0.25


def make(tracker: Tracker, run_id: str, number: int, *, torn: bool = False) -> None:
    """Make the call `number`; a `torn` one in parts, with other work between them."""
    (kind, _), *more = facts_of(number)
    if kind == "param":
        tracker.log_batch(run_id, params={f"p{number}": str(number)})
    elif kind == "tag":
        tracker.log_batch(run_id, tags={f"t{number}": str(number)})
    elif not more:
        tracker.log_metric(run_id, kind, value_of(number), step=number, timestamp=number)
    else:
        points = [
            Metric(key=key, value=value_of(number), timestamp=number, step=number)
            for key, _ in facts_of(number)
        ]
        for batch in [[point] for point in points] if torn else [points]:
            tracker.log_batch(run_id, metrics=batch)
            time.sleep(0.002 if torn else 0.0)


def log_until_killed(fd: int, run_id: str, first: int, plan: Plan) -> None:
    """Log for ever, and write a byte to `fd` after each call that returned."""
    store = _store(plan)
    _sabotage_recovery(store, plan)
    tracker = Tracker(store, flush_intervals=(0.002,), compact_at=8)
    if plan.shared:
        tracker.create_run("0", run_id=run_id)
        contest(tracker, run_id, str(first))
    for number in itertools.count(first):
        if plan.mutant == "early":
            os.write(fd, b".")
        make(tracker, run_id, number, torn=plan.mutant == "torn")
        if plan.mutant == "doubtful" and number % 50 == 1:
            make(tracker, run_id, number + _NUMBERS // 2)
        if plan.mutant != "early":
            os.write(fd, b".")
        if number - first >= plan.burst:
            time.sleep(_REST_S)


def contest(tracker: Tracker, run_id: str, value: str) -> bool:
    """Set the contested tag and param to `value`, and say whether the param was still free."""
    tracker.log_batch(run_id, tags={CONTESTED: value})
    try:
        tracker.log_batch(run_id, params={CONTESTED: value})
    except InvalidState:
        return False
    return True


def _store(plan: Plan) -> BlobStore:
    return Unspooled(plan.url) if plan.mutant == "unspooled" else open_store(plan.url)


def _sabotage_recovery(store: BlobStore, plan: Plan) -> None:
    if plan.mutant not in {"tidy", "renamed"}:
        return
    for path in orphans(Path(plan.url) / "spool"):
        found = replay(path.read_bytes())
        if plan.mutant == "tidy":
            path.unlink(missing_ok=True)
        for batch in found.batches:
            name = f"x{path.stem}"
            body = encode_segment(batch.records, writer=name, seq=batch.seq)
            store.put(segment_key(batch.experiment_id, writer=name, seq=batch.seq), body)


# ---- killing -----------------------------------------------------------------------------------------------


def run(plan: Plan) -> dict[str, Any]:
    """Do what `plan` says and return how many were killed, what was acknowledged and the violations."""
    chance = random.Random(plan.seed)
    run_ids: list[str] = ask(lambda: _begin(plan))
    spent: list[Life] = []
    living: dict[int, Life] = {}
    firsts = itertools.count(_NUMBERS, _NUMBERS)
    while len(spent) < plan.kills:
        for slot in range(plan.writers):
            if slot not in living:
                due_s = time.monotonic() + chance.uniform(0.0, plan.longest_s)
                living[slot] = _born(
                    slot=slot, run_id=run_ids[slot], first=next(firsts), due_s=due_s, plan=plan
                )
        due = min(living.values(), key=lambda life: life.due_s)
        hear_for([life.child for life in living.values()], due.due_s - time.monotonic())
        due.child.kill()
        spent.append(living.pop(due.slot))
    for life in living.values():
        life.child.kill()
    spent += living.values()
    seen = ask(lambda: _look(plan, spent))
    acknowledged = sum(life.child.acknowledged for life in spent)
    ended = [
        f"a writer ended by itself, with {life.child.code}" for life in spent if life.child.code != _KILLED
    ]
    return {"kills": len(spent), "acknowledged": acknowledged, "violations": [*ended, *seen]}


def _begin(plan: Plan) -> list[str]:
    with Tracker(open_store(plan.url)) as tracker:
        if plan.shared:
            return [tracker.create_run("0").info.run_id] * plan.writers
        return [tracker.create_run("0").info.run_id for _ in range(plan.writers)]


def _born(*, slot: int, run_id: str, first: int, due_s: float, plan: Plan) -> Life:
    child = fork(lambda fd: log_until_killed(fd, run_id, first, plan))
    return Life(slot=slot, run_id=run_id, first=first, due_s=due_s, child=child)


# ---- looking -----------------------------------------------------------------------------------------------


def _look(plan: Plan, lives: Iterable[Life]) -> list[str]:
    """Open the store as the next process would and compare what is there with what was acknowledged."""
    store = _store(plan)
    _sabotage_recovery(store, plan)
    tracker = Tracker(store, flush_intervals=())
    violations: list[str] = []
    by_run: dict[str, list[Life]] = {}
    for life in lives:
        by_run.setdefault(life.run_id, []).append(life)
    found = {run.info.run_id for run in tracker.search_runs(["0"])}
    violations += [f"the run {run_id} is not found" for run_id in set(by_run) - found]
    for run_id, its_lives in by_run.items():
        violations += compared(its_lives, facts_in(tracker, run_id))
        if plan.shared:
            violations += _unruly(tracker, run_id, {str(life.first) for life in its_lives})
    tracker.close()
    left = [path.name for path in (Path(plan.url) / "spool").glob("*.wal")]
    violations += [f"the spool {name} is left" for name in left]
    return violations


def _unruly(tracker: Tracker, run_id: str, values: set[str]) -> list[str]:
    """Say where the rules of contradictions do not hold: params keep a first value, tags take the last."""
    before = tracker.get_run(run_id).data
    param, tag = before.params.get(CONTESTED), before.tags.get(CONTESTED)
    free = contest(tracker, run_id, "late")
    after = tracker.get_run(run_id).data
    found = {
        f"the param was {param}, which nobody said": param is not None and param not in values,
        f"the tag was {tag}, which nobody said": tag is not None and tag not in values,
        "a param that had a value took another": free != (param is None),
        "a param changed": after.params.get(CONTESTED) != (param or "late"),
        "a later tag was not taken": after.tags.get(CONTESTED) != "late",
    }
    return [sentence for sentence, holds in found.items() if holds]


def facts_in(tracker: Tracker, run_id: str) -> Counter[Fact]:
    """Return every fact of a run and how often it is there; a wrong value is a fact nobody expects."""
    seen: Counter[Fact] = Counter()
    for key in ("m", "a", "b", "c"):
        for point in tracker.metric_history(run_id, key):
            right = (point.value, point.timestamp) == (value_of(point.step), point.step)
            seen[key if right else f"wrong {key}", point.step] += 1
    run = tracker.get_run(run_id)
    seen.update(_texts("param", run, "p"))
    seen.update(_texts("tag", run, "t"))
    return seen


def _texts(kind: str, run: Run, letter: str) -> list[Fact]:
    texts = run.data.params if kind == "param" else run.data.tags
    numbered = {key: text for key, text in texts.items() if key[0] == letter and key[1:].isdigit()}
    return [(kind if key[1:] == text else f"wrong {kind}", int(key[1:])) for key, text in numbered.items()]


def compared(lives: Iterable[Life], seen: Counter[Fact]) -> list[str]:
    """Say what is lost, doubled, torn or invented."""
    sure: set[Fact] = set()
    perhaps: list[list[Fact]] = []
    for life in lives:
        following = life.first + life.child.acknowledged
        sure.update(fact for number in range(life.first, following) for fact in facts_of(number))
        perhaps.append(facts_of(following))
    possible = sure.union(*perhaps)
    return [
        *(f"lost: {fact}" for fact in sorted(sure - set(seen))),
        *(f"doubled: {fact}" for fact, count in seen.items() if count > 1),
        *(f"invented: {fact}" for fact in sorted(set(seen) - possible)),
        *(f"torn: {facts}" for facts in perhaps if len({fact in seen for fact in facts}) > 1),
    ]


def kill(plan: Plan) -> dict[str, Any]:
    """Run `plan` in a program of its own and return its answer."""
    return run_program("tests.proofs.processes.kills", asdict(plan))


def is_accused(plans: Iterable[Plan]) -> bool:
    """Answer whether something is found in the store of one of `plans`; the others are not run then."""
    return any(kill(plan)["violations"] for plan in plans)


if __name__ == "__main__":
    pa.array([0])  # this is when pyarrow imports pandas, which no child should spend its life on
    print(json.dumps(run(Plan(**json.loads(sys.argv[1])))))
