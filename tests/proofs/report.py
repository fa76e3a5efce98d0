"""The table that proofs end in: what was checked, how often, and how often it was not so.

A row travels as a property of its test's report, because under xdist the test runs in another
process than the one that prints. Rows of the same check and subject are added up, so a long proof
may be several tests that run side by side.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

#: The name under which a report carries a row.
PROPERTY: Final = "tally"
#: How many violations a failing test tells.
_TOLD: Final = 10
_CAUGHT: Final = re.compile(r"(\d+) of (\d+) caught")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table: `count` trials of `what` under the name `check`."""

    check: str
    what: str
    count: int
    violations: int
    mutants: str = ""


class Tally:
    """Note what a proof found, then fail it if it found anything wrong."""

    def __init__(self, record: Callable[[str, object], None]) -> None:
        """Pass rows to `record`, which is pytest's `record_property`."""
        self._record = record

    def add(
        self,
        *,
        check: str,
        what: str,
        count: int,
        violations: Sequence[object] = (),
        mutants: str | Mapping[str, bool] = "",
    ) -> None:
        """Note `count` trials and the `violations` among them; `mutants` says which planted ones were caught.

        A violation fails the test, and so does a mutant that was missed: a check that cannot fail
        proves nothing.
        """
        missed: list[str] = []
        if isinstance(mutants, Mapping):
            missed = [name for name, caught in mutants.items() if not caught]
            mutants = f"{len(mutants) - len(missed)} of {len(mutants)} caught"
        row = Row(check=check, what=what, count=count, violations=len(violations), mutants=mutants)
        self._record(PROPERTY, json.dumps(asdict(row)))
        if violations:
            told = "\n".join(f"  {each}" for each in violations[:_TOLD])
            pytest.fail(f"{check}, {what}: {len(violations)} violations in {count} trials:\n{told}")
        if missed:
            pytest.fail(f"{check}, {what}: the check did not notice these mutants: {', '.join(missed)}")


def rows_of(properties: Iterable[tuple[str, object]]) -> list[Row]:
    """Return the rows among the properties of a test's report."""
    return [Row(**json.loads(str(value))) for name, value in properties if name == PROPERTY]


def merged(rows: Iterable[Row]) -> list[Row]:
    """Add up the rows of the same check and subject, sorted by check."""
    found: dict[tuple[str, str], Row] = {}
    for row in rows:
        known = found.get((row.check, row.what))
        found[row.check, row.what] = row if known is None else _sum(known, row)
    return sorted(found.values(), key=lambda row: (row.check, row.what))


def _sum(one: Row, other: Row) -> Row:
    return Row(
        check=one.check,
        what=one.what,
        count=one.count + other.count,
        violations=one.violations + other.violations,
        mutants=_both(one.mutants, other.mutants),
    )


def _both(one: str, other: str) -> str:
    found = [_CAUGHT.fullmatch(one), _CAUGHT.fullmatch(other)]
    pairs = [(int(each[1]), int(each[2])) for each in found if each]
    if len(pairs) == len(found):
        return f"{sum(pair[0] for pair in pairs)} of {sum(pair[1] for pair in pairs)} caught"
    return ", ".join(dict.fromkeys(filter(None, [*one.split(", "), *other.split(", ")])))


def table(rows: Iterable[Row]) -> list[str]:
    """Return the lines of the table, the sum last; nothing if there are no rows."""
    kept = merged(rows)
    if not kept:
        return []
    head = ("check", "what", "count", "violations", "mutants")
    cells = [
        head,
        *((row.check, row.what, f"{row.count:,}", str(row.violations), row.mutants) for row in kept),
    ]
    width = [max(len(line[column]) for line in cells) for column in range(len(head))]
    lines = [
        f"{check:<{width[0]}}  {what:<{width[1]}}  {count:>{width[2]}}  {bad:>{width[3]}}  {mutants}".rstrip()
        for check, what, count, bad, mutants in cells
    ]
    bad = sum(row.violations for row in kept)
    trials = sum(row.count for row in kept)
    return [*lines, "", f"{len(kept)} checks, {trials:,} trials, {bad or 'no'} violations."]
