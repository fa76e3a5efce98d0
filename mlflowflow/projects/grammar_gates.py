"""How `gates` are read: a policy per gate, each check of the kind its keys show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.gates.policy import (
    Check,
    GatePolicy,
    Goal,
    OnInconclusive,
    PairedTest,
    Relative,
    SignatureCheck,
    Threshold,
    WhenNoChampion,
)
from mlflowflow.projects.document import MapNode, ScalarNode
from mlflowflow.projects.grammar import NUMBER, TEXT, demand_name, found, one_of, scalar_kind
from mlflowflow.projects.wording import alternatives, choose_among, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflowflow.projects.document import Node
    from mlflowflow.projects.grammar import Section

_KEYS: Final = ("model", "alias", "when_no_champion", "on_inconclusive", "checks")


def read_gates(file: Section) -> dict[str, GatePolicy | None]:
    """Return every declared gate; None for one that has problems."""
    return {
        name: None if section is None else _gate(section, name)
        for name, section in file.sections("gates", noun="gate", known=_KEYS)
    }


def _gate(section: Section, name: str) -> GatePolicy | None:
    demand_name(section, name)
    model = section.require("model", TEXT)
    alias = section.require("alias", TEXT)
    when_no_champion = section.require(
        "when_no_champion",
        one_of(WhenNoChampion),
        why=f"it must be stated: {alternatives(WhenNoChampion)}",
    )
    on_inconclusive = section.get_or("on_inconclusive", one_of(OnInconclusive), OnInconclusive.HOLD)
    if not section.items("checks"):
        section.complain(
            f"{sentence(section.owner)} has no 'checks', so everything would pass; add at least one."
        )
    checks = [_check(section, number, node) for number, node in enumerate(section.items("checks"), start=1)]
    return section.build(
        lambda: GatePolicy(
            name=name,
            model=model,
            alias=alias,
            when_no_champion=when_no_champion,
            on_inconclusive=on_inconclusive,
            checks=tuple(check for check in checks if check is not None),
        )
    )


def _check(gate: Section, number: int, node: Node) -> Check | None:
    kind = _kind(node)
    owner = f"check {_id(node) or number} of {gate.owner}"
    if kind not in _CHECKS:
        hint = choose_among(kind, _CHECKS, noun="kinds")
        gate.problems.add(node.place, f"{sentence(owner)} has the unknown kind '{kind}'. {hint}")
        return None
    known, read = _CHECKS[kind]
    section = gate.child(node, owner=owner, place=node.place, known=("id", "kind", *known))
    return None if section is None else read(section)


def _id(node: Node) -> str:
    match node:
        case MapNode(items={"id": ScalarNode(value=str() as name)}):
            return f"'{name}'"
        case _:
            return ""


def _kind(node: Node) -> str:
    """Return the kind that is written, or the one that the keys show."""
    items = node.items if isinstance(node, MapNode) else {}
    match items:
        case {"kind": ScalarNode(text=word)}:
            return word
        case {"kind": other}:
            return found(other)
        case _:
            return next((kind for key, kind in _SHOWN_BY.items() if key in items), "threshold")


#: A key that only one kind of check has.
_SHOWN_BY: Final = {
    "test": "paired_test",
    "relation": "paired_test",
    "alpha": "paired_test",
    "compatible_with": "signature",
    "min_improvement": "relative",
    "goal": "relative",
}


def _threshold(section: Section) -> Check | None:
    check_id, metric = section.require("id", TEXT), section.require("metric", TEXT)
    low, high = section.get("min", NUMBER), section.get("max", NUMBER)
    return section.build(lambda: Threshold(id=check_id, metric=metric, min=low, max=high))


def _relative(section: Section) -> Check | None:
    check_id, metric = section.require("id", TEXT), section.require("metric", TEXT)
    goal = section.require("goal", one_of(Goal))
    margin = section.get_or("min_improvement", NUMBER, 0.0)
    return section.build(lambda: Relative(id=check_id, metric=metric, goal=goal, min_improvement=margin))


def _paired_test(section: Section) -> Check | None:
    check_id = section.require("id", TEXT)
    for key, word in (("metric", "accuracy"), ("relation", "superior"), ("test", "mcnemar_exact")):
        _demand_word(section, key, word)
    alpha = section.get_or("alpha", NUMBER, 0.05)
    return section.build(lambda: PairedTest(id=check_id, alpha=alpha))


def _signature(section: Section) -> Check | None:
    check_id = section.require("id", TEXT)
    _demand_word(section, "compatible_with", "champion")
    return section.build(lambda: SignatureCheck(id=check_id))


def _demand_word(section: Section, key: str, word: str) -> None:
    """Note anything but the one `word` that this release knows for `key`; it may be left out."""
    section.get(key, scalar_kind(f"'{word}'", lambda value: word if value == word else None, blank=word))


#: For each kind of check, its keys besides `id` and `kind`, and how it is read.
_CHECKS: Final[Mapping[str, tuple[tuple[str, ...], Callable[[Section], Check | None]]]] = {
    "threshold": (("metric", "min", "max"), _threshold),
    "relative": (("metric", "goal", "min_improvement"), _relative),
    "paired_test": (("metric", "relation", "test", "alpha"), _paired_test),
    "signature": (("compatible_with",), _signature),
}
