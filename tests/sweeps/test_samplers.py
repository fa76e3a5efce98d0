"""The table of methods."""

from __future__ import annotations

import importlib.util
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from optuna.samplers import TPESampler

from mlflowflow.errors import MissingExtra
from mlflowflow.projects.space import Choice, FloatRange
from mlflowflow.projects.sweep_spec import Sampler, SamplerName
from mlflowflow.sweeps import samplers
from mlflowflow.sweeps.samplers import METHODS, method_of, seed_of
from mlflowflow.sweeps.suggestion import make_suggester
from mlflowflow.sweeps.trial import TrialState
from tests.sweeps.lives import CONDITIONAL, SAMPLERS, Life, sweep_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optuna.study import Study
    from optuna.trial import FrozenTrial

    from mlflowflow.projects.value import Scalar
    from mlflowflow.sweeps.samplers import Distributions


def asked(sampler: Sampler, count: int, *, conditional: bool = False) -> list[Mapping[str, Scalar]]:
    """Ask for `count` trials and tell each that it came to its learning rate."""
    suggester = make_suggester(sweep_of(sampler, conditional=conditional), 7)
    found: list[Mapping[str, Scalar]] = []
    for number in range(count):
        params = suggester.ask()
        assert params is not None
        found.append(params)
        suggester.tell(number, TrialState.COMPLETE, values=(float(params["lr"]),))
    return found


def test_every_sampler_but_the_grid_has_a_method() -> None:
    """A name in a spec is never without meaning."""
    assert set(METHODS) == set(SamplerName) - {SamplerName.GRID}


def test_seeds_of_trials_differ() -> None:
    """Trials are not copies of one another, nor are sweeps with neighbouring seeds of one another."""
    seeds = {seed_of(seed, number) for seed in range(40) for number in range(250)}
    assert len(seeds) == 40 * 250
    assert all(0 <= each < 2**32 for each in seeds)
    assert 0.45 < sum(each / 2**32 for each in seeds) / len(seeds) < 0.55


@pytest.mark.parametrize(
    ("sampler", "package", "extra"),
    [(SamplerName.GP, "torch", "gp"), (SamplerName.CMAES, "cmaes", "cma")],
)
def test_what_is_missing_is_named(
    sampler: SamplerName, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks for a sampler without its package learns what to install, before anything runs."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtra, match=rf"'{package}'.*mlflowflow\[{extra}\]") as caught:
        method_of(sweep_of(Sampler(name=sampler)))
    assert caught.value.extra == extra


def test_startup_trials_are_random_and_later_ones_are_not() -> None:
    """`startup` is obeyed by every method that has it."""
    for sampler in (SAMPLERS["tpe"], SAMPLERS["tpe-multivariate"]):
        late = Sampler(name=sampler.name, startup=20, multivariate=sampler.multivariate)
        assert asked(sampler, 6)[:4] == asked(late, 6)[:4]
        assert asked(sampler, 6)[5:] != asked(late, 6)[5:]


def test_joint_tpe_draws_what_exists_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dimensions under one condition are modelled together, those under others are not drawn."""
    groups: list[list[str]] = []
    draw = TPESampler.sample_relative

    def noted(
        self: TPESampler, study: Study, trial: FrozenTrial, search_space: Distributions
    ) -> dict[str, Any]:
        groups.append(sorted(search_space))
        return draw(self, study, trial, search_space)

    monkeypatch.setattr(TPESampler, "sample_relative", noted)
    suggester = make_suggester(sweep_of(SAMPLERS["tpe-multivariate"], conditional=True), 7)
    for number in range(6):
        suggester.adopt(
            {"lr": 0.1, "momentum": 0.5, "depth": 3, "loss": "log", "model": "forest", "trees": 20}
        )
        suggester.tell(number, TrialState.COMPLETE, values=(0.5,))
    groups.clear()
    params = suggester.ask({"model": "svc", "kernel": "rbf"})
    assert params is not None
    drawn = [each for each in groups if each]
    assert drawn == [["depth", "loss", "lr", "model", "momentum"], ["C", "kernel"]]


def test_cmaes_keeps_its_model_when_dimensions_come_and_go() -> None:
    """What is modelled is in the spec; Optuna would go back to chance when a dimension drops out."""
    losses = [float(params["lr"]) for params in asked(SAMPLERS["cmaes"], 80, conditional=True)]
    assert sum(losses[-30:]) < 0.2 * sum(losses[:30])


def test_qmc_covers_the_whole_space_evenly() -> None:
    """Each half of each dimension gets half of the trials, exactly, from the first one on."""
    params = asked(SAMPLERS["qmc"], 32)
    assert sum(float(each["momentum"]) < 0.45 for each in params) == 16
    assert sum(float(each["lr"]) < 1e-2 for each in params) == 16


def test_qmc_does_not_depend_on_results() -> None:
    """The sequence is fixed by the seed, whatever ends when."""
    one, other = (
        Life(sweep=sweep_of(SAMPLERS["qmc"], conditional=True), dice=random.Random(dice)) for dice in (1, 2)
    )
    for life in (one, other):
        life.live(12)
    params = [[each.params for each in life.entries if each.kind == "asked"] for life in (one, other)]
    assert params[0] == params[1]


def test_generations_have_the_size_that_was_set() -> None:
    """The trials of NSGA-II's first generation are random, and the next ones are children of them."""
    values = [
        [params["momentum"] for params in asked(Sampler(name=SamplerName.NSGA2, population=size), 24)]
        for size in (6, 12)
    ]
    assert len(set(values[0][:6])) == 6
    assert set(values[0][6:]) & set(values[0][:6])  # inherited
    assert values[0][:6] == values[1][:6]
    assert not set(values[1][6:12]) & set(values[1][:6])


def test_a_method_says_what_it_understands() -> None:
    """The claims of the table are those of Optuna: what it calls unsupported is not relied on."""
    assert [name for name, method in METHODS.items() if not method.knows_constraints] == [SamplerName.CMAES]
    assert [name for name, method in METHODS.items() if method.is_memoryless] == [
        SamplerName.RANDOM,
        SamplerName.TPE,
        SamplerName.GP,
    ]


def test_single_values_are_not_modelled() -> None:
    """A dimension that has one value takes part in no model."""
    space = (Choice(name="a", options=(1,)), FloatRange(name="x", low=0.0, high=1.0))
    assert list(samplers._modelled(space)) == ["x"]


def test_groups_are_those_with_the_same_conditions() -> None:
    """A dimension under a condition on a conditional one belongs to neither of them."""
    groups = samplers._groups(sweep_of(SAMPLERS["tpe"], conditional=True))
    assert sorted({tuple(sorted(each)) for each in groups.values()}) == [
        ("C", "kernel"),
        ("degree",),
        ("depth", "loss", "lr", "model", "momentum"),
        ("trees",),
    ]
    assert set(groups) == {each.name for each in CONDITIONAL}


def test_a_group_is_what_exists_together_however_it_is_written() -> None:
    """Naming a condition that follows from another one makes no group of its own."""
    space = (
        *CONDITIONAL,
        FloatRange(name="coef0", low=0.0, high=1.0, when={"kernel": "poly", "model": "svc"}),
    )
    groups = samplers._groups(replace(sweep_of(SAMPLERS["tpe"], conditional=True), space=space))
    assert sorted(groups["coef0"]) == ["coef0", "degree"]
