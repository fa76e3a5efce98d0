"""Sweeps as the pages show them: the list, one of them whole, what mattered in it, and what is asked of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import CorruptData, InvalidInput, NotFound
from mlflowflow.ids import RandomIds, digest
from mlflowflow.projects.space import Choice
from mlflowflow.server.handlers.sheets import version_of_all
from mlflowflow.server.shown import number
from mlflowflow.sweeps.importance import FEWEST, importances
from mlflowflow.sweeps.lanes import lane_names, lanes_of
from mlflowflow.sweeps.ledger import total
from mlflowflow.sweeps.requests import Extend, Requests, Stop
from mlflowflow.sweeps.standing import Limit, Phase, error_groups, limits_of, phase_of, standing
from mlflowflow.sweeps.trial import TrialState
from mlflowflow.tracking.searching import matching_ids

if TYPE_CHECKING:
    from mlflowflow.projects.space import Dimension
    from mlflowflow.server.desk import Desk
    from mlflowflow.server.message import Message
    from mlflowflow.server.sweep_sheets import (
        AskSweep,
        AttemptsSheet,
        ExtendSweep,
        StopSweep,
        SweepAsked,
        SweepDimension,
        SweepImportances,
        SweepPoints,
        SweepSheet,
        SweepsSheet,
        TrialsSheet,
    )
    from mlflowflow.sweeps.history import SweepHistory

#: A page gets about so many points of intermediate values at most.
MOST_POINTS: Final = 40_000
#: Errors are long; so much of each is shown.
_LONGEST: Final = 400
_SWEEPS: Final = "tags.`mlff.sweep` IS NOT NULL AND tags.`mlff.trial` IS NULL"
_DAMAGED: Final = "DAMAGED"
_WHO: Final = "a page"


# ---- versions ----------------------------------------------------------------------------------------------


def version_of_list(desk: Desk, asked: Message) -> str:
    """Return what changes with any sweep, any run, and with who coordinates a sweep that goes on."""
    marks = desk.sweeps.marks()
    held = [run_id for run_id in marks if desk.sweeps.holder(run_id) is not None]
    return digest(f"{version_of_all(desk, asked)} {sorted(marks.items())} {held}".encode())


def version(desk: Desk, asked: AskSweep) -> str:
    """Return what changes with one sweep and with who coordinates it."""
    return f"{desk.sweeps.mark(asked.run_id)} {desk.sweeps.holder(asked.run_id)}"


def version_of_ends(desk: Desk, asked: AskSweep) -> str:
    """Return what changes with every trial that is done."""
    with desk.sweeps.reading(asked.run_id) as history:
        return f"{history.run_id} {len(history.told_order)}"


# ---- the list ----------------------------------------------------------------------------------------------


def sweeps(desk: Desk, _asked: Message) -> SweepsSheet:
    """Return all sweeps whose runs are in use."""
    homes = _homes(desk)
    rows = [row for run_id in desk.sweeps.marks() if (row := _row(desk, run_id, homes)) is not None]
    rows.sort(key=lambda row: (row["begun_ms"] or 0, row["run_ids"]), reverse=True)
    columns = {name: [row[name] for row in rows] for name in _ROW}
    counts = {state.value: [row["counts"][state] for row in rows] for state in TrialState}
    return {**columns, "counts": counts}  # type: ignore[typeddict-item]


_ROW: Final = (
    "run_ids",
    "names",
    "experiment_ids",
    "experiments",
    "phases",
    "begun_ms",
    "changed_ms",
    "limits",
    "shares",
    "rest_s",
    "metrics",
    "goals",
    "best",
    "best_trials",
    "cost",
)


def _homes(desk: Desk) -> dict[str, tuple[str, str]]:
    """Return the id and the name of the experiment of each sweep that is in use."""
    return {
        run_id: (each.experiment_id, each.name)
        for each in desk.tracker.list_experiments(view="active")
        for run_id in matching_ids(
            desk.tracker.reader, [each.experiment_id], filter_string=_SWEEPS, tags_of=lambda _: {}
        )
    }


def _row(desk: Desk, run_id: str, homes: dict[str, tuple[str, str]]) -> dict[str, Any] | None:
    """Return the row of a sweep, None for one that is not in use or that died before its log began."""
    if run_id not in homes:
        return None
    row: dict[str, Any] = dict.fromkeys(_ROW)
    row |= {"run_ids": run_id, "experiment_ids": homes[run_id][0], "experiments": homes[run_id][1]}
    try:
        with desk.sweeps.reading(run_id) as history:
            return row | _summed(history, is_held=_is_held(desk, history))
    except NotFound:
        return None
    except CorruptData:
        nothing = {"names": "", "metrics": "", "goals": "", "shares": 0.0, "cost": 0.0}
        return row | nothing | {"phases": _DAMAGED, "counts": dict.fromkeys(TrialState, 0)}


def _summed(history: SweepHistory, *, is_held: bool) -> dict[str, Any]:
    found, best, aim = standing(history), history.best, history.sweep.selecting_objective
    value = None if best is None else best.values[history.sweep.objectives.index(aim)]
    return {
        "names": history.sweep.name,
        "phases": phase_of(history, is_held=is_held).value,
        "begun_ms": history.opened_us // 1000,
        "changed_ms": history.changed_us // 1000,
        "counts": found.counts,
        "limits": found.use(Limit.TRIALS).limit,
        "shares": found.share,
        "rest_s": found.rest_s if is_held else None,
        "metrics": aim.metric,
        "goals": aim.goal.value,
        "best": None if value is None else number(value),
        "best_trials": None if best is None else best.number,
        "cost": history.cost,
    }


def _is_held(desk: Desk, history: SweepHistory) -> bool:
    return not history.is_closed and desk.sweeps.holder(history.run_id) is not None


# ---- one sweep ---------------------------------------------------------------------------------------------


def sweep(desk: Desk, asked: AskSweep) -> SweepSheet:
    """Return all that is known of one sweep. Raises `NotFound`, `CorruptData`."""
    experiment_id = desk.tracker.experiment_of(asked.run_id)
    home = desk.tracker.get_experiment(experiment_id)
    holder = desk.sweeps.holder(asked.run_id)
    with desk.sweeps.reading(asked.run_id) as history:
        spec, found, spent = history.sweep, standing(history), total(history)
        is_held = holder is not None and not history.is_closed
        return {
            "run_id": history.run_id,
            "name": spec.name,
            "experiment_id": experiment_id,
            "experiment": home.name,
            "entry_point": spec.entry_point,
            "phase": phase_of(history, is_held=is_held).value,
            "ended": "" if history.ended is None else history.ended.sentence,
            "held_by": f"process {holder.pid} on {holder.host}" if holder is not None and is_held else "",
            "begun_ms": history.opened_us // 1000,
            "changed_ms": history.changed_us // 1000,
            "elapsed_s": history.elapsed_s,
            "sampler": spec.sampler.name.value,
            "pruner": spec.pruner.name.value,
            "seed": history.opened.seed,
            "parallel": spec.parallel,
            "params": {name: str(value) for name, value in {**spec.params, **history.opened.params}.items()},
            "objectives": [
                {"metric": each.metric, "goal": each.goal.value, "prune": each is spec.pruned_objective}
                for each in spec.objectives
            ],
            "selecting": spec.selecting_objective.metric,
            "constraints": [
                {"metric": each.metric, "min": each.min, "max": each.max} for each in spec.constraints
            ],
            "dimensions": [_dimension(each) for each in spec.space],
            "uses": [
                {"name": each.name.value, "used": each.used, "limit": each.limit} for each in found.uses
            ],
            "counts": {state.value: count for state, count in found.counts.items()},
            "pace": found.pace if is_held else None,
            "rest_s": found.rest_s if is_held else None,
            "best": None if history.best is None else history.best.number,
            "front": [each.number for each in history.front],
            "trials": _trials(history),
            "attempts": _attempts(history),
            "errors": [
                {
                    "outcome": each.outcome.value,
                    "sentence": each.sentence[:_LONGEST],
                    "attempts": each.attempts,
                    "trials": list(each.trials),
                    "latest_ms": each.latest_us // 1000,
                }
                for each in error_groups(history)
            ],
            "spent": {
                "attempts": spent.attempts,
                "seconds": spent.seconds,
                "cost": spent.cost,
                "wasted": spent.wasted,
            },
        }


def _dimension(each: Dimension) -> SweepDimension:
    when = {name: str(value) for name, value in each.when.items()}
    if isinstance(each, Choice):
        options = [str(option) for option in each.options]
        ends: dict[str, Any] = {"log": False, "low": None, "high": None}
    else:
        options, ends = [], {"log": each.log, "low": each.low, "high": each.high}
    return {"name": each.name, "kind": each.kind, "options": options, "when": when, **ends}  # type: ignore[typeddict-item]


def _trials(history: SweepHistory) -> TrialsSheet:
    trials = history.trials
    return {
        "run_ids": [each.run_id for each in trials],
        "states": [each.state.value for each in trials],
        "given": [each.origin.value != "sampler" for each in trials],
        "same_as": [each.same_as for each in trials],
        "values": {
            objective.metric: [number(each.values[at]) if at < len(each.values) else None for each in trials]
            for at, objective in enumerate(history.sweep.objectives)
        },
        "params": {
            dimension.name: [_cell(each.params.get(dimension.name)) for each in trials]
            for dimension in history.sweep.space
        },
        "asked_ms": [each.asked_us // 1000 for each in trials],
        "ended_ms": [None if each.ended_us is None else each.ended_us // 1000 for each in trials],
        "seconds": [each.seconds for each in trials],
        "cost": [each.cost for each in trials],
        "excesses": [
            number(math.fsum(max(0.0, excess) for excess in each.excesses)) if each.excesses else None
            for each in trials
        ],
    }


def _cell(value: object) -> Any:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return number(value)
    return value


def _attempts(history: SweepHistory) -> AttemptsSheet:
    lanes = lanes_of(history)
    bars, opened_ms = lanes.bars, history.opened_us / 1000
    return {
        "trials": [each.trial.number for each in bars],
        "numbers": [each.attempt.number for each in bars],
        "began_ms": [round(opened_ms + 1000 * each.start_s) for each in bars],
        "ended_ms": [
            None if each.attempt.ended_us is None else round(opened_ms + 1000 * each.end_s) for each in bars
        ],
        "outcomes": [None if each.attempt.outcome is None else each.attempt.outcome.value for each in bars],
        "workers": [each.attempt.worker for each in bars],
        "lanes": [each.lane for each in bars],
        "names": list(lane_names(lanes.workers)),
    }


def points(desk: Desk, asked: AskSweep) -> SweepPoints:
    """Return what trials reported while they ran, thinned evenly if there is too much; the last point stays."""
    with desk.sweeps.reading(asked.run_id) as history:
        pruned = history.sweep.pruned_objective
        trials = [each for each in history.trials if each.points]
        every = max(1, math.ceil(sum(len(each.points) for each in trials) / MOST_POINTS))
        kept = [[*each.points[:-1:every], each.points[-1]] for each in trials]
        return {
            "metric": "" if pruned is None else pruned.metric,
            "trials": [each.number for each in trials],
            "steps": [[step for step, _ in each] for each in kept],
            "values": [[number(value) for _, value in each] for each in kept],
            "thinned": every > 1,
        }


def importance(desk: Desk, asked: AskSweep) -> SweepImportances:
    """Return how much each dimension mattered for each objective."""
    with desk.sweeps.reading(asked.run_id) as history:
        found = [(each.metric, importances(history, each.metric)) for each in history.sweep.objectives]
        return {
            "method": "PED-ANOVA",
            "trials": sum(each.state.has_values for each in history.trials),
            "fewest": FEWEST,
            "objectives": [
                {"metric": metric, "names": list(shares), "shares": list(shares.values())}
                for metric, shares in found
            ],
        }


# ---- what is asked of a sweep ------------------------------------------------------------------------------


def stop(desk: Desk, asked: StopSweep) -> SweepAsked:
    """Ask the sweep to start no more trials. Raises `NotFound`."""
    with desk.sweeps.reading(asked.run_id) as history:
        phase = phase_of(history, is_held=_is_held(desk, history))
    if phase not in {Phase.RUNNING, Phase.ENDING}:
        return {"sentence": "Nobody runs this sweep now, so there is nothing to stop."}
    Requests(desk.tracker.store, asked.run_id).send(Stop(now=asked.now, by=_WHO), ids=RandomIds())
    rest = "Trials that run are ended." if asked.now else "Trials that run are finished first."
    return {"sentence": f"It was asked to start no more trials. {rest}"}


def extend(desk: Desk, asked: ExtendSweep) -> SweepAsked:
    """Give the sweep a larger budget. Raises `NotFound`, and `InvalidInput` for one that is not larger."""
    wanted = {name: each for name, each in limits_of(asked).items() if each is not None}
    if not wanted:
        raise InvalidInput("Say what the sweep may use: trials, wall_s, cost or failed_trials.")
    with desk.sweeps.reading(asked.run_id) as history:
        is_held = _is_held(desk, history)
        limits = {each.name: each.limit for each in standing(history).uses}
    for name, total_wanted in wanted.items():
        limit = limits[name]
        if limit is None or total_wanted <= limit:
            found = "no such limit" if limit is None else f"{limit:g} in all already"
            raise InvalidInput(
                f"The sweep '{asked.run_id}' has {found} for {name.value}; expected more than its limit, found "
                f"{total_wanted:g}."
            )
    request = Extend(
        trials=asked.trials,
        wall_s=asked.wall_s,
        cost=asked.cost,
        failed_trials=asked.failed_trials,
        by=_WHO,
    )
    Requests(desk.tracker.store, asked.run_id).send(request, ids=RandomIds())
    go = "" if is_held else f" Nobody runs it now; 'mlff sweep resume {asked.run_id}' goes on with it."
    return {"sentence": f"Its budget is larger now.{go}"}
