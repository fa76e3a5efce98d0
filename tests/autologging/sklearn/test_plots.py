"""Pictures of a classifier."""

from __future__ import annotations

import re
import sys

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.linear_model import LinearRegression, LogisticRegression

from mlflowflow.autologging.care import Care
from mlflowflow.autologging.options import Options
from mlflowflow.autologging.sklearn.arguments import Fitted
from mlflowflow.autologging.sklearn.plots import _pictures, log_plots
from mlflowflow.autologging.target import Target, open_target
from mlflowflow.tracking.fluent.active import start_run

X = np.arange(12.0).reshape(6, 2)


@pytest.fixture
def target() -> Target:
    """Provide the active run of a user."""
    start_run()
    found = open_target(Options(), Care(flavor="sklearn"))
    assert found is not None
    return found


def _files(target: Target) -> set[str]:
    return {each.path for each in target.run.tracker.artifacts(target.run_id).list()}


@pytest.mark.parametrize(("labels", "count"), [([0, 1] * 3, 3), ([0, 1, 2] * 2, 1)])
def test_curves_are_for_two_classes(target: Target, labels: list[int], count: int) -> None:
    """The pictures are PNG, and the user's settings of Matplotlib are as before."""
    before = mpl.rcParams["font.size"]
    log_plots(LogisticRegression().fit(X, labels), Fitted(data=X, labels=labels), target)
    found = _files(target)
    assert len(found) == count
    for name in found:
        assert target.run.tracker.artifacts(target.run_id).read(name).startswith(b"\x89PNG")
    assert mpl.rcParams["font.size"] == before


def test_the_same_blue_is_the_same_share_in_every_run() -> None:
    """A matrix that is right in half of all rows does not look like one that is always right."""
    labels = [0, 1] * 3
    picture = next(_pictures(LogisticRegression().fit(X, labels), Fitted(data=X, labels=labels)))
    axes = Figure().add_subplot()
    picture.draw(axes)
    assert axes.images[0].get_clim() == (0.0, 1.0)
    assert all(re.fullmatch(r"[01]\.\d\d", text.get_text()) for text in axes.texts)


def test_curves_are_compared_with_a_guess() -> None:
    """Each has a second line: that of a model that has seen nothing."""
    labels = [0, 1] * 3
    _, *curves = _pictures(LogisticRegression().fit(X, labels), Fitted(data=X, labels=labels))
    for picture in curves:
        axes = Figure().add_subplot()
        picture.draw(axes)
        assert len(axes.lines) == 2


def test_a_regressor_has_none(target: Target) -> None:
    """Neither has a classifier without labels."""
    log_plots(LinearRegression().fit(X, X[:, 0]), Fitted(data=X, labels=X[:, 0]), target)
    log_plots(LogisticRegression(), Fitted(data=X), target)
    assert _files(target) == set()


def test_without_matplotlib_there_are_none(
    target: Target, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told, and nothing fails."""
    monkeypatch.setattr("mlflowflow.autologging.sklearn.plots.find_spec", lambda _: None)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    labels = [0, 1] * 3
    log_plots(LogisticRegression().fit(X, labels), Fitted(data=X, labels=labels), target)
    assert _files(target) == set()
    assert "matplotlib" in caplog.text
