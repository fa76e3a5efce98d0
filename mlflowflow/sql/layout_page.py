"""The page that documents the files, written by the code that writes the files.

A small store is made in memory and its files are looked at: names, types, encodings and sort orders on
the page are those of real files. Only what a file cannot say of itself, the meaning, is written here,
by name; a column without a meaning, or a meaning without a column, stops the page from being made.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.sql.recipes import RECIPES
from mlflowflow.sql.sample import Sample, sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mlflowflow.sql.recipes import Recipe

#: What is said of a column or field; those of runs parts by the part of their names before the point.
_SEGMENT: Final = {
    "run_id": "the run; empty if the row is about the experiment itself",
    "kind": "what is said: {kinds}",
    "key": "the name of the metric, param or tag",
    "step": "the metric's step",
    "ts": "when the metric was logged, the run began or ended; 1970 for none",
    "value": "the metric's value",
    "text": "the param's or tag's text, the status, the stage, the user, the name, a metric's link",
    "at": "microseconds since 1970; increases strictly within a writer and decides between rivals",
    "attempt": "the attempt of the run that says it, NULL or 1 for the first; the column is there only if some "
    "row is of a later one",
}
_METRICS: Final = {
    "run_id": "the run",
    "key": "the metric's name",
    "step": "the step",
    "ts": "when it was logged",
    "value": "the value; NaN and infinities as they are",
    "link": "what the point is linked to, as JSON; the column is there only if some point is",
    "attempt": "the attempt of the run that logged it, NULL for the first; the column is there only if some "
    "point is of a later one",
}
_RUNS: Final = {
    "run_id": "the run",
    "user": "who began it",
    "start_time": "when it began",
    "started_at": "which word on the beginning counts",
    "status": "RUNNING, SCHEDULED, FINISHED, FAILED or KILLED; empty means RUNNING",
    "end_time": "when it ended; 1970 while it runs",
    "status_at": "which word on the status counts",
    "lifecycle_stage": "'active' or 'deleted'; empty means active",
    "lifecycle_at": "which word on the stage counts",
    "metrics.<key>": "the latest value of a metric, NULL if the run has none",
    "metrics_at.<key>": "the step and the time of that value",
    "metrics_min.<key>": "the least value; NULL if that is the latest one, NaN if it is not known",
    "metrics_max.<key>": "the greatest value, written likewise",
    "metrics_link.<key>": "what the latest point is linked to, as JSON",
    "params.<key>": "a param, NULL if the run has none",
    "params_at.<key>": "which word on the param counts",
    "tags.<key>": "a tag, NULL if the run has none or it was deleted",
    "tags_at.<key>": "which word on the tag counts, and whether it was deleted",
    "datasets": "the datasets the run used, as JSON: name, digest and context of each",
    "links": "all that is known of the run's inputs and outputs, as JSON",
    "attempt": "the attempt that the run is in, NULL for the first; the column is there only if some run was "
    "tried again",
}
_WRITERS: Final = {"writer": "a writer that the manifest no longer names", "seq": "its last folded segment"}
_MANIFEST: Final = {
    "format": "the oldest version of this format that can read it",
    "number": "its number, which is also its name",
    "created_us": "when it was made, in microseconds since 1970, by its maker's clock",
    "parent": "the SHA-256 of the manifest before it",
    "token": "tells its maker from others who try for the same number",
    "parts": "the parts, the oldest first: `kind`, `key`, `rows`, `size` in bytes, `sha256`, and the first "
    "and the last run id in it, `min_run` and `max_run`; `attempt`, the greatest one of its runs, if that is not 1",
    "watermarks": "for each writer the number of its last segment that is in the parts",
    "experiment": "the experiment's own name, stage and tags",
    "sha256": "the seal: a digest over the other fields",
}
#: The encodings that tell something; the others are Parquet's own book-keeping.
_ENCODINGS: Final = ("BYTE_STREAM_SPLIT", "DELTA_BINARY_PACKED", "RLE_DICTIONARY", "PLAIN")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Described:
    """A column of a real file."""

    name: str
    kind: str
    encoding: str


def layout_page() -> str:
    """Return the page, in Markdown."""
    from mlflowflow.tracking.table.archive import ARCHIVE_AT

    found = sample()
    pieces = [
        _INTRODUCTION,
        f"## Where everything lies\n\n```\n{_keys()}\n```\n",
        _KEYS_REMARK,
        _segments(found),
        _metrics(found),
        _runs(found),
        _writers(found),
        _manifests(found),
        _NEWEST,
        _RECIPES_REMARK.format(many=f"{ARCHIVE_AT:,}"),
        *(_recipe(each) for each in RECIPES),
        _stable(),
    ]
    return "\n".join(piece.strip("\n") + "\n" for piece in pieces)


def _keys() -> str:
    """Return the list of keys that stands over the code that makes them."""
    from mlflowflow.tracking import layout

    listed = cleandoc(layout.__doc__ or "").split("::\n", 1)[1]
    block = re.match(r"\n*((?: {4}.*\n)+)", listed)
    assert block is not None
    return cleandoc(block[1])


def _segments(found: Sample) -> str:
    from mlflowflow.tracking.record import Kind

    kinds = ", ".join(f"`{kind}`" for kind in Kind)
    meanings = _SEGMENT | {"kind": _SEGMENT["kind"].format(kinds=kinds)}
    return f"{_SEGMENTS}\n{_columns(found.segment, meanings)}"


def _metrics(found: Sample) -> str:
    from mlflowflow.tracking.table.metrics_part import METRIC_ROWS_PER_GROUP

    order = ", ".join(f"`{name}`" for name in found.sorted_by(found.metrics))
    text = _METRICS_PARTS.format(order=order, rows=f"{METRIC_ROWS_PER_GROUP:,}")
    return f"{text}\n{_columns(found.metrics, _METRICS)}"


def _runs(found: Sample) -> str:
    from mlflowflow.tracking.table.runs_part import RUN_ROWS_PER_GROUP, UNSTARTED_AT

    text = _RUNS_PARTS.format(rows=f"{RUN_ROWS_PER_GROUP:,}", unstarted=UNSTARTED_AT)
    return f"{text}\n{_columns(found.runs, _RUNS)}"


def _writers(found: Sample) -> str:
    from mlflowflow.tracking.table.archive import ARCHIVE_AT

    return f"{_WRITERS_PARTS.format(many=f'{ARCHIVE_AT:,}')}\n{_columns(found.writers, _WRITERS)}"


def _manifests(found: Sample) -> str:
    fields = json.loads(found.manifest)
    rows = [(f"`{name}`", _MANIFEST[name]) for name in _agreed(fields, _MANIFEST)]
    return f"{_MANIFESTS}\n{_table(('field', 'meaning'), rows)}"


def _columns(body: bytes, meanings: Mapping[str, str]) -> str:
    columns = {each.name: each for each in _described(body)}
    rows = [
        (f"`{name}`", f"`{columns[name].kind}`", columns[name].encoding, meanings[name])
        for name in _agreed(columns, meanings)
    ]
    return _table(("column", "type", "encoding", "meaning"), rows)


def _agreed(names: Iterable[str], meanings: Mapping[str, str]) -> list[str]:
    """Return the names in the order of their meanings; both must be the same."""
    found = set(names)
    if found != set(meanings):
        raise AssertionError(f"The page does not explain {found ^ set(meanings)}; see layout_page.py.")
    return [name for name in meanings if name in found]


def _described(body: bytes) -> list[_Described]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(pa.BufferReader(body))
    group = file.metadata.row_group(0)
    encodings: dict[str, set[str]] = {}
    for number in range(group.num_columns):
        column = group.column(number)
        encodings.setdefault(_top(column.path_in_schema, file.schema_arrow), set()).update(column.encodings)
    return [
        _Described(
            name=_general(field.name),
            kind=str(field.type),
            encoding=_encoding(encodings[field.name]),
        )
        for field in file.schema_arrow
    ]


def _top(path: str, schema: Any) -> str:
    """Return the column that a leaf belongs to; names of columns hold points themselves."""
    name: str = max((each for each in schema.names if path == each or path.startswith(f"{each}.")), key=len)
    return name


def _general(name: str) -> str:
    family, point, _ = name.partition(".")
    return f"{family}.<key>" if point else name


def _encoding(found: set[str]) -> str:
    return next(each for each in _ENCODINGS if each in found)


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _recipe(recipe: Recipe) -> str:
    remark = f"\n{recipe.remark}\n" if recipe.remark else ""
    return f"### {recipe.title}\n\n```{recipe.language}\n{recipe.code.strip()}\n```\n{remark}"


def _stable() -> str:
    from mlflowflow.storage import format as store_format
    from mlflowflow.tracking.table import manifest, segment

    return _STABLE.format(store=store_format.FORMAT, files=segment.FORMAT, manifests=manifest.FORMAT)


_INTRODUCTION: Final = """
# The tables in a store

