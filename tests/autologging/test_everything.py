"""Switching all libraries on at once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from sklearn.linear_model import LinearRegression

import mlflowflow
from mlflowflow.autologging import everything
from mlflowflow.autologging.imports import IMPORTS
from mlflowflow.autologging.options import Options
from mlflowflow.autologging.switchboard import SWITCHBOARD, switch
from mlflowflow.errors import InvalidInput
from tests.autologging.library import Model, small_library

if TYPE_CHECKING:
    from collections.abc import Generator

LIBRARY = "small_later_library"


def autolog(silent: bool = False, disable: bool = False, extra_tags: Any = None) -> None:
    """Switch the small library, as a package's own function would."""
    switch(small_library(), Options(silent=silent, disable=disable, extra_tags=extra_tags))


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Offer the small library beside those that are built in, and wait for nothing afterwards."""
    table = {"sklearn": "mlflowflow.sklearn:autolog", LIBRARY: f"{__name__}:autolog"}
    monkeypatch.setattr(everything, "_BUILT_IN", table)
    monkeypatch.setattr(everything, "_flavor", lambda place: "sklearn" if "sklearn" in place else "small")
    yield
    IMPORTS.forget(LIBRARY)


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the small library be imported already."""
    monkeypatch.setitem(sys.modules, LIBRARY, sys)


def test_what_is_imported_is_logged_at_once() -> None:
    """What is not imported waits."""
    mlflowflow.autolog(extra_tags={"a": "1"})
    options = SWITCHBOARD.options("sklearn")
    assert options is not None
    assert options.extra_tags == {"a": "1"}
    assert SWITCHBOARD.options("small") is None
    mlflowflow.autolog(disable=True)
    assert SWITCHBOARD.options("sklearn") is None
    assert IMPORTS not in sys.meta_path


@pytest.mark.usefixtures("imported")
def test_a_function_is_given_the_arguments_it_knows() -> None:
    """The small library has no models to log, and is not asked to."""
    mlflowflow.autolog(log_models=False, silent=True, exclude_flavors=["sklearn"])
    assert SWITCHBOARD.options("small") == Options(silent=True)
    assert SWITCHBOARD.options("sklearn") is None
    assert Model().fit(1).calls == [2]


@pytest.mark.usefixtures("imported")
def test_what_was_said_for_a_library_itself_stays() -> None:
    """In either order, until the library is asked again."""
    autolog(extra_tags={"a": "own"})
    mlflowflow.autolog(exclude_flavors=["sklearn"])
    mlflowflow.autolog(disable=True, exclude_flavors=["sklearn"])
    assert SWITCHBOARD.options("small") == Options(extra_tags={"a": "own"})
    autolog(disable=True)
    mlflowflow.autolog(exclude_flavors=["sklearn"])
    mlflowflow.autolog(silent=True, exclude_flavors=["sklearn"])
    assert SWITCHBOARD.options("small") == Options(silent=True)


@pytest.mark.parametrize("wrong", [{"silent": 1}, {"extra_tags": "a"}, {"disable": None}])
def test_a_wrong_argument_changes_nothing(wrong: dict[str, Any]) -> None:
    """The classes are the library's own still."""
    before = vars(LinearRegression)["fit"]
    with pytest.raises(InvalidInput):
        mlflowflow.autolog(**wrong)
    assert vars(LinearRegression)["fit"] is before


@pytest.mark.usefixtures("imported", "in_use")
def test_a_library_that_cannot_be_logged_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The others are."""
    table = {LIBRARY: "no.such.module:autolog", "sklearn": "mlflowflow.sklearn:autolog"}
    monkeypatch.setattr(everything, "_BUILT_IN", table)
    mlflowflow.autolog()
    assert SWITCHBOARD.options("sklearn") is not None
    assert "could not begin" in caplog.text
