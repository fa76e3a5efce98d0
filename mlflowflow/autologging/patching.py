"""Putting a function in the place of another one, so that it can be taken back.

The replacement is always of the form ``wrapper(original, *args, **kwargs)``. It is called in the
process that applied it, while it is switched on, and outside of calls that are logged already;
otherwise the original is called as if nothing had been done. So a forked or spawned worker trains
unlogged, and a replacement that somebody else has wrapped in the meantime can still be switched off.
"""

from __future__ import annotations

import copy
import inspect
import os
import sys
from dataclasses import dataclass
from functools import update_wrapper
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from mlflowflow.autologging.scope import is_inside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: What replaces a function: it is given the original, then the call's arguments.
Wrapper: TypeAlias = "Callable[..., Any]"

_ABSENT: Final = object()
_MARK: Final = "__mlflowflow_patched__"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """One replacement: the attribute `name` of a class or module `owner` becomes `wrapper`.

    With `always`, it is called inside of logged calls too.
    """

    owner: Any
    name: str
    wrapper: Wrapper
    always: bool = False


class _Switch:
    """Whether the replacements of one library are in force, and in which process."""

    def __init__(self) -> None:
        self._on = True
        self._pid = os.getpid()

    def serves_always(self) -> bool:
        return self._on and os.getpid() == self._pid

    def serves(self) -> bool:
        return self._on and os.getpid() == self._pid and not is_inside()

    def turn_off(self) -> None:
        self._on = False


class Patches:
    """Replacements that are applied, and taken back, together.

    >>> class Model:
    ...     def fit(self) -> str:
    ...         return "fitted"
    >>> patches = Patches()
    >>> patches.apply([Patch(owner=Model, name="fit", wrapper=lambda fit, self: fit(self) + ", logged")])
    >>> Model().fit()
    'fitted, logged'
    >>> patches.undo()
    >>> Model().fit()
    'fitted'
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._switch = _Switch()
        self._applied: list[tuple[Any, str, Any, Any]] = []

    def apply(self, patches: Iterable[Patch]) -> None:
        """Apply `patches` in order; what is not there, or was replaced in a base class, is left out."""
        for patch in patches:
            raw = inspect.getattr_static(patch.owner, patch.name, _ABSENT)
            if raw is _ABSENT or hasattr(raw, _MARK):
                continue
            before = vars(patch.owner).get(patch.name, _ABSENT)
            after = _replacement(patch, raw, self._switch)
            setattr(patch.owner, patch.name, after)
            self._applied.append((patch.owner, patch.name, before, after))

    def undo(self) -> None:
        """Take everything back. What others have replaced since stays, and calls the original."""
        self._switch.turn_off()
        for owner, name, before, after in reversed(self._applied):
            if vars(owner).get(name, _ABSENT) is not after:
                continue
            if before is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
        self._applied.clear()


def _replacement(patch: Patch, raw: Any, switch: _Switch) -> Any:
    serves = switch.serves_always if patch.always else switch.serves
    if isinstance(patch.owner, ModuleType):
        return _Function(raw, patch.wrapper, serves)
    if isinstance(raw, FunctionType):
        return _method(raw, patch.wrapper, serves)
    return _Conditional(raw, patch.wrapper, serves)


def _method(original: Callable[..., Any], wrapper: Wrapper, serves: Callable[[], bool]) -> Callable[..., Any]:
    def patched(*args: Any, **kwargs: Any) -> Any:
        return wrapper(original, *args, **kwargs) if serves() else original(*args, **kwargs)

    setattr(patched, _MARK, True)
    return update_wrapper(patched, original)


class _Function:
    """A replaced function of a module. Pickled, it is the original: workers know no other."""

    def __init__(self, original: Callable[..., Any], wrapper: Wrapper, serves: Callable[[], bool]) -> None:
        update_wrapper(self, original)
        setattr(self, _MARK, True)
        self._original = original
        self._wrapper = wrapper
        self._serves = serves

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._serves():
            return self._wrapper(self._original, *args, **kwargs)
        return self._original(*args, **kwargs)

    def __reduce__(self) -> str | tuple[Any, ...]:
        name: str = vars(self)["__name__"]
        if getattr(sys.modules.get(self.__module__), name, None) is self:
            return name
        return copy.copy, (self._original,)  # which is the function itself, and needs nothing of ours

    def __deepcopy__(self, memo: dict[int, Any]) -> _Function:
        return self  # as functions are not copied either

    def __copy__(self) -> _Function:
        return self


class _Conditional:
    """A replaced method that only some instances have, as scikit-learn's ``available_if`` makes them."""

    def __init__(self, raw: Any, wrapper: Wrapper, serves: Callable[[], bool]) -> None:
        setattr(self, _MARK, True)
        self._raw = raw
        self._wrapper = wrapper
        self._serves = serves

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        original = self._raw.__get__(instance, owner)  # an AttributeError if this instance has it not
        if instance is None or not callable(original):
            return original

        def of_instance(_: Any, *args: Any, **kwargs: Any) -> Any:
            return original(*args, **kwargs)

        update_wrapper(of_instance, original)
        patched = _method(of_instance, self._wrapper, self._serves)

        def method(*args: Any, **kwargs: Any) -> Any:
            return patched(instance, *args, **kwargs)

        return update_wrapper(method, original)
