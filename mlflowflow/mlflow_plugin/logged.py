"""Logged models, as MLflow's client and server ask the tracking store for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow.store.entities.paged_list import PagedList

from mlflowflow.mlflow_plugin import facts
from mlflowflow.mlflow_plugin.trouble import telling
from mlflowflow.tracking.logged.model import LoggedModelStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.mlflow_plugin.places import Telling
    from mlflowflow.server.desk import Desk
    from mlflowflow.tracking.logged.model import LoggedModel


@telling
class LoggedModelCalls:
    """The part of a tracking store that keeps logged models."""

    _desk: Desk
    _places: Telling

    def create_logged_model(
        self,
        experiment_id: str,
        name: str | None = None,
        source_run_id: str | None = None,
        tags: Any = None,
        params: Any = None,
        model_type: str | None = None,
        **_: Any,
    ) -> Any:
        """Begin a logged model."""
        found = self._desk.client.create_logged_model(
            str(experiment_id),
            name=name or None,
            source_run_id=source_run_id or None,
            tags=facts.texts(tags),
            params=facts.texts(params),
            model_type=model_type or None,
        )
        return self._model(found)

    def get_logged_model(self, model_id: str, allow_deleted: bool = False) -> Any:
        """Return a logged model."""
        return self._model(self._desk.tracker.logged_models.get(model_id, allow_deleted=allow_deleted))

    def finalize_logged_model(self, model_id: str, status: Any) -> Any:
        """Say what became of a logged model."""
        final = LoggedModelStatus(getattr(status, "value", status))
        return self._model(self._desk.tracker.logged_models.finalize(model_id, final))

    def delete_logged_model(self, model_id: str) -> None:
        """Put a logged model out of use."""
        self._desk.delete_model(model_id)

    def log_logged_model_params(self, model_id: str, params: Any) -> None:
        """Log params of a logged model."""
        self._desk.client.log_model_params(model_id, facts.texts(params))

    def set_logged_model_tags(self, model_id: str, tags: Any) -> None:
        """Set tags of a logged model."""
        self._desk.client.set_logged_model_tags(model_id, facts.texts(tags))

    def delete_logged_model_tag(self, model_id: str, key: str) -> None:
        """Remove a tag of a logged model."""
        self._desk.client.delete_logged_model_tag(model_id, key)

    def search_logged_models(
        self,
        experiment_ids: Sequence[str],
        filter_string: str | None = None,
        datasets: Any = None,
        max_results: int | None = None,
        order_by: Any = None,
        page_token: str | None = None,
        **_: Any,
    ) -> Any:
        """Return a page of logged models."""
        found = self._desk.client.search_logged_models(
            [str(each) for each in experiment_ids],
            filter_string=filter_string,
            datasets=datasets or None,
            max_results=max_results,
            order_by=order_by or None,
            page_token=page_token,
        )
        return PagedList([self._model(each) for each in found], found.token)

    def _get_deleted_logged_models(self, older_than: int = 0) -> list[str]:
        del older_than
        return []  # the files of deleted models stay, so there is nothing for `mlflow gc` to do

    def _model(self, found: LoggedModel) -> Any:
        return facts.logged_model(found, self._places.of_model(found))
