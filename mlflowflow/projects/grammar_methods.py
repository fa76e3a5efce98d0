"""How a sweep's `sampler` and `pruner` are read: a name, and the options that this one has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mlflowflow.projects.grammar import FLAG, NUMBER, at_least, one_of
from mlflowflow.projects.sweep_parts import (
    PRUNER_OPTIONS,
    SAMPLER_OPTIONS,
    Pruner,
    PrunerName,
    Sampler,
    SamplerName,
    no_option,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

    from mlflowflow.projects.grammar import Kind, Section

_SAMPLER: Final[Mapping[str, Kind[Any]]] = {
    "seed": at_least(0),
    "startup": at_least(0),
    "multivariate": FLAG,
    "population": at_least(2),
}
_PRUNER: Final[Mapping[str, Kind[Any]]] = {
    "startup": at_least(0),
    "warmup": at_least(0),
    "interval": at_least(1),
    "percentile": NUMBER,
    "min_resource": at_least(1),
    "max_resource": at_least(1),
    "reduction": at_least(2),
}


def read_sampler(sweep: Section) -> Sampler | None:
    """Return how the sweep's trials are chosen, by default TPE; None after noting its problems."""
    section = sweep.section("sampler", known=("name", *_SAMPLER))
    if section is None:
        return None if "sampler" in sweep else Sampler()
    name = section.require("name", one_of(SamplerName))
    options = _options(section, "sampler", name, kinds=_SAMPLER, known=SAMPLER_OPTIONS)
    return section.build(lambda: Sampler(name=name, **options))


def read_pruner(sweep: Section) -> Pruner | None:
    """Return how the sweep's trials are stopped early, by default not; None after noting its problems."""
    section = sweep.section("pruner", known=("name", *_PRUNER))
    if section is None:
        return None if "pruner" in sweep else Pruner()
    name = section.require("name", one_of(PrunerName))
    options = _options(section, "pruner", name, kinds=_PRUNER, known=PRUNER_OPTIONS)
    return section.build(lambda: Pruner(name=name, **options))


def _options(
    section: Section,
    noun: str,
    name: StrEnum,
    *,
    kinds: Mapping[str, Kind[Any]],
    known: Mapping[Any, tuple[str, ...]],
) -> dict[str, Any]:
    """Read all options that are written; note those that the method `name` does not have."""
    named = section.build(lambda: name) is not None  # a wrong name tells nothing of its options
    written = {key: section.get(key, kind) for key, kind in kinds.items() if key in section}
    for key in written if named else ():
        if key not in known[name]:
            section.complain(no_option(noun, name, key, known[name]), key=key)
    return {key: value for key, value in written.items() if value is not None}
