"""Packages that are not there."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from mlflowflow.data.optional import optional
from mlflowflow.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable

from mlflowflow.data import from_huggingface, from_spark, from_tensorflow, load_delta


@pytest.mark.parametrize(
    ("package", "extra", "call"),
    [
        ("datasets", "huggingface", lambda: from_huggingface(object())),
        ("pyspark.sql", "spark", lambda: from_spark(object())),
        ("pyspark.sql", "spark", lambda: load_delta(path="sales")),
        ("tensorflow", "tensorflow", lambda: from_tensorflow(object())),
    ],
)
def test_a_missing_package_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, package: str, extra: str, call: Callable[[], object]
) -> None:
    """Who lacks a package is told which extra installs it."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra) as found:
        call()
    assert (found.value.package, found.value.extra) == (package.partition(".")[0], extra)


def test_a_package_that_is_there_is_returned() -> None:
    """Nothing stands between the caller and the package."""
    assert optional("json", extra="json", purpose="Reading") is sys.modules["json"]
