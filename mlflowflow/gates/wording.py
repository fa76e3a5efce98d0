"""How numbers are written in sentences."""

from __future__ import annotations

_EXACT_DIGITS = 17


def number(value: float, *, digits: int = 4) -> str:
    """Write a number as people do, with up to `digits` significant digits.

    >>> number(0.91234567), number(12.0)
    ('0.9123', '12')
    """
    return f"{value:.{digits}g}"


def differing(first: float, second: float, *, digits: int = 4) -> tuple[str, str]:
    """Write two numbers with as many digits as it takes to see that they differ.

    >>> differing(0.899999, 0.9)
    ('0.899999', '0.9')
    """
    for enough in range(digits, _EXACT_DIGITS):
        pair = number(first, digits=enough), number(second, digits=enough)
        if pair[0] != pair[1]:
            return pair
    return number(first, digits=_EXACT_DIGITS), number(second, digits=_EXACT_DIGITS)


def told_apart(first: float, second: float) -> tuple[str, str]:
    """Write two numbers so that they look the same only if they are.

    >>> told_apart(0.5, 0.5), told_apart(0.98361, 0.98362)
    (('0.5', '0.5'), ('0.98361', '0.98362'))
    """
    return (number(first), number(second)) if first == second else differing(first, second)


def named(count: int, noun: str) -> str:
    """Write a count with its noun.

    >>> named(1, "row"), named(2, "row")
    ('1 row', '2 rows')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"
