"""What an import or an export did, counted."""

from __future__ import annotations

from dataclasses import fields

from mlflowflow.exchange.report import NOUNS, Counts, Report


def test_counts_add_up() -> None:
    """What is found and what is new are told apart."""
    report = Report()
    report.count("runs", 2, 1)
    report.add(Counts(runs=3, points=5), Counts(runs=1))
    assert (report.found.runs, report.new.runs, report.found.points, report.new.points) == (5, 2, 5, 0)
    assert report.to_dict()["found"]["runs"] == 5


def test_everything_that_is_counted_has_a_name_for_people() -> None:
    """A new count would otherwise not be shown."""
    assert [one.name for one in fields(Counts)] == list(NOUNS)
