"""Hypothesis strategies for the registry's changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from hypothesis import strategies as st

from mlflowflow.registry import change as changes
from mlflowflow.registry.version import Stage

if TYPE_CHECKING:
    from mlflowflow.registry.change import Change

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
keys = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8)
aliases = st.from_regex(r"[a-z][\w-]{0,5}", fullmatch=True).filter(
    lambda text: not text.startswith(("v", "l"))
)
numbers = st.integers(1, 9)
_FIELDS: dict[str, st.SearchStrategy[object]] = {
    "alias": aliases,
    "key": keys,
    "tags": st.dictionaries(keys, texts, max_size=2),
    "stage": st.sampled_from(Stage),
}


def _built(kind: type[Change]) -> st.SearchStrategy[Change]:
    own = {name: strategy for name, strategy in _FIELDS.items() if name in kind.__dataclass_fields__}
    return st.builds(kind, **own)


any_change: st.SearchStrategy[Change] = st.one_of([_built(kind) for kind in get_args(changes.Change)])
