"""One call that trains: the original is called exactly once, and our part before and after it.

A library says what to read as a `Training`; the order of things, the run and the care for errors
are here, the same for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from mlflowflow.autologging.scope import inside
from mlflowflow.autologging.target import open_target

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.autologging.care import Care
    from mlflowflow.autologging.options import Options
    from mlflowflow.autologging.patching import Wrapper
    from mlflowflow.autologging.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of a patched function: the `original` and its arguments, ``self`` among them."""

    original: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def run(self) -> Any:
        """Call the original."""
        return self.original(*self.args, **self.kwargs)


class Training(Protocol):
    """What is read of one training of one library."""

    #: whether calls that the original makes are logged as parts of it
    is_transparent: bool

    def begin(self, target: Target) -> Call:
        """Log what is known before; return the call to make, perhaps with a callback of ours in it."""
        ...

    def end(self, target: Target, result: Any) -> None:
        """Log what is known after."""
        ...


#: How a library makes a `Training` of a call.
MakeTraining: TypeAlias = "Callable[[Call, Options, Care], Training]"


def trains(make: MakeTraining, options: Options, care: Care) -> Wrapper:
    """Return the wrapper of a function that trains, for a `Patch`."""
    return partial(_train, make, options, care)


def observes(observe: Callable[[Call, Any], None], care: Care) -> Wrapper:
    """Return the wrapper of a function whose result is looked at after the call, for a `Patch`."""
    return partial(_observe, observe, care)


def _train(
    make: MakeTraining,
    options: Options,
    care: Care,
    original: Callable[..., Any],
    /,
    *args: Any,
    **kwargs: Any,
) -> Any:
    call = Call(original=original, args=args, kwargs=kwargs)
    target = None
    with inside(), care.attempt("start a run"):
        target = open_target(options, care)
    if target is None:
        with inside():
            return call.run()
    try:
        result = _logged(make, call, options, target)
    except BaseException as error:
        with care.attempt("end the run"):
            target.close(type(error), error, error.__traceback__)
        raise
    with care.attempt("end the run"):
        target.close(None, None, None)
    return result


def _logged(make: MakeTraining, call: Call, options: Options, target: Target) -> Any:
    training: Training | None = None
    changed = call
    with inside(), target.care.attempt("log the beginning of a training"):
        training = make(call, options, target.care)
        changed = training.begin(target)
    with inside(hidden=training is None or not training.is_transparent):
        result = changed.run()
    if training is not None:
        with inside(), target.care.attempt("log the end of a training"):
            training.end(target, result)
    return result


def _observe(
    observe: Callable[[Call, Any], None],
    care: Care,
    original: Callable[..., Any],
    /,
    *args: Any,
    **kwargs: Any,
) -> Any:
    call = Call(original=original, args=args, kwargs=kwargs)
    with inside():
        result = call.run()
        with care.attempt("log a result"):
            observe(call, result)
    return result
