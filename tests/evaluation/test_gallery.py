"""The pictures of a classifier."""

from __future__ import annotations

import numpy as np
import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.evaluation.classifier import Answers, Labels
from mlflowflow.evaluation.gallery import check_gallery, class_table, pictures
from tests.evaluation.sessions import answers

CURVES = ["roc_curve_plot", "precision_recall_curve_plot"]


@pytest.mark.parametrize(
    ("labels", "sure", "config", "names"),
    [
        (2, True, {}, [*CURVES, "lift_curve_plot", "calibration_curve_plot", "confusion_matrix"]),
        (3, True, {}, [*CURVES, "calibration_curve_plot", "confusion_matrix"]),
        (3, True, {"max_classes_for_multiclass_roc_pr": 2}, ["calibration_curve_plot", "confusion_matrix"]),
        (2, False, {}, ["confusion_matrix"]),
    ],
)
def test_pictures_have_mlflows_names(
    labels: int, sure: bool, config: dict[str, int], names: list[str]
) -> None:
    """Each is there when the answers allow it."""
    assert [name for name, _ in pictures(answers(labels, sure=sure), config)] == names


def test_curves_need_rows_of_every_label() -> None:
    """Without them there is a matrix, and no error."""
    truth = np.array([0, 0])
    one_sided = Answers(
        truth=truth,
        said=np.array([0, 1]),
        labels=Labels(every=(0, 1), positive=1),
        probabilities=np.array([[0.9, 0.1], [0.4, 0.6]]),
    )
    assert [name for name, _ in pictures(one_sided, {})] == ["confusion_matrix"]


def test_a_picture_says_what_it_shows() -> None:
    """The positive label stands at the axes, and the name that was asked for in the title."""
    found = dict(pictures(answers(), {"calibration_classifier_name": "Wine", "calibration_n_bins": 3}))
    assert found["roc_curve_plot"].axes[0].get_xlabel() == "False Positive Rate (positive label: 1)"
    assert found["calibration_curve_plot"].axes[0].get_title() == "Wine calibration"


def test_precision_is_compared_with_a_guess() -> None:
    """For two labels that is the share of positive rows; for more there is no single line."""
    two, three = answers(2), answers(3)
    line = dict(pictures(two, {}))["precision_recall_curve_plot"].axes[0].lines[-1]
    assert list(line.get_ydata()) == [(two.truth == two.labels.positive).mean()] * 2
    assert len(dict(pictures(three, {}))["precision_recall_curve_plot"].axes[0].lines) == len(
        three.labels.every
    )


def test_each_label_has_its_areas() -> None:
    """Unless there are too many labels, or no probabilities."""
    table = class_table(answers(3), {})
    assert table["positive_class"].tolist() == [0, 1, 2]
    assert table["roc_auc"].between(0, 1).all()
    assert "roc_auc" not in class_table(answers(3), {"max_classes_for_multiclass_roc_pr": 2})
    assert "roc_auc" not in class_table(answers(3, sure=False), {})


@pytest.mark.parametrize("config", [{"calibration_n_bins": "x"}, {"calibration_classifier_name": 3}])
def test_settings_that_cannot_be_followed_are_refused(config: dict[str, object]) -> None:
    """Before anything is computed."""
    check_gallery({})
    with pytest.raises(InvalidInput, match="calibration_"):
        check_gallery(config)