<!-- Written by layout_page(). After a change of the layout: mlff store layout > mlflowflow/sql/TABLES.md -->

Everything that is tracked lies in Parquet files. Any program that reads Parquet can read them, also while
others write. This page says where they are, what is in them, and which of them count.

`mlflowflow.query("SELECT ...")` and `mlff sql` do all of this by themselves, newest data included; this page
is for programs without mlflowflow.
"""
_KEYS_REMARK: Final = """
An experiment that somebody created has a random id; the one that is always there, Default, is `0`. Segments and
parts are never changed once they are written. Times are in UTC.

There are three kinds of files to read: *segments*, which every process that logs writes; *parts*, into which a
compaction folds segments; and *manifests*, which say which parts count and which segments are in them.
"""
_SEGMENTS: Final = """
## Segments: `hot/<writer>.<seq>.parquet`

What one process logged, in the order logged. A writer's segments are numbered from 0 without gaps.
"""
_METRICS_PARTS: Final = """
## Parts of metrics: `metrics/<part>.parquet`

Every point, one row each, sorted by {order}. A row group has {rows} rows. Each point is in one part.
"""
_RUNS_PARTS: Final = """
## Parts of runs: `runs/<part>.parquet`

One row for each run, sorted by `run_id`, with a column for each metric, param and tag that a run of the part
has. A row group has {rows} rows. A run can be in several parts: **the row in the newest part that has it is the
whole truth**, the others are old. The parts of a manifest are listed from the oldest to the newest. Leave out a
row whose `started_at.at` is {unstarted}: something was said of a run that nobody has begun.
"""
_WRITERS_PARTS: Final = """
## Parts of writers: `writers/<part>.parquet`

