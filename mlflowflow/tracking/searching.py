"""Searching runs and datasets over several experiments, page by page."""

from __future__ import annotations

import sys
from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.goals import goals_of
from mlflowflow.tracking.paging import offset_of, page_of
from mlflowflow.tracking.query import parse_filter, parse_order_by
from mlflowflow.tracking.query.best import resolved
from mlflowflow.tracking.run import DatasetSummary, LifecycleStage, stages_in_view
from mlflowflow.tracking.table.links import datasets_in
from mlflowflow.tracking.table.search import Search

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mlflowflow.tracking.paging import PagedList
    from mlflowflow.tracking.run import Run
    from mlflowflow.tracking.table.reader import Reader

_ALL: Final = frozenset(LifecycleStage)


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for: a filter, an order, a view, so many results, from a page on, as of a time.

    Every run of the experiments in `gone` counts as deleted.
    """

    filter_string: str = ""
    order_by: tuple[str, ...] = ()
    view: str = "active"
    max_results: int = 1000
    page_token: str | None = None
    at_us: int | None = None
    gone: tuple[str, ...] = ()


def search_runs(
    reader: Reader,
    experiment_ids: Sequence[str],
    asked: Question,
    *,
    tags_of: Callable[[str], Mapping[str, str]],
) -> PagedList[Run]:
    """Return a page of the runs that match; `tags_of` gives an experiment's tags, which declare goals.

    Raises `InvalidFilter` with the place of a mistake, `InvalidInput` for a token of another question,
    and `NotFound` for a time too long ago.
    """
    if asked.max_results < 0:
        raise InvalidInput(f"max_results is {asked.max_results}; expected 0 or more.")
    ids = list(dict.fromkeys(experiment_ids))
    question = [ids, *astuple(replace(asked, page_token=None, max_results=0, gone=()))[:-1]]
    offset = offset_of(asked.page_token, question)
    wanted, order = resolved(
        parse_filter(asked.filter_string),
        parse_order_by(asked.order_by),
        lambda: {each: goals_of(tags_of(each)) for each in ids},
    )
    search = Search(
        wanted=wanted,
        order=order,
        stages=stages_in_view(asked.view),
        limit=offset + asked.max_results + 1,
    )
    of_gone = replace(search, stages=_ALL if LifecycleStage.DELETED in search.stages else frozenset())
    found = [
        run
        for each in ids
        for run in reader.search(each, of_gone if each in asked.gone else search, at_us=asked.at_us)
    ]
    if len(ids) > 1:
        found = search.first(found)
    return page_of(found, offset=offset, max_results=asked.max_results, question=question)


def matching_ids(
    reader: Reader,
    experiment_ids: Sequence[str],
    *,
    filter_string: str,
    view: str = "active",
    tags_of: Callable[[str], Mapping[str, str]],
) -> list[str]:
    """Return the ids of all runs that match, in no particular order, without making runs of them.

    `tags_of` gives an experiment's tags, which declare goals. Raises `InvalidFilter` with the place of a mistake.
    """
    ids = list(dict.fromkeys(experiment_ids))
    wanted, order = resolved(
        parse_filter(filter_string),
        parse_order_by(()),
        lambda: {each: goals_of(tags_of(each)) for each in ids},
    )
    search = Search(wanted=wanted, order=order, stages=stages_in_view(view), limit=sys.maxsize)
    return [run_id for each in ids for run_id in reader.matching(each, search)]


def search_datasets(reader: Reader, experiment_ids: Sequence[str]) -> list[DatasetSummary]:
    """Return each dataset that a run of the experiments used, once for each context, by name."""
    found = {
        DatasetSummary(experiment_id, *dataset)
        for experiment_id in dict.fromkeys(experiment_ids)
        for table in reader.run_rows(experiment_id).tables(lambda name: name == "datasets")
        for column in ([table["datasets"]] if "datasets" in table.column_names else [])
        for text in column.unique().to_pylist()
        for dataset in datasets_in(text)
    }
    return sorted(found, key=lambda each: (each.experiment_id, each.name, each.digest, each.context or ""))
