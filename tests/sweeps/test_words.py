"""Each word makes the part it names, and refuses what cannot be meant."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from mlflowflow import sweeps
from mlflowflow.errors import InvalidInput
from mlflowflow.projects.space import Choice, FloatRange, IntRange
from mlflowflow.projects.sweep_spec import (
    PRUNER_OPTIONS,
    SAMPLER_OPTIONS,
    Among,
    PrunerName,
    Resources,
    SamplerName,
    Selection,
    Stop,
)
from mlflowflow.sweeps import words


def test_dimensions_get_their_names_from_the_space() -> None:
    """A word says what is searched, and the space under which name."""
    assert words.choice(1, 2, when={"m": "a"}).named("d") == Choice(name="d", options=(1, 2), when={"m": "a"})
    assert words.integer(1, 9, step=2).named("d") == IntRange(name="d", low=1, high=9, step=2)
    assert words.real(1, 9, log=True).named("d") == FloatRange(name="d", low=1.0, high=9.0, log=True)


def test_numbers_of_numpy_are_pythons() -> None:
    """Options often come from an array, and the store knows no NumPy."""
    dimension = words.choice(*cast("list[int]", np.arange(2)), *np.array([2.5])).named("d")
    assert isinstance(dimension, Choice)
    assert [type(option) for option in dimension.options] == [int, int, float]


def test_every_sampler_and_pruner_has_a_word() -> None:
    """What a file can name, a program can call."""
    samplers = (
        words.tpe,
        words.random_search,
        words.grid,
        words.gp,
        words.cmaes,
        words.nsga2,
        words.qmc,
    )
    assert {make(seed=3).name for make in samplers} == set(SAMPLER_OPTIONS) == set(SamplerName)
    pruners = (words.median(), words.percentile(25), words.asha(), words.hyperband(1, 9))
    assert {pruner.name for pruner in pruners} == set(PrunerName) - {PrunerName.NONE}
    assert set(PRUNER_OPTIONS) == set(PrunerName)


def test_refit_may_bring_parameters() -> None:
    """`refit` is a flag, or what the winner is run again with."""
    assert words.winner(refit=True) == Selection(refit=True)
    assert words.winner(among="pareto", by="auc", refit={"fit_on": "all"}) == Selection(
        among=Among.PARETO, by="auc", refit=True, refit_params={"fit_on": "all"}
    )
    assert words.winner(refit={}) == Selection(refit=True)


def test_units_are_read() -> None:
    """Time and memory are written as in a file."""
    assert words.budget(wall="1h", cost=2).wall_s == 3600.0
    assert words.resources("r", memory="1GiB", cpu=1, dask={"GPU": 1}) == Resources(
        name="r", memory_bytes=2**30, cpu=1.0, dask={"GPU": 1.0}
    )
    assert words.stop_when(target={"auc": 1}, no_improvement=3) == Stop(target={"auc": 1.0}, no_improvement=3)


def test_a_word_that_is_none() -> None:
    """A wrong word is answered with the right ones."""
    with pytest.raises(InvalidInput, match=r"^'among' is the text 'best'; expected all or pareto\.$"):
        words.winner(among="best")


def test_the_package_offers_its_words() -> None:
    """All names that the package lists are there, and an unknown one is an ordinary mistake."""
    assert sorted(sweeps.__all__) == sweeps.__all__
    assert all(callable(getattr(sweeps, name)) for name in sweeps.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = sweeps.nothing
