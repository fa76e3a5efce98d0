"""``mlff store layout``."""

from __future__ import annotations

from mlflowflow.sql.layout_page import layout_page
from tests.cli.commands import mlff


def test_the_page_is_printed_to_the_letter() -> None:
    """What is printed can be put in the place of the page in the package; no store is needed."""
    answer = mlff("store", "layout")
    assert (answer.code, answer.err, answer.out) == (0, "", layout_page())
