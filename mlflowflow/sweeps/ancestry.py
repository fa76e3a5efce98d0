"""What a model version has cost: the sweeps that it descends from, with what each was charged.

::

    version → its run → the pipeline around it → the sweeps in there → what these started from → …

A retrained champion starts from the champion before it, so its price is that of the whole line.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlflowflow.errors import NotFound
from mlflowflow.lineage.trace import outermost
from mlflowflow.registry.uri import RegisteredUri, RunUri, parse_model_uri, resolve_version
from mlflowflow.sweeps.ledger import Sum, total
from mlflowflow.sweeps.log import read_history, sweep_run_ids
from mlflowflow.sweeps.starting import SWEEPS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.registry.version import ModelVersion
    from mlflowflow.sweeps.history import SweepHistory
    from mlflowflow.tracking.tracker import Tracker


@dataclass(frozen=True, slots=True, kw_only=True)
class Ancestor:
    """A sweep that a version descends from, and what all its attempts came to.

    `generation` is 0 for the sweeps of the pipeline that made the version, 1 for those of what these
    started from, and so on.
    """

    name: str
    run_id: str
    generation: int
    spent: Sum


def ancestry(version: ModelVersion, *, tracker: Tracker, catalog: Catalog) -> tuple[Ancestor, ...]:
    """Return the sweeps that `version` descends from, the nearest first, each once.

    An alias that a sweep started from means what it meant when the sweep began. A run, version or
    sweep that is not there any more has no ancestors. Reads the log of every sweep in the line.

    Raises `CorruptData` if one of the logs is damaged.
    """
    within: defaultdict[str, list[str]] = defaultdict(list)
    for run_id in sweep_run_ids(tracker.store):
        within[outermost(tracker, run_id)].append(run_id)
    found: list[Ancestor] = []
    ahead: deque[tuple[str, int]] = deque() if version.run_id is None else deque([(version.run_id, 0)])
    while ahead:
        run_id, generation = ahead.popleft()
        for sweep in within.pop(outermost(tracker, run_id), ()):
            history = read_history(tracker.store, sweep)
            spent = total(history)
            found.append(Ancestor(name=history.sweep.name, run_id=sweep, generation=generation, spent=spent))
            ahead.extend((each, generation + 1) for each in _started_from(history, catalog))
    return tuple(found)


def _started_from(history: SweepHistory, catalog: Catalog) -> Iterator[str]:
    """Yield the runs whose addresses the sweep was given to start from."""
    for start in history.sweep.start_from:
        if isinstance(start, str):
            run_id = _run_at(start, catalog, at_us=history.opened_us)
            if run_id is not None:
                yield run_id


def _run_at(address: str, catalog: Catalog, *, at_us: int) -> str | None:
    if address.startswith(SWEEPS):
        return address.removeprefix(SWEEPS)
    uri = parse_model_uri(address)
    if isinstance(uri, RunUri):
        return uri.run_id
    if not isinstance(uri, RegisteredUri):
        return None
    try:
        return resolve_version(catalog, replace(uri, at_us=uri.at_us or at_us)).run_id
    except NotFound:
        return None
