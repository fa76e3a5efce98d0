"""R13: the tracker against a dictionary, in any order of calls, with sudden deaths in between."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from mlflowflow.errors import NotFound
from mlflowflow.tracking.run import (
    LoggedModelOutput,
    Metric,
    MetricRange,
)
from mlflowflow.tracking.tracker import Tracker
from tests.proofs.scale import scale
from tests.proofs.simulated.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.tracking.run import Run
    from tests.proofs.report import Tally

_EXAMPLES: Final = scale(60, 2_000)
_STEPS: Final = scale(25, 50)
_OPTIONS: Final = settings(
    max_examples=_EXAMPLES,
    stateful_step_count=_STEPS,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
)
#: To catch a mutant it is enough to find it; nobody reads the shortest example.
_FINDING: Final = (Phase.generate,)


def test_the_tracker_is_a_dictionary_that_survives(tally: Tally) -> None:
    """Whatever is called in whatever order, through deaths and foldings, the answers are the model's."""
    run_state_machine_as_test(Machine, settings=_OPTIONS)
    tally.add(check="R13", what=f"runs of up to {_STEPS} calls against a dictionary", count=_EXAMPLES)


class Forgetting(Tracker):
    """Forgets on a death what was not flushed."""

    def __init__(self, store: Any, **options: Any) -> None:
        """Keep records in memory."""
        super().__init__(store, **options, durability="memory")


class Untagging(Tracker):
    """Takes the removal of a tag for done."""

    def delete_tag(self, run_id: str, key: str) -> None:
        """Look, and do nothing."""
        assert key in self.get_run(run_id).data.tags


class Halving(Tracker):
    """Loses the second half of what is logged together."""

    def log_batch(self, run_id: str, **things: Any) -> None:
        """Leave the tags out."""
        super().log_batch(run_id, metrics=things["metrics"], params=things.get("params", {}))


class Repeating(Tracker):
    """Logs each point twice."""

    def log_metric(self, run_id: str, key: str, value: float, **place: Any) -> None:
        """Log it, and log it again."""
        super().log_metric(run_id, key, value, **place)
        super().log_metric(run_id, key, value, **place)


class Inputless(Tracker):
    """Takes an input for logged."""

    def log_inputs(self, run_id: str, **things: Any) -> None:
        """Do nothing."""


class Retagging(Tracker):
    """Says of an input only what it said first."""

    def log_inputs(self, run_id: str, **things: Any) -> None:
        """Log what is not an input yet."""
        known = {one.dataset.name for one in self.get_run(run_id).inputs.dataset_inputs}
        new = [one for one in things["datasets"] if one.dataset.name not in known]
        super().log_inputs(run_id, datasets=new)


class Stepless(Tracker):
    """Forgets at which step a model was made."""

    def log_outputs(self, run_id: str, models: Any) -> None:
        """Log the models at step 0."""
        super().log_outputs(run_id, [LoggedModelOutput(one.model_id) for one in models])


class Unlinked(Tracker):
    """Forgets what points are linked to."""

    def log_batch(self, run_id: str, **things: Any) -> None:
        """Log the points alone."""
        things["metrics"] = [Metric(one.key, one.value, one.timestamp, one.step) for one in things["metrics"]]
        super().log_batch(run_id, **things)


class Unmeasured(Tracker):
    """Logs points to the run alone, not to the model they are linked to."""

    def log_batch(self, run_id: str, **things: Any) -> None:
        """Leave the model out."""
        things["metrics"] = [replace(one, model_id=None) for one in things["metrics"]]
        super().log_batch(run_id, **things)


class Rangeless(Tracker):
    """Takes the latest value of a metric for all that there was."""

    def get_run(self, run_id: str) -> Run:
        """Return a run with ranges of one value."""
        run = super().get_run(run_id)
        ranges = {key: MetricRange(value, value) for key, value in run.data.metrics.items()}
        return replace(run, data=replace(run.data, metric_ranges=ranges))


MUTANTS: Final[dict[str, Callable[..., Tracker]]] = {
    "takes an input for logged": Inputless,
    "keeps what was said first of an input": Retagging,
    "forgets the step of an output": Stepless,
    "forgets what points are linked to": Unlinked,
    "logs nothing to the linked model": Unmeasured,
    "forgets the range of a metric": Rangeless,
    "forgets what was not flushed": Forgetting,
    "keeps deleted tags": Untagging,
    "loses half of a batch": Halving,
    "logs twice": Repeating,
}


def test_planted_mistakes_are_noticed(tally: Tally) -> None:
    """A machine that accepts a wrong tracker compares nothing."""
    caught = {name: is_noticed(opened) for name, opened in MUTANTS.items()}
    tally.add(check="R13", what=f"runs of up to {_STEPS} calls against a dictionary", count=0, mutants=caught)


def is_noticed(opened: Callable[..., Tracker]) -> bool:
    """Answer whether some run of the machine accuses a tracker."""

    class Mutated(Machine):
        open_tracker = opened

    try:
        run_state_machine_as_test(
            Mutated, settings=settings(_OPTIONS, max_examples=500, phases=_FINDING, print_blob=False)
        )
    except (AssertionError, NotFound):
        return True
    return False
