"""Reading the machine's load: processor, memory, disk, network and graphics cards, under MLflow's names.

Megabytes are millions of bytes. Network numbers are totals; who wants those of a run subtracts.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from mlflowflow.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

#: What reads some numbers by name.
Probe: TypeAlias = "Callable[[], Mapping[str, float]]"

#: The names of totals.
TOTALS: Final = frozenset({"network_receive_megabytes", "network_transmit_megabytes"})

_LOG: Final = logging.getLogger(__name__)
_MILLION: Final = 1e6


def machine_probes() -> list[Probe]:
    """Return the probes of this machine. Raises `MissingExtra` if psutil is not installed.

    >>> sorted(machine_probes()[0]())[0]
    'cpu_utilization_percentage'
    """
    try:
        import psutil
    except ModuleNotFoundError as error:
        raise MissingExtra("psutil", extra="system", purpose="Logging the machine's load") from error
    psutil.cpu_percent()  # it tells the load since the last call, and 0 the first time
    return [lambda: _processor(psutil), lambda: _disk(psutil), lambda: _network(psutil), *_cards()]


def read_all(probes: list[Probe]) -> dict[str, float]:
    """Return what all probes say; one that fails says nothing."""
    found: dict[str, float] = {}
    for probe in probes:
        try:
            found.update(probe())
        except Exception as error:  # noqa: BLE001 - drivers raise whatever they like
            _LOG.debug("A part of the machine's load cannot be read: %s", error)
    return found


def _processor(psutil: Any) -> dict[str, float]:
    memory = psutil.virtual_memory()
    return {
        "cpu_utilization_percentage": psutil.cpu_percent(),
        "system_memory_usage_megabytes": memory.used / _MILLION,
        "system_memory_usage_percentage": memory.used / memory.total * 100,
    }


def _disk(psutil: Any) -> dict[str, float]:
    usage = psutil.disk_usage(os.sep)
    return {
        "disk_usage_percentage": usage.percent,
        "disk_usage_megabytes": usage.used / _MILLION,
        "disk_available_megabytes": usage.free / _MILLION,
    }


def _network(psutil: Any) -> dict[str, float]:
    counters = psutil.net_io_counters()
    return {
        "network_receive_megabytes": counters.bytes_recv / _MILLION,
        "network_transmit_megabytes": counters.bytes_sent / _MILLION,
    }


def _cards() -> list[Probe]:
    """Return a probe for NVIDIA's cards, if there are any and their driver answers."""
    try:
        pynvml: Any = import_module("pynvml")
        pynvml.nvmlInit()
        handles = [pynvml.nvmlDeviceGetHandleByIndex(place) for place in range(pynvml.nvmlDeviceGetCount())]
    except Exception as error:  # noqa: BLE001 - no package, no driver, no card: all the same here
        _LOG.debug("No graphics card is watched: %s", error)
        return []
    return [lambda: dict(_of_cards(pynvml, handles))] if handles else []


def _of_cards(nvml: Any, handles: list[Any]) -> Iterator[tuple[str, float]]:
    for place, handle in enumerate(handles):
        for read in (_card_memory, _card_load, _card_power):
            with suppress(nvml.NVMLError):  # old cards do not know all of it
                yield from ((f"gpu_{place}_{name}", value) for name, value in read(nvml, handle).items())


def _card_memory(nvml: Any, handle: Any) -> dict[str, float]:
    memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    return {
        "memory_usage_percentage": memory.used / memory.total * 100,
        "memory_usage_megabytes": memory.used / _MILLION,
    }


def _card_load(nvml: Any, handle: Any) -> dict[str, float]:
    return {"utilization_percentage": nvml.nvmlDeviceGetUtilizationRates(handle).gpu}


def _card_power(nvml: Any, handle: Any) -> dict[str, float]:
    drawn, limit = nvml.nvmlDeviceGetPowerUsage(handle), nvml.nvmlDeviceGetEnforcedPowerLimit(handle)
    return {"power_usage_watts": drawn / 1000, "power_usage_percentage": drawn / limit * 100}
