"""The model that metrics are linked to."""

from __future__ import annotations

import threading

from mlflowflow.config import Settings
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.logged.active import (
    clear_active_model,
    get_active_model_id,
    make_active,
    make_inactive,
)
from tests.tracking.sessions import private_session


def test_it_is_the_settings_model_until_somebody_says_otherwise() -> None:
    """A launcher names it; code sets, restores and clears it."""
    with private_session(Settings(tracking_uri=MemoryBlobStore().url, active_model_id="m-env")):
        assert get_active_model_id() == "m-env"
        token = make_active("m-1")
        assert get_active_model_id() == "m-1"
        make_inactive(token)
        assert get_active_model_id() == "m-env"
        token = make_active("m-2")
        clear_active_model()
        assert get_active_model_id() is None
        make_inactive(token)


def test_it_belongs_to_its_thread() -> None:
    """Two threads train two models."""
    seen: list[str | None] = []
    with private_session():
        token = make_active("m-1")
        thread = threading.Thread(target=lambda: seen.append(get_active_model_id()))
        thread.start()
        thread.join()
        make_inactive(token)
    assert seen == [None]
