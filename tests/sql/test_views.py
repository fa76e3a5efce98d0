"""What SQL sees: names, types and sentences."""

from __future__ import annotations

import pytest

from mlflowflow.sql.views import VIEWS, View
from tests.sql.stores import place


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_view_has_the_columns_that_it_promises(view: View) -> None:
    """The list that people read and the tables that statements meet are the same."""
    with place() as here:
        here.run(m=1.0)
        found = here.rows(f"DESCRIBE {view.name}")
    assert [(row["column_name"], row["column_type"]) for row in found] == [
        (column.name, column.sql_type) for column in view.columns
    ]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_every_view_and_column_is_explained(view: View) -> None:
    """Nobody has to guess; a view's meaning is a sentence, a column's a phrase."""
    assert view.meaning[0].isupper()
    assert view.meaning.endswith(".")
    assert all(column.meaning and not column.meaning.endswith(".") for column in view.columns)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_view_of_an_empty_store_is_empty_or_the_default_experiment(view: View) -> None:
    """Statements work from the first day, with all their columns."""
    with place() as here, here.database() as database:
        table = database.ask(f"SELECT * FROM {view.name}").table()
    assert table.column_names == [column.name for column in view.columns]
    assert table.num_rows == (view.name == "experiments")


def test_show_tables_names_the_views_and_nothing_else() -> None:
    """What statements can name is what is offered."""
    with place() as here:
        assert {row["name"] for row in here.rows("SHOW TABLES")} == {view.name for view in VIEWS}
