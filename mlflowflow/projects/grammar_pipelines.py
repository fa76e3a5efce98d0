"""How `pipelines` are read: first what each step is called and offers, then every step against that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from mlflowflow.projects.document import MapNode, ScalarNode
from mlflowflow.projects.grammar import demand_name
from mlflowflow.projects.grammar_parameters import read_parameters
from mlflowflow.projects.grammar_steps import COMMON_KEYS, STEP_KINDS, Scope, read_step
from mlflowflow.projects.sections import FIXED_OUTPUTS, PipelineSpec, Step, runnable_order
from mlflowflow.projects.wording import alternatives, quoted, sentence

if TYPE_CHECKING:
    from mlflowflow.projects.document import Node
    from mlflowflow.projects.grammar import Section

_KEYS: Final = ("params", "steps")


def read_pipelines(file: Section, scope: Scope) -> dict[str, PipelineSpec | None]:
    """Return every declared pipeline; None for one that has problems. `scope` names all but its own."""
    return {
        name: None if section is None else _pipeline(section, name, scope)
        for name, section in file.sections("pipelines", noun="pipeline", known=_KEYS)
    }


def _pipeline(section: Section, name: str, scope: Scope) -> PipelineSpec | None:
    demand_name(section, name)
    params = read_parameters(section, "params", strict=True)
    nodes = section.items("steps")
    inner = replace(scope, params=tuple(section.children("params")), steps=_announced(section, nodes))
    read = [_step(section, number, node, inner) for number, node in enumerate(nodes, start=1)]
    steps = tuple(step for step in read if step is not None)
    if not nodes:
        section.complain(f"{sentence(section.owner)} has no 'steps'; give it at least one.")
    if len(steps) == len(inner.steps):
        section.attempt(lambda: runnable_order(steps), key="steps")
    return section.build(lambda: PipelineSpec(name=name, params=params, steps=steps))


def _announced(pipeline: Section, nodes: tuple[Node, ...]) -> dict[str, tuple[str, ...] | None]:
    """Return the id of every step with the names of its outputs; note ids that are taken."""
    announced: dict[str, tuple[str, ...] | None] = {}
    for node in nodes:
        step_id = _id(node)
        if step_id in announced:
            pipeline.problems.add(
                node.place, f"{sentence(pipeline.owner)} has two steps with the id '{step_id}'; rename one."
            )
        if step_id:
            announced[step_id] = _outputs(node)
    return announced


def _id(node: Node) -> str:
    match node:
        case MapNode(items={"id": ScalarNode(value=str() as step_id)}):
            return step_id
        case _:
            return ""


def _outputs(node: Node) -> tuple[str, ...] | None:
    match _kinds(node), node:
        case ["entry_point"], MapNode(items={"outputs": MapNode(items=outputs)}):
            return tuple(outputs)
        case ["entry_point"], _:
            return ()
        case [kind], _:
            return FIXED_OUTPUTS[kind]
        case _:
            return None


def _kinds(node: Node) -> list[str]:
    return [kind for kind in STEP_KINDS if isinstance(node, MapNode) and kind in node.items]


def _step(pipeline: Section, number: int, node: Node, scope: Scope) -> Step | None:
    step_id = _id(node)
    owner = f"step '{step_id}' of {pipeline.owner}" if step_id else f"step {number} of {pipeline.owner}"
    kinds = _kinds(node)
    known = (*kinds, *COMMON_KEYS, *STEP_KINDS[kinds[0]].keys) if len(kinds) == 1 else None
    section = pipeline.child(node, owner=owner, place=node.place, known=known)
    if section is None:
        return None
    if len(kinds) != 1:
        has = quoted(kinds) or "nothing to do"
        section.complain(f"{sentence(owner)} has {has}; expected exactly one of {alternatives(STEP_KINDS)}.")
        return None
    return read_step(section, kinds[0], scope)
