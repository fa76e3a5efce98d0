"""`mlflowflow.query`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import mlflowflow
from mlflowflow.errors import InvalidInput
from mlflowflow.registry.current import current_catalog
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.fluent.active import start_run
from mlflowflow.tracking.fluent.logs import log_metric
from tests.sql.stores import place
from tests.tracking.sessions import private_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.tracking.fluent.session import Session


@pytest.fixture(autouse=True)
def session() -> Iterator[Session]:
    """Give every test a session of its own."""
    with private_session() as session:
        yield session


def test_an_open_runs_points_are_seen_before_they_are_stored() -> None:
    """What was logged a moment ago is in the answer."""
    with start_run(run_name="now"):
        log_metric("loss", 0.5, step=3)
        table = mlflowflow.query("SELECT run_name, step, value FROM metrics JOIN runs USING (run_id)")
    assert table.to_pylist() == [{"run_name": "now", "step": 3, "value": 0.5}]


def test_a_statement_about_models_asks_the_current_registry() -> None:
    """Also one that lies in a store of its own."""
    mlflowflow.set_registry_uri(MemoryBlobStore().url)
    current_catalog().create_version("digits", source="s3://b/m")
    assert mlflowflow.query("SELECT name, version FROM models", output_format="rows") == [
        {"name": "digits", "version": 1}
    ]


def test_another_store_can_be_asked_with_its_registry() -> None:
    """The session's own store is not touched."""
    with place() as here:
        here.run(m=1.0)
        here.catalog.create_version("digits", source="s3://b/m")
        here.tracker.flush()
        uri = here.tracker.uri
        statement = "SELECT (SELECT count(*) FROM runs) AS r, (SELECT count(*) FROM models) AS m"
        assert mlflowflow.query(statement, tracking_uri=uri, output_format="rows") == [{"r": 1, "m": 1}]
        assert mlflowflow.query(statement, output_format="rows") == [{"r": 0, "m": 0}]


def test_the_answer_comes_in_three_forms() -> None:
    """Arrow by default; pandas and plain dictionaries for the asking."""
    statement = "SELECT $x AS a"
    assert mlflowflow.query(statement, params={"x": 1}).to_pylist() == [{"a": 1}]
    assert list(mlflowflow.query(statement, params={"x": 1}, output_format="pandas")["a"]) == [1]
    assert mlflowflow.query(statement, params={"x": 1}, output_format="rows") == [{"a": 1}]


def test_an_unknown_form_is_refused_by_name() -> None:
    """Before anything is read."""
    with pytest.raises(InvalidInput, match="'polars' is unknown; expected 'arrow', 'pandas' or 'rows'"):
        mlflowflow.query("SELECT 1", output_format="polars")  # type: ignore[call-overload]  # on purpose
