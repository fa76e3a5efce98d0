"""Each part of a sweep refuses by itself what can never be meant, and says all of it."""

from __future__ import annotations

import math
import pickle
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.sweep_parts import (
    PRUNER_OPTIONS,
    SAMPLER_OPTIONS,
    Budget,
    Constraint,
    Pruner,
    PrunerName,
    Resources,
    Sampler,
    SamplerName,
    Selection,
    Stop,
    TrialPolicy,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("make", "sentences"),
    [
        (
            lambda: Constraint(metric="ms"),
            ["The constraint on 'ms' has no 'min' and no 'max'; give one."],
        ),
        (
            lambda: Constraint(metric="ms", min=3, max=2),
            ["The constraint on 'ms' can never hold: its min 3.0 is above its max 2.0."],
        ),
        (
            lambda: Constraint(metric="ms", max=math.nan),
            ["The constraint on 'ms' has the max nan; expected a finite number."],
        ),
        (
            lambda: Sampler(name=SamplerName.GRID, startup=5, multivariate=True, population=3),
            [
                "The sampler 'grid' has no 'startup'; it knows only 'seed'.",
                "The sampler 'grid' has no 'multivariate'; it knows only 'seed'.",
                "The sampler 'grid' has no 'population'; it knows only 'seed'.",
            ],
        ),
        (
            lambda: Sampler(seed=-1, startup=-2),
            [
                "The sampler has the seed -1; expected 0 or more.",
                "The sampler has the startup -2; expected 0 or more.",
            ],
        ),
        (
            lambda: Sampler(name=SamplerName.NSGA2, population=1, seed=2**32),
            [
                "The sampler has the population 1; expected 2 or more.",
                "The sampler has the seed 4294967296; expected 4294967295 or less.",
            ],
        ),
        (
            lambda: Pruner(warmup=3),
            ["The pruner 'none' has no 'warmup'; it knows no options."],
        ),
        (
            lambda: Pruner(name=PrunerName.ASHA, percentile=25, min_resource=0, reduction=1),
            [
                (
                    "The pruner 'asha' has no 'percentile'; it knows only 'min_resource', 'max_resource', "
                    "'reduction'."
                ),
                "The pruner has the min_resource 0; expected 1 or more.",
                "The pruner has the reduction 1; expected 2 or more.",
            ],
        ),
        (
            lambda: Pruner(name=PrunerName.PERCENTILE, percentile=100, startup=-1, warmup=-1, interval=0),
            [
                "The pruner has the startup -1; expected 0 or more.",
                "The pruner has the warmup -1; expected 0 or more.",
                "The pruner has the interval 0; expected 1 or more.",
                "The pruner has the percentile 100.0; expected between 0 and 100.",
            ],
        ),
        (
            lambda: Pruner(name=PrunerName.ASHA, min_resource=5, max_resource=4),
            ["The pruner has the max_resource 4, which is below its min_resource 5."],
        ),
        (
            lambda: Pruner(name=PrunerName.HYPERBAND),
            ["The pruner 'hyperband' needs a 'max_resource': the last step of a full trial."],
        ),
        (
            lambda: Budget(trials=0, wall_s=0, cost=-1, failed_trials=0),
            [
                "The budget has the trials 0; expected 1 or more.",
                "The budget has the failed_trials 0; expected 1 or more.",
                "The budget has the wall 0.0; expected more than 0.",
                "The budget has the cost -1.0; expected more than 0.",
            ],
        ),
        (lambda: Budget(cost=math.inf), ["The budget has the cost inf; expected more than 0 and finite."]),
        (
            lambda: Stop(target={"auc": math.nan}, no_improvement=0),
            [
                "The stop rule has the no_improvement 0; expected 1 or more.",
                "The stop rule has the target nan for 'auc'; expected a finite number.",
            ],
        ),
        (
            lambda: Resources(name="r", cpu=0, memory_bytes=0, price_per_hour=-1, dask={"cpu": 0, "GPU": 1}),
            [
                "Resources 'r' has the price_per_hour -1.0; expected 0 or more.",
                "Resources 'r' has the memory 0; expected 1 or more.",
                "Resources 'r' has the cpu 0.0; expected more than 0.",
                "Resources 'r' has the dask counter cpu 0.0; expected more than 0.",
            ],
        ),
        (
            lambda: TrialPolicy(attempts=0, timeout_s=0, grace_s=-1, retry_on=("worker-lost",)),
            [
                "The trial has the attempts 0; expected 1 or more.",
                "The trial has the grace -1.0; expected 0 or more.",
                "The trial has the timeout 0.0; expected more than 0.",
                (
                    "'retry_on' names 'worker-lost'; expected worker_lost, timeout or error, or the name of an "
                    "exception's class without its module. Did you mean 'worker_lost'? Known words: error, timeout, worker_lost."
                ),
            ],
        ),
        (
            lambda: Selection(refit_params={"fit_on": "all"}),
            [
                "The selection gives 'fit_on' for a refit, but none is asked for; set 'refit', or leave them out."
            ],
        ),
    ],
)
def test_meaningless_parts_are_refused(make: Callable[[], object], sentences: list[str]) -> None:
    """Facts are valid by construction, and all that is wrong with one is said at once."""
    with pytest.raises(InvalidInput) as caught:
        make()
    assert str(caught.value).splitlines() == sentences


