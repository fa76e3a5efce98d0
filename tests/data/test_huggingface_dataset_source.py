"""Sources on the hub, with a package that stands in for ``datasets``."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from mlflowflow.data.huggingface_dataset_source import HuggingFaceDatasetSource
from mlflowflow.errors import InvalidInput


def test_it_is_loaded_with_what_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """`load` asks the package for the same dataset again, and an argument given twice is refused."""
    asked: list[dict[str, Any]] = []
    package = ModuleType("datasets")
    package.load_dataset = lambda **wanted: asked.append(wanted)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "datasets", package)
    source = HuggingFaceDatasetSource("squad", "plain", split="train", revision="1.0")
    source.load(streaming=True)
    assert asked[0] == {
        "path": "squad",
        "name": "plain",
        "data_dir": None,
        "data_files": None,
        "split": "train",
        "revision": "1.0",
        "streaming": True,
    }
    with pytest.raises(InvalidInput, match="path"):
        source.load(path="other")


def test_it_survives_its_text() -> None:
    """What a run keeps is enough to make the source again."""
    source = HuggingFaceDatasetSource("squad", data_files=["a", "b"], split="train")
    assert HuggingFaceDatasetSource.from_json(source.to_json()).to_dict() == source.to_dict()


def test_no_address_is_guessed_to_be_on_the_hub() -> None:
    """A name on the hub looks like a path."""
    assert not HuggingFaceDatasetSource._can_resolve("squad")
    with pytest.raises(InvalidInput):
        HuggingFaceDatasetSource._resolve("squad")
