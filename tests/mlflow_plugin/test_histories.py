"""The same history of MLflow's client on MLflow's store and on ours, compared field by field.

In one process: MLflow on a database, and the plugin. Over HTTP: MLflow's server on a database, the same server
over the plugin, and our own server.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.mlflow_plugin.comparing import DEVIATIONS, deviation_of, differences
from tests.mlflow_plugin.peers import (
    HISTORY,
    SESSION,
    SESSION_EXPECTED,
    answers,
    own_server_on,
    server_on,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = [pytest.mark.mlflow, pytest.mark.xdist_group("histories")]

_SEEDS: Final = tuple(str(seed) for seed in range(1, 8))
Answers = dict[str, list[tuple[str, Any]]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Answers]:
    """Run every seed on every store; two at a time, for each mostly waits."""
    folder: Path = tmp_path_factory.mktemp("histories")
    with ExitStack() as stack:
        start = stack.enter_context
        uris = {
            "database": f"sqlite:///{folder}/one.db",
            "plugin": f"mlff+file://{folder}/one",
            "server on a database": start(server_on(f"sqlite:///{folder}/two.db", folder)).url,
            "server over the plugin": start(server_on(f"mlff+file://{folder}/two", folder)).url,
            "own server": start(own_server_on(folder / "three", folder)).url,
        }
        run = partial(answers, HISTORY, *_SEEDS, folder=folder)
        with ThreadPoolExecutor(2) as pool:
            found = dict(zip(uris, pool.map(lambda uri: run(uri=uri), uris.values()), strict=True))
    return found


_PAIRS: Final = [
    ("database", "plugin"),
    ("server on a database", "server over the plugin"),
    ("server on a database", "own server"),
]


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("theirs", "ours"), _PAIRS)
def test_every_field_of_every_answer_is_mlflows(told: Mapping[str, Answers], theirs: str, ours: str) -> None:
    """What differs is in the list of deviations, each with its reason."""
    found = [
        f"seed {seed}, call {place}: {each}"
        for seed, calls in told[theirs].items()
        for place, ((name, answer), (_, other)) in enumerate(zip(calls, told[ours][seed], strict=True))
        for each in differences(answer, other, name)
        if deviation_of(each) is None
    ]
    assert not found, "\n".join([*found[:20], f"{len(found)} in all"])


@pytest.mark.timeout(900)
def test_every_deviation_is_needed(told: Mapping[str, Answers]) -> None:
    """One that is gone must leave the list."""
    needed = {
        each
        for theirs, ours in _PAIRS
        for seed, calls in told[theirs].items()
        for (name, answer), (_, other) in zip(calls, told[ours][seed], strict=True)
        for one in differences(answer, other, name)
        if (each := deviation_of(one)) is not None
    }
    assert [each.fields for each in DEVIATIONS if each not in needed] == []


@pytest.mark.timeout(900)
def test_the_histories_try_what_they_should(told: Mapping[str, Answers]) -> None:
    """Every call succeeds somewhere, and most are refused somewhere: a comparison of errors alone proves little."""
    well, refused = set[str](), set[str]()
    for name, answer in (each for calls in told["database"].values() for each in calls):
        (refused if isinstance(answer, dict) and "error" in answer else well).add(name)
    called = well | refused
    assert len(called) > 50
    assert called - well <= {"log_wrong", "output_again", "get_alias"}
    assert len(refused) > 25


@pytest.mark.timeout(600)
@pytest.mark.parametrize("served", [False, True])
def test_a_session_finds_what_it_finds_with_mlflows_server(tmp_path: Path, *, served: bool) -> None:
    """Autologging, models saved, registered and loaded, files, tables, evaluation, logging in the background."""
    store = f"mlff+file://{tmp_path}/store"
    with ExitStack() as stack:
        uri = stack.enter_context(server_on(store, tmp_path, workers=2)).url if served else store
        found = answers(SESSION, uri=uri, folder=tmp_path)
    expected = json.loads(SESSION_EXPECTED.read_text())
    for each in (found, expected):  # a list, or a list's text
        each["version"]["aliases"] = str(each["version"]["aliases"])
    assert found == expected
