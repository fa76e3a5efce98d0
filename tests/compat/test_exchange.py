"""Nothing is lost on the way from MLflow to here and back, as MLflow's own client tells it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.compat.exchanging import killed_after, make_history, mlff, mlflow_tells, server, we_tell
from tests.compat.twice import Difference, differences

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.compat.twice import Peer

_LARGEST: Final = 1.7976931348623157e308

#: What may differ, and why. Each is needed by some test below.
REASONS: Final[Mapping[str, Callable[[Difference], bool]]] = {
    "a database keeps infinities as the largest numbers; here they are infinities again": lambda one: (
        _number(one.mlflow) in {_LARGEST, -_LARGEST} and _number(one.ours) in {float("inf"), float("-inf")}
    ),
    "an infinity of ours is the largest number in a database": lambda one: (
        _number(one.ours) in {_LARGEST, -_LARGEST} and _number(one.mlflow) in {float("inf"), float("-inf")}
    ),
    "a database has no minus zero": lambda one: (one.mlflow, one.ours) == ("-0.0", "0.0"),
    "MLflow's file store does not read the step of a point that has a dataset": lambda one: (
        ".points.f1" in one.path and one.path.endswith("[0]") and one.mlflow == 0
    ),
    "a server makes no type an empty one": lambda one: (
        ".info[" in one.path and {one.mlflow, one.ours} == {None, ""}
    ),
    "a server lists on a logged model what it was registered as": lambda one: (
        one.path.endswith("mlflow.modelVersions") and one.mlflow == "nothing"
    ),
}


def _number(told: Any) -> float | None:
    return (
        float(told)
        if (isinstance(told, str) and told.lstrip("-")[:1].isdigit()) or told in {"inf", "-inf"}
        else None
    )


def _undeclared(mlflow: Any, ours: Any) -> list[str]:
    found = differences(mlflow, ours)
    return [str(one) for one in found if not any(declared(one) for declared in REASONS.values())]


def _history(kind: str, peer: Peer, folder: Path, *, seed: int) -> str:
    """Make a history in a store of a kind and return its address."""
    folder.mkdir()
    uri = str(folder / "mlruns")
    if kind == "sqlite":
        shutil.copy(peer.database, folder / "mlflow.db")
        uri = f"sqlite:///{folder / 'mlflow.db'}"
    make_history(uri, folder, seed=seed)
    return uri


def _nothing_new(report: Mapping[str, Any]) -> bool:
    return not any(report["new"].values())


@pytest.mark.mlflow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", ["files", "sqlite"])
def test_nothing_is_lost_on_the_way_here_and_back(kind: str, peer: Peer, tmp_path: Path) -> None:
    """MLflow tells of its store what we tell of ours, and of a database that we filled the same."""
    uri = _history(kind, peer, tmp_path / "theirs", seed=7)
    theirs = mlflow_tells(uri, tmp_path)
    store = tmp_path / "store"
    first = mlff("import", "mlflow", uri, store=store)
    assert first["found"]["runs"] == 9
    assert first["new"] == {**first["found"], "experiments": first["new"]["experiments"]}
    assert _undeclared(theirs, we_tell(store)) == []
    assert _nothing_new(mlff("import", "mlflow", uri, store=store))
    (tmp_path / "back").mkdir()
    shutil.copy(peer.database, tmp_path / "back" / "mlflow.db")
    back = f"sqlite:///{tmp_path / 'back' / 'mlflow.db'}"
    mlff("export", "mlflow", back, store=store)
    assert _undeclared(theirs, mlflow_tells(back, tmp_path)) == []
    assert _nothing_new(mlff("export", "mlflow", back, store=store))


@pytest.mark.mlflow
@pytest.mark.timeout(900)
def test_nothing_is_lost_on_the_way_to_a_server_and_from_it(peer: Peer, tmp_path: Path) -> None:
    """A server tells the same under ids of its own, and so do we of what comes back from it."""
    uri = _history("sqlite", peer, tmp_path / "theirs", seed=11)
    theirs = mlflow_tells(uri, tmp_path, "--by-name")
    store, again = tmp_path / "store", tmp_path / "again"
    mlff("import", "mlflow", uri, store=store)
    with server(peer.database, tmp_path) as url:
        mlff("export", "mlflow", url, store=store)
        assert _undeclared(theirs, mlflow_tells(url, tmp_path, "--by-name")) == []
        assert _nothing_new(mlff("export", "mlflow", url, store=store))
        mlff("import", "mlflow", url, store=again)
        assert _nothing_new(mlff("import", "mlflow", url, store=again))
    assert _undeclared(theirs, we_tell(again, "--by-name")) == []


@pytest.mark.mlflow
@pytest.mark.timeout(900)
def test_what_is_cut_off_is_completed(peer: Peer, tmp_path: Path) -> None:
    """An import and an export that were killed anywhere and are repeated end as ones that were not."""
    uri = _history("files", peer, tmp_path / "theirs", seed=3)
    theirs = mlflow_tells(uri, tmp_path)
    store, back = tmp_path / "store", tmp_path / "back"
    back.mkdir()
    shutil.copy(peer.database, back / "mlflow.db")
    ends = []
    for seconds in (0.6, 0.8, 1.0, 1.2, 1.5):
        with killed_after(seconds, "import", "mlflow", uri, store=store) as code:
            ends.append(code)
    mlff("import", "mlflow", uri, store=store)
    assert _undeclared(theirs, we_tell(store)) == []
    for seconds in (0.8, 1.0, 1.3):
        with killed_after(
            seconds, "export", "mlflow", f"sqlite:///{back / 'mlflow.db'}", store=store
        ) as code:
            ends.append(code)
    mlff("export", "mlflow", f"sqlite:///{back / 'mlflow.db'}", store=store)
    assert _undeclared(theirs, mlflow_tells(f"sqlite:///{back / 'mlflow.db'}", tmp_path)) == []
    assert -9 in ends


@pytest.mark.parametrize(
    ("mlflow", "ours", "known"),
    [
        ("inf", str(_LARGEST), True),
        (str(-_LARGEST), "-inf", True),
        ("-0.0", "0.0", True),
        ("0.5", "inf", False),
        ("inf", "nan", False),
    ],
)
def test_what_is_declared_is_nothing_else(mlflow: str, ours: str, known: bool) -> None:
    """A lost value is not taken for one that a database cannot hold."""
    assert (_undeclared({"a": mlflow}, {"a": ours}) == []) is known
