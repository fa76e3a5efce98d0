"""What models written as code are configured with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.models.model_config import ModelConfig, configured, read_config

if TYPE_CHECKING:
    from pathlib import Path


def test_the_saved_configuration_wins_while_a_model_is_loaded() -> None:
    """The same file reads its own values while it is developed."""
    with configured({"depth": 5}):
        assert ModelConfig(development_config={"depth": 3}).get("depth") == 5
    assert ModelConfig(development_config={"depth": 3}).get("depth") == 3


def test_a_file_is_a_configuration_too(tmp_path: Path) -> None:
    """YAML, with names for keys."""
    (tmp_path / "c.yaml").write_text("depth: 3\n")
    assert ModelConfig(development_config=tmp_path / "c.yaml").to_dict() == {"depth": 3}


@pytest.mark.parametrize(("given", "error"), [("absent.yaml", NotFound), (3, InvalidInput)])
def test_anything_else_is_refused(given: Any, error: type[Exception]) -> None:
    """A file that is not there, a value that is no configuration."""
    with pytest.raises(error):
        read_config(given)


def test_a_value_that_is_not_there_is_named() -> None:
    """The error lists what there is."""
    with pytest.raises(NotFound, match=r"'width'.*depth"):
        ModelConfig(development_config={"depth": 3}).get("width")
