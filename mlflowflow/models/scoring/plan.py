"""What a scoring job consists of: its input's parts, each with a file of its own in the output.

A part is a range of row groups of one input file. It is the unit that is repeated when a worker dies
and skipped when it was finished before, so it is the same for the same input: sizes, times of change
and the model decide it, and never who runs it.
"""

from __future__ import annotations

import glob
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from mlflowflow.errors import CorruptData, InvalidInput, NotFound
from mlflowflow.ids import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

#: A folder of Parquet files, one file, a pattern such as ``data/2026-*.parquet``, or a list of files.
Input: TypeAlias = "str | Path | Sequence[str | Path]"

_SUFFIXES: Final = (".parquet", ".parq", ".pq")
_PATTERN: Final = frozenset("*?[")


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """One Parquet file as its footer describes it; `stamp` changes when the file does."""

    path: str
    size: int
    stamp: int
    group_rows: tuple[int, ...]
    columns: tuple[str, ...]

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return sum(self.group_rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some row groups of one file; `first_row` is counted from 0 in that file."""

    index: int
    path: str
    groups: tuple[int, ...]
    first_row: int
    rows: int

    @property
    def name(self) -> str:
        """The name of its file in the output; names sort as the rows do."""
        return f"part-{self.index:06d}.parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What every part is asked, in a form that travels to workers.

    `columns` are given to the model (None: all), `keep` are copied from the input, `prediction` is what
    the answer's column is called where the model gives it no name.
    """

    columns: tuple[str, ...] | None
    keep: tuple[str, ...]
    params: Mapping[str, Any]
    prediction: str
    batch_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All parts of a job, and the `fingerprint` that the same job has again."""

    parts: tuple[Part, ...]
    rows: int
    size: int
    fingerprint: str


def find_files(given: Input) -> tuple[Path, ...]:
    """Return the Parquet files that `given` means, sorted if it is a folder or a pattern.

    Hidden files, and those whose names begin with an underscore, are not data. Raises `NotFound` if
    there is none, and `InvalidInput` for an address that is not on this machine.
    """
    if not isinstance(given, str | Path):
        files = [path for one in given for path in find_files(one)]
        if len(set(files)) != len(files):
            raise InvalidInput("The input names a file twice; its rows would be answered twice.")
        if not files:
            raise InvalidInput("The input is an empty list; expected Parquet files.")
        return tuple(files)
    text = str(given).removeprefix("file://")
    if "://" in text:
        raise InvalidInput(f"'{given}' is not on this machine; expected Parquet files that workers can open.")
    path = Path(text).expanduser()
    found = _files_of(path, text)
    if not found:
        hint = f"Expected files that end in {', '.join(_SUFFIXES)}."
        raise NotFound("Parquet file", text, hint=hint)
    return tuple(one.absolute() for one in found)


def _files_of(path: Path, text: str) -> list[Path]:
    if path.is_file():
        return [path]
    if path.is_dir():
        return sorted(one for one in path.rglob("*") if _is_data(one, path))
    if _PATTERN & set(text):
        return sorted(Path(one) for one in glob.glob(str(path), recursive=True) if Path(one).is_file())  # noqa: PTH207 - a pattern may begin at the root
    return []


def _is_data(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
    return path.suffix in _SUFFIXES and path.is_file() and not hidden


def describe_file(path: Path) -> InputFile:
    """Read the footer of `path`. Raises `CorruptData` for what is no Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    state = path.stat()
    try:
        with pq.ParquetFile(path) as file:
            footer, schema = file.metadata, file.schema_arrow
    except (pa.ArrowInvalid, OSError) as error:
        raise CorruptData(str(path), f"it is not a Parquet file ({error})") from error
    return InputFile(
        path=str(path),
        size=state.st_size,
        stamp=state.st_mtime_ns,
        group_rows=tuple(footer.row_group(place).num_rows for place in range(footer.num_row_groups)),
        columns=tuple(schema.names),
    )


def make_plan(files: Iterable[InputFile], *, model: str, question: Question, rows_per_part: int) -> Plan:
    """Divide `files` into parts of about `rows_per_part` rows, never less than a row group.

    `model` names the model's bytes. The size of batches is not part of the job: it changes no answer.

    Raises `InvalidInput` naming a column that is wanted and that a file does not have.
    """
    known = tuple(files)
    for file in known:
        _demand_columns(file, question)
    ranges = [(file, found) for file in known for found in _ranges(file, rows_per_part)]
    parts = tuple(
        Part(index=index, path=file.path, groups=groups, first_row=first, rows=rows)
        for index, (file, (groups, first, rows)) in enumerate(ranges)
    )
    facts = {
        "files": [[file.path, file.size, file.stamp, list(file.group_rows)] for file in known],
        "model": model,
        "columns": None if question.columns is None else list(question.columns),
        "keep": list(question.keep),
        "params": repr(sorted(question.params.items())),
        "prediction": question.prediction,
        "rows_per_part": rows_per_part,
    }
    return Plan(
        parts=parts,
        rows=sum(part.rows for part in parts),
        size=sum(file.size for file in known),
        fingerprint=digest(json.dumps(facts, sort_keys=True).encode()),
    )


def _demand_columns(file: InputFile, question: Question) -> None:
    missing = [name for name in (*(question.columns or ()), *question.keep) if name not in file.columns]
    if missing:
        raise InvalidInput(
            f"'{file.path}' lacks the columns {', '.join(map(repr, missing))}; "
            f"it has {', '.join(map(repr, file.columns))}."
        )


def _ranges(file: InputFile, limit: int) -> Iterator[tuple[tuple[int, ...], int, int]]:
    """Yield the row groups, first row and rows of each part of `file`; a file without rows has one part."""
    groups: list[int] = []
    first = rows = 0
    for group, count in enumerate(file.group_rows):
        if groups and rows + count > limit:
            yield tuple(groups), first, rows
            first, rows, groups = first + rows, 0, []
        groups.append(group)
        rows += count
    yield tuple(groups), first, rows
