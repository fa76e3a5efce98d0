"""What ties runs to datasets and logged models, as the texts that records and parts carry.

Three things are told, all in canonical JSON, so that equal facts are equal texts:

* a *metric link*: which model a point belongs to, on which dataset it was computed, by which run; the
  text of a METRIC record, empty for a point without any;
* an *input* of a run, under a key that says which one it is: the same dataset twice is one input;
* all of a run's cells together, as one column of a runs part has them.

What cannot be read (another program wrote it) is no link: a run must not be lost over one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.run import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    RunInputs,
    RunOutputs,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mlflowflow.tracking.run import Metric

#: The tag of an input that says what it was used for.
CONTEXT_TAG: Final = "mlflow.data.context"
_LINKS: Final = ("model_id", "dataset_name", "dataset_digest", "run_id")
_BODY: Final = ("source_type", "source", "schema", "profile")


class Text(NamedTuple):
    """A text with its place among its rivals; `deleted` says that there is none any more."""

    at: int
    writer: str
    deleted: bool
    text: str


#: The cells that tie a run to others, by the kind of record and its key.
Links: TypeAlias = dict[tuple[str, str], Text]

#: Which of two rival cells counts: of a dataset or a model used the first, else the latest.
PICK: Final[Mapping[str, Callable[[Text, Text], Text]]] = {
    Kind.INPUT: min,
    Kind.MODEL_INPUT: min,
    Kind.INPUT_TAG: max,
    Kind.MODEL_OUTPUT: max,
}


def join_links(cells: Links, others: Mapping[tuple[str, str], Text]) -> None:
    """Join `others` into `cells`."""
    for place, text in others.items():
        cells[place] = PICK[place[0]](cells.get(place, text), text)


def metric_link(point: Metric) -> str:
    """Return what a point is linked to as the text of its record, empty for nothing.

    The run alone is nothing: it is the one that the point is logged to.
    """
    if point.model_id is None and point.dataset_name is None:
        return ""
    return _json({name: found for name in _LINKS if (found := getattr(point, name)) is not None})


def linked_to(text: str | None) -> dict[str, str]:
    """Return what `metric_link` wrote as arguments of `Metric`.

    >>> linked_to('{"model_id":"m-1"}')
    {'model_id': 'm-1'}
    """
    if not text:
        return {}
    found = _read(text)
    if not isinstance(found, dict) or ("dataset_name" in found) is not ("dataset_digest" in found):
        return {}
    return {name: found[name] for name in _LINKS if isinstance(found.get(name), str)}


def input_records(
    run_id: str, datasets: Iterable[DatasetInput], models: Iterable[LoggedModelInput]
) -> list[Record]:
    """Return the records that say what a run used; their times are set when they are logged."""
    found: list[Record] = []
    for one in datasets:
        body = {name: getattr(one.dataset, name) for name in _BODY}
        name, digest = one.dataset.name, one.dataset.digest
        found.append(_record(run_id, Kind.INPUT, _json([name, digest]), _json(body)))
        found += [
            _record(run_id, Kind.INPUT_TAG, _json([name, digest, tag.key]), tag.value) for tag in one.tags
        ]
    return [*found, *(_record(run_id, Kind.MODEL_INPUT, model.model_id, "") for model in models)]


def output_records(run_id: str, models: Iterable[LoggedModelOutput]) -> list[Record]:
    """Return the records that say which models a run made; their times are set when they are logged."""
    return [_record(run_id, Kind.MODEL_OUTPUT, model.model_id, str(model.step)) for model in models]


def inputs_of(cells: Mapping[tuple[str, str], Text]) -> RunInputs:
    """Return what a run used, in the order in which it was said."""
    tags: dict[tuple[Any, ...], list[InputTag]] = {}
    for key, text in _of_kind(cells, Kind.INPUT_TAG):
        parts = _parts(key, 3)
        if parts is not None:
            tags.setdefault(parts[:2], []).append(InputTag(parts[2], text))
    found: list[DatasetInput] = []
    for key, text in _of_kind(cells, Kind.INPUT):
        parts, body = _parts(key, 2), _read(text)
        if parts is not None and isinstance(body, dict):
            dataset = Dataset(*parts, **{name: body.get(name) for name in _BODY})  # type: ignore[arg-type]
            found.append(DatasetInput(dataset, tuple(tags.get(parts, ()))))
    models = tuple(LoggedModelInput(key) for key, _ in _of_kind(cells, Kind.MODEL_INPUT))
    return RunInputs(tuple(found), models)


def outputs_of(cells: Mapping[tuple[str, str], Text]) -> RunOutputs:
    """Return the models a run made, in the order in which it was said."""
    made = _of_kind(cells, Kind.MODEL_OUTPUT)
    return RunOutputs(tuple(LoggedModelOutput(key, int(text)) for key, text in made if _is_integer(text)))


def datasets_text(inputs: RunInputs) -> str | None:
    """Return the datasets of a run as searches read them: (name, digest, context) each, None for none."""
    if not inputs.dataset_inputs:
        return None
    return _json(
        [
            [one.dataset.name, one.dataset.digest, {tag.key: tag.value for tag in one.tags}.get(CONTEXT_TAG)]
            for one in inputs.dataset_inputs
        ]
    )


def datasets_in(text: str | None) -> list[tuple[str, str, str | None]]:
    """Return what `datasets_text` wrote.

    >>> datasets_in('[["wine","f9a1",null]]')
    [('wine', 'f9a1', None)]
    """
    found = _read(text) if text else None
    return [tuple(one) for one in found] if isinstance(found, list) else []


def links_text(cells: Mapping[tuple[str, str], Text]) -> str | None:
    """Return all cells as one text, None for none."""
    if not cells:
        return None
    return _json([[*place, cell.at, cell.writer, cell.text] for place, cell in sorted(cells.items())])


def links_in(text: str | None) -> Links:
    """Return the cells that `links_text` wrote."""
    if not text:
        return {}
    return {
        (kind, key): Text(at, writer, deleted=False, text=said)
        for kind, key, at, writer, said in json.loads(text)
    }


def _of_kind(cells: Mapping[tuple[str, str], Text], kind: Kind) -> list[tuple[str, str]]:
    ordered = sorted(
        (cell.at, cell.writer, key, cell.text) for (of, key), cell in cells.items() if of == kind
    )
    return [(key, text) for _, _, key, text in ordered]


def _record(run_id: str, kind: Kind, key: str, text: str) -> Record:
    return Record(run_id=run_id, kind=kind, key=key, text=text, at=0)


def _parts(key: str, count: int) -> tuple[Any, ...] | None:
    """Return the texts that a key is made of, None if it is made of something else."""
    found = _read(key)
    if not isinstance(found, list) or len(found) != count or not all(isinstance(one, str) for one in found):
        return None
    return tuple(found)


def _is_integer(text: str) -> bool:
    return text.removeprefix("-").isdecimal() and text.isascii()


def _json(found: object) -> str:
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False)


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
