"""Random states of runs, and a folded table of them in several parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from mlflowflow.tracking.query.tree import (
    AllOf,
    AnyOf,
    Comparison,
    Entity,
    Field,
    Function,
    Membership,
    Not,
    Operator,
    Presence,
)
from mlflowflow.tracking.record import Kind
from mlflowflow.tracking.run import LifecycleStage, RunStatus
from mlflowflow.tracking.table.fold import UNSTARTED, RunState, Stamp, point
from mlflowflow.tracking.table.links import Text
from mlflowflow.tracking.table.manifest import Part
from mlflowflow.tracking.table.ranges import UNKNOWN, Range
from mlflowflow.tracking.table.runs_file import RunsFile
from mlflowflow.tracking.table.runs_part import encode_runs
from mlflowflow.tracking.table.runs_table import RunsTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.tracking.query.tree import Expression

RUN_IDS = tuple("abcdef")
_KEYS = ("x", "b.c", "mlflow.runName", "mlflow.parentRunId")
_TEXTS = ("", "a", "AB", "a%b", "a\\", "Straße", "STRASSE", "K")
_NUMBERS = (-1.0, -0.0, 0.0, 0.5, 2.0, float("inf"), float("nan"))
_TIMES = (0, 1, 2, 1_700_000_000_000)

_texts = st.builds(
    Text,
    at=st.integers(0, 3),
    writer=st.sampled_from(["v", "w"]),
    deleted=st.booleans(),
    text=st.sampled_from(_TEXTS),
).map(lambda cell: cell._replace(text="") if cell.deleted else cell)
_params = _texts.map(lambda cell: cell._replace(deleted=False))
_points = st.builds(
    point,
    st.integers(0, 2) | st.just(2**63 - 1),
    st.sampled_from(_TIMES),
    st.sampled_from(_NUMBERS),
    st.sampled_from(["", '{"model_id":"m-1"}']),
)
_names = ("wine", "Beer", "a%")
_links = st.dictionaries(
    st.tuples(st.just(Kind.INPUT), st.sampled_from([f'["{name}","d1"]' for name in _names]))
    | st.tuples(
        st.just(Kind.INPUT_TAG),
        st.sampled_from([f'["{name}","d1","mlflow.data.context"]' for name in _names]),
    )
    | st.tuples(st.just(Kind.MODEL_INPUT), st.just("m-1"))
    | st.tuples(st.just(Kind.MODEL_OUTPUT), st.just("m-2")),
    st.builds(
        Text,
        at=st.integers(0, 3),
        writer=st.sampled_from(["v", "w"]),
        deleted=st.just(value=False),
        text=st.sampled_from(["", "7", '{"source_type":"local","source":"{}"}', "train"]),
    ),
    max_size=3,
)


def _stamps(texts: Sequence[str]) -> st.SearchStrategy[Stamp]:
    return st.builds(
        Stamp,
        at=st.integers(0, 3),
        writer=st.sampled_from(["v", "w"]),
        text=st.sampled_from(texts),
        timestamp=st.sampled_from(_TIMES),
    )


_states = st.builds(
    RunState,
    run_id=st.just(""),
    attempt=st.sampled_from([1, 1, 2, 5]),
    started=st.just(UNSTARTED) | _stamps(["ada", ""]),
    status=_stamps(["", *RunStatus]),
    lifecycle=_stamps(["", *LifecycleStage]).map(lambda stamp: stamp._replace(timestamp=0)),
    metrics=st.dictionaries(st.sampled_from(_KEYS), _points, max_size=3),
    params=st.dictionaries(st.sampled_from(_KEYS), _params, max_size=3),
    tags=st.dictionaries(st.sampled_from(_KEYS), _texts, max_size=3),
    links=_links,
)


def _ranged(state: RunState, ends: Sequence[tuple[float, float] | None]) -> RunState:
    """Return a state whose metrics have had other values too, or are from parts that do not say."""
    for (key, at), end in zip(state.metrics.items(), ends, strict=False):
        latest = (at.value, at.value) if at.is_number else (0.0, 0.0)
        state.ranges[key] = UNKNOWN if end is None else Range(min(end[0], latest[0]), max(end[1], latest[1]))
    return state


_ends = st.none() | st.tuples(st.sampled_from([-2.0, 0.0]), st.sampled_from([0.0, 3.0]))
_all_states = st.builds(_ranged, _states, st.lists(_ends, max_size=3))


def _named(run_id: str, state: RunState) -> RunState:
    state.run_id = run_id
    return state


#: Rows of one part: different runs in any number.
part_rows: st.SearchStrategy[list[RunState]] = st.dictionaries(
    st.sampled_from(RUN_IDS), _all_states, min_size=1
).map(lambda named: [_named(run_id, state) for run_id, state in named.items()])


def table_of(parts: Sequence[Sequence[RunState]]) -> RunsTable:
    """Return the table of `parts`, the oldest first."""
    files: dict[str, RunsFile] = {}
    entries: list[Part] = []
    for number, rows in enumerate(parts):
        key = f"part {number}"
        files[key] = RunsFile(encode_runs(rows, inputs=""), key=key)
        ids = [row.run_id for row in rows]
        entries.append(
            Part(
                kind="runs",
                key=key,
                rows=len(ids),
                size=0,
                sha256="",
                min_run=min(ids),
                max_run=max(ids),
                attempt=max(row.attempt for row in rows),
            )
        )
    return RunsTable(
        experiment_id="7",
        artifact_uri=_artifact_uri,
        parts=tuple(entries),
        opened=lambda part: files[part.key],
    )


def _artifact_uri(run_id: str) -> str:
    return f"/store/artifacts/7/{run_id}"


_text_attributes = (
    "run_id",
    "run_name",
    "experiment_id",
    "status",
    "user_id",
    "artifact_uri",
    "parent_run_id",
)
_text_fields = st.builds(
    Field, entity=st.sampled_from((Entity.PARAM, Entity.TAG)), key=st.sampled_from(_KEYS)
) | st.builds(Field, entity=st.just(Entity.ATTRIBUTE), key=st.sampled_from(_text_attributes))
_dataset_fields = st.builds(
    Field, entity=st.just(Entity.DATASET), key=st.sampled_from(("name", "digest", "context"))
)
_functions = st.sampled_from([each for each in Function if each is not Function.BEST])
_number_fields = st.builds(
    Field, entity=st.just(Entity.METRIC), key=st.sampled_from(_KEYS), function=_functions
) | st.builds(Field, entity=st.just(Entity.ATTRIBUTE), key=st.sampled_from(("start_time", "end_time")))
fields = _text_fields | _number_fields
_patterns = st.sampled_from([*_TEXTS, "%", "_", "a%", "%s%e", "k", "run-_", "/store%", "FINISHED"])
_leaves: st.SearchStrategy[Expression] = (
    st.builds(
        Comparison,
        field=_text_fields | _dataset_fields,
        operator=st.sampled_from((Operator.EQ, Operator.NE, Operator.LIKE, Operator.ILIKE)),
        value=_patterns | st.sampled_from([*_names, "d1", "train", "b%"]),
    )
    | st.builds(
        Membership,
        field=_text_fields | _dataset_fields,
        values=st.lists(st.sampled_from([*_TEXTS, *_names]), min_size=1, max_size=3).map(tuple),
        negated=st.booleans(),
    )
    | st.builds(
        Comparison,
        field=_number_fields,
        operator=st.sampled_from(
            (Operator.EQ, Operator.NE, Operator.GT, Operator.GE, Operator.LT, Operator.LE)
        ),
        value=st.sampled_from([-1.0, 0.0, 0.5, 1.0, 1_700_000_000_000.0]),
    )
    | st.builds(Presence, field=fields | _dataset_fields, present=st.booleans())
)


def _compound(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, max_size=3).map(tuple)
    return st.builds(AllOf, parts=several) | st.builds(AnyOf, parts=several) | st.builds(Not, part=inner)


#: Expressions over everything such runs have.
expressions: st.SearchStrategy[Expression] = st.recursive(_leaves, _compound, max_leaves=6)
