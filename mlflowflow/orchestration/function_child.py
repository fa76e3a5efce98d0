"""The process that calls one function as a trial: ``python -m mlflowflow.orchestration.function_child FOLDER``.

It reads what to call from the folder, calls it in the run that it finds in its environment, and writes
the answer as JSON beside it. An error of the function is an answer too; no answer at all means that the
process was ended.
"""

from __future__ import annotations

import json
import pickle
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from mlflowflow.errors import TrialPruned
from mlflowflow.orchestration.failure import reason
from mlflowflow.sweeps.calling import caller_of, log_answer, metrics_of
from mlflowflow.sweeps.live import LiveTrial, file_link
from mlflowflow.tracking.fluent.session import current_tracker
from mlflowflow.tracking.reporting import LISTENERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.projects.sweep_spec import SweepSpec
    from mlflowflow.projects.value import Scalar
    from mlflowflow.sweeps.calling import Function
    from mlflowflow.sweeps.trial import Trial
    from mlflowflow.tracking.tracker import Tracker

CALL: Final = "call.pkl"
ANSWER: Final = "answer.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildCall:
    """What to call as which trial; `params` are complete, points of `metric` decide about pruning."""

    function: Function
    sweep: SweepSpec
    trial: Trial
    params: Mapping[str, Scalar]
    metric: str


def main(folder: Path) -> None:
    """Call what lies in `folder` and leave the answer there."""
    call: ChildCall = pickle.loads((folder / CALL).read_bytes())  # noqa: S301 - our worker has just written it
    answer = json.dumps(answer_of(call))
    (folder / f"{ANSWER}.part").write_text(answer)
    (folder / f"{ANSWER}.part").rename(folder / ANSWER)


def answer_of(call: ChildCall) -> dict[str, Any]:
    """Call the function and return what came of it; what it returned is logged."""
    tracker, run_id = current_tracker(), call.trial.run_id
    link = _ChildLink(tracker, run_id)
    live = LiveTrial(call.trial, call.params, metric=call.metric, link=link)
    with Latest(run_id) as latest:
        try:
            answered = metrics_of(caller_of(call.function, call.sweep)(call.params, live), call.sweep)
        except TrialPruned:
            tracker.flush()
            return {"pruned": True, "error": "", "error_class": "", "metrics": {}}
        except Exception as error:  # noqa: BLE001 - whatever the function raises is the trial's error
            traceback.print_exc()
            tracker.flush()
            return {
                "pruned": False,
                "error": reason(error),
                "error_class": type(error).__name__,
                "metrics": {},
            }
    LISTENERS.pop(run_id, None)  # the answer is the trial's end, not a point on the way to it
    log_answer(tracker, run_id, answered, latest.points)
    tracker.flush()
    return {"pruned": False, "error": "", "error_class": "", "metrics": answered}


class Latest:
    """The latest point of each metric that is logged to a run inside the block: its step and value."""

    def __init__(self, run_id: str) -> None:
        """Listen to the run `run_id`, beside whoever does already."""
        self._run_id = run_id
        self._before = LISTENERS.get(run_id)
        self.points: dict[str, tuple[int, float]] = {}

    def __enter__(self) -> Self:
        """Begin to listen."""
        LISTENERS[self._run_id] = self._heard
        return self

    def __exit__(self, *_: object) -> None:
        """Listen no more, and leave it to whoever did before."""
        del LISTENERS[self._run_id]
        if self._before is not None:
            LISTENERS[self._run_id] = self._before

    def _heard(self, key: str, value: float, step: int) -> None:
        known = self.points.get(key)
        if known is None or known[0] <= step:
            self.points[key] = (step, value)
        if self._before is not None:
            self._before(key, value, step)


class _ChildLink:
    """The link of a function in a process of its own."""

    def __init__(self, tracker: Tracker, run_id: str) -> None:
        self._tracker = tracker
        self._run_id = run_id

    def log(self, key: str, value: float, step: int) -> None:
        self._tracker.log_metric(self._run_id, key, value, step=step)

    def is_pruned(self) -> bool:
        link = file_link()
        return link is not None and link.is_pruned()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
