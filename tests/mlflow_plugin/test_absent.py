"""MLflow's own classes, method by method: each is in a store of ours, or listed with a reason."""

from __future__ import annotations

from typing import Any, Final

import pytest
from mlflow.exceptions import MlflowException
from mlflow.store.model_registry.abstract_store import AbstractStore as TheirRegistry
from mlflow.store.tracking.abstract_store import AbstractStore as TheirTracking

from mlflowflow.mlflow_plugin import absent
from mlflowflow.mlflow_plugin.absent import names_in
from mlflowflow.mlflow_plugin.registry import RegistryStore
from mlflowflow.mlflow_plugin.tracking import TrackingStore

pytestmark = pytest.mark.mlflow

#: What MLflow calls although its class does not have it.
CALLED: Final = names_in(
    "delete_tag log_logged_model_params _search_datasets get_metric_history_bulk _get_deleted_runs",
    "_get_deleted_logged_models _hard_delete_run _hard_delete_experiment _hard_delete_logged_model",
)
_PAIRS: Final = [
    pytest.param(TheirTracking, TrackingStore, absent.INHERITED_TRACKING, id="tracking"),
    pytest.param(TheirRegistry, RegistryStore, absent.INHERITED_REGISTRY, id="registry"),
]


def methods(kind: type, *, of: str) -> set[str]:
    """Name the methods and properties of a class that it has from the library `of`."""
    return {
        name
        for each in kind.__mro__
        if each.__module__.partition(".")[0] == of
        for name, found in vars(each).items()
        if not name.startswith("__")
        and (callable(found) or isinstance(found, property | staticmethod | classmethod))
    }


@pytest.mark.parametrize(("theirs", "ours", "inherited"), _PAIRS)
def test_every_method_of_mlflows_class_is_here_or_listed(
    theirs: type, ours: type, inherited: dict[str, str]
) -> None:
    """MLflow does not enforce its abstract methods, and some of its defaults do nothing in silence."""
    left = methods(theirs, of="mlflow") - methods(ours, of="mlflowflow") - names_in(*inherited.values())
    assert left == set()


@pytest.mark.parametrize(("theirs", "ours", "inherited"), _PAIRS)
def test_what_is_left_to_mlflows_class_is_not_ours(
    theirs: type, ours: type, inherited: dict[str, str]
) -> None:
    """A list that names what we have, or what nobody has, says something untrue."""
    del theirs
    assert not names_in(*inherited.values()) & methods(ours, of="mlflowflow")


def test_what_mlflow_calls_beyond_its_class_is_here() -> None:
    """Its server and its ``gc`` call these on any store."""
    assert methods(TrackingStore, of="mlflowflow") >= CALLED


def test_a_method_that_is_neither_here_nor_listed_would_be_found() -> None:
    """The test above can fail."""

    class Newer(TheirTracking):  # type: ignore[misc]
        def count_the_stars(self) -> int:
            return 0

    Newer.__module__ = "mlflow.newer"
    left = methods(Newer, of="mlflow") - methods(TrackingStore, of="mlflowflow")
    assert "count_the_stars" in left


def test_what_is_not_here_says_so_and_why(uri: str) -> None:
    """A client is told with the code that MLflow has for it."""
    store: Any = TrackingStore(uri)
    with pytest.raises(MlflowException, match=r"no 'start_trace': it is about generative models") as caught:
        store.start_trace(None)
    assert caught.value.error_code == "NOT_IMPLEMENTED"
    registry: Any = RegistryStore(uri)
    with pytest.raises(MlflowException, match=r"mlff models watch") as caught:
        registry.create_webhook("w", "https://example.org", [])
    assert caught.value.get_http_status_code() == 501


def test_what_the_web_pages_ask_on_the_way_is_answered_with_nothing(uri: str) -> None:
    """They show an error for anything else."""
    store: Any = TrackingStore(uri)
    assert store.search_traces(locations=["0"]) == ([], None)
    assert store.search_datasets(experiment_ids=["0"]).token is None
    assert store.list_scorers("0") == []
    registry: Any = RegistryStore(uri)
    assert registry.list_webhooks_by_event(None).token is None