Only in experiments that more than {many} processes have written to. Needed to tell whether a segment is in the
parts, if the manifest does not name its writer.
"""
_MANIFESTS: Final = """
## Manifests: `log/<number>.json`

JSON, numbered from 0 with 20 digits. The one with the highest number counts; an older one says how things stood
then, as long as the parts that it names are there (a day at least). Of very old ones only a stub is left: no
parts, and `"stub": true`. An experiment that was never compacted has no manifest, and everything is in segments.
"""
_NEWEST: Final = """
## The newest state

1. List `hot/`.
2. Read the manifest with the highest number, *after* the listing: a segment that was folded in between is then
   in its parts.
3. A listed segment `<writer>.<seq>` is in the parts if `seq` is at most the watermark of `writer`. All others,
   the *hot* ones, come on top.

Hot segments change runs as follows. The latest value of a metric is the one with the greatest step, then time,
then value (NaN below every number). Of rivals for a param the least (`at`, writer) counts; for a tag, a status
and a stage the greatest. The `..._at` columns of runs parts hold what such a comparison needs.

A run that is tried again is in a later *attempt*: the greatest that any row about it has. Only metrics and
statuses of that attempt count; points of earlier ones stay in the files and are to be left out. Where no
manifest, segment or part has an `attempt`, nothing was tried again.

A program that reads parts alone sees everything as it was at the last compaction. Processes compact by
themselves as segments gather; `mlff store compact` does it at once.
"""
_RECIPES_REMARK: Final = """
## Recipes

Each recipe reads experiment `0` of the store `./mlff-data` from its parts, and needs at least one compaction. The
one for pandas also reads the hot segments of metrics; where more than {many} processes have written it would have to
look their writers up in the parts of writers, too. Where runs were tried again, keep of their points those whose
`attempt` (1 for NULL) is that of the run.
"""
_STABLE: Final = """
## What stays

`store.json` says the format of the store, now {store}; each segment and part says its own as `mlflowflow.format` in
its metadata, now up to {files}; a manifest says it as `format`, now up to {manifests}. Within a version: names, types and
meanings on this page stay, and so do the keys. Columns, fields, kinds of rows in segments and kinds of parts may be
added; leave alone those that you do not know. Encodings, compression (zstd), sizes of row groups and of parts may
change at any time. A reader that meets a greater version than it knows should stop.
"""
