"""The folded runs of several parts answer as the newest row of each run would alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from mlflowflow.tracking.query import RUNS, Filter, Order, SortKey
from mlflowflow.tracking.query.tree import AllOf, Entity, Field
from mlflowflow.tracking.run import LifecycleStage
from mlflowflow.tracking.table.search import Search
from tests.tracking.table.run_states import RUN_IDS, expressions, fields, part_rows, table_of

if TYPE_CHECKING:
    from mlflowflow.tracking.query.tree import Expression
    from mlflowflow.tracking.run import Run
    from mlflowflow.tracking.table.fold import RunState

_RUN_ID = Field(entity=Entity.ATTRIBUTE, key="run_id")
_parts = st.lists(part_rows, min_size=1, max_size=3)
_sort_keys = st.lists(
    st.builds(SortKey, field=fields, descending=st.booleans()), max_size=2, unique_by=lambda key: key.field
)


def newest(parts: list[list[RunState]]) -> dict[str, RunState]:
    """Return the newest row of every run."""
    return {state.run_id: state for part in parts for state in part}


def expected_runs(parts: list[list[RunState]]) -> list[Run]:
    """Return the runs that were begun."""
    return [
        state.to_run(experiment_id="7", artifact_uri=f"/store/artifacts/7/{state.run_id}")
        for state in newest(parts).values()
        if state.exists
    ]


def search_for(
    expression: Expression, keys: list[SortKey], stages: set[LifecycleStage], limit: int
) -> Search:
    """Return a search whose order leaves no ties."""
    return Search(
        wanted=Filter(expression=expression, vocabulary=RUNS),
        order=Order(keys=(*keys, *_by_id(keys)), vocabulary=RUNS),
        stages=stages,
        limit=limit,
    )


def _by_id(keys: list[SortKey]) -> list[SortKey]:
    return [] if _RUN_ID in {key.field for key in keys} else [SortKey(field=_RUN_ID)]


def shown(runs: list[Run]) -> list[str]:
    """Return runs as text, in which NaN equals itself."""
    return [
        repr(
            (
                run.info,
                sorted(run.data.metrics.items()),
                dict(sorted(run.data.params.items())),
                dict(sorted(run.data.tags.items())),
            )
        )
        for run in runs
    ]


@settings(max_examples=150, deadline=None)
@given(
    parts=_parts,
    expression=expressions,
    keys=_sort_keys,
    stages=st.sets(st.sampled_from(LifecycleStage)),
    limit=st.integers(0, 7),
    hidden=st.sets(st.sampled_from(RUN_IDS)),
)
def test_a_search_in_columns_finds_what_a_search_run_by_run_finds(
    *,
    parts: list[list[RunState]],
    expression: Expression,
    keys: list[SortKey],
    stages: set[LifecycleStage],
    limit: int,
    hidden: set[str],
) -> None:
    """Whatever is asked, in whatever order, the columns give the same runs as the records."""
    search = search_for(expression, keys, stages, limit)
    found = search.first(table_of(parts).search(search, hidden=hidden))
    wanted = [run for run in expected_runs(parts) if search.wants(run) and run.info.run_id not in hidden]
    assert shown(found) == shown(search.first(wanted))
    ids = table_of(parts).matching(search, hidden=hidden)
    assert sorted(ids) == sorted(run.info.run_id for run in wanted)


@given(parts=_parts, run_ids=st.sets(st.sampled_from([*RUN_IDS, "A", "z"])))
def test_a_state_is_the_newest_row(parts: list[list[RunState]], run_ids: set[str]) -> None:
    """What is in several parts is looked up in the newest; what is in none is left out."""
    rows = newest(parts)
    assert table_of(parts).states(run_ids) == {
        run_id: rows[run_id] for run_id in sorted(run_ids) if run_id in rows
    }


@given(parts=_parts, run_ids=st.sets(st.sampled_from([*RUN_IDS, "A", "z"])))
def test_latest_points_are_those_of_the_states(parts: list[list[RunState]], run_ids: set[str]) -> None:
    """They are read from fewer columns, and say the same."""
    states = table_of(parts).states(run_ids)
    assert table_of(parts).latest_points(run_ids) == {
        run_id: state.metrics for run_id, state in states.items()
    }


def test_a_table_of_no_parts_has_no_runs() -> None:
    """Before the first compaction there is nothing to search."""
    table = table_of([])
    assert table.run("a") is None
    assert table.search(search_for(AllOf(), [], set(LifecycleStage), 10), hidden=()) == []
