"""The digits example's two families of models."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from classifiers import PARAMS, build, confusion, score
from ingest import fetch, split_gate, split_validation

if TYPE_CHECKING:
    from rows import Rows

KERNEL = Namespace(model="kernel", C=10.0, gamma=0.001)
FOREST = Namespace(model="forest", trees=20, depth=8)


@pytest.fixture(scope="module", name="parts")
def _parts() -> tuple[Rows, Rows]:
    arrived = split_gate(fetch())[0].take(np.arange(500))
    return split_validation(arrived, seed=0)


@pytest.mark.parametrize("options", [KERNEL, FOREST], ids=lambda options: options.model)
def test_each_family_learns_the_digits(options: Namespace, parts: tuple[Rows, Rows]) -> None:
    """Both families are worth a trial: far better than guessing, on 400 images."""
    train, validation = parts
    scores = score(build(options).fit(train.pixels, train.label), validation)
    assert scores["val_accuracy"] > 0.85
    assert scores["val_log_loss"] < 0.8


@pytest.mark.parametrize("options", [KERNEL, FOREST], ids=lambda options: options.model)
def test_fitting_again_gives_the_same_model(options: Namespace, parts: tuple[Rows, Rows]) -> None:
    """The same parameters and rows give the same answers, or a retried trial would differ."""
    train, validation = parts
    one, other = (build(options).fit(train.pixels, train.label) for _ in range(2))
    assert np.array_equal(one.predict_proba(validation.pixels), other.predict_proba(validation.pixels))


def test_every_parameter_of_a_family_reaches_its_model() -> None:
    """What the sweep draws is what is fitted."""
    kernel = build(Namespace(model="kernel", C=3.0, gamma=0.5)).get_params()
    forest = build(Namespace(model="forest", trees=7, depth=3)).get_params()
    assert (kernel["logisticregression__C"], kernel["nystroem__gamma"]) == (3.0, 0.5)
    found = (forest["randomforestclassifier__n_estimators"], forest["randomforestclassifier__max_depth"])
    assert found == (7, 3)
    assert set(PARAMS) == {"kernel", "forest"}


def test_the_confusion_matrix_counts_every_validation_row(parts: tuple[Rows, Rows]) -> None:
    """The picture's numbers add up to the rows it shows."""
    train, validation = parts
    figure = confusion(build(FOREST).fit(train.pixels, train.label), validation)
    counts = [int(text.get_text()) for text in figure.axes[0].texts]
    assert sum(counts) == len(validation)
