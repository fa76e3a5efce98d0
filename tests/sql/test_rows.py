"""From facts to rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from mlflowflow.registry.change import GateEvaluated, Promoted
from mlflowflow.sql.rows import FIRST_MS, LAST_MS, moment
from mlflowflow.tracking.run import Metric
from tests.sql.stores import THEN, place

if TYPE_CHECKING:
    from typing import Any

_THEN = datetime(2023, 11, 14, 22, 13, 20)  # noqa: DTZ001 - SQL's times are in UTC and say no zone


def test_an_experiment_is_a_row() -> None:
    """Its name is the present one, its tags are a map."""
    with place() as here:
        made = here.tracker.create_experiment("digits", tags={"team": "vision"})
        here.tracker.rename_experiment(made, "figures")
        here.tracker.delete_experiment(made)
        (row,) = here.rows("SELECT * FROM experiments WHERE experiment_id <> '0'")
    assert row["name"] == "figures"
    assert (row["lifecycle_stage"], row["creation_time"], row["tags"]) == (
        "deleted",
        _THEN,
        {"team": "vision"},
    )


def _registered(here: Any) -> None:
    for number in (1, 2):
        here.catalog.create_version(
            "digits", source=f"s3://b/{number}", run_id=f"run{number}", tags={"n": "x"}
        )
    here.catalog.set_alias("digits", "champion", 1, reason="the first")
    here.catalog.transition_stage("digits", 1, "Production")
    here.clock.advance(1)
    weighed = GateEvaluated(
        alias="champion", version=2, outcome="FAILED", verdict="a" * 64, sentence="Worse."
    )
    here.catalog.decide("digits", lambda _: weighed)
    promoted = Promoted(alias="champion", version=2, verdict="b" * 64, sentence="Better.", previous=1)
    here.catalog.decide("digits", lambda _: promoted)


def test_a_version_is_a_row() -> None:
    """Aliases are a list, so that one row is one version."""
    with place() as here:
        _registered(here)
        here.catalog.create_model("empty")
        first, second = here.rows("SELECT * FROM models ORDER BY version")
    assert (first["name"], first["version"], first["stage"], first["aliases"]) == (
        "digits",
        1,
        "Production",
        [],
    )
    assert (second["aliases"], second["run_id"], second["source"]) == (["champion"], "run2", "s3://b/2")
    assert (second["tags"], second["creation_time"], second["digest"]) == ({"n": "x"}, _THEN, None)


def test_a_decision_is_a_row() -> None:
    """Who decided what, when and why, as the history tells it; a refusal of a gate too."""
    with place() as here:
        _registered(here)
        rows = here.rows("SELECT * EXCLUDE change FROM decisions ORDER BY number")
        history = here.catalog.history("digits")
    assert [(row["number"], row["what"]) for row in rows] == [(e.seq, e.change.kind) for e in history]
    assert rows[-1] == {
        "model": "digits",
        "number": 5,
        "time": _THEN + timedelta(seconds=1),
        "who": "ada",
        "what": "alias.promoted",
        "why": "Better.",
        "version": 2,
        "alias": "champion",
        "verdict": "b" * 64,
    }
    assert (rows[2]["why"], rows[2]["verdict"], rows[4]["why"]) == ("the first", None, "Worse.")


def test_all_of_a_change_is_there_as_json() -> None:
    """What has no column of its own can be taken out of it."""
    with place() as here:
        _registered(here)
        (row,) = here.rows("SELECT change->>'previous' AS p FROM decisions WHERE what = 'alias.promoted'")
    assert row == {"p": "1"}


@pytest.mark.parametrize("time_ms", [FIRST_MS, 0, THEN // 1000, LAST_MS])
def test_a_time_of_this_era_is_kept(time_ms: int) -> None:
    """To the millisecond."""
    assert moment(time_ms) == time_ms * 1000


@pytest.mark.parametrize("time_ms", [None, FIRST_MS - 1, LAST_MS + 1, 2**63 - 1, -(2**63)])
def test_a_time_that_has_no_date_is_null(time_ms: int | None) -> None:
    """One odd clock does not break everybody's statement."""
    assert moment(time_ms) is None


def test_logged_models_are_a_table() -> None:
    """Of each metric the latest value, on whatever dataset; deleted models are left out."""
    with place() as here:
        models = here.tracker.logged_models
        wine = models.create("0", name="wine", params={"depth": "3"}, tags={"a": "b"}).model_id
        gone = models.create("0", name="gone").model_id
        models.delete(gone)
        run_id = here.run(m=1.0)
        points = [Metric("acc", 0.5, 1, 1, wine), Metric("acc", 0.7, 2, 2, wine, "d", "1")]
        here.tracker.log_batch(run_id, metrics=points)
        models.finalize(wine, "READY")
        statement = "SELECT name, status, metrics['acc'] AS acc, params['depth'] AS depth FROM logged_models"
        rows = here.rows(statement)
    assert rows == [{"name": "wine", "status": "READY", "acc": 0.7, "depth": "3"}]
