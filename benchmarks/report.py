"""What was measured, as one table for people and as JSON for programs; pure."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from benchmarks.goal import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.goal import Line
    from benchmarks.runner import Outcome

_HEADINGS: Final = ("what", "ours", "peer", "theirs", "ratio", "target", "met?")
_MET: Final = {True: "yes", False: "NO", None: ""}


def table(outcomes: Iterable[Outcome]) -> str:
    """Return one line per goal, aligned; the ratio says how many times better we are."""
    rows = [_cells(line) for outcome in outcomes for line in outcome.lines]
    widths = [max(len(row[column]) for row in (_HEADINGS, *rows)) for column in range(len(_HEADINGS))]
    rule = ["-" * width for width in widths]
    return "\n".join(_aligned(row, widths) for row in (_HEADINGS, rule, *rows))


def as_json(outcomes: Iterable[Outcome]) -> str:
    """Return the same with every single answer."""
    return json.dumps([_facts(outcome) for outcome in outcomes], indent=2, ensure_ascii=False)


def shown(number: float | None, unit: Unit) -> str:
    """Return a figure to three digits.

    >>> shown(0.01234, Unit.SECONDS), shown(100_000, Unit.NUMBER), shown(None, Unit.BYTES)
    ('0.0123 s', '100,000', '')
    """
    if number is None:
        return ""
    digits = f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"
    return f"{digits} {unit}".rstrip()


def _cells(line: Line) -> tuple[str, ...]:
    goal, ratio = line.goal, line.ratio
    return (
        goal.what,
        shown(line.ours, goal.unit),
        goal.peer if line.theirs is not None else "",
        shown(line.theirs, goal.unit),
        "" if ratio is None else f"{shown(ratio, Unit.NUMBER)}x",
        goal.target,
        _MET[line.met],
    )


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    numbers = (1, 3, 4)
    placed = (
        cell.rjust(width) if column in numbers else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join(placed).rstrip()


def _facts(outcome: Outcome) -> dict[str, Any]:
    lines = [
        {**asdict(line.goal), "ours": line.ours, "theirs": line.theirs, "ratio": line.ratio, "met": line.met}
        for line in outcome.lines
    ]
    return {"benchmark": outcome.benchmark.name, "lines": lines, "answers": outcome.answers}
