"""Each script in ``scripts/`` says the same on MLflow as on this library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.compat.deviations import DEVIATIONS
from tests.compat.twice import SCRIPTS, Difference, Peer, differences, our_reports, undeclared, unneeded

if TYPE_CHECKING:
    from pathlib import Path

_NAMES = sorted(path.name for path in SCRIPTS.glob("*.py"))


@pytest.mark.mlflow
@pytest.mark.parametrize("name", _NAMES)
def test_a_script_says_the_same_on_both(name: str, peer: Peer, tmp_path: Path) -> None:
    """A training script cannot tell the two libraries apart, except where a reason is written down."""
    (theirs := tmp_path / "theirs").mkdir()
    (ours := tmp_path / "ours").mkdir()
    found = list(differences(peer.reports(SCRIPTS / name, theirs), our_reports(SCRIPTS / name, ours)))
    declared = DEVIATIONS.get(name, {})
    assert [str(one) for one in undeclared(found, declared)] == []
    assert unneeded(found, declared) == []


def test_deviations_are_of_scripts_that_exist() -> None:
    """A script that goes takes its deviations with it."""
    assert set(DEVIATIONS) <= set(_NAMES)


@pytest.mark.parametrize(
    ("mlflow", "ours", "paths"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 1.0}, ["a"]),
        ({"a": 1}, {}, ["a"]),
        ({}, {"a": None}, ["a"]),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, ["a[1].b"]),
        ({"a": [1]}, {"a": [1, 2]}, ["a"]),
    ],
)
def test_what_differs_is_found(mlflow: object, ours: object, paths: list[str]) -> None:
    """Another value, another type, a missing and an additional one are differences."""
    assert [one.path for one in differences(mlflow, ours)] == paths


def test_a_deviation_is_declared_by_a_pattern() -> None:
    """A pattern covers what it names and nothing else, and one that covers nothing is told."""
    found = [Difference(path="run.info.user", mlflow="a", ours="b"), Difference(path="x", mlflow=1, ours=2)]
    declared = {"run.info.*": "reason", "gone": "reason"}
    assert [one.path for one in undeclared(found, declared)] == ["x"]
    assert unneeded(found, declared) == ["gone"]
