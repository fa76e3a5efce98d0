"""Only finished runs that say which version they evaluated are evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import CorruptData, InvalidInput, InvalidState, NotFound
from mlflowflow.gates.collect import assemble, read_evaluations
from mlflowflow.registry.state import ModelState
from mlflowflow.registry.version import ModelVersion
from mlflowflow.tracking.run import RunStatus
from tests.gates.examples import evaluation, outcomes
from tests.gates.registry import RunsInMemory

if TYPE_CHECKING:
    from mlflowflow.gates.evidence import Evaluation, Evidence

_LONG = '{"inputs": "[{\\"name\\": \\"x\\", \\"type\\": \\"long\\", \\"required\\": true}]"}'
_TEXT = '{"inputs": "[{\\"name\\": \\"x\\", \\"type\\": \\"string\\", \\"required\\": true}]"}'
_TAGGED = {"mlff.model": "models:/digits/4"}


def _state(*, new: str | None = None, old: str | None = None) -> ModelState:
    versions = {
        number: ModelVersion(
            name="digits",
            version=number,
            source="s",
            creation_time=0,
            last_updated_time=0,
            signature=signature,
        )
        for number, signature in ((3, old), (4, new))
    }
    return ModelState(name="digits", exists=True, last_version=4, versions=versions)


def _assembled(
    state: ModelState, *evaluations: Evaluation, champion: int | None = 3, recorded: Evaluation | None = None
) -> Evidence:
    return assemble(
        state,
        version=4,
        champion=champion,
        evaluations={each.version: each for each in evaluations},
        recorded=lambda _: recorded,
    )


def test_reads_metrics_and_rows() -> None:
    """A run's metrics and its outcomes become the evaluation of the version its tag names."""
    rows, runs = outcomes([True, False]), RunsInMemory()
    runs.add("e", metrics={"accuracy": 0.5}, tags=_TAGGED, rows=rows)
    found = read_evaluations(["e"], model="digits", runs=runs)[4]
    assert (found.run_id, dict(found.metrics), found.outcomes) == ("e", {"accuracy": 0.5}, rows)


def test_param_names_the_model_too() -> None:
    """A run by hand says what it evaluated by its param 'model'."""
    runs = RunsInMemory()
    runs.add("e", params={"model": "models:/digits/7"})
    assert list(read_evaluations(["e"], model="digits", runs=runs)) == [7]


def test_last_of_two_counts() -> None:
    """Of two evaluations of one version the one given last is the evidence."""
    runs = RunsInMemory()
    runs.add("first", tags=_TAGGED)
    runs.add("second", tags=_TAGGED)
    assert read_evaluations(["first", "second"], model="digits", runs=runs)[4].run_id == "second"


@pytest.mark.parametrize("uri", ["", "models:/letters/4", "models:/digits@champion", "models:/digits/04"])
def test_refuses_evidence_about_something_else(uri: str) -> None:
    """A run that does not name a version of this model, by number, is no evidence."""
    runs = RunsInMemory()
    runs.add("e", tags={"mlff.model": uri})
    with pytest.raises(InvalidInput, match="cannot be evidence about 'digits'"):
        read_evaluations(["e"], model="digits", runs=runs)


@pytest.mark.parametrize("status", [status for status in RunStatus if status is not RunStatus.FINISHED])
def test_refuses_unfinished_runs(status: RunStatus) -> None:
    """Metrics of a run that is running or broke may be half the truth."""
    runs = RunsInMemory()
    runs.add("e", tags=_TAGGED, status=status)
    with pytest.raises(InvalidState, match=f"is {status}"):
        read_evaluations(["e"], model="digits", runs=runs)


def test_damaged_rows_are_named() -> None:
    """A damaged file of outcomes is reported with its run; it is not taken for a missing one."""
    runs = RunsInMemory()
    runs.add("e", tags=_TAGGED)
    runs.files["e"] = {"outcomes.parquet": b"damaged"}
    with pytest.raises(CorruptData, match="run e"):
        read_evaluations(["e"], model="digits", runs=runs)


def test_candidate_must_be_evaluated() -> None:
    """Without an evaluation of the candidate there is nothing to weigh."""
    with pytest.raises(InvalidInput, match=r"No evaluation run of version 4 .*versions with one: 3"):
        _assembled(_state(), evaluation(3))


def test_unknown_version() -> None:
    """A version that does not exist cannot be weighed, whatever its runs say."""
    with pytest.raises(NotFound, match="digits/9"):
        assemble(_state(), version=9, champion=3, evaluations={9: evaluation(9)}, recorded=lambda _: None)


def test_no_champion() -> None:
    """While nobody is champion the evidence is the candidate alone."""
    assert _assembled(_state(), evaluation(4), champion=None).champion is None


def test_given_evaluation_of_the_champion_wins() -> None:
    """A fresh evaluation of the champion counts more than the recorded one."""
    given, recorded = evaluation(3, {"accuracy": 0.8}), evaluation(3, {"accuracy": 0.7})
    champion = _assembled(_state(), evaluation(4), given, recorded=recorded).champion
    assert champion is not None
    assert champion.metrics["accuracy"] == 0.8


def test_recorded_evaluation_of_the_champion() -> None:
    """Without a fresh one, the champion stands as it was last weighed."""
    champion = _assembled(_state(), evaluation(4), recorded=evaluation(3, {"accuracy": 0.7})).champion
    assert champion is not None
    assert champion.metrics["accuracy"] == 0.7


def test_unseen_champion() -> None:
    """A champion that was never evaluated is in the evidence without a run."""
    champion = _assembled(_state(old=_LONG), evaluation(4)).champion
    assert champion is not None
    assert (champion.version, champion.run_id, champion.signature) == (3, None, _LONG)


@pytest.mark.parametrize(
    ("new", "old", "compatible"),
    [(_LONG, _LONG, True), (_TEXT, _LONG, False), (None, _LONG, None), (_LONG, None, None)],
)
def test_signatures_come_from_the_registry(new: str | None, old: str | None, compatible: bool | None) -> None:
    """Signatures are compared as registered; with one missing there is no answer."""
    reasons = _assembled(_state(new=new, old=old), evaluation(4), evaluation(3)).incompatibilities
    assert (None if reasons is None else not reasons) is compatible
