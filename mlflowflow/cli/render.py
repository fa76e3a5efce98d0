"""Text for people and JSON for machines, always of the same facts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence


def print_json(value: Any) -> None:
    """Print `value` as indented JSON; NaN and infinities as the texts MLflow uses."""
    click.echo(json.dumps(_finite(value), indent=2, ensure_ascii=False))


def json_text(value: Any) -> str:
    """Return `value` as JSON on one line.

    >>> json_text({"loss": float("nan")})
    '{"loss": "NaN"}'
    """
    return json.dumps(_finite(value), ensure_ascii=False)


def _finite(value: Any) -> Any:
    match value:
        case dict():
            return {str(key): _finite(item) for key, item in value.items()}
        case list() | tuple():
            return [_finite(item) for item in value]
        case float() if value != value:  # noqa: PLR0124 - only NaN differs from itself
            return "NaN"
        case float() if value in {float("inf"), float("-inf")}:
            return "Infinity" if value > 0 else "-Infinity"
        case _:
            return value


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """Print rows below their headings, or the sentence `empty` if there are none.

    Lines are never cut: piped output keeps every character, a terminal folds them.
    """
    if not rows:
        click.echo(empty)
        return
    widths = [max(len(row[i]) for row in (columns, *rows)) for i in range(len(columns))]
    click.echo(click.style(_line(columns, widths), bold=True))
    for row in rows:
        click.echo(_line(row, widths))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def duration(start_ms: int, end_ms: int | None) -> str:
    """Write how long something took, or "-" while it lasts.

    >>> duration(0, 61_500)
    '1 min 2 s'
    """
    if end_ms is None:
        return "-"
    seconds = (end_ms - start_ms) / 1000
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def size_text(size: int) -> str:
    """Write a number of bytes for people.

    >>> size_text(999), size_text(36_089), size_text(5_400_000_000)
    ('999 B', '36.1 kB', '5.4 GB')
    """
    for unit, bytes_each in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= bytes_each:
            return f"{size / bytes_each:.1f} {unit}"
    return f"{size} B"
