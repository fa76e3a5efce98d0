"""How a plain function is called as a trial, and what its answer means.

A function takes the parameters by their names, as ``fn(lr, depth)`` or ``fn(**params)``, or all
together, as ``fn(params)``; if it has a parameter ``trial`` that is no dimension, it is given the
`LiveTrial`. Which it is is told from its signature, before anything runs.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from mlflowflow.clock import SystemClock
from mlflowflow.errors import InvalidInput
from mlflowflow.ids import digest
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.validation import check_key, metric_value

if TYPE_CHECKING:
    from mlflowflow.projects.sweep_spec import SweepSpec
    from mlflowflow.projects.value import Scalar
    from mlflowflow.sweeps.live import LiveTrial
    from mlflowflow.tracking.tracker import Tracker

#: What a sweep searches: a function of parameters.
Function: TypeAlias = Callable[..., Any]
#: The same, called alike whatever it takes.
Caller: TypeAlias = "Callable[[Mapping[str, Scalar], LiveTrial], object]"

_TRIAL: Final = "trial"
_KEYWORD_ONLY: Final = inspect.Parameter.KEYWORD_ONLY
_BY_NAME: Final = {inspect.Parameter.POSITIONAL_OR_KEYWORD, _KEYWORD_ONLY}


def caller_of(function: Function, sweep: SweepSpec) -> Caller:
    """Return how `function` is called with the parameters of a trial of `sweep`.

    Raises `InvalidInput` if it cannot take them.
    """
    if inspect.iscoroutinefunction(function):
        raise InvalidInput(
            f"{function!r} is asynchronous, and trials are plain calls; give a function that runs it, such as "
            "lambda x: asyncio.run(f(x))."
        )
    parameters = _parameters(function)
    names = {each.name for each in sweep.space} | set(sweep.params)
    takes_trial = _TRIAL in parameters and _TRIAL not in names
    others = {name: each for name, each in parameters.items() if not (takes_trial and name == _TRIAL)}
    required = [name for name, each in others.items() if _is_required(each)]
    if not others:
        _demand_trial(function, takes=takes_trial)
        return lambda _params, trial: function(trial=trial)
    if len(required) == 1 and required[0] not in names and others[required[0]].kind is not _KEYWORD_ONLY:
        return _together(function, takes_trial=takes_trial)
    _demand_names(function, others, sweep, names)
    return _by_name(function, takes_trial=takes_trial)


def metrics_of(answer: object, sweep: SweepSpec) -> dict[str, float]:
    """Return what a function's `answer` says: the objective's value, several metrics, or nothing.

    Raises `InvalidInput` for anything else, and for a number if there are several objectives.
    """
    if answer is None:
        return {}
    if isinstance(answer, Mapping):
        metrics: Mapping[object, Any] = answer
        return {
            (key := check_key("metric", name)): metric_value(key, value) for name, value in metrics.items()
        }
    only, *others = sweep.objectives
    if others:
        wanted = ", ".join(each.metric for each in sweep.objectives)
        raise InvalidInput(
            f"The function returned {answer!r}, but the sweep has several objectives; return a dict with the "
            f"metrics {wanted}, or log them and return None."
        )
    return {only.metric: metric_value(only.metric, answer)}


def log_answer(
    tracker: Tracker, run_id: str, answered: Mapping[str, float], logged: Mapping[str, tuple[int, float]]
) -> None:
    """Log what a function returned, as the latest point of each metric, unless it has logged just that.

    `logged` is the latest point of each metric that the function logged itself.
    """
    now_ms = SystemClock().now_us() // 1000
    points = [
        Metric(key=key, value=value, timestamp=now_ms, step=logged[key][0] + 1 if key in logged else 0)
        for key, value in answered.items()
        if key not in logged or logged[key][1] != value
    ]
    if points:
        tracker.log_batch(run_id, metrics=points)


def name_of(function: Function) -> str:
    """Return the module, the name and the digest of the source of `function`, which name it in a sweep's spec.

    >>> def loss(x): return x * x
    >>> name_of(loss).rpartition("#")[0].endswith(":loss")
    True
    """
    inner: Any = inspect.unwrap(getattr(function, "func", function))
    name = getattr(inner, "__qualname__", type(inner).__qualname__)
    return f"{getattr(inner, '__module__', '')}:{name}#{digest(_source(inner))[:12]}"


def _source(function: Any) -> bytes:
    try:
        return inspect.getsource(function if hasattr(function, "__qualname__") else type(function)).encode()
    except (OSError, TypeError):  # typed at a prompt, or not written in Python
        code = getattr(function, "__code__", None)
        return b"" if code is None else code.co_code + repr(code.co_consts).encode()


def _parameters(function: Function) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError) as error:
        raise InvalidInput(
            f"{function!r} cannot be swept: what it takes is not known ({error}). Give a function written in "
            "Python, such as lambda x: f(x)."
        ) from error


def _is_required(parameter: inspect.Parameter) -> bool:
    variadic = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    return parameter.default is inspect.Parameter.empty and parameter.kind not in variadic


def _together(function: Function, *, takes_trial: bool) -> Caller:
    if takes_trial:
        return lambda params, trial: function(dict(params), trial=trial)
    return lambda params, _trial: function(dict(params))


def _by_name(function: Function, *, takes_trial: bool) -> Caller:
    if takes_trial:
        return lambda params, trial: function(**params, trial=trial)
    return lambda params, _trial: function(**params)


def _demand_trial(function: Function, *, takes: bool) -> None:
    if not takes:
        raise InvalidInput(
            f"{function!r} takes nothing, so it cannot be told what to try. Let it take the dimensions by "
            "their names, or all of them as 'params'."
        )


def _demand_names(
    function: Function, others: Mapping[str, inspect.Parameter], sweep: SweepSpec, names: set[str]
) -> None:
    anything = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in others.values())
    named = {name for name, each in others.items() if each.kind in _BY_NAME}
    missing = sorted(names - named)
    if missing and not anything:
        raise InvalidInput(
            f"{function!r} has no parameter '{missing[0]}', which the sweep gives it; add it, or take all "
            "together as fn(params)."
        )
    required = {name for name, each in others.items() if _is_required(each)}
    unknown = sorted(required - names)
    if unknown:
        raise InvalidInput(
            f"{function!r} needs '{unknown[0]}', which the sweep does not give; add it to the space or to "
            "the params of the sweep, or give it a default."
        )
    absent = sorted(each.name for each in sweep.space if each.when and each.name in required)
    if absent:
        raise InvalidInput(
            f"{function!r} needs '{absent[0]}', which not every trial has: the dimension has a condition. "
            "Give the parameter a default."
        )
