"""The page of the system counts what there is, and stands though a store does not say what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflowflow import __version__
from mlflowflow.registry.version import PROMPT_TAG
from mlflowflow.storage.format import KEY

if TYPE_CHECKING:
    import pytest

    from tests.server.asking import Asking


def _get(ask: Asking) -> Any:
    answer = ask.client.request("GET", "/api/mlff/1/system")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_it_counts_what_there_is(ask: Asking) -> None:
    """Experiments, runs in use and models; a package that is missing has no version."""
    ask.run()
    ask.desk.tracker.delete_run(ask.run())
    ask.desk.client.create_registered_model("digits")
    ask.desk.client.create_registered_model("a prompt", tags={PROMPT_TAG: "true"})
    found = _get(ask)
    assert (found["version"], found["experiments"], found["runs"], found["running"]) == (__version__, 1, 1, 1)
    assert (found["models"], found["sweeps"], found["is_registry_apart"]) == (1, 0, False)
    assert found["packages"]["pyarrow"]


def test_it_tells_what_the_store_is(ask: Asking) -> None:
    """Its identity and whether put-if-absent works; only the place, if its description is damaged."""
    ask.run()
    store = ask.desk.tracker.store
    known = _get(ask)["store"]
    assert (known["kind"], known["format"], known["conditional_create"]) == ("file", 1, True)
    assert known["uuid"]
    store.delete(KEY)
    store.put(KEY, b"{}")
    ask.run()
    assert _get(ask)["store"] == {
        **known,
        "uuid": "",
        "format": None,
        "created_ms": None,
        "conditional_create": None,
    }


def test_where_prefect_is(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """As its own variables say."""
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:4200/api")
    assert _get(ask)["prefect"] == "http://127.0.0.1:4200"
