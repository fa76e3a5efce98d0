"""Answer one part of the input, a batch of rows at a time.

Neither the part nor a row group of it is ever in memory as a whole: pages are read as they are needed
and every batch is written before the next is read. An error says which file and which row it is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from mlflowflow.errors import InvalidInput, MlflowflowError, StepFailed
from mlflowflow.models.enforcement import enforce
from mlflowflow.models.scoring.answers import as_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mlflowflow.models.scoring.plan import Part, Question
    from mlflowflow.models.signature import ModelSignature

#: How much of a column is read at a time, in bytes.
_BUFFER: Final = 1 << 20
#: How many rows decide what columns the output has.
SAMPLE_ROWS: Final = 256


class Predictor(Protocol):
    """What a part asks: a loaded model, or anything that answers like one."""

    @property
    def signature(self) -> ModelSignature | None:
        """What the model takes."""
        ...

    def predict(self, data: Any, params: Mapping[str, Any] | None = None) -> Any:
        """Answer for the rows of a DataFrame."""
        ...


def answered(part: Part, model: Predictor, question: Question, *, schema: Any | None = None) -> Iterator[Any]:
    """Yield the answers to `part` in the order of its rows: the kept columns, then the model's.

    With `schema` every table has exactly its columns and types.

    Raises:
        InvalidInput: Some row is not what the model's signature says, or the answer does not fit.
        StepFailed: The model itself failed.
    """
    first = part.first_row
    for batch in _batches(part, question):
        yield _answer(batch, model, question, schema, place=_Place(part.path, first))
        first += batch.num_rows


def sample_schema(part: Part, model: Predictor, question: Question) -> Any:
    """Return the columns and types of the output, from the answers to a few rows of `part`."""
    batch = next(_batches(part, question)).slice(0, SAMPLE_ROWS)
    return _answer(batch, model, question, None, place=_Place(part.path, part.first_row)).schema


def write_tables(tables: Iterator[Any], path: Path, *, schema: Any, mark: str) -> int:
    """Write `tables` to the file `path` with the `mark` in its footer; return the number of rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = 0
    marked = schema.with_metadata({MARK: mark.encode()})
    with pq.ParquetWriter(path, marked, compression="zstd") as writer:
        for table in tables:
            writer.write_table(table.replace_schema_metadata(marked.metadata))
            rows += table.num_rows
    pa.default_memory_pool().release_unused()
    return rows


#: Under which key a file of the output says which part of which job it is.
MARK: Final = b"mlff.part"


class _Place:
    """A row of a file, for error messages."""

    def __init__(self, path: str, first: int) -> None:
        self.path = path
        self.first = first

    def rows(self, count: int) -> str:
        return f"'{self.path}', rows {self.first} to {self.first + count - 1}"

    def row(self, offset: int) -> str:
        return f"'{self.path}', row {self.first + offset}"


def _batches(part: Part, question: Question) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = None if question.columns is None else list(dict.fromkeys((*question.columns, *question.keep)))
    with pq.ParquetFile(part.path, buffer_size=_BUFFER, pre_buffer=False) as file:
        for batch in file.iter_batches(question.batch_rows, row_groups=list(part.groups), columns=columns):
            yield pa.Table.from_batches([batch])


def _answer(batch: Any, model: Predictor, question: Question, schema: Any | None, *, place: _Place) -> Any:
    frame = _frame(batch, question)
    try:
        found = as_columns(
            _predict(model, frame, question, place), rows=len(frame), prediction=question.prediction
        )
    except InvalidInput as error:
        raise InvalidInput(f"{_about(error, model, frame, place)}: {error}") from error
    table = _joined(batch.select(list(question.keep)), found)
    return table if schema is None else _cast(table, schema, place)


def _frame(batch: Any, question: Question) -> Any:
    wanted = batch if question.columns is None else batch.select(list(question.columns))
    return wanted.to_pandas(split_blocks=True)


def _predict(model: Predictor, frame: Any, question: Question, place: _Place) -> Any:
    try:
        return model.predict(frame, dict(question.params) or None)
    except MlflowflowError:
        raise
    except Exception as error:
        raise StepFailed(
            f"scoring of {place.rows(len(frame))}", f"failed: {type(error).__name__}: {error}"
        ) from error


def _about(error: InvalidInput, model: Predictor, frame: Any, place: _Place) -> str:
    """Find the first row that the signature refuses; if it is not about one, name them all."""
    del error
    if _fits(model, frame):
        return place.rows(len(frame))
    good, bad = 0, len(frame)
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if _fits(model, frame.iloc[:middle]) else (good, middle)
    return place.row(bad - 1)


def _fits(model: Predictor, frame: Any) -> bool:
    try:
        enforce(model.signature, frame)
    except InvalidInput:
        return False
    return True


def _joined(kept: Any, found: Any) -> Any:
    clash = sorted(set(kept.column_names) & set(found.column_names))
    if clash:
        raise InvalidInput(
            f"The model's answer has a column {', '.join(map(repr, clash))}, as the kept columns have; "
            "name its column otherwise with prediction=, or keep other columns."
        )
    joined = kept.replace_schema_metadata(None)
    for name in found.column_names:
        joined = (
            joined.append_column(name, found.column(name)) if joined.num_columns else found.select([name])
        )
    return joined


def _cast(table: Any, schema: Any, place: _Place) -> Any:
    import pyarrow as pa

    try:
        return table.select(schema.names).cast(schema)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, KeyError) as error:
        raise InvalidInput(
            f"{place.rows(table.num_rows)}: the answers do not fit the output's columns, which the first rows "
            f"decided ({error}). Save the model with a signature whose output types fit all rows."
        ) from error