def test_numbers_have_one_form() -> None:
    """20 and 20.0 are one limit, with one canonical JSON."""
    for whole, broken in [
        (Constraint(metric="a", min=1, max=2), Constraint(metric="a", min=1.0, max=2.0)),
        (Budget(wall_s=5, cost=3), Budget(wall_s=5.0, cost=3.0)),
        (Stop(target={"a": 1}), Stop(target={"a": 1.0})),
        (TrialPolicy(timeout_s=9, grace_s=1), TrialPolicy(timeout_s=9.0, grace_s=1.0)),
        (Resources(name="r", cpu=1, dask={"G": 2}), Resources(name="r", cpu=1.0, dask={"G": 2.0})),
        (
            Pruner(name=PrunerName.PERCENTILE, percentile=25),
            Pruner(name=PrunerName.PERCENTILE, percentile=25.0),
        ),
    ]:
        assert repr(whole) == repr(broken)


@pytest.mark.parametrize("word", ["worker", "my.ShapeError", "Shape Error", "", "2Error", "error "])
def test_no_words_for_a_retry(word: str) -> None:
    """A word that would never match is a mistake: attempts know the class of an exception without its module."""
    with pytest.raises(InvalidInput, match=r"^'retry_on' names '"):
        TrialPolicy(retry_on=(word,))


def test_limits_are_inclusive() -> None:
    """What is just allowed is allowed."""
    assert Sampler(name=SamplerName.NSGA2, seed=2**32 - 1, population=2).seed == 2**32 - 1
    assert Sampler(seed=0, startup=0).startup == 0
    assert Pruner(name=PrunerName.ASHA, min_resource=1, max_resource=1, reduction=2).reduction == 2
    assert TrialPolicy(attempts=1, grace_s=0).grace_s == 0.0


def test_what_is_retried_is_a_set() -> None:
    """Neither order nor repetition of the words means anything."""
    assert TrialPolicy(retry_on=("timeout", "My_Error2", "timeout", "OSError")).retry_on == (
        "My_Error2",
        "OSError",
        "timeout",
    )
    assert TrialPolicy(retry_on=()).retry_on == ()


@pytest.mark.parametrize(
    ("value", "low", "high", "excess"), [(5, None, 3, 2), (5, 7, None, 2), (5, 4, 6, -1), (5, 5, 5, 0)]
)
def test_excess(value: float, low: float | None, high: float | None, excess: float) -> None:
    """Limits are inclusive, and the excess says by how much a value misses the nearer one."""
    assert Constraint(metric="m", min=low, max=high).excess(value) == excess


def test_every_method_has_its_options() -> None:
    """A sampler or pruner without a line in the table could be told anything, or nothing."""
    assert set(SAMPLER_OPTIONS) == set(SamplerName)
    assert set(PRUNER_OPTIONS) == set(PrunerName)
    fields = {"seed", "startup", "multivariate", "population"}
    assert set().union(*SAMPLER_OPTIONS.values()) == fields


def test_parts_travel() -> None:
    """Parts are the same in another process."""
    for part in (Stop(target={"a": 1.0}), Resources(name="r", dask={"G": 1}), Selection(refit=True)):
        assert pickle.loads(pickle.dumps(part)) == part
