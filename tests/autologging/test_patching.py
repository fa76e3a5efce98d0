"""Replacing functions, and taking it back."""

from __future__ import annotations

import copy
import inspect
import math
import os
import pickle
import textwrap
from typing import TYPE_CHECKING, Any

import pytest
from sklearn import metrics
from sklearn.utils.metaestimators import available_if

from mlflowflow.autologging.patching import Patch, Patches
from mlflowflow.autologging.scope import inside

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


class Base:
    """A class that others are derived from."""

    def fit(self, data: int, *, weight: int = 1) -> int:
        """Return a number."""
        return data * weight


class Derived(Base):
    """A class that has the method of its base."""


class Choosy:
    """A class whose instances may have a method."""

    def __init__(self, *, able: bool) -> None:
        """Have it or not."""
        self.able = able

    @available_if(lambda self: self.able)  # type: ignore[untyped-decorator]
    def predict(self, data: int) -> int:
        """Return a number."""
        return data + 1


def more(original: Callable[..., int], *args: Any, **kwargs: Any) -> int:
    """Return 100 more."""
    return original(*args, **kwargs) + 100


@pytest.fixture
def patches() -> Generator[Patches]:
    """Provide patches that are taken back."""
    made = Patches()
    yield made
    made.undo()


def test_a_method_is_replaced_and_restored(patches: Patches) -> None:
    """Afterwards the class is as it was, the same function included."""
    before = vars(Base)["fit"]
    patches.apply([Patch(owner=Base, name="fit", wrapper=more)])
    assert Base().fit(2, weight=3) == 106
    assert Base.fit(Base(), 2) == 102
    patches.undo()
    assert vars(Base)["fit"] is before


def test_a_replaced_method_looks_like_the_original(patches: Patches) -> None:
    """Libraries read names and signatures, scikit-learn's routing of metadata for one."""
    wanted = inspect.signature(Base.fit)
    patches.apply([Patch(owner=Base, name="fit", wrapper=more)])
    assert inspect.signature(Base.fit) == wanted
    assert Base.fit.__name__ == "fit"


def test_an_inherited_method_is_replaced_once(patches: Patches) -> None:
    """What the base class has already is not wrapped again, and nothing is left in the derived one."""
    patches.apply([Patch(owner=owner, name="fit", wrapper=more) for owner in (Base, Derived)])
    assert Derived().fit(1) == 101
    patches.undo()
    assert "fit" not in vars(Derived)


def test_only_the_derived_class_is_changed(patches: Patches) -> None:
    """A method of a base class that is not logged gets its replacement where it was asked for."""
    patches.apply([Patch(owner=Derived, name="fit", wrapper=more)])
    assert (Base().fit(1), Derived().fit(1)) == (1, 101)
    patches.undo()
    assert (Derived().fit(1), "fit" in vars(Derived)) == (1, False)


def test_what_is_not_there_is_left_out(patches: Patches) -> None:
    """Releases of a library differ."""
    patches.apply([Patch(owner=Base, name="gone", wrapper=more)])
    assert not hasattr(Base, "gone")


def test_calls_inside_of_logged_ones_pass(patches: Patches) -> None:
    """Only a patch that asks for all calls gets them."""
    patches.apply(
        [
            Patch(owner=Base, name="fit", wrapper=more),
            Patch(owner=Choosy, name="predict", wrapper=more, always=True),
        ]
    )
    with inside():
        assert (Base().fit(1), Choosy(able=True).predict(1)) == (1, 102)


def test_a_conditional_method_stays_conditional(patches: Patches) -> None:
    """Instances that lack it still do, with the library's own error."""
    patches.apply([Patch(owner=Choosy, name="predict", wrapper=more)])
    assert Choosy(able=True).predict(1) == 102
    assert not hasattr(Choosy(able=False), "predict")
    assert hasattr(Choosy, "predict")
    assert list(inspect.signature(Choosy(able=True).predict).parameters) == ["data"]


def test_what_others_replaced_since_stays(patches: Patches) -> None:
    """Their wrapper of ours is not thrown away; ours is switched off inside of it."""
    patches.apply([Patch(owner=Base, name="fit", wrapper=more)])
    ours, original = Base.fit, inspect.unwrap(Base.fit)
    Base.fit = lambda self, data: ours(self, data) + 1000  # type: ignore[method-assign, assignment, misc]
    try:
        patches.undo()
        assert Base().fit(1) == 1001
    finally:
        Base.fit = original  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("module", "name"),
    [(textwrap, "dedent"), (metrics, "accuracy_score")],
    ids=["own", "from another module"],
)
def test_a_function_of_a_module_can_travel(patches: Patches, module: Any, name: str) -> None:
    """Pickled it is what the other process has under its name, without us; copied it is itself."""
    original = getattr(module, name)
    patches.apply([Patch(owner=module, name=name, wrapper=more)])
    patched = getattr(module, name)
    assert patched is not original
    pickled = pickle.dumps(patched)
    assert b"mlflowflow" not in pickled
    assert copy.deepcopy(patched) is patched
    assert copy.copy(patched) is patched
    patches.undo()
    assert pickle.loads(pickled) is original


def test_a_function_written_in_c_is_replaced_too(patches: Patches) -> None:
    """A module's function need not be one of Python's."""
    patches.apply([Patch(owner=math, name="floor", wrapper=more)])
    assert math.floor(1.5) == 101
    patches.undo()
    assert math.floor(1.5) == 1


def test_another_process_calls_the_original(patches: Patches) -> None:
    """What was forked inherits the patches, and they are off there."""
    patches.apply([Patch(owner=Base, name="fit", wrapper=more)])
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, str(Base().fit(1)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 10) == b"1"
    os.close(read)
    os.close(write)
