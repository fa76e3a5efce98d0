"""Tests of what a model's state says of itself."""

from __future__ import annotations

import pytest

from mlflowflow.errors import NotFound
from mlflowflow.registry.state import ModelState
from mlflowflow.registry.version import ModelVersion, Stage


def version(number: int, stage: Stage = Stage.NONE) -> ModelVersion:
    """Build a version."""
    return ModelVersion(
        name="digits", version=number, source="s", creation_time=0, last_updated_time=0, stage=stage
    )


STATE = ModelState(
    name="digits",
    exists=True,
    last_version=10,
    versions={10: version(10, Stage.STAGING), 2: version(2), 9: version(9, Stage.STAGING)},
    aliases={"champion": 9, "best": 9},
)


def test_the_model_lists_versions_by_number_with_their_aliases() -> None:
    """Readers get one consistent picture."""
    model = STATE.model()
    assert [each.version for each in model.versions] == [2, 9, 10]
    assert model.versions[1].aliases == ["best", "champion"]


def test_what_is_not_there_is_named() -> None:
    """Each look-up says what is missing and what there is."""
    with pytest.raises(NotFound, match=r"'digits/3'\. The model has versions 2, 9, 10"):
        STATE.version(3)
    with pytest.raises(NotFound, match=r"'digits@rival'\. Aliases of this model: 'best', 'champion'"):
        STATE.version_by_alias("rival")
    with pytest.raises(NotFound, match="no registered model 'churn'"):
        ModelState(name="churn").model()
    with pytest.raises(NotFound, match="The model has no versions"):
        ModelState(name="churn", exists=True).version(1)


def test_versions_are_found_by_stage_and_alias() -> None:
    """Stages hold several versions, an alias one."""
    assert STATE.in_stage(Stage.STAGING) == (9, 10)
    assert STATE.version_by_alias("best").version == 9
    assert STATE.holder("rival") is None
