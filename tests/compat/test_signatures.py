"""Names, arguments, their order and their defaults, compared with MLflow's."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

import mlflowflow
from tests.compat.shared.signatures import signatures
from tests.compat.surface import CLIENT, DEVIATIONS, FLUENT
from tests.compat.twice import PEER, SHARED

if TYPE_CHECKING:
    from tests.compat.twice import Peer


@pytest.mark.mlflow
def test_signatures_are_mlflows(peer: Peer) -> None:
    """What a script may write in a call, by place or by name, it may write here."""
    del peer  # is installed
    command = [
        str(PEER),
        str(SHARED / "signatures.py"),
        json.dumps({"fluent": list(FLUENT), "client": list(CLIENT)}),
    ]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
    theirs: dict[str, dict[str, Any]] = json.loads(printed)
    ours = {"fluent": signatures(mlflowflow, FLUENT), "client": signatures(mlflowflow.MlflowClient, CLIENT)}
    owners = {"fluent": "mlflow", "client": "MlflowClient"}
    different = {
        f"{owners[part]}.{name}": f"MLflow has {their_own}, we {ours[part][name]}"
        for part, found in theirs.items()
        for name, their_own in found.items()
        if not fits(their_own, ours[part][name])
    }
    assert {name: text for name, text in different.items() if name not in DEVIATIONS} == {}
    assert set(DEVIATIONS) <= set(different)


def fits(theirs: list[list[Any]] | None, ours: list[list[Any]] | None) -> bool:
    """Return whether every call that MLflow's signature allows means the same with ours.

    We may take more, as long as it comes by name after what MLflow takes and has a default.
    """
    if theirs is None or ours is None:
        return False
    private = [one for one in theirs if not one[0].startswith("_")]
    more = ours[len(private) :]
    return ours[: len(private)] == private and all(
        kind == "KEYWORD_ONLY" and default != "<none>" for _, kind, default in more
    )


@pytest.mark.parametrize(
    ("theirs", "ours", "result"),
    [
        ([["a", "POSITIONAL_OR_KEYWORD", "<none>"]], [["a", "POSITIONAL_OR_KEYWORD", "<none>"]], True),
        ([["a", "POSITIONAL_OR_KEYWORD", "<none>"]], [["b", "POSITIONAL_OR_KEYWORD", "<none>"]], False),
        ([["a", "POSITIONAL_OR_KEYWORD", 1]], [["a", "POSITIONAL_OR_KEYWORD", None]], False),
        ([["a", "POSITIONAL_OR_KEYWORD", 1]], [["a", "KEYWORD_ONLY", 1]], False),
        ([], [["a", "KEYWORD_ONLY", 1]], True),
        ([], [["a", "KEYWORD_ONLY", "<none>"]], False),
        ([], None, False),
    ],
)
def test_what_does_not_fit_is_seen(theirs: Any, ours: Any, result: bool) -> None:
    """Another name, default or place, and an additional argument that is compulsory, do not fit."""
    assert fits(theirs, ours) is result
