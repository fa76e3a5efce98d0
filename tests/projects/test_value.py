"""Values are read-only, travel by pickling, and have one text and one digest."""

from __future__ import annotations

import copy
import pickle
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.projects.value import as_text, fact_digest, frozen, plain
from tests.projects.examples import project

if TYPE_CHECKING:
    from mlflowflow.projects.value import JSON


@given(st.dictionaries(st.text(), st.integers()))
def test_read_only_mappings_travel(mapping: dict[str, int]) -> None:
    """A Dask worker gets the same read-only mapping."""
    there = pickle.loads(pickle.dumps(frozen(mapping)))
    assert isinstance(there, MappingProxyType)
    assert there == mapping


def test_copies_are_independent() -> None:
    """Changing the original does not change what was frozen."""
    original = {"a": 1}
    kept = frozen(original)
    original["a"] = 2
    assert copy.deepcopy(kept) == {"a": 1}


@given(st.dictionaries(st.text(), st.integers() | st.text()))
def test_key_order_does_not_count(mapping: dict[str, int | str]) -> None:
    """Two files that differ in the order of keys say the same."""
    assert fact_digest(dict(reversed(mapping.items()))) == fact_digest(mapping)


def test_list_order_counts() -> None:
    """The order of a list is part of what it says."""
    assert fact_digest([1, 2]) != fact_digest([2, 1])


@pytest.mark.parametrize(
    ("value", "text"), [(0.1, "0.1"), (False, "False"), ("a b", "a b"), (None, "null"), ((1, "ü"), '[1,"ü"]')]
)
def test_texts(value: JSON, text: str) -> None:
    """Scalars are written as MLflow writes them, collections as compact JSON."""
    assert as_text(value) == text


def test_foreign_objects_have_no_digest() -> None:
    """Nothing is digested by its address in memory."""
    with pytest.raises(TypeError, match="A object has no canonical JSON"):
        plain(object())


def test_whole_projects_travel() -> None:
    """A plan's spec can be sent to another process."""
    assert pickle.loads(pickle.dumps(project())) == project()
