"""Points of curves."""

from __future__ import annotations

import numpy as np
import pytest

from mlflowflow.evaluation.classifier import Answers, find_labels
from mlflowflow.evaluation.curves import calibration, lift, precision_recall, roc

TRUTH = np.array(["n", "y", "n", "y"])
CHANCE = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.45, 0.55]])


def _two(positive: str = "y") -> Answers:
    labels = find_labels(TRUTH, TRUTH, {"pos_label": positive})
    return Answers(truth=TRUTH, said=TRUTH, labels=labels, probabilities=CHANCE)


def test_areas_are_those_of_the_positive_label() -> None:
    """By hand: of four pairs of a positive and a negative row, three are in order."""
    (one,) = roc(_two())
    assert one.area == pytest.approx(0.75)
    assert one.label == "AUC=0.750"
    assert (one.xs[0], one.ys[0], one.xs[-1], one.ys[-1]) == (0, 0, 1, 1)
    (other,) = precision_recall(_two("n"))
    assert other.area == pytest.approx((1 + 2 / 3) / 2)


def test_many_labels_have_a_curve_each() -> None:
    """Each against the rest, called by its label."""
    truth = np.array([0, 1, 2])
    answers = Answers(truth=truth, said=truth, labels=find_labels(truth, truth, {}), probabilities=np.eye(3))
    assert [curve.label for curve in roc(answers)] == [f"label={label}, AUC=1.000" for label in range(3)]
    assert [curve.area for curve in precision_recall(answers)] == [1.0, 1.0, 1.0]
    assert [curve.label for curve in calibration(answers)] == ["label=0", "label=1", "label=2"]


def test_lift_begins_high_and_ends_at_one() -> None:
    """The surest row is right, and all rows together are no denser than themselves."""
    negative, positive = lift(_two())
    assert positive.label == "Class y (positive)"
    assert positive.ys.tolist() == pytest.approx([2.0, 1.0, 4 / 3, 1.0])
    assert negative.ys[-1] == 1.0


def test_calibration_compares_shares() -> None:
    """In one bin, the mean of what was predicted stands against the share that came true."""
    (curve,) = calibration(_two(), bins=1)
    assert (curve.xs.tolist(), curve.ys.tolist()) == (pytest.approx([0.5125]), [0.5])
