"""A sampler or pruner takes the options it has, and no others."""

from __future__ import annotations

import pytest

from mlflowflow.projects.sweep_spec import Pruner, PrunerName, Sampler, SamplerName
from tests.projects.examples import CHURN, changed, project, wrong

SAMPLER = "sampler: {name: tpe, seed: 7, startup: 12, multivariate: true}"
PRUNER = "pruner: {name: asha, min_resource: 1, max_resource: 27, reduction: 3}"


@pytest.mark.parametrize(
    ("new", "sampler"),
    [
        (SAMPLER, Sampler(seed=7, startup=12, multivariate=True)),
        ("", Sampler()),
        ("sampler: {name: gp, startup: 3}", Sampler(name=SamplerName.GP, startup=3)),
        ("sampler: {name: random, seed: 1e3}", Sampler(name=SamplerName.RANDOM, seed=1000)),
        (
            "sampler: {name: nsga2, population: 12}",
            Sampler(name=SamplerName.NSGA2, population=12),
        ),
        ("sampler: {name: qmc}", Sampler(name=SamplerName.QMC)),
    ],
)
def test_samplers(new: str, sampler: Sampler) -> None:
    """Options arrive with their types; none at all is TPE."""
    assert project(changed(SAMPLER, new, text=CHURN)).sweeps["tune"].sampler == sampler


@pytest.mark.parametrize(
    ("new", "pruner"),
    [
        (PRUNER, Pruner(name=PrunerName.ASHA, max_resource=27)),
        ("", Pruner()),
        ("pruner: {name: none}", Pruner()),
        (
            "pruner: {name: percentile, percentile: 2.5e1, startup: 0, warmup: 2, interval: 3}",
            Pruner(name=PrunerName.PERCENTILE, percentile=25, startup=0, warmup=2, interval=3),
        ),
        ("pruner: {name: hyperband, max_resource: 9}", Pruner(name=PrunerName.HYPERBAND, max_resource=9)),
        ("pruner: {name: median, warmup: 5}", Pruner(name=PrunerName.MEDIAN, warmup=5)),
    ],
)
def test_pruners(new: str, pruner: Pruner) -> None:
    """Options arrive with their types; none at all stops no trial."""
    assert project(changed(PRUNER, new, text=CHURN)).sweeps["tune"].pruner == pruner


@pytest.mark.parametrize(
    ("new", "sentences"),
    [
        (
            "sampler: {name: random, multivariate: true, startup: 3}",
            [
                "The sampler 'random' has no 'multivariate'; it knows only 'seed'.",
                "The sampler 'random' has no 'startup'; it knows only 'seed'.",
            ],
        ),
        (
            "sampler: {name: nsga2, multivariate: false}",
            ["The sampler 'nsga2' has no 'multivariate'; it knows only 'seed', 'population'."],
        ),
        (
            "sampler: {name: tpe, sed: 5}",
            [
                (
                    "'sampler' of sweep 'tune' has an unknown key 'sed'. Did you mean 'seed'? "
                    "Known keys: multivariate, name, population, seed, startup."
                )
            ],
        ),
        (
            "sampler: {name: bayes, population: 3, startup: -1}",
            [
                (
                    "'name' of 'sampler' of sweep 'tune' is the text 'bayes'; expected tpe, random, grid, gp, cmaes, "
                    "nsga2 or qmc."
                ),
                "'startup' of 'sampler' of sweep 'tune' is the number -1; expected a whole number of at least 0.",
            ],
        ),
        (
            "sampler: {seed: 5}",
            [
                (
                    "'sampler' of sweep 'tune' has no 'name'; expected tpe, random, grid, gp, cmaes, nsga2 or qmc."
                ),
            ],
        ),
        ("sampler: tpe", ["'sampler' of sweep 'tune' is the text 'tpe'; expected a mapping."]),
        ("sampler:", ["'sampler' of sweep 'tune' is nothing; expected a mapping."]),
        (
            "sampler: {name: tpe, seed: 99999999999}",
            ["The sampler has the seed 99999999999; expected 4294967295 or less."],
        ),
        (
            "sampler: {name: grid}",
            [
                (
                    f"Dimension '{name}' has endlessly many values, so the sampler 'grid' cannot visit them all; "
                    "give it a 'step' or list the values as a 'choice'."
                )
                for name in ("lr", "C")
            ],
        ),
        (
            "sampler: {name: cmaes}",
            [
                "Sweep 'tune' has 2 objectives, and the sampler 'cmaes' can only follow one; take 'tpe' or 'nsga2'."
            ],
        ),
    ],
)
def test_mistakes_of_samplers(new: str, sentences: list[str]) -> None:
    """Each mistake is told with what is right; none of them twice."""
    assert wrong(SAMPLER, new, text=CHURN) == sentences


@pytest.mark.parametrize(
    ("new", "sentences"),
    [
        (
            "pruner: {name: median, min_resource: 3}",
            ["The pruner 'median' has no 'min_resource'; it knows only 'startup', 'warmup', 'interval'."],
        ),
        ("pruner: {name: none, warmup: 0}", ["The pruner 'none' has no 'warmup'; it knows no options."]),
        (
            "pruner: {name: hyperband}",
            ["The pruner 'hyperband' needs a 'max_resource': the last step of a full trial."],
        ),
        (
            "pruner: {name: percentile, percentile: 100}",
            ["The pruner has the percentile 100.0; expected between 0 and 100."],
        ),
        (
            "pruner: {name: asha, reduction: 1}",
            [
                "'reduction' of 'pruner' of sweep 'tune' is the number 1; expected a whole number of at least 2."
            ],
        ),
    ],
)
def test_mistakes_of_pruners(new: str, sentences: list[str]) -> None:
    """The same holds for pruners."""
    assert wrong(PRUNER, new, text=CHURN) == sentences


def test_several_objectives_need_a_mark() -> None:
    """With two objectives nobody can guess which one prunes."""
    assert wrong(", prune_on: true", "", text=CHURN) == [
        (
            "Sweep 'tune' has several objectives and a pruner; mark the one that decides with 'prune_on: true' "
            "(in Python, 'prune=True')."
        )
    ]
