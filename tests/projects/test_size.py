"""Amounts of memory are read as people write them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.size import parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        (" 512 MiB ", 512 * 2**20),
        ("2GiB", 2**31),
        ("2gib", 2**31),
        ("2Gi", 2**31),
        ("2GB", 2_000_000_000),
        ("2G", 2_000_000_000),
        ("1.5 kB", 1_500),
        ("7b", 7),
        ("1TiB", 2**40),
        (4096, 4096),
        (1.5e3, 1500),
    ],
)
def test_amounts(text: str | float, size: int) -> None:
    """Units of 1000 and of 1024 are told apart; a number is bytes."""
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text", ["", "GiB", "5iB", "-1", "0", 0, -5, True, "2 PiB", "1e3", "9" * 400, math.inf, math.nan, "½ GB"]
)
def test_no_amounts(text: str | float) -> None:
    """What is no amount, or one that no machine has, is refused with an example."""
    with pytest.raises(InvalidInput, match=r'expected an amount of memory such as "512MiB" or "2GiB"'):
        parse_size(text)


@given(st.integers(1, 2**50), st.sampled_from(["", "K", "M"]))
def test_a_prefix_multiplies(count: int, prefix: str) -> None:
    """A unit is a factor, whatever the number."""
    factor = {"": 1, "K": 1000, "M": 1_000_000}[prefix]
    if count * factor < 2**53:
        assert parse_size(f"{count}{prefix}B") == count * factor
