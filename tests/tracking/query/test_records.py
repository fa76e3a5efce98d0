"""What of runs and experiments can be searched."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from mlflowflow.errors import InvalidFilter
from mlflowflow.tracking.query.records import RUNS, parse_filter, search_experiments
from mlflowflow.tracking.query.tree import Entity, Field
from mlflowflow.tracking.run import Experiment
from tests.tracking.query.strategies import run


def _experiment(experiment_id: str, *, name: str, created: int, team: str | None = None) -> Experiment:
    return Experiment(
        experiment_id=experiment_id,
        name=name,
        artifact_location="",
        creation_time=created,
        last_update_time=created,
        tags=MappingProxyType({} if team is None else {"team": team}),
    )


_EXPERIMENTS = (
    _experiment("1", name="cats", created=1, team="pets"),
    _experiment("2", name="dogs", created=2, team="pets"),
    _experiment("3", name="cars", created=3),
)


@pytest.mark.parametrize("attribute", sorted(RUNS.attributes))
def test_every_attribute_of_a_run_can_be_read(attribute: str) -> None:
    """Each attribute that may be named exists on every run."""
    RUNS.reader(Field(entity=Entity.ATTRIBUTE, key=attribute))(run())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("metrics.m > 0.5 AND params.p = 'x' AND tags.t ILIKE 'Y'", True),
        ("status = 'FINISHED' AND start_time >= 1000", True),
        ("end_time IS NULL", True),
        ("parent_run_id = 'root'", True),
        ("parent_run_id IN ('other')", False),
        ("user_id = 'ada' AND run_name LIKE 'plain%'", True),
    ],
)
def test_runs_are_found_by_everything_they_have(text: str, *, found: bool) -> None:
    """Metrics, params, tags and attributes can be mixed."""
    record = run(metrics={"m": 0.7}, params={"p": "x"}, tags={"t": "y", "mlflow.parentRunId": "root"})
    assert parse_filter(text).matches(record) is found


@pytest.mark.parametrize(
    ("text", "order_by", "found"),
    [
        ("", [], ["3", "2", "1"]),
        ("name LIKE 'ca%'", [], ["3", "1"]),
        ("tags.team = 'pets'", ["name"], ["1", "2"]),
        ("tags.team IS NULL", [], ["3"]),
        ("experiment_id IN ('1', '9')", [], ["1"]),
    ],
)
def test_experiments_are_found(text: str, order_by: list[str], found: list[str]) -> None:
    """Experiments are searched by name, id, times and tags, the newest first."""
    result = search_experiments(_EXPERIMENTS, filter_string=text, order_by=order_by)
    assert [experiment.experiment_id for experiment in result] == found


def test_experiments_have_no_metrics() -> None:
    """A vocabulary refuses entities that its records do not have."""
    with pytest.raises(InvalidFilter, match="expected attributes, tags"):
        search_experiments(_EXPERIMENTS, filter_string="metrics.a > 1")
