"""MLflow's functions for logged models, over the session's tracker.

A logged model is a model with an id of its own (``models:/m-…``), made by a run but no part of it. It is
*pending* until its files are complete, then *ready* or *failed*. One whose files lie elsewhere is
*external*: it is ready at once and has no files here.
"""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, Literal, Self, overload

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.fluent.active import active_run
from mlflowflow.tracking.fluent.logs import clean_params, clean_tags
from mlflowflow.tracking.fluent.session import current_experiment_id, current_session, current_tracker
from mlflowflow.tracking.fluent.source_tags import source_tags
from mlflowflow.tracking.logged.active import get_active_model_id, make_active, make_inactive
from mlflowflow.tracking.logged.model import LoggedModelStatus
from mlflowflow.tracking.views.dataframe import models_frame

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextvars import Token
    from types import TracebackType

    import pandas as pd

    from mlflowflow.tracking.logged.model import LoggedModel
    from mlflowflow.tracking.tracker import Tracker

EXTERNAL_TAG: Final = "mlflow.model.isExternal"
_LOG: Final = logging.getLogger(__name__)
_LAST: Final[ContextVar[str | None]] = ContextVar("mlflowflow_last_logged_model", default=None)


def initialize_logged_model(
    name: str | None = None,
    source_run_id: str | None = None,
    tags: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    model_type: str | None = None,
    experiment_id: str | None = None,
) -> LoggedModel:
    """Begin a logged model: pending and without files, made by the active run unless another is named.

    `finalize_logged_model` says that it is complete. Raises `NotFound` for an unknown experiment,
    `InvalidInput` for a name that cannot be used.

    >>> initialize_logged_model(name="wine").status
    <LoggedModelStatus.PENDING: 'PENDING'>
    """
    run = active_run()
    tracker = _tracker()
    model = tracker.logged_models.create(
        experiment_id or _experiment(tracker, source_run_id),
        name=name,
        source_run_id=source_run_id or (run.run_id if run else None),
        tags=clean_tags({**source_tags(), "mlflow.user": current_session().settings.user, **(tags or {})}),
        params=clean_params(params or {}),
        model_type=model_type,
    )
    _LAST.set(model.model_id)
    return model


def create_external_model(
    name: str | None = None,
    source_run_id: str | None = None,
    tags: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    model_type: str | None = None,
    experiment_id: str | None = None,
) -> LoggedModel:
    """Note a model whose files are kept elsewhere; it is ready at once. Raises what the ordinary one raises.

    >>> create_external_model(name="remote").status
    <LoggedModelStatus.READY: 'READY'>
    """
    model = initialize_logged_model(
        name, source_run_id, {**(tags or {}), EXTERNAL_TAG: "true"}, params, model_type, experiment_id
    )
    return finalize_logged_model(model.model_id, LoggedModelStatus.READY)


def finalize_logged_model(
    model_id: str, status: Literal["READY", "FAILED"] | LoggedModelStatus
) -> LoggedModel:
    """Say that a logged model is complete, or that it failed, and return it. Raises `NotFound`.

    >>> model = initialize_logged_model(name="wine")
    >>> finalize_logged_model(model.model_id, "READY").status
    <LoggedModelStatus.READY: 'READY'>
    """
    return _tracker().logged_models.finalize(model_id, final_status(status))


def get_logged_model(model_id: str) -> LoggedModel:
    """Return a logged model as it stands now. Raises `NotFound`.

    >>> get_logged_model(initialize_logged_model(name="wine").model_id).name
    'wine'
    """
    return _tracker().logged_models.get(model_id)


def last_logged_model() -> LoggedModel | None:
    """Return the logged model that was begun last in this thread or task, None if none was.

    >>> model = initialize_logged_model(name="latest")
    >>> last_logged_model().name
    'latest'
    """
    model_id = _LAST.get()
    return None if model_id is None else get_logged_model(model_id)


@overload
def search_logged_models(
    experiment_ids: Sequence[str] | None = ...,
    filter_string: str | None = ...,
    datasets: Sequence[Mapping[str, str]] | None = ...,
    max_results: int | None = ...,
    order_by: Sequence[Mapping[str, Any]] | None = ...,
    output_format: Literal["pandas"] = ...,
) -> pd.DataFrame: ...


@overload
def search_logged_models(
    experiment_ids: Sequence[str] | None = ...,
    filter_string: str | None = ...,
    datasets: Sequence[Mapping[str, str]] | None = ...,
    max_results: int | None = ...,
    order_by: Sequence[Mapping[str, Any]] | None = ...,
    *,
    output_format: Literal["list"],
) -> list[LoggedModel]: ...


