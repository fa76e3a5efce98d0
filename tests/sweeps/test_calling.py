"""How functions are called as trials, and what their answers mean."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.space import Choice, FloatRange, IntRange
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.sweeps.calling import caller_of, log_answer, metrics_of, name_of
from mlflowflow.sweeps.live import LiveTrial
from mlflowflow.sweeps.trial import Trial
from mlflowflow.tracking.tracker import Tracker
from tests.orchestration.contacts import sweep_of
from tests.sweeps.test_live import FakeLink

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.projects.sweep_spec import SweepSpec

X, DEPTH = FloatRange(name="x", low=0.0, high=1.0), IntRange(name="depth", low=1, high=3)
PARAMS = {"x": 0.5, "depth": 2}
LIVE = LiveTrial(Trial(number=0, run_id="a" * 32, params={}), PARAMS, metric="loss", link=FakeLink())


async def asynchronous(x: float, depth: int) -> float:
    """Return what nobody would wait for."""
    return x * depth


def answer(function: Callable[..., Any], sweep: SweepSpec | None = None) -> object:
    """Call `function` with an x, a depth and a live trial."""
    return caller_of(function, sweep or sweep_of(X, DEPTH))(PARAMS, LIVE)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, depth: (x, depth),
        lambda depth, *, x: (x, depth),
        lambda x, depth, more=1: (x, depth * more),
        lambda **named: (named["x"], named["depth"]),
        lambda x, **named: (x, named["depth"]),
        lambda params: (params["x"], params["depth"]),
        lambda config, more=1: (config["x"], config["depth"] * more),
        lambda params, trial: (params["x"], trial.params["depth"]),
        lambda x, depth, trial: (x, depth) if trial is LIVE else None,
        lambda trial: (trial.params["x"], trial.params["depth"]),
        functools.partial(lambda x, depth, more: (x, depth * more), more=1),
    ],
)
def test_a_function_takes_the_parameters_as_it_likes(function: Callable[..., Any]) -> None:
    """By name or together, with the trial or without: the signature says which."""
    assert answer(function) == (0.5, 2)


def test_fixed_parameters_are_given_like_dimensions() -> None:
    """The caller has put them in; the function takes them by name."""
    sweep = sweep_of(X, params={"depth": 2})
    assert answer(lambda x, depth: (x, depth), sweep) == (0.5, 2)


def test_a_dimension_may_be_called_trial() -> None:
    """Then it is a parameter like any other, and nobody gets the live trial."""
    sweep = sweep_of(IntRange(name="trial", low=1, high=3))
    assert caller_of(lambda trial: trial, sweep)({"trial": 2}, LIVE) == 2


def test_together_means_a_dict_of_its_own() -> None:
    """A function that changes its params changes nobody else's."""

    def careless(params: dict[str, Any]) -> None:
        params.clear()

    answer(careless)
    assert PARAMS == {"x": 0.5, "depth": 2}


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (lambda: 1, "takes nothing, so it cannot be told what to try"),
        (lambda x: x, "has no parameter 'depth', which the sweep gives it"),
        (lambda x, depth, rate: (x, depth, rate), "needs 'rate', which the sweep does not give"),
        (max, "cannot be swept: what it takes is not known"),
        (asynchronous, "is asynchronous, and trials are plain calls"),
    ],
)
def test_a_function_that_cannot_take_the_parameters_is_refused(
    function: Callable[..., Any], sentence: str
) -> None:
    """Before anything runs, naming what is missing and what to do."""
    with pytest.raises(InvalidInput, match=sentence):
        caller_of(function, sweep_of(X, DEPTH))


def test_a_dimension_with_a_condition_needs_a_default() -> None:
    """Not every trial has it, and a function without a default would fail in those."""
    model = Choice(name="model", options=("svc", "tree"))
    sweep = sweep_of(model, IntRange(name="depth", low=1, high=3, when={"model": "tree"}))
    with pytest.raises(InvalidInput, match="needs 'depth', which not every trial has"):
        caller_of(lambda model, depth: (model, depth), sweep)
    call = caller_of(lambda model, depth=None: (model, depth), sweep)
    assert call({"model": "svc"}, LIVE) == ("svc", None)


def test_an_answer_is_the_objective_some_metrics_or_nothing() -> None:
    """A function that logs its metrics itself need not return them."""
    assert metrics_of(0.5, sweep_of()) == {"loss": 0.5}
    assert metrics_of({"loss": 1, "size": 3}, sweep_of()) == {"loss": 1.0, "size": 3.0}
    assert metrics_of(None, sweep_of()) == {}


@pytest.mark.parametrize(
    ("given", "metrics", "sentence"),
    [
        (0.5, ("loss", "size"), "has several objectives; return a dict with the metrics loss, size"),
        ("good", ("loss",), "'loss' was given 'good'"),
        (True, ("loss",), "'loss' was given True"),
        ({"a\nb": 1.0}, ("loss",), "has characters that cannot be used"),
    ],
)
def test_an_answer_that_says_no_value_is_refused(
    given: object, metrics: tuple[str, ...], sentence: str
) -> None:
    """It is the trial's error, and says what to return."""
    with pytest.raises(InvalidInput, match=sentence):
        metrics_of(given, sweep_of(metrics=metrics))


def test_an_answer_becomes_the_latest_point_once() -> None:
    """After what the function logged itself, and not again if that is what it returned."""
    logged = {"loss": (4, 0.5), "size": (2, 3.0)}
    with Tracker(MemoryBlobStore()) as tracker:
        run_id = tracker.create_run("0").info.run_id
        log_answer(tracker, run_id, {"loss": 0.25, "size": 3.0, "new": 1.0}, logged)
        points = {
            key: [(each.step, each.value) for each in tracker.metric_history(run_id, key)]
            for key in ("loss", "size", "new")
        }
    assert points == {"loss": [(5, 0.25)], "size": [], "new": [(0, 1.0)]}


def test_a_function_is_named_by_where_it_is_and_what_it_does() -> None:
    """Two functions of one name and another source are two sweeps; the same again is the same."""

    def first() -> Any:
        def objective(x: float) -> float:
            return x

        return objective

    def second() -> Any:
        def objective(x: float) -> float:
            return -x

        return objective

    assert name_of(first()) == name_of(first())
    assert name_of(first()) != name_of(second())
    assert name_of(first()).startswith("tests.sweeps.test_calling:test_a_function_is_named")


def test_what_has_no_source_is_named_by_its_code() -> None:
    """As functions typed at a prompt are."""
    space: dict[str, Any] = {}
    exec("def objective(x):\n    return x\ndef other(x):\n    return x + 1", space)
    assert name_of(space["objective"]).rpartition("#")[2] != name_of(space["other"]).rpartition("#")[2]
    assert "#" in name_of(max)


def test_an_object_that_can_be_called_is_named_by_its_class() -> None:
    """It has no name of its own."""

    class Model:
        def __call__(self, x: float) -> float:
            return x

    assert name_of(Model()).partition("#")[0].endswith("Model")
    assert name_of(functools.partial(Model(), x=1)).partition("#")[0].endswith("Model")
