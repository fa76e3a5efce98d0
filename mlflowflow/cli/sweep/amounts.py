"""Amounts as options take them: counts, durations and money, also as so much more than there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.duration import EXPECTED, parse_duration
from mlflowflow.sweeps.standing import Limit

if TYPE_CHECKING:
    from collections.abc import Mapping

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A new total, or, if `is_more`, what is to be added to the present one."""

    value: float
    is_more: bool = False

    def after(self, present: float) -> float:
        """Return the new total, given the `present` one.

        >>> Amount(value=20, is_more=True).after(24)
        44
        """
        return present + self.value if self.is_more else self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """How an amount is read, and what is to be said if it cannot be."""

    read: Callable[[str], float]
    expected: str


_COUNT: Final = _Kind(read=int, expected="a whole number above 0")
_DURATION: Final = _Kind(read=parse_duration, expected=EXPECTED)
_MONEY: Final = _Kind(read=float, expected="a number above 0")
_KINDS: Final[Mapping[Limit, _Kind]] = {
    Limit.TRIALS: _COUNT,
    Limit.WALL: _DURATION,
    Limit.COST: _MONEY,
    Limit.FAILED_TRIALS: _COUNT,
}


def read_amount(limit: Limit, text: str) -> Amount:
    """Read what is given for `limit`; a plus sign before it asks for more. Raises `InvalidInput`.

    >>> read_amount(Limit.WALL, "+1h")
    Amount(value=3600.0, is_more=True)
    """
    kind = _KINDS[limit]
    number = text.removeprefix("+")
    try:
        value = 0.0 if number.startswith("+") else kind.read(number)
    except (ValueError, InvalidInput):
        value = 0.0
    if not 0 < value < float("inf"):
        raise InvalidInput(f"'{text}' cannot be the {limit.replace('_', ' ')}; expected {kind.expected}.")
    return Amount(value=value, is_more=number != text)


def fields_of(totals: Mapping[Limit, float | None]) -> dict[str, Any]:
    """Return totals under the names that a budget, and a request for a larger one, has for them.

    >>> fields_of({Limit.TRIALS: 20.0, Limit.WALL: 60.0})
    {'trials': 20, 'wall_s': 60.0, 'cost': None, 'failed_trials': None}
    """
    trials, failed = totals.get(Limit.TRIALS), totals.get(Limit.FAILED_TRIALS)
    return {
        "trials": None if trials is None else int(trials),
        "wall_s": totals.get(Limit.WALL),
        "cost": totals.get(Limit.COST),
        "failed_trials": None if failed is None else int(failed),
    }


def amount_options(helps: Mapping[Limit, str]) -> Callable[[_Command], _Command]:
    """Add an option for each limit; the command gets an `Amount` or None under the limit's name."""

    def decorate(command: _Command) -> _Command:
        for limit, purpose in reversed(tuple(helps.items())):
            command = click.option(
                f"--{limit.replace('_', '-')}",
                limit.value,
                metavar="AMOUNT",
                callback=lambda _context, _option, text, limit=limit: (
                    None if text is None else read_amount(limit, text)
                ),
                help=purpose,
            )(command)
        return command

    return decorate