def search_logged_models(
    experiment_ids: Sequence[str] | None = None,
    filter_string: str | None = None,
    datasets: Sequence[Mapping[str, str]] | None = None,
    max_results: int | None = None,
    order_by: Sequence[Mapping[str, Any]] | None = None,
    output_format: Literal["pandas", "list"] = "pandas",
) -> pd.DataFrame | list[LoggedModel]:
    """Return the logged models that match, as a pandas table or a list, the newest first.

    They are looked for in the current experiment unless others are named. `datasets` (``dataset_name``,
    ``dataset_digest``) say on which datasets the metrics in `filter_string` were computed; `order_by` has
    dicts with ``field_name``, ``ascending``, ``dataset_name``, ``dataset_digest``.

    Raises `InvalidFilter` for a mistake in the expression, `InvalidInput` for one in the other arguments,
    `MissingExtra` if a table is wanted and pandas is not installed.

    >>> model = initialize_logged_model(name="wine")
    >>> [one.name for one in search_logged_models(filter_string="name = 'wine'", output_format="list")]
    ['wine']
    """
    if output_format not in {"pandas", "list"}:
        raise InvalidInput(f"The output_format '{output_format}' is unknown; expected 'pandas' or 'list'.")
    found = every_page(
        _tracker(),
        experiment_ids or [current_experiment_id()],
        filter_string=filter_string,
        datasets=datasets,
        order_by=order_by,
        max_results=max_results,
    )
    return models_frame(found) if output_format == "pandas" else found


def set_logged_model_tags(model_id: str, tags: Mapping[str, Any]) -> None:
    """Set tags of a logged model. Raises `NotFound`, and `InvalidInput` for a key that cannot be used.

    >>> model = initialize_logged_model(name="wine")
    >>> set_logged_model_tags(model.model_id, {"team": "a"})
    >>> get_logged_model(model.model_id).tags["team"]
    'a'
    """
    _tracker().logged_models.set_tags(model_id, clean_tags(tags))


def delete_logged_model_tag(model_id: str, key: str) -> None:
    """Remove a tag of a logged model. Raises `NotFound` if there is no such model or tag.

    >>> model = initialize_logged_model(name="wine", tags={"team": "a"})
    >>> delete_logged_model_tag(model.model_id, "team")
    >>> "team" in get_logged_model(model.model_id).tags
    False
    """
    _tracker().logged_models.delete_tag(model_id, key)


def log_model_params(params: Mapping[str, str], model_id: str | None = None) -> None:
    """Log params of a logged model, by default the active one. Raises `NotFound`, `InvalidInput`.

    >>> model = initialize_logged_model(name="wine")
    >>> log_model_params({"depth": 3}, model.model_id)
    >>> dict(get_logged_model(model.model_id).params)
    {'depth': '3'}
    """
    wanted = model_id or get_active_model_id()
    if wanted is None:
        raise InvalidInput(
            "log_model_params() needs a model_id, for no model is active; see set_active_model()."
        )
    _tracker().logged_models.log_params(wanted, clean_params(params))


class ActiveModel(AbstractContextManager["ActiveModel"]):
    """The active model; as a context manager it is active inside the block only."""

    def __init__(self, model: LoggedModel) -> None:
        """Link what is logged from now on to `model`."""
        self._model = model
        self._token: Token[str | None] = make_active(model.model_id)

    def __getattr__(self, name: str) -> Any:
        """Offer the fields of the logged model."""
        return getattr(self._model, name)

    def __enter__(self) -> Self:
        """Return the model itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put back what was active before."""
        make_inactive(self._token)


def set_active_model(*, name: str | None = None, model_id: str | None = None) -> ActiveModel:
    """Link later metrics of this thread or task to a logged model; by its name it is made at need.

    Raises `InvalidInput` if neither is given or the two disagree, and `NotFound` for an unknown id.

    >>> with set_active_model(name="agent") as model:
    ...     model.model_id == get_active_model_id()
    True
    >>> get_active_model_id() is None
    True
    """
    if name is None and model_id is None:
        raise InvalidInput("set_active_model() takes a name or a model_id; give one of them.")
    if model_id is None:
        return ActiveModel(_named(str(name)))
    model = get_logged_model(model_id)
    if name is not None and model.name != name:
        raise InvalidInput(f"The logged model '{model_id}' is called '{model.name}', not '{name}'.")
    return ActiveModel(model)


def final_status(status: str) -> LoggedModelStatus:
    """Return a status that a logged model can end in. Raises `InvalidInput`.

    >>> final_status("READY")
    <LoggedModelStatus.READY: 'READY'>
    """
    if status not in LoggedModelStatus.__members__ or not LoggedModelStatus.is_finalized(status):
        raise InvalidInput(f"A logged model cannot end as '{status}'; expected READY or FAILED.")
    return LoggedModelStatus(status)


def every_page(
    tracker: Tracker, experiment_ids: Sequence[str], *, max_results: int | None, **search: Any
) -> list[LoggedModel]:
    """Return what a search finds, all pages together, at most `max_results`."""
    found: list[LoggedModel] = []
    token: str | None = None
    while True:
        size = None if max_results is None else max_results - len(found)
        page = tracker.logged_models.search(
            experiment_ids, max_results=size or _PAGE, page_token=token, **search
        )
        found += page
        token = page.token
        if token is None or (max_results is not None and len(found) >= max_results):
            return found[:max_results]


_PAGE: Final = 1000


def _named(name: str) -> LoggedModel:
    found = [model for model in search_logged_models(output_format="list") if model.name == name]
    if len(found) > 1:
        _LOG.warning("There are %d logged models '%s'; the newest becomes active.", len(found), name)
    return found[0] if found else create_external_model(name=name)


def _tracker() -> Tracker:
    run = active_run()
    return run.tracker if run else current_tracker()


def _experiment(tracker: Tracker, source_run_id: str | None) -> str:
    run = active_run()
    if source_run_id is not None and (run is None or run.run_id != source_run_id):
        return tracker.get_run(source_run_id).info.experiment_id
    return run.info.experiment_id if run else current_experiment_id()
