"""Reading the machine's load."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import MissingExtra
from mlflowflow.system_metrics.probes import machine_probes, read_all

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = {
    "cpu_utilization_percentage",
    "disk_available_megabytes",
    "disk_usage_megabytes",
    "disk_usage_percentage",
    "network_receive_megabytes",
    "network_transmit_megabytes",
    "system_memory_usage_megabytes",
    "system_memory_usage_percentage",
}


class DriverError(Exception):
    """What the driver of a card raises."""


class Cards:
    """NVIDIA's library with two cards, of which the second does not tell its power."""

    NVMLError = DriverError

    def __init__(self, count: int = 2) -> None:
        """Have `count` cards."""
        self.count = count

    def nvmlInit(self) -> None:  # noqa: N802 - the driver's name
        """Do nothing."""

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        """Count the cards."""
        return self.count

    def nvmlDeviceGetHandleByIndex(self, place: int) -> int:  # noqa: N802
        """Name a card by its place."""
        return place

    def nvmlDeviceGetMemoryInfo(self, _: int) -> SimpleNamespace:  # noqa: N802
        """Use a quarter."""
        return SimpleNamespace(used=2_000_000, total=8_000_000)

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> SimpleNamespace:  # noqa: N802
        """Work more on the second."""
        return SimpleNamespace(gpu=40 + handle)

    def nvmlDeviceGetPowerUsage(self, handle: int) -> int:  # noqa: N802
        """Tell milliwatts, or not."""
        if handle == 1:
            raise DriverError
        return 50_000

    def nvmlDeviceGetEnforcedPowerLimit(self, _: int) -> int:  # noqa: N802
        """Allow four times as much."""
        return 200_000


def test_the_names_are_those_of_mlflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts that were made for MLflow's names show ours; percentages are between 0 and 100."""
    monkeypatch.setitem(sys.modules, "pynvml", None)
    found = read_all(machine_probes())
    assert set(found) == NAMES
    assert all(0 <= value <= 100 for name, value in found.items() if name.endswith("percentage"))


def test_cards_are_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a card does not tell is left out, and the rest is there."""
    monkeypatch.setitem(sys.modules, "pynvml", Cards())
    found = {name: value for name, value in read_all(machine_probes()).items() if name.startswith("gpu")}
    assert found == {
        "gpu_0_memory_usage_megabytes": 2.0,
        "gpu_0_memory_usage_percentage": 25.0,
        "gpu_0_power_usage_percentage": 25.0,
        "gpu_0_power_usage_watts": 50.0,
        "gpu_0_utilization_percentage": 40,
        "gpu_1_memory_usage_megabytes": 2.0,
        "gpu_1_memory_usage_percentage": 25.0,
        "gpu_1_utilization_percentage": 41,
    }


def test_no_card_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver without a card is the same as no driver."""
    monkeypatch.setitem(sys.modules, "pynvml", Cards(count=0))
    assert set(read_all(machine_probes())) == NAMES


def test_a_probe_that_fails_says_nothing() -> None:
    """The others are read all the same."""

    def broken() -> Mapping[str, float]:
        raise OSError("gone")

    assert read_all([broken, lambda: {"a": 1.0}]) == {"a": 1.0}


def test_the_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to install."""
    monkeypatch.setitem(sys.modules, "psutil", None)
    with pytest.raises(MissingExtra, match=r"mlflowflow\[system\]"):
        machine_probes()
