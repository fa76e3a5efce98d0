"""Switching libraries on and off."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlflowflow.autologging.options import Options
from mlflowflow.autologging.switchboard import SWITCHBOARD, switch
from mlflowflow.errors import MissingExtra
from mlflowflow.tracking.fluent.api import search_runs
from tests.autologging.library import Model, small_library


def test_switching_again_changes_the_options() -> None:
    """One training is logged once, by what was said last."""
    switch(small_library(), Options(extra_tags={"a": "1"}))
    switch(small_library(), Options(extra_tags={"a": "2"}))
    Model().fit(1)
    (run,) = search_runs(output_format="list")
    assert run.data.tags["a"] == "2"


def test_disabling_restores_the_library() -> None:
    """The class is as it was."""
    before = vars(Model)["fit"]
    switch(small_library(), Options())
    assert SWITCHBOARD.options("small") == Options()
    switch(small_library(), Options(disable=True))
    assert vars(Model)["fit"] is before
    assert SWITCHBOARD.options("small") is None


def test_a_library_that_is_not_installed_is_named() -> None:
    """The error says how to install it."""
    with pytest.raises(MissingExtra, match="absent"):
        switch(small_library(distribution="no-such-package"), Options())
    switch(small_library(distribution="no-such-package"), Options(disable=True))


def test_a_release_that_was_not_tried_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged all the same, unless that was declined."""
    untried = replace(small_library(), tried=("0.1", "0.2"))
    switch(untried, Options())
    assert SWITCHBOARD.options("small") is not None
    assert "0.2" in caplog.text
    switch(untried, Options(disable_for_unsupported_versions=True))
    assert SWITCHBOARD.options("small") is None
