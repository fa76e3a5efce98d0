"""How `resources` are read: classes of workers by name, with what they offer and what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.grammar import NUMBER, demand_name, scalar_kind
from mlflowflow.projects.size import EXPECTED, parse_size
from mlflowflow.projects.sweep_parts import Resources

if TYPE_CHECKING:
    from mlflowflow.projects.grammar import Section
    from mlflowflow.projects.value import JSON

_KEYS: Final = ("cpu", "memory", "price_per_hour", "dask")


def _size(value: JSON) -> int | None:
    try:
        return parse_size(value) if isinstance(value, str | int | float) else None
    except InvalidInput:
        return None


SIZE: Final = scalar_kind(EXPECTED, _size, blank=1)


def read_resources(file: Section) -> dict[str, Resources | None]:
    """Return every declared class of resources; None for one that has problems."""
    return {
        name: None if section is None else _resources(section, name)
        for name, section in file.sections("resources", noun="resources", known=_KEYS)
    }


def _resources(section: Section, name: str) -> Resources | None:
    demand_name(section, name)
    cpu, memory = section.get("cpu", NUMBER), section.get("memory", SIZE)
    price, dask = section.get_or("price_per_hour", NUMBER, 0.0), section.table("dask", NUMBER)
    return section.build(
        lambda: Resources(name=name, cpu=cpu, memory_bytes=memory, price_per_hour=price, dask=dask)
    )
