"""Tests of the table that proofs end in."""

from __future__ import annotations

import pytest

from tests.proofs.report import Row, Tally, merged, rows_of, table


@pytest.fixture
def kept() -> list[tuple[str, object]]:
    """Provide a report's properties."""
    return []


@pytest.fixture
def own_tally(kept: list[tuple[str, object]]) -> Tally:
    """Provide a tally whose rows do not reach this run's own table."""
    return Tally(lambda name, value: kept.append((name, value)))


def test_a_row_travels_with_the_report(own_tally: Tally, kept: list[tuple[str, object]]) -> None:
    """What was added is read from the report's properties, other properties are left out."""
    kept.append(("other", 1))
    own_tally.add(check="R1", what="kills", count=7, mutants={"a": True, "b": True})
    assert rows_of(kept) == [Row(check="R1", what="kills", count=7, violations=0, mutants="2 of 2 caught")]


def test_a_violation_fails_the_test_after_it_was_noted(
    own_tally: Tally, kept: list[tuple[str, object]]
) -> None:
    """The table has the violation, and the failure says what it was."""
    with pytest.raises(pytest.fail.Exception, match="1 violations in 3 trials:\n  lost 5"):
        own_tally.add(check="R1", what="kills", count=3, violations=["lost 5"])
    assert [row.violations for row in rows_of(kept)] == [1]


def test_a_missed_mutant_fails_the_test(own_tally: Tally, kept: list[tuple[str, object]]) -> None:
    """A check that misses what was planted is no check."""
    with pytest.raises(pytest.fail.Exception, match="did not notice these mutants: b"):
        own_tally.add(check="R1", what="kills", count=3, mutants={"a": True, "b": False})
    assert [row.mutants for row in rows_of(kept)] == ["1 of 2 caught"]


def test_parts_of_one_check_are_added_up() -> None:
    """A proof that runs as several tests is one line."""
    parts = [
        Row(check="R2", what="x", count=1, violations=0),
        Row(check="R1", what="x", count=2, violations=1, mutants="1 of 1 caught"),
        Row(check="R1", what="x", count=3, violations=1, mutants="2 of 3 caught"),
    ]
    assert merged(parts) == [
        Row(check="R1", what="x", count=5, violations=2, mutants="3 of 4 caught"),
        Row(check="R2", what="x", count=1, violations=0),
    ]


def test_other_words_about_mutants_are_kept() -> None:
    """What cannot be added up is put side by side, once."""
    parts = [Row(check="R", what="x", count=0, violations=0, mutants=words) for words in ("a", "", "b", "b")]
    assert merged(parts)[0].mutants == "a, b"


def test_the_table_is_aligned_and_ends_in_the_sum() -> None:
    """Numbers stand right, words left."""
    rows = [
        Row(check="R01", what="kills", count=10_000, violations=0, mutants="3 of 3 caught"),
        Row(check="R5", what="lost answers", count=60, violations=2),
    ]
    assert table(rows) == [
        "check  what           count  violations  mutants",
        "R01    kills         10,000           0  3 of 3 caught",
        "R5     lost answers      60           2",
        "",
        "2 checks, 10,060 trials, 2 violations.",
    ]
    assert table([]) == []
