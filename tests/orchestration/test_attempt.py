"""One attempt on the worker: claimed once, said once, whatever the work does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import StepFailed
from mlflowflow.ids import RandomIds
from mlflowflow.orchestration.attempt import LOST, Made, Task, failed, heard, make_attempt, said_of
from mlflowflow.orchestration.contact import END, Facts
from mlflowflow.sweeps.trial import Outcome, Trial
from mlflowflow.testing.pool import trial
from tests.orchestration.works import Away, Obedient

if TYPE_CHECKING:
    import distributed

    from mlflowflow.orchestration.attempt import Work
    from mlflowflow.orchestration.contact import Contact
    from tests.orchestration.places import Place


def packed(place: Place, work: Work) -> bytes:
    """Return a sweep's task as it travels."""
    task = Task(sweep_run_id=RandomIds().run_id(), topic="topic", workplace=place.workplace(), work=work)
    return task.packed()


def test_an_attempt_is_made_once_and_its_end_is_also_the_tasks_result(
    client: distributed.Client, place: Place
) -> None:
    """If the message is lost the result still says it; a second time the attempt counts as lost."""
    task, asked = packed(place, Obedient()), trial(5, "complete")
    first, second = (
        Facts.unpacked(client.submit(make_attempt, task, asked, pure=False).result(timeout=60))
        for _ in range(2)
    )
    assert (first.kind, first.number, first.attempt) == (END, 5, 1)
    assert heard(asked, first.said).metrics == {"loss": 5.0}
    assert heard(asked, second.said).outcome is Outcome.WORKER_LOST


def test_a_worker_that_cannot_reach_the_store_has_not_failed_the_trial(client: distributed.Client) -> None:
    """Another one may reach it: it counts like a worker that is lost, and nothing was begun."""
    place: Any = Away()
    task = Task(sweep_run_id=RandomIds().run_id(), topic="topic", workplace=place, work=Obedient())
    asked = trial(0, "complete")
    said = client.submit(make_attempt, task.packed(), asked, pure=False).result(timeout=60)
    end = heard(asked, Facts.unpacked(said).said)
    assert end.outcome is Outcome.WORKER_LOST
    assert end.error.startswith("The worker could not begin the trial. The store")


@dataclass(frozen=True)
class Local:
    """A work that only the main program knows, such as one typed into a notebook."""

    def make(self, trial: Trial, _contact: Contact) -> Made:
        """Complete."""
        return Made(outcome=Outcome.COMPLETED, metrics={"number": trial.number})


def test_a_work_of_the_main_program_travels(client: distributed.Client, place: Place) -> None:
    """A notebook is no module that a worker could import."""
    main_only = type("Local", (Local,), {"__module__": "__main__"})()
    said = client.submit(make_attempt, packed(place, main_only), trial(3, ""), pure=False).result(timeout=60)
    assert heard(trial(3, ""), Facts.unpacked(said).said).metrics == {"number": 3.0}


@given(
    outcome=st.sampled_from(Outcome),
    metrics=st.dictionaries(st.text(), st.floats(allow_nan=False)),
    seconds=st.floats(min_value=0, max_value=1e9),
    texts=st.tuples(st.text(), st.text(), st.text()),
)
def test_an_end_arrives_as_it_was(
    outcome: Outcome, metrics: dict[str, float], seconds: float, texts: tuple[str, str, str]
) -> None:
    """Nothing is lost between a worker and the log."""
    error, error_class, worker = texts
    made = Made(outcome=outcome, metrics=metrics, error=error, error_class=error_class)
    asked = trial(1, "", attempt=4)
    end = heard(asked, said_of(made, seconds=seconds, worker=worker))
    assert (end.trial, end.attempt, end.outcome, end.metrics) == (asked, 4, outcome, metrics)
    assert (end.seconds, end.error, end.error_class, end.worker) == (seconds, error, error_class, worker)


@pytest.mark.parametrize(
    ("error", "sentence", "name"),
    [
        (ValueError("no rows"), "ValueError: no rows", "ValueError"),
        (StepFailed("tune", "broke"), "Step 'tune' broke.", "StepFailed"),
        (MemoryError(), "MemoryError", "MemoryError"),
    ],
)
def test_what_was_raised_is_said_in_a_sentence_and_by_its_class(
    error: Exception, sentence: str, name: str
) -> None:
    """People read the one, rules about retries go by the other."""
    assert failed(error) == Made(outcome=Outcome.ERROR, error=sentence, error_class=name)
    assert LOST.error_class == ""
