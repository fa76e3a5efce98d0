"""The part of the client that is about logged models: every call names its model or experiment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from mlflowflow.tracking.fluent.logs import clean_params, clean_tags
from mlflowflow.tracking.logged.fluent import final_status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflowflow.tracking.logged.model import LoggedModel, LoggedModelStatus
    from mlflowflow.tracking.paging import PagedList
    from mlflowflow.tracking.tracker import Tracker


class LoggedModelClient:
    """Create, describe, find and delete logged models by explicit ids.

    >>> client = mlflow.MlflowClient()
    >>> model = client.create_logged_model("0", name="wine", params={"depth": "3"})
    >>> client.set_logged_model_tags(model.model_id, {"team": "a"})
    >>> _ = client.finalize_logged_model(model.model_id, "READY")
    >>> [found.tags["team"] for found in client.search_logged_models(["0"], filter_string="name = 'wine'")]
    ['a']
    """

    tracker: Tracker

    def create_logged_model(
        self,
        experiment_id: str,
        name: str | None = None,
        source_run_id: str | None = None,
        tags: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        model_type: str | None = None,
    ) -> LoggedModel:
        """Begin a logged model: pending, until `finalize_logged_model` says that it is complete.

        Raises `NotFound` for an unknown experiment, `InvalidInput` for a name that cannot be used.

        >>> client = mlflow.MlflowClient()
        >>> model = client.create_logged_model("0", name="wine", params={"depth": "3"})
        >>> client.finalize_logged_model(model.model_id, "READY").status.value
        'READY'
        """
        return self.tracker.logged_models.create(
            str(experiment_id),
            name=name,
            source_run_id=source_run_id,
            tags=clean_tags(tags or {}),
            params=clean_params(params or {}),
            model_type=model_type,
        )

    def finalize_logged_model(
        self, model_id: str, status: Literal["READY", "FAILED"] | LoggedModelStatus
    ) -> LoggedModel:
        """Say that a logged model is complete, or that it failed, and return it. Raises `NotFound`."""
        return self.tracker.logged_models.finalize(model_id, final_status(status))

    def get_logged_model(self, model_id: str) -> LoggedModel:
        """Return a logged model as it stands now. Raises `NotFound`."""
        return self.tracker.logged_models.get(model_id)

    def delete_logged_model(self, model_id: str) -> None:
        """Mark a logged model as deleted; its files stay. Raises `NotFound`."""
        self.tracker.logged_models.delete(model_id)

    def set_logged_model_tags(self, model_id: str, tags: Mapping[str, Any]) -> None:
        """Set tags of a logged model. Raises `NotFound`, and `InvalidInput` for a key that cannot be used."""
        self.tracker.logged_models.set_tags(model_id, clean_tags(tags))

    def delete_logged_model_tag(self, model_id: str, key: str) -> None:
        """Remove a tag of a logged model. Raises `NotFound` if there is no such model or tag."""
        self.tracker.logged_models.delete_tag(model_id, key)

    def log_model_params(self, model_id: str, params: Mapping[str, str]) -> None:
        """Log params of a logged model. Raises `NotFound`, and `InvalidState` for one that has another value."""
        self.tracker.logged_models.log_params(model_id, clean_params(params))

    def search_logged_models(
        self,
        experiment_ids: Sequence[str],
        filter_string: str | None = None,
        datasets: Sequence[Mapping[str, Any]] | None = None,
        max_results: int | None = None,
        order_by: Sequence[Mapping[str, Any]] | None = None,
        page_token: str | None = None,
    ) -> PagedList[LoggedModel]:
        """Return a page of the logged models that match, see `mlflowflow.search_logged_models`.

        Raises `InvalidFilter` for a mistake in the expression, `InvalidInput` for one in the other arguments.
        """
        return self.tracker.logged_models.search(
            [str(each) for each in experiment_ids],
            filter_string=filter_string,
            datasets=datasets,
            max_results=max_results,
            order_by=order_by,
            page_token=page_token,
        )
