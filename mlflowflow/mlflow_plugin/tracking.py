"""MLflow's tracking store: experiments and runs, as MLflow's client and server ask for them.

What a server must remember of requests the desk remembers: points that come again are one point, all of a
batch is logged or nothing, a param is written once, and a deleted run takes nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from mlflow.entities import RunStatus as TheirStatus
from mlflow.entities.dataset_summary import _DatasetSummary
from mlflow.store.entities.paged_list import PagedList
from mlflow.store.tracking import SEARCH_MAX_RESULTS_DEFAULT, SEARCH_MAX_RESULTS_THRESHOLD
from mlflow.store.tracking.abstract_store import AbstractStore

from mlflowflow.clock import SystemClock
from mlflowflow.errors import InvalidInput
from mlflowflow.mlflow_plugin import facts
from mlflowflow.mlflow_plugin.absent import AbsentTracking
from mlflowflow.mlflow_plugin.logged import LoggedModelCalls
from mlflowflow.mlflow_plugin.opened import desk_at
from mlflowflow.mlflow_plugin.places import Telling
from mlflowflow.mlflow_plugin.purging import (
    HIDDEN,
    PURGED,
    Purging,
    demand_experiment,
    demand_run,
    without_purged,
)
from mlflowflow.mlflow_plugin.trouble import telling
from mlflowflow.server.places import refused_location
from mlflowflow.tracking.begin import NAME_TAG
from mlflowflow.tracking.client_values import as_mapping
from mlflowflow.tracking.entities import ViewType
from mlflowflow.tracking.fluent.logs import clean_tags
from mlflowflow.tracking.paging import offset_of, page_of
from mlflowflow.tracking.run import RunStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.tracking.run import Run

_HISTORY_TAG: Final = "mlflow.log-model.history"


@telling
class TrackingStore(AbsentTracking, LoggedModelCalls, AbstractStore):  # type: ignore[misc] # MLflow has no types here
    """A store of this library as MLflow's tracking store."""

    def __init__(self, store_uri: str, artifact_uri: str | None = None) -> None:
        """Open the store at `store_uri`; clients of a server are told that files are at `artifact_uri`."""
        super().__init__()
        self._desk = desk_at(store_uri)
        self._places = Telling.of(self._desk, artifact_uri)
        self._purging = Purging(self._desk, SystemClock())

    # ---- experiments ---------------------------------------------------------------------------------------

    def create_experiment(
        self, name: str, artifact_location: str | None = None, tags: Any = None, **_: Any
    ) -> str:
        """Create an experiment and return its id."""
        if self._places.proxied:
            refused_location(artifact_location)
            artifact_location = None
        return self._desk.client.create_experiment(name, artifact_location or None, facts.texts(tags))

    def get_experiment(self, experiment_id: str) -> Any:
        """Return an experiment, deleted or not."""
        found = demand_experiment(self._desk.client.get_experiment(str(experiment_id)))
        return facts.experiment(found, self._places.of_experiment(found), HIDDEN)

    def get_experiment_by_name(self, experiment_name: str) -> Any:
        """Return the experiment of a name, deleted or not, or None."""
        found = self._desk.client.get_experiment_by_name(experiment_name)
        if found is None or PURGED in found.tags:
            return None
        return facts.experiment(found, self._places.of_experiment(found), HIDDEN)

    def search_experiments(
        self,
        view_type: int = ViewType.ACTIVE_ONLY,
        max_results: int = SEARCH_MAX_RESULTS_DEFAULT,
        filter_string: str | None = None,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
        **_: Any,
    ) -> Any:
        """Return a page of experiments."""
        found = self._desk.client.search_experiments(
            ViewType.of(view_type), _page(max_results), filter_string, order_by, page_token
        )
        shown = [
            facts.experiment(each, self._places.of_experiment(each), HIDDEN)
            for each in found
            if PURGED not in each.tags
        ]
        return PagedList(shown, found.token)

    def delete_experiment(self, experiment_id: str) -> None:
        """Put an experiment out of use."""
        found = demand_experiment(self._desk.client.get_experiment(str(experiment_id)))
        self._desk.delete_experiment(found.experiment_id)

    def restore_experiment(self, experiment_id: str) -> None:
        """Put an experiment back into use."""
        found = demand_experiment(self._desk.client.get_experiment(str(experiment_id)))
        self._desk.restore_experiment(found.experiment_id)

    def rename_experiment(self, experiment_id: str, new_name: str) -> None:
        """Give an experiment another name."""
        found = self._desk.demand_experiment_in_use(str(experiment_id))
        self._desk.client.rename_experiment(found.experiment_id, new_name)

    def set_experiment_tag(self, experiment_id: str, tag: Any) -> None:
        """Set a tag of an experiment."""
        found = self._desk.demand_experiment_in_use(str(experiment_id))
        self._desk.client.set_experiment_tag(found.experiment_id, tag.key, tag.value)

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        """Remove a tag of an experiment."""
        self._desk.client.delete_experiment_tag(str(experiment_id), key)

    def filter_active_experiment_ids(self, experiment_ids: Sequence[str]) -> list[str]:
        """Return those of some experiments that are in use."""
        active = {each.experiment_id for each in self._desk.tracker.list_experiments()}
        return [each for each in experiment_ids if str(each) in active]

    # ---- runs ----------------------------------------------------------------------------------------------

    def create_run(
        self,
        experiment_id: str,
        user_id: str | None,
        start_time: int | None,
        tags: Any,
        run_name: str | None,
        **_: Any,
    ) -> Any:
        """Begin a run."""
        said = as_mapping("tag", facts.texts(tags))
        named = said.get(NAME_TAG)
        if run_name and named and named != run_name:
            raise InvalidInput(
                f"The run is named {run_name!r} and its tag '{NAME_TAG}' is {named!r}; give one of them."
            )
        begun = self._desk.create_run(
            str(experiment_id),
            run_name=run_name or named,
            tags=clean_tags(said),
            start_time=start_time,
            user=user_id,
        )
        return self._shown([begun])[0]

    def get_run(self, run_id: str) -> Any:
        """Return a run."""
        return self._shown([demand_run(self._desk.get_run(run_id))])[0]

    def update_run_info(
        self, run_id: str, run_status: int | None, end_time: int | None, run_name: str | None
    ) -> Any:
        """Give a run another status, end or name."""
        self._desk.demand_in_use(run_id)
        tracker = self._desk.tracker
        if run_name:
            tracker.log_batch(run_id, tags=clean_tags({NAME_TAG: run_name}))
        status = None if run_status is None else RunStatus(TheirStatus.to_string(run_status))
        if status is RunStatus.RUNNING:
            tracker.create_run(tracker.get_run(run_id).info.experiment_id, run_id=run_id)
        elif status is not None:
            tracker.end_run(run_id, status, end_time=end_time)
        info = tracker.get_run(run_id).info
        return facts.run_info(info, self._places.of_run(info))

    def delete_run(self, run_id: str) -> None:
        """Put a run out of use."""
        demand_run(self._desk.tracker.get_run(run_id))
        self._purging.note_deleted(run_id)
        self._desk.delete_run(run_id)

    def restore_run(self, run_id: str) -> None:
        """Put a run back into use."""
        demand_run(self._desk.tracker.get_run(run_id))
        self._desk.tracker.restore_run(run_id)
        self._purging.note_restored(run_id)

    def _search_runs(
        self,
        experiment_ids: Sequence[str],
        filter_string: str | None,
        run_view_type: int,
        max_results: int,
        order_by: Sequence[str] | None,
        page_token: str | None,
    ) -> tuple[list[Any], str | None]:
        view = ViewType.of(run_view_type)
        found = self._desk.search_runs(
            [str(each) for each in experiment_ids],
            filter_string=without_purged(filter_string, view.view),
            order_by=order_by or (),
            view=view,
            max_results=_page(max_results),
            page_token=page_token,
        )
        return self._shown(found), found.token

    def _shown(self, runs: Sequence[Run]) -> list[Any]:
        latest = self._desk.latest(runs)
        return [
            facts.run(run, latest.get(run.info.run_id, ()), self._places.of_run(run.info), HIDDEN)
            for run in runs
        ]

    # ---- what is logged ------------------------------------------------------------------------------------

    def log_batch(self, run_id: str, metrics: Any, params: Any, tags: Any) -> None:
        """Log points, params and tags, all or none."""
        self._desk.log(
            run_id,
            metrics=[facts.our_metric(point) for point in metrics or ()],
            params=as_mapping("param", params or ()),
            tags=facts.texts(tags),
        )

    def log_metric(self, run_id: str, metric: Any) -> None:
        """Log one point."""
        self.log_batch(run_id, [metric], [], [])

    def log_param(self, run_id: str, param: Any) -> Any:
        """Log one param and return its text."""
        self.log_batch(run_id, [], [param], [])
        return param.value

    def set_tag(self, run_id: str, tag: Any) -> None:
        """Set a tag."""
        self.log_batch(run_id, [], [], [tag])

    def delete_tag(self, run_id: str, key: str) -> None:
        """Remove a tag."""
        self._desk.demand_in_use(run_id)
        self._desk.tracker.delete_tag(run_id, key)

    def log_inputs(self, run_id: str, datasets: Any = None, models: Any = None) -> None:
        """Say what a run used."""
        self._desk.demand_in_use(run_id)
        self._desk.tracker.log_inputs(
            run_id,
            datasets=[facts.our_dataset_input(each) for each in datasets or ()],
            models=[facts.our_model_input(each) for each in models or ()],
        )

    def log_outputs(self, run_id: str, models: Any) -> None:
        """Say which logged models a run made."""
        self._desk.demand_in_use(run_id)
        self._desk.tracker.log_outputs(run_id, [facts.our_model_output(each) for each in models])

    def record_logged_model(self, run_id: str, mlflow_model: Any) -> None:
        """Note a model in the run's list of models, as MLflow 2 did."""
        said = mlflow_model.get_tags_dict()
        known = json.loads(self._desk.tracker.get_run(run_id).data.tags.get(_HISTORY_TAG, "[]"))
        if said not in known:  # sent again
            self._desk.log(run_id, tags={_HISTORY_TAG: json.dumps([*known, said])})

    # ---- what is asked -------------------------------------------------------------------------------------

    def get_metric_history(
        self, run_id: str, metric_key: str, max_results: int | None = None, page_token: str | None = None
    ) -> Any:
        """Return the points of a metric, all of them unless a number is asked for."""
        found = self._desk.history(run_id, metric_key)
        question = ("history", run_id, metric_key)
        page = page_of(
            found,
            offset=offset_of(page_token, question),
            max_results=max_results or len(found) or 1,
            question=question,
        )
        return PagedList([facts.metric(point) for point in page], page.token)

    def get_metric_history_bulk(self, run_ids: Sequence[str], metric_key: str, max_results: int) -> list[Any]:
        """Return the first points of a metric of several runs, by run."""
        found = (
            facts.metric_of(point, run_id)
            for run_id in sorted(set(run_ids))
            for point in self._desk.history(run_id, metric_key)
        )
        return [point for point, _ in zip(found, range(max_results), strict=False)]

    def _search_datasets(self, experiment_ids: Sequence[str]) -> list[Any]:
        found = self._desk.tracker.search_datasets([str(each) for each in experiment_ids])
        return [_DatasetSummary(each.experiment_id, each.name, each.digest, each.context) for each in found]

    # ---- what `mlflow gc` asks for -------------------------------------------------------------------------

    def _get_deleted_runs(self, older_than: int = 0) -> list[str]:
        return self._purging.deleted_runs(older_than)

    def _hard_delete_run(self, run_id: str) -> None:
        self._purging.purge_run(run_id)

    def _hard_delete_experiment(self, experiment_id: str) -> None:
        self._purging.purge_experiment(str(experiment_id))


def _page(max_results: int) -> int:
    if max_results > SEARCH_MAX_RESULTS_THRESHOLD:
        raise InvalidInput(
            f"The max_results is {max_results}; expected at most {SEARCH_MAX_RESULTS_THRESHOLD}. Ask for pages."
        )
    return max_results
