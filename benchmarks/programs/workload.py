"""What is logged: the same facts for us and for every peer, from the standard library alone.

Values are made before the clock starts, so that no figure contains their making.
"""

from __future__ import annotations

import random
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Learning rates that runs are spread over; a search picks one of them.
RATES: Final = ("0.3", "0.1", "0.03", "0.01", "0.003")
_FLOORS: Final = (0.5, 0.8, 0.9, 0.95)
#: How many runs a search returns.
BEST: Final = 100


class Facts(NamedTuple):
    """One run's params, metrics and tags."""

    params: dict[str, str]
    metrics: dict[str, float]
    tags: dict[str, str]


class Question(NamedTuple):
    """One search: the runs of a learning rate that are better than `floor`, the best first."""

    rate: str
    floor: float

    @property
    def filter_string(self) -> str:
        """The question as MLflow and we ask it."""
        return f"metrics.accuracy > {self.floor} and params.lr = '{self.rate}'"


def runs(count: int) -> Iterator[Facts]:
    """Yield runs of 10 params, 5 metrics and 2 tags, always the same ones."""
    chance = random.Random(7)
    for number in range(count):
        yield Facts(
            params={
                "lr": chance.choice(RATES),
                **{f"param_{i}": str(chance.randrange(50)) for i in range(9)},
            },
            metrics={"accuracy": chance.random(), **{f"metric_{i}": chance.gauss(0, 1) for i in range(4)}},
            tags={"team": f"team-{number % 7}", "dataset": f"set-{number % 3}"},
        )


def questions() -> tuple[Question, ...]:
    """Return searches that differ in both conditions, so that no answer can be the last one again."""
    return tuple(Question(rate, floor) for floor, rate in product(_FLOORS, RATES))


def values(count: int) -> list[float]:
    """Return a noisy falling curve of `count` doubles."""
    chance = random.Random(11)
    return [1.0 / (1.0 + step / 1000) + chance.gauss(0, 0.01) for step in range(count)]
